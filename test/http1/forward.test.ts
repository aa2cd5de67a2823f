// The plain way of a request: to a target and back.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { exchange, RawClient } from '../support/client.ts'
import { startTarget, type Target } from '../support/target.ts'
import { WorkerProcess } from '../support/worker.ts'

let target: Target
let worker: WorkerProcess

before(async () => {
  target = await startTarget()
  worker = await WorkerProcess.start({ targets: [target.port] })
})

after(() => {
  worker.close()
  target.close()
})

test('ALB-OBS-611 ALB-SEC-291, 292 ALB-OBS-402 a request reaches its target with X-Forwarded and trace headers', async () => {
  const response = await exchange(
    worker.port,
    'GET /img/a%20b?x=1 HTTP/1.1\r\nHost: example.com\r\nX-Own: kept\r\n\r\n',
  )
  assert.equal(response.status, 200)
  const [requestLine, ...lines] = response.body.split('\r\n')
  assert.equal(requestLine, 'GET /img/a%20b?x=1 HTTP/1.1')
  for (const line of [
    'Host: example.com',
    'X-Own: kept',
    'X-Forwarded-For: 127.0.0.1',
    'X-Forwarded-Proto: http',
    'X-Forwarded-Port: 80',
  ]) {
    assert.ok(lines.includes(line), `${line} in ${response.body}`)
  }
  assert.match(response.body, /\r\nX-Amzn-Trace-Id: Root=1-[0-9a-f]{8}-[0-9a-f]{24}\r\n/)
  assert.equal(lines.filter((line) => /^x-amzn-trace-id:/i.test(line)).length, 1)
})

test('a request that arrives byte by byte is the same request', async () => {
  const client = await RawClient.connect(worker.port)
  for (const byte of 'POST /slow HTTP/1.1\r\nHost: example.com\r\nContent-Length: 5\r\n\r\nhello') {
    client.send(byte)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const response = await client.response()
  assert.match(response.body, /^POST \/slow HTTP\/1\.1\r\n[^]*\r\n\r\nhello$/)
  client.close()
})

test('pipelined requests are answered in their order', async () => {
  const client = await RawClient.connect(worker.port)
  const names = Array.from({ length: 50 }, (_, index) => `/p${index}`)
  client.send(names.map((name) => `GET ${name} HTTP/1.1\r\nHost: h.example\r\n\r\n`).join(''))
  for (const name of names) assert.match((await client.response()).body, new RegExp(`^GET ${name} HTTP`))
  client.close()
})
