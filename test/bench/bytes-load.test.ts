import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { AnswerCounter, runBytesLoad } from '../../bench/bytes-load.ts'

const seen = { requests: 0, bodyBytes: 0, headBytes: 0 }
const server = createServer({ maxHeaderSize: 128 * 1024 }, (request, response) => {
  seen.requests++
  for (const text of request.rawHeaders) seen.headBytes += text.length
  request.on('data', (part: Buffer) => (seen.bodyBytes += part.length))
  request.on('end', () => {
    response.end('ok')
  })
})
let origin = ''

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => server.close())

test('Answers are counted wherever the stream is split, interim ones are not', () => {
  const stream =
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nxxHTTP/1.1 502 Bad Gateway\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'
  for (let size = 1; size <= stream.length; size++) {
    const counter = new AnswerCounter()
    for (let at = 0; at < stream.length; at += size) counter.add(stream.slice(at, at + size))
    assert.deepEqual({ good: counter.good, bad: counter.bad }, { good: 2, bad: 1 }, `pieces of ${size}`)
  }
})

test('A connection with 10,000 pipelined requests counts as so many', async () => {
  seen.requests = 0
  const result = await runBytesLoad('pipelined', `${origin}/small`, 0)
  assert.equal(seen.requests, 10_000)
  assert.equal(result.requests, 10_000)
  assert.equal(result.badStatus + result.socketErrors + result.timeouts, 0)
})

test('An upload in chunks of one byte has 600 KB on the wire and 100,000 bytes in it', async () => {
  seen.bodyBytes = 0
  const result = await runBytesLoad('tinyChunks', `${origin}/upload`, 0)
  assert.equal(seen.bodyBytes, 100_000)
  assert.deepEqual([result.requests, result.badStatus, result.socketErrors], [1, 0, 0])
})

test('A head that comes byte by byte has almost 60 KB', async () => {
  seen.headBytes = 0
  const result = await runBytesLoad('slowHead', `${origin}/small`, 0)
  assert.ok(seen.headBytes > 58_000 && seen.headBytes <= 60_000, `${seen.headBytes} bytes`)
  assert.deepEqual([result.requests, result.badStatus, result.socketErrors], [1, 0, 0])
})

test('An error status and an answer that never comes are counted as errors', async () => {
  const refusing = createServer((_request, response) => void response.writeHead(503).end())
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}/small`
  assert.equal((await runBytesLoad('pipelined', url, 0)).badStatus, 10_000)
  await new Promise((resolve) => refusing.close(resolve))
  assert.equal((await runBytesLoad('pipelined', url, 0)).socketErrors, 10_000)
})
