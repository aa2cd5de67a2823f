// Health checks over real connections, against targets that answer in every way that there is.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { requestHead } from '../../src/health/http1-question.ts'
import { resultOfError } from '../../src/health/question.ts'
import { check, target } from './checked-target.ts'

test('ALB-TG-194 ALB-TG-203 ALB-TG-205 ALB-OBS-447..450 the request is as the guide has it', () => {
  const request = {
    protocol: 'HTTP',
    address: '10.0.0.1',
    port: 8080,
    path: '/h?x=1',
  } as const
  assert.equal(
    requestHead(request),
    'GET /h?x=1 HTTP/1.1\r\nHost: 10.0.0.1:8080\r\nConnection: close\r\nUser-Agent: ELB-HealthChecker/2.0\r\nAccept-Encoding: gzip, compressed\r\n\r\n',
  )
  assert.match(requestHead({ ...request, port: 80 }), /\r\nHost: 10\.0\.0\.1\r\n/)
  assert.match(requestHead({ ...request, protocol: 'HTTPS', port: 443 }), /\r\nHost: 10\.0\.0\.1\r\n/)
  assert.match(requestHead({ ...request, address: 'fd00::1' }), /\r\nHost: \[fd00::1\]:8080\r\n/)
})

test('ALB-TG-190 a check has its own connection, which the load balancer closes', async (t) => {
  const closed = Promise.withResolvers<void>()
  let text = ''
  const port = await target(t, (socket) => {
    socket.on('data', (bytes) => {
      text += String(bytes)
      // Not closed by the target: it is the checker that closes.
      if (text.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
    socket.on('end', () => closed.resolve())
  })
  assert.deepEqual(await check(port), { type: 'code', code: 200 })
  await closed.promise
  assert.match(text, /^GET \/h\?x=1 HTTP\/1\.1\r\n/)
})

test('any other code is told as it is, a redirect too', async (t) => {
  const port = await target(t, (socket) => socket.end('HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n'))
  assert.deepEqual(await check(port), { type: 'code', code: 302 })
})

test('ALB-TG-207 no answer in time is a timeout, half a head too', async (t) => {
  const silent = await target(t, () => undefined)
  assert.deepEqual(await check(silent, { timeoutRealMs: 50 }), { type: 'timeout' })
  const half = await target(t, (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-'))
  assert.deepEqual(await check(half, { timeoutRealMs: 50 }), { type: 'timeout' })
})

test('ALB-OBS-451 refused, reset, closed and malformed are failures', async (t) => {
  const refused = await target(t, () => undefined)
  const closed = createServer()
  closed.listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  await once(closed, 'close')
  assert.notEqual(port, refused)
  assert.deepEqual(await check(port), { type: 'failed' })
  const reset = await target(t, (socket) => socket.resetAndDestroy())
  assert.deepEqual(await check(reset), { type: 'failed' })
  const ended = await target(t, (socket) => socket.end('HTTP/1.1 200 OK\r\n'))
  assert.deepEqual(await check(ended), { type: 'failed' })
  const malformed = await target(t, (socket) => socket.write('220 smtp.example.com\r\n'))
  assert.deepEqual(await check(malformed), { type: 'failed' })
})

test('what this process lacks is no fault of the target', () => {
  for (const code of ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EADDRNOTAVAIL']) {
    assert.deepEqual(resultOfError(Object.assign(new Error(code), { code })), { type: 'internal-error' })
  }
  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH']) {
    assert.deepEqual(resultOfError(Object.assign(new Error(code), { code })), { type: 'failed' })
  }
})

test('ALB-LB-122 a check comes from the address that it is given, or from any where that cannot be had', async (t) => {
  const seen: (string | undefined)[] = []
  const port = await target(t, (socket) => {
    seen.push(socket.remoteAddress)
    socket.end('HTTP/1.1 200 OK\r\n\r\n')
  })
  for (const source of ['127.9.9.9', '192.0.2.1']) {
    assert.deepEqual(await check(port, { source }), { type: 'code', code: 200 })
  }
  assert.deepEqual(seen, ['127.9.9.9', '127.0.0.1'])
})

test('what is blocked is not connected to, and runs out of time', async (t) => {
  let connections = 0
  const port = await target(t, () => connections++)
  assert.deepEqual(await check(port, { isBlocked: true, timeoutRealMs: 20 }), { type: 'timeout' })
  assert.equal(connections, 0)
})
