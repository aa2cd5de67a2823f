import assert from 'node:assert/strict'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { test } from 'node:test'
import tls from 'node:tls'
import fc from 'fast-check'

import { clientHello, wireVersions } from '../support/client-hello.ts'
import { type ClientHello, HELLO_BYTES_MAX, readClientHello } from '../../src/wire/client-hello.ts'

function read(bytes: Buffer): ClientHello {
  const hello = readClientHello(bytes)
  assert.ok(typeof hello !== 'string')
  return hello
}

/** What a client of Node sends first. */
async function helloOfNode(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const accepted = once(server, 'connection')
  const client = tls.connect({ ...options, host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  client.on('error', () => undefined)
  const [socket] = (await accepted) as [net.Socket]
  let bytes = Buffer.alloc(0)
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk as Buffer])
    if (readClientHello(bytes) !== 'more') break
  }
  client.destroy()
  server.close()
  return bytes
}

/** The same message in records of so many bytes. */
function fragmented(hello: Buffer, size: number): Buffer {
  const pieces: Buffer[] = []
  for (let at = 5; at < hello.length; at += size) {
    const piece = hello.subarray(at, at + size)
    pieces.push(Buffer.from([22, 3, 1, piece.length >> 8, piece.length & 0xff]), piece)
  }
  return Buffer.concat(pieces)
}

test('hellos of each version say what the client can', () => {
  for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const) {
    const hello = read(clientHello(version, [0x1301, 0xc02f], 'A.Example.COM'))
    assert.deepEqual(
      [hello.version, hello.serverName, hello.cipherSuites, hello.groups],
      [wireVersions[version], 'a.example.com', [0x1301, 0xc02f], [29, 23, 24]],
    )
    assert.equal(hello.signatureSchemes === null, version === 'TLSv1' || version === 'TLSv1.1')
    assert.deepEqual(hello.keyShares, version === 'TLSv1.3' ? [29] : [])
  }
})

test('hellos of a real client are read, with and without a name', async () => {
  const named = read(await helloOfNode({ servername: 'www.example.com', ecdhCurve: 'P-256:X25519' }))
  assert.deepEqual([named.version, named.serverName, named.groups], [0x0304, 'www.example.com', [23, 29]])
  assert.ok(named.cipherSuites.includes(0x1301) && named.signatureSchemes?.includes(0x0403) === true)
  const older = read(await helloOfNode({ maxVersion: 'TLSv1.2' }))
  assert.deepEqual([older.version, older.serverName, older.keyShares], [0x0303, null, []])
})

test('a server name that is no name of a host is none', () => {
  for (const name of [
    'a\nb.example.com',
    'a\0.example.com',
    'a b.example.com',
    '"',
    'b\xfccher.example.com',
    '',
  ])
    assert.equal(read(clientHello('TLSv1.2', [0xc02f], name)).serverName, null, JSON.stringify(name))
  assert.equal(read(clientHello('TLSv1.2', [0xc02f], '_a.Example.com.')).serverName, '_a.example.com')
})

test('it makes no difference where a hello is cut, into pieces or into records', () => {
  const hello = clientHello('TLSv1.3', [0x1301], 'example.com')
  for (let end = 0; end < hello.length; end++) assert.equal(readClientHello(hello.subarray(0, end)), 'more')
  const expected = read(hello)
  for (const size of [3, 7, 50, 200]) assert.deepEqual(read(fragmented(hello, size)), expected)
})

test('what is no hello is refused at its first bytes, and one that is too long before its end', () => {
  for (const start of [
    'GET / HTTP/1.1\r\n\r\n',
    '\x15\x03\x01\x00\x02\x02\x28',
    '\x16\x03\x01\x00\x04\x02\x00\x00\x00',
  ])
    assert.equal(readClientHello(Buffer.from(start, 'latin1')), 'bad', JSON.stringify(start))
  const crumbs = fragmented(clientHello('TLSv1.3', [0x1301], 'example.com'), 1)
  assert.equal(readClientHello(crumbs), 'bad')
  assert.equal(readClientHello(crumbs.subarray(0, 6 * 64)), 'more')
  // A message of 16 MiB, in as many records as it takes.
  const endless = Buffer.concat(
    Array.from({ length: 3 }, (_, index) => {
      const body = Buffer.alloc(16_000)
      if (index === 0) body.set([1, 0xff, 0xff, 0xff])
      return Buffer.concat([Buffer.from([22, 3, 1, body.length >> 8, body.length & 0xff]), body])
    }),
  )
  assert.ok(endless.length > HELLO_BYTES_MAX)
  assert.equal(readClientHello(endless), 'bad')
})

test('property: any change of a hello gives a hello, a wish for more or a refusal', () => {
  const base = clientHello('TLSv1.3', [0x1301, 0xc02f], 'example.com')
  const change = fc.tuple(fc.nat(base.length - 1), fc.nat(255))
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(base.length), (changes, end) => {
      const bytes = Buffer.from(base)
      for (const [at, value] of changes) bytes[at] = value
      for (const input of [bytes, bytes.subarray(0, end)]) {
        const hello = readClientHello(input)
        if (typeof hello === 'string') assert.ok(hello === 'more' || hello === 'bad')
        else assert.ok(hello.serverName === null || /^[a-z0-9._-]+$/.test(hello.serverName))
      }
    }),
    { numRuns: 5000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const hello = readClientHello(Buffer.concat([Buffer.from([22, 3, 1, 0, bytes.length]), bytes]))
      assert.ok(hello === 'more' || hello === 'bad')
    }),
    { numRuns: 2000 },
  )
})
