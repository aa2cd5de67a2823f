// Every status that the load balancer makes itself because of the client: what the client gets, what the log says,
// what is counted.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { exchange, RawClient } from '../support/client.ts'
import { becomes } from '../support/eventually.ts'
import { answer } from '../support/target.ts'
import { forwardTo, groupUnit, targetUnit } from '../support/worker.ts'
import { ErrorBench, GET, TIME_SCALE } from './error-bench.ts'

const bench = new ErrorBench()

describe('ALB-OBS-461, 484, 485 client errors', () => {
  const cases = [
    ['ALB-OBS-462 no HTTP at all', 'GARBAGE\r\n\r\n', 400],
    [
      'ALB-OBS-462 a TLS handshake, whose end nobody waits for',
      '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
      400,
    ],
    [
      'ALB-OBS-463, 480, 567 a request line over 16 K',
      `GET /${'x'.repeat(17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      414,
    ],
    [
      'ALB-OBS-464, 479, 568 a single header over 16 K',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      400,
    ],
    [
      'ALB-OBS-465, 479, 570 headers over 64 K',
      `GET / HTTP/1.1\r\nHost: a\r\n${`X: ${'x'.repeat(15_000)}\r\n`.repeat(5)}\r\n`,
      400,
    ],
    ['ALB-OBS-474 TRACE', 'TRACE / HTTP/1.1\r\nHost: a\r\n\r\n', 405],
    ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    [
      'ALB-OBS-495 a transfer coding that is not offered',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n',
      501,
    ],
    ['ALB-OBS-516 HTTP/2.0 on an HTTP/1 connection', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
    ['ALB-LSN-017 the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
    ['broken chunked framing', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400],
  ] as const
  for (const [name, text, status] of cases) {
    test(`${name} is answered with ${status} and closed`, async () => {
      const reached = bench.target.requests.length
      const client = await RawClient.connect(bench.port)
      client.send(text)
      const response = await client.response()
      assert.equal(response.status, status)
      assert.equal(response.headers['connection'], 'close')
      assert.equal(response.headers['server'], 'awselb/2.0')
      await client.end()
      client.close()
      assert.equal(bench.target.requests.length, reached)
      await bench.recorded(status)
    })
  }

  test('ALB-OBS-464, 465, 567, 568, 570 what is just within the limits is forwarded', async () => {
    const sizes = [`X: ${'x'.repeat(16_000)}\r\n`, `X: ${'x'.repeat(15_000)}\r\n`.repeat(4)]
    for (const fields of sizes) {
      assert.equal((await exchange(bench.port, `GET / HTTP/1.1\r\nHost: a\r\n${fields}\r\n`)).status, 200)
    }
    for (const [length, status] of [
      [16_384, 200],
      [16_385, 414],
    ] as const) {
      const line = `GET /${'x'.repeat(length - 'GET / HTTP/1.1'.length)} HTTP/1.1`
      assert.equal((await exchange(bench.port, `${line}\r\nHost: a\r\n\r\n`)).status, status)
    }
  })

  test('ALB-OBS-130, 150, 154, 158, 181, 187 a malformed request is logged without what is not known', async () => {
    await exchange(bench.port, 'GARBAGE\r\n\r\n')
    const line = await bench.recorded(400)
    assert.match(
      line,
      /^http \S+Z app\/test\/1234567890abcdef 127\.0\.0\.1:\d+ - -1 -1 -1 400 - \d+ 272 "- http:\/\/test-123456789\.us-east-2\.elb\.amazonaws\.com:80- -" "-" - - - "-" "-" "-" - \S+Z "-" "-" "-" "-" "-" "-" "-"$/,
    )
  })

  test('the answer to a malformed request has the bytes of the real one', async () => {
    const client = await RawClient.connect(bench.port)
    client.send('GARBAGE\r\n\r\n')
    const text = await client.end()
    assert.equal(text.length, 272)
    assert.match(
      text,
      /^HTTP\/1\.1 400 Bad Request\r\nServer: awselb\/2\.0\r\nDate: [^\r]{29}\r\nContent-Type: text\/html\r\nContent-Length: 122\r\nConnection: close\r\n\r\n<html>\r\n/,
    )
    client.close()
    await bench.recorded(400)
  })

  test('ALB-OBS-466 a client that closes inside its body is logged with 400', async () => {
    bench.behave = () => {}
    const client = await RawClient.connect(bench.port)
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n0123456789')
    client.socket.end()
    await client.end()
    client.close()
    await bench.recorded(400)
  })

  test('ALB-OBS-475 a head that stalls for the idle time-out is answered with 408, not before', async () => {
    await bench.serve({ traffic: { idleTimeoutMs: 6000 } })
    const client = await RawClient.connect(bench.port, { keepAlive: true, keepAliveInitialDelay: 1 })
    const start = performance.now()
    client.send('GET / HTTP/1.1\r\nHo')
    assert.equal((await client.response()).status, 408)
    assert.ok((performance.now() - start) * TIME_SCALE >= 6000)
    client.close()
    await bench.recorded(408)
  })

  test('ALB-OBS-477 a longer idle time-out delays the 408', async () => {
    await bench.serve({ traffic: { idleTimeoutMs: 10_000 } })
    const client = await RawClient.connect(bench.port, { keepAlive: true, keepAliveInitialDelay: 1 })
    const start = performance.now()
    client.send('GET / HTTP/1.1\r\nHo')
    assert.equal((await client.response()).status, 408)
    assert.ok((performance.now() - start) * TIME_SCALE >= 10_000)
    client.close()
    await bench.recorded(408)
  })

  test('ALB-OBS-495 the codings that are offered are forwarded', async () => {
    for (const [coding, body] of [
      ['chunked', '2\r\nhi\r\n0\r\n\r\n'],
      ['identity', ''],
    ] as const) {
      const text = `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ${coding}\r\n\r\n${body}`
      assert.equal((await exchange(bench.port, text)).status, 200, coding)
    }
  })

  test('ALB-OBS-496 a body with a Content-Encoding is forwarded as it is', async () => {
    const body = 'not really gzip'
    const text = `POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    assert.equal((await exchange(bench.port, text)).status, 200)
    const got = bench.target.requests.at(-1)
    assert.match(got?.head ?? '', /\r\nContent-Encoding: gzip(?:\r\n|$)/)
    assert.equal(got?.body.toString(), body)
  })

  test('ALB-LB-224 a body that stalls is answered with 408, and leaves no connection to the target open', async () => {
    await bench.serve({ traffic: { idleTimeoutMs: 6000 } })
    const client = await RawClient.connect(bench.port)
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345')
    assert.equal((await client.response()).status, 408)
    await becomes(() => bench.target.open(), 0)
    client.close()
    await bench.recorded(408)
  })

  test('ALB-OBS-481 a client that gives up on a complete request is logged with 460', async () => {
    const aborted = Promise.withResolvers<void>()
    const asked = new Promise<void>((resolve) => {
      bench.behave = ({ socket }) => {
        socket.on('close', () => aborted.resolve())
        resolve()
      }
    })
    const client = await RawClient.connect(bench.port)
    client.send(GET)
    await asked
    // At least so long that it is no client that merely ends its half with the request.
    await new Promise((resolve) => setTimeout(resolve, 150))
    client.close()
    await aborted.promise
    const line = await bench.recorded(460)
    assert.match(line, / 127\.0\.0\.1:\d+ 127\.0\.0\.1:\d+ -1 -1 -1 460 - \d+ 0 "GET /)
  })

  test('ALB-OBS-482 a client that is still there when the target answers late is no 460', async () => {
    bench.behave = async ({ head, socket }) => {
      if (!head.startsWith('GET /meanwhile ')) {
        for (let count = 0; count < 20; count++)
          await exchange(bench.port, 'GET /meanwhile HTTP/1.1\r\nHost: a\r\n\r\n')
      }
      socket.write(answer('late'))
    }
    assert.equal((await exchange(bench.port, GET)).body, 'late')
    const written = await bench.worker.logLines()
    assert.equal(written.at(-1)?.split(' ')[8], '200')
  })

  for (const version of ['HTTP2', 'GRPC'] as const) {
    test(`ALB-OBS-${version === 'HTTP2' ? '485 ALB-TG-045' : '484 ALB-TG-048'} HTTP/1.1 to a ${version} group is answered with 464`, async () => {
      const group = { ...groupUnit('other', [targetUnit(bench.target.port)]), protocolVersion: version }
      await bench.worker.serve({ groups: [group], actions: [forwardTo('other')] })
      const response = await exchange(bench.port, GET)
      assert.equal(response.status, 464)
      assert.equal(response.body, '')
      await bench.recorded(464)
    })
  }
})

test('ALB-OBS-522 a folded line reaches the target as a field of its own that ends in a colon', async () => {
  bench.behave = ({ head, socket }) => socket.write(answer(head))
  const response = await exchange(bench.port, 'GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n  folded\r\n\r\n')
  assert.match(response.body, /\r\nX-A: 1\r\nfolded:/)
})
