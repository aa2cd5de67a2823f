// Clients that send what they have to say in very many small pieces, which wrk cannot: each on a connection of its own,
// one after the other. They run in the process of the benchmark.

import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { LoadResult } from './load.ts'

export type BytesKind = 'tinyChunks' | 'pipelined' | 'slowHead'

interface Script {
  /** Requests that one connection sends. */
  readonly requests: number
  readonly bytes: (host: string) => Buffer
  /** Whether every byte goes out alone. */
  readonly isSlow: boolean
}

const CHUNKS = 100_000
const PIPELINED = 10_000
const HEAD_BYTES = 60_000
const FIELD_BYTES = 1000
const CONNECTION_TIMEOUT_MS = 30_000

const SCRIPTS: Readonly<Record<BytesKind, Script>> = {
  tinyChunks: { requests: 1, bytes: tinyChunks, isSlow: false },
  pipelined: { requests: PIPELINED, bytes: pipelined, isSlow: false },
  slowHead: { requests: 1, bytes: slowHead, isSlow: true },
}

/**
 * Sends until `seconds` are over, but one connection at least. Latencies of the result are times of whole connections.
 */
export async function runBytesLoad(kind: BytesKind, url: string, seconds: number): Promise<LoadResult> {
  const script = SCRIPTS[kind]
  const { host } = new URL(url)
  const bytes = script.bytes(host)
  const times: number[] = []
  const counts = { requests: 0, bytes: 0, badStatus: 0, socketErrors: 0, timeouts: 0 }
  const started = performance.now()
  while (times.length === 0 || performance.now() - started < seconds * 1000) {
    const begun = performance.now()
    const { good, bad, received, isTimedOut } = await converse(url, bytes, script.isSlow)
    times.push((performance.now() - begun) * 1000)
    counts.requests += script.requests
    counts.bytes += received
    counts.badStatus += bad
    counts.socketErrors += Math.max(0, script.requests - good - bad)
    counts.timeouts += isTimedOut ? 1 : 0
  }
  const sorted = times.toSorted((a, b) => a - b)
  const percentile = (share: number): number => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0)
  const durationUs = Math.round((performance.now() - started) * 1000)
  return { ...counts, durationUs, p50Us: percentile(0.5), p99Us: percentile(0.99) }
}

/** Counts the answers in a stream of bytes whose bodies hold no status line. */
export class AnswerCounter {
  readonly #lineStart = 'HTTP/1.1 '
  #rest = ''
  good = 0
  bad = 0

  add(text: string): void {
    const all = this.#rest + text
    let at = all.indexOf(this.#lineStart)
    while (at !== -1) {
      const status = all.slice(at + this.#lineStart.length, at + this.#lineStart.length + 3)
      if (status.length < 3) break
      if (status === '200') this.good++
      else if (!status.startsWith('1')) this.bad++
      at = all.indexOf(this.#lineStart, at + 1)
    }
    // What may be the beginning of a status line stays, and what was counted does not.
    this.#rest = at === -1 ? all.slice(Math.max(0, all.length - this.#lineStart.length + 1)) : all.slice(at)
  }
}

interface Conversation {
  readonly good: number
  readonly bad: number
  readonly received: number
  readonly isTimedOut: boolean
}

/** Sends all bytes on a new connection and reads until the other side closes it. */
function converse(url: string, bytes: Buffer, isSlow: boolean): Promise<Conversation> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const answers = new AnswerCounter()
    let received = 0
    let isTimedOut = false
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    const timer = setTimeout(() => {
      isTimedOut = true
      socket.destroy()
    }, CONNECTION_TIMEOUT_MS)
    socket.on('data', (part: Buffer) => {
      received += part.length
      answers.add(part.toString('latin1'))
    })
    // How many answers are missing says what went wrong; the close comes after every error.
    socket.on('error', () => undefined)
    socket.once('close', () => {
      clearTimeout(timer)
      resolve({ good: answers.good, bad: answers.bad, received, isTimedOut })
    })
    socket.once('connect', () => {
      if (isSlow) sendSlowly(socket, bytes, 0)
      else socket.write(bytes)
    })
  })
}

/** A byte for each turn of the event loop: in one turn the kernel would hand many of them over together. */
function sendSlowly(socket: Socket, bytes: Buffer, at: number): void {
  if (at === bytes.length || socket.destroyed) return
  socket.write(bytes.subarray(at, at + 1))
  setImmediate(sendSlowly, socket, bytes, at + 1)
}

function tinyChunks(host: string): Buffer {
  const head = `POST /upload HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`
  return Buffer.from(`${head}${'1\r\nx\r\n'.repeat(CHUNKS)}0\r\n\r\n`)
}

function pipelined(host: string): Buffer {
  const request = `GET /small HTTP/1.1\r\nHost: ${host}\r\n\r\n`
  const last = `GET /small HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
  return Buffer.from(`${request.repeat(PIPELINED - 1)}${last}`)
}

function slowHead(host: string): Buffer {
  let head = `GET /small HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n`
  for (let number = 0; head.length < HEAD_BYTES - FIELD_BYTES; number++)
    head += `${`X-Padding-${number}: `.padEnd(FIELD_BYTES - 2, 'x')}\r\n`
  return Buffer.from(`${head}\r\n`)
}
