// Properties of the HTTP/1.1 request reader: it does not matter how the bytes are cut, what it calls compliant means the
// same to Node's strict parser, and no bytes make it crash, take long or hold more than its limits allow.

import assert from 'node:assert/strict'
import { METHODS } from 'node:http'
import { Tier } from '../../src/wire/classification.ts'
import {
  HEADERS_BYTES_MAX,
  HEADER_LINE_BYTES_MAX,
  REQUEST_LINE_BYTES_MAX,
} from '../../src/wire/http1/request-reader.ts'
import { Random } from '../support/random.ts'
import { nodeRequests } from './node-requests.ts'
import { readRequests } from './read-requests.ts'
import type { ReadConnection, ReadRequest } from './read-requests.ts'
import { connectionBytes } from './request-bytes.ts'
import { bytesTarget } from './target.ts'

const HELD_BYTES_MAX = REQUEST_LINE_BYTES_MAX + HEADERS_BYTES_MAX + HEADER_LINE_BYTES_MAX
/** Above this size one byte at a time takes too long to be worth it: each step makes a longer text. */
const BYTEWISE_BYTES_MAX = 3000
const RANDOM_CUTS = 4
/** Far above what any input takes; a search for ever or in squares is still seen. */
const READ_TIME_MAX_MS = 2000

const cuts = bytesTarget('request-reader-cuts', connectionBytes, (bytes) => {
  const whole = read([bytes])
  const random = new Random(bytes.length)
  for (let index = 0; index < RANDOM_CUTS; index++)
    assert.deepEqual(read(cutAt(bytes, random)), whole, 'a random cut')
  if (bytes.length <= BYTEWISE_BYTES_MAX)
    assert.deepEqual(read(Array.from(bytes, (byte) => Buffer.of(byte))), whole, 'one byte at a time')
})

const compliance = bytesTarget('request-reader-compliance', connectionBytes, async (bytes) => {
  const compliant: ReadRequest[] = []
  for (const request of readRequests([bytes]).requests) {
    if (request.tier !== Tier.compliant || !request.isComplete || !isOfferedByNode(request)) break
    compliant.push(request)
  }
  if (compliant.length === 0) return
  const theirs = await nodeRequests(
    compliant.map(({ end }, index) => bytes.subarray(compliant[index - 1]?.end ?? 0, end)),
  )
  for (const [index, ours] of compliant.entries()) {
    const their = theirs[index]
    assert.deepEqual(
      their && { ...their, rawHeaders: their.rawHeaders.map(trimmed), body: '', isComplete: true },
      {
        method: ours.method,
        target: ours.target,
        rawHeaders: ours.fields.flat(),
        body: '',
        isComplete: true,
      },
    )
    // Node refuses some chunk lines that others take; a body it refuses has no other meaning.
    if (their?.isComplete !== true) {
      assert.ok(
        ours.framing === 'unknown-length' && ours.body.startsWith(their?.body ?? ''),
        'a body that Node refuses',
      )
      return
    }
    assert.equal(their.body, ours.body)
  }
  assert.equal(theirs.length, compliant.length)
})

/** What the fuzz runner knows of the request reader. */
export const requestReaderTargets = [cuts, compliance]

/** Reads, and checks what must hold for any bytes. The figure that depends on the cuts is left out of the result. */
function read(pieces: readonly Buffer[]): Omit<ReadConnection, 'heldBytesMax'> {
  const started = performance.now()
  const { requests, end, heldBytesMax } = readRequests(pieces)
  assert.ok(performance.now() - started < READ_TIME_MAX_MS, 'reading takes too long')
  assert.ok(heldBytesMax <= HELD_BYTES_MAX, `${heldBytesMax} bytes of a head are held`)
  return { requests, end }
}

function cutAt(bytes: Buffer, random: Random): Buffer[] {
  const positions = Array.from({ length: random.whole(1, 6) }, () => random.whole(0, bytes.length)).toSorted(
    (a, b) => a - b,
  )
  return [0, ...positions].map((position, index) =>
    bytes.subarray(position, positions[index] ?? bytes.length),
  )
}

/**
 * Node knows a fixed list of methods, hands CONNECT and upgrades out before the body, and refuses targets in no form of
 * RFC 9112 and the coding `identity` of RFC 2616; a load balancer passes all of them on.
 */
function isOfferedByNode({ method, target, fields }: ReadRequest): boolean {
  if (!METHODS.includes(method) || method === 'CONNECT' || !/^(?:\/|\*$|https?:\/\/\w)/.test(target))
    return false
  return !fields.some(
    ([name, value]) =>
      /^upgrade$/i.test(name) || (/^transfer-encoding$/i.test(name) && /identity/i.test(value)),
  )
}

function trimmed(text: string): string {
  return text.replace(/^[\t ]+|[\t ]+$/g, '')
}
