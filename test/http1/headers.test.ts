// Headers on their way to a target: X-Forwarded-*, Host, the trace ID, invalid names.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import type { TrafficAttributes } from '../../src/snapshot/application-units.ts'
import { exchange, RawClient } from '../support/client.ts'
import { answer, startTarget, type Target } from '../support/target.ts'
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

async function serve(traffic: Partial<TrafficAttributes>, listenerPort = 80): Promise<void> {
  await worker.serve({ targets: [target.port], traffic, listenerPort })
}

/** Header lines, without the request line, of what the target gets for a request with these lines. */
async function received(
  lines: readonly string[],
  requestLine = 'GET /index.html HTTP/1.1',
): Promise<string[]> {
  const response = await exchange(worker.port, `${[requestLine, ...lines].join('\r\n')}\r\n\r\n`)
  assert.equal(response.status, 200, response.body)
  return response.body.split('\r\n\r\n')[0]?.split('\r\n').slice(1) ?? []
}

function valuesOf(lines: readonly string[], name: string): string[] {
  return lines
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) => line.slice(name.length + 1).trim())
}

describe('ALB-SEC-299, 303, 304, ALB-LB-173 X-Forwarded-For', () => {
  const sent = { none: [], one: ['127.0.0.4'], two: ['127.0.0.4, 127.0.0.8'] } as const
  const rows = [
    ['ALB-SEC-300, 321', 'append', 'none', '127.0.0.1'],
    ['ALB-SEC-316, 322', 'preserve', 'none', null],
    ['ALB-SEC-323', 'remove', 'none', null],
    ['ALB-LB-175, ALB-SEC-301, 324', 'append', 'one', '127.0.0.4, 127.0.0.1'],
    ['ALB-LB-176, ALB-SEC-325', 'preserve', 'one', '127.0.0.4'],
    ['ALB-LB-177, ALB-SEC-317, 326', 'remove', 'one', null],
    ['ALB-SEC-302, 327', 'append', 'two', '127.0.0.4, 127.0.0.8, 127.0.0.1'],
    ['ALB-SEC-328', 'preserve', 'two', '127.0.0.4, 127.0.0.8'],
    ['ALB-SEC-329', 'remove', 'two', null],
  ] as const
  for (const [row, mode, what, expected] of rows) {
    test(`${row} mode ${mode} with ${what} in the request gives ${expected ?? 'no header'}`, async () => {
      await serve({ xffHeaderProcessingMode: mode })
      const lines = await received([
        'Host: example.com',
        ...sent[what].map((value) => `X-Forwarded-For: ${value}`),
      ])
      assert.deepEqual(valuesOf(lines, 'X-Forwarded-For'), expected === null ? [] : [expected])
    })
  }

  test('ALB-OBS-585 ALB-LB-178, ALB-SEC-307, 308, 313 the client port is added to the address that is appended only', async () => {
    await serve({ xffClientPort: true })
    const client = await RawClient.connect(worker.port)
    client.send('GET / HTTP/1.1\r\nHost: example.com\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n')
    const { body } = await client.response()
    assert.ok(body.includes(`\r\nX-Forwarded-For: 1.2.3.4, 127.0.0.1:${client.socket.localPort}\r\n`), body)
    client.close()
  })

  test('ALB-SEC-319 the port setting changes nothing in mode preserve', async () => {
    await serve({ xffClientPort: true, xffHeaderProcessingMode: 'preserve' })
    assert.deepEqual(
      valuesOf(await received(['Host: h.example', 'X-Forwarded-For: 1.2.3.4']), 'X-Forwarded-For'),
      ['1.2.3.4'],
    )
  })

  test('ALB-SEC-318, 320 mode remove takes out every line of the name, whatever its letters', async () => {
    await serve({ xffClientPort: true, xffHeaderProcessingMode: 'remove' })
    const lines = await received(['Host: h.example', 'x-forwarded-for: 1.1.1.1', 'X-FORWARDED-FOR: 2.2.2.2'])
    assert.deepEqual(valuesOf(lines, 'X-Forwarded-For'), [])
  })

  test('ALB-SEC-315 mode preserve leaves lines, their order and odd spacing alone', async () => {
    await serve({ xffHeaderProcessingMode: 'preserve' })
    const sent = ['a ,b', '1.1.1.1,, 2.2.2.2']
    const lines = await received(['Host: h.example', ...sent.map((value) => `X-Forwarded-For: ${value}`)])
    assert.deepEqual(valuesOf(lines, 'X-Forwarded-For'), sent)
  })

  test('ALB-OBS-483 more than 30 addresses are answered with 463, 30 are forwarded', async () => {
    await serve({})
    const addresses = (count: number): string =>
      Array.from({ length: count }, (_, index) => `10.0.0.${index}`).join(', ')
    const refused = await exchange(
      worker.port,
      `GET /x HTTP/1.1\r\nHost: h.example\r\nX-Forwarded-For: ${addresses(31)}\r\n\r\n`,
    )
    assert.equal(refused.status, 463)
    assert.equal(refused.body, '')
    assert.equal(
      valuesOf(await received(['Host: h.example', `X-Forwarded-For: ${addresses(30)}`]), 'X-Forwarded-For')
        .length,
      1,
    )
  })

  test('ALB-SEC-298 a change of the mode applies to the next request of a live connection', async () => {
    await serve({})
    const client = await RawClient.connect(worker.port)
    const request = 'GET / HTTP/1.1\r\nHost: h.example\r\n\r\n'
    client.send(request)
    assert.match((await client.response()).body, /X-Forwarded-For: 127\.0\.0\.1\r\n/)
    await serve({ xffHeaderProcessingMode: 'remove' })
    client.send(request)
    assert.doesNotMatch((await client.response()).body, /X-Forwarded-For/)
    client.close()
  })
})

test('ALB-SEC-338, 340 X-Forwarded-Proto and -Port are the listener’s, whatever the client says', async () => {
  await serve({}, 8443)
  const lines = await received(['Host: h.example:8443', 'X-Forwarded-Proto: https', 'X-Forwarded-Port: 1'])
  assert.deepEqual(valuesOf(lines, 'X-Forwarded-Proto'), ['http'])
  assert.deepEqual(valuesOf(lines, 'X-Forwarded-Port'), ['8443'])
})

describe('ALB-LB-290..294 Host', () => {
  // Row of the guide's table, listener port, request line, Host, target's Host with preservation off and on.
  const rows = [
    [290, 80, 'GET /index.html HTTP/1.1', 'example.com', 'example.com', 'example.com'],
    [291, 80, 'GET /index.html HTTP/1.1', 'example.com:80', 'example.com', 'example.com:80'],
    [292, 80, 'GET https://dns_name/index.html HTTP/1.1', 'example.com', 'dns_name', 'example.com'],
    [293, 8080, 'GET /index.html HTTP/1.1', 'example.com', 'example.com:8080', 'example.com'],
    [294, 8080, 'GET /index.html HTTP/1.1', 'example.com:8080', 'example.com:8080', 'example.com:8080'],
  ] as const
  for (const [row, port, requestLine, host, off, on] of rows) {
    test(`ALB-LB-${row} ${requestLine} with Host ${host} on port ${port} gives ${off}, preserved ${on}`, async () => {
      await serve({ preserveHostHeader: false }, port)
      assert.deepEqual(valuesOf(await received([`Host: ${host}`], requestLine), 'Host'), [off])
      await serve({ preserveHostHeader: true }, port)
      assert.deepEqual(valuesOf(await received([`Host: ${host}`], requestLine), 'Host'), [on])
    })
  }

  test('ALB-LB-287, 288, 289 ports go on default ports and come on all others', async () => {
    for (const [port, host, expected] of [
      [80, 'www.example.com', 'www.example.com'],
      [80, 'www.example.com:443', 'www.example.com'],
      [443, 'www.example.com:8080', 'www.example.com'],
      [8080, 'www.example.com', 'www.example.com:8080'],
      [8080, 'www.example.com:81', 'www.example.com:81'],
      [8080, '[::1]', '[::1]:8080'],
      [80, '[::1]:80', '[::1]'],
    ] as const) {
      await serve({}, port)
      assert.deepEqual(valuesOf(await received([`Host: ${host}`]), 'Host'), [expected])
    }
  })

  test('ALB-LB-284, 285 with preservation every Host arrives as sent, in order', async () => {
    await serve({ preserveHostHeader: true }, 8080)
    assert.deepEqual(valuesOf(await received(['Host: Example.COM:81', 'Host: b.example']), 'Host'), [
      'Example.COM:81',
      'b.example',
    ])
  })

  test('without preservation one Host leaves, made of the first', async () => {
    await serve({})
    assert.deepEqual(valuesOf(await received(['Host: a.example', 'Host: b.example']), 'Host'), ['a.example'])
  })

  test('HTTP/1.1 without Host is refused, HTTP/1.0 gets the address it connected to', async () => {
    await serve({})
    assert.equal((await exchange(worker.port, 'GET / HTTP/1.1\r\n\r\n')).status, 400)
    assert.deepEqual(valuesOf(await received([], 'GET / HTTP/1.0'), 'Host'), ['127.0.0.1'])
  })
})

describe('X-Amzn-Trace-Id', () => {
  const rootAlone = /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/
  const root = 'Root=1-67891233-abcdef012345678912345678'

  test('ALB-OBS-405, 408, 409, 410, 411 without one a Root is made, with the time and an ID of its own', async () => {
    await serve({})
    const seen = new Set<string>()
    const start = Math.floor(Date.now() / 1000)
    for (let count = 0; count < 100; count++) {
      const [value = ''] = valuesOf(await received(['Host: h.example']), 'X-Amzn-Trace-Id')
      assert.match(value, rootAlone)
      const seconds = Number.parseInt(value.split('-')[1] ?? '', 16)
      assert.ok(seconds >= start && seconds <= Date.now() / 1000, value)
      seen.add(value)
    }
    assert.equal(seen.size, 100)
  })

  test('ALB-OBS-403, 407, 412, 413 a Root is kept with what follows it, behind a new Self', async () => {
    await serve({})
    const [value = ''] = valuesOf(
      await received(['Host: h.example', `X-Amzn-Trace-Id: ${root};CalledFrom=app`]),
      'X-Amzn-Trace-Id',
    )
    assert.match(value, /^Self=1-[0-9a-f]{8}-[0-9a-f]{24};/)
    assert.equal(value.slice(value.indexOf(';') + 1), `${root};CalledFrom=app`)
  })

  test('ALB-OBS-414 a Self is replaced', async () => {
    await serve({})
    const old = 'Self=1-63441c4a-123456789abcdef012345678'
    const [value = ''] = valuesOf(
      await received(['Host: h.example', `X-Amzn-Trace-Id: ${old};${root}`]),
      'X-Amzn-Trace-Id',
    )
    assert.equal(value.split('Self=').length, 2)
    assert.ok(!value.includes(old) && value.endsWith(`;${root}`))
  })

  test('ALB-OBS-416 with more than 7 KB of headers only a new Root is left', async () => {
    await serve({})
    const traced = async (length: number): Promise<string> => {
      const long = `X-Long: ${'x'.repeat(length)}`
      const lines = await received(['Host: h.example', `X-Amzn-Trace-Id: ${root};A=b`, long])
      return valuesOf(lines, 'X-Amzn-Trace-Id').join()
    }
    const value = await traced(7500)
    assert.match(value, rootAlone)
    assert.notEqual(value, root)
    assert.ok((await traced(6500)).endsWith(`;${root};A=b`))
  })

  test('ALB-OBS-404, 415 the header is on the request and in the log, not on the response', async () => {
    await serve({})
    const response = await exchange(worker.port, 'GET /traced HTTP/1.1\r\nHost: h.example\r\n\r\n')
    assert.equal(response.headers['x-amzn-trace-id'], undefined)
    const value = /X-Amzn-Trace-Id: (\S+)/.exec(response.body)?.[1]
    const line = (await worker.logLines()).find((entry) => entry.includes('/traced'))
    assert.ok(line?.includes(` "${value}" "-" "-" 0 `), line ?? 'no line')
    const own = await startTarget(({ socket }) =>
      socket.write(answer('', '200 OK', 'X-Amzn-Trace-Id: own\r\n')),
    )
    await worker.serve({ targets: [own.port] })
    const other = await exchange(worker.port, 'GET / HTTP/1.1\r\nHost: h.example\r\n\r\n')
    assert.equal(other.headers['x-amzn-trace-id'], 'own')
    own.close()
  })
})

describe('invalid header names', () => {
  const lines = ['Host: h.example', 'X_Foo: 1', 'X.Bar: 2', 'X~Tilde: 3', 'X-Ok9: 4']

  test('ALB-LB-166 they pass while the attribute is off, and are counted', async () => {
    await serve({})
    const before = await worker.metric('ForwardedInvalidHeaderRequestCount')
    const got = await received(lines)
    for (const line of lines.slice(1)) assert.ok(got.includes(line), line)
    assert.equal((await worker.metric('ForwardedInvalidHeaderRequestCount')) - before, 1)
  })

  test('ALB-LB-167, 168 they are removed while it is on, and the rest arrives', async () => {
    await serve({ dropInvalidHeaderFields: true })
    const before = await worker.metric('DroppedInvalidHeaderRequestCount')
    const got = await received(lines)
    assert.ok(got.includes('X-Ok9: 4'))
    for (const line of lines.slice(1, 4)) assert.ok(!got.includes(line), line)
    assert.equal((await worker.metric('DroppedInvalidHeaderRequestCount')) - before, 1)
  })
})

describe('hop-by-hop fields', () => {
  test('they end at the load balancer, with those that Connection names', async () => {
    await serve({})
    const got = await received([
      'Host: h.example',
      'Connection: keep-alive, X-Hop',
      'Keep-Alive: timeout=5',
      'Proxy-Connection: keep-alive',
      'TE: trailers',
      'X-Hop: 1',
      'X-End: 2',
    ])
    const names: string[] = got.map((line) => line.slice(0, line.indexOf(':')).toLowerCase())
    for (const name of ['connection', 'keep-alive', 'proxy-connection', 'te', 'x-hop'])
      assert.ok(!names.includes(name), name)
    assert.ok(names.includes('x-end'))
  })

  test('Connection cannot strip what the load balancer adds or what frames the message', async () => {
    await serve({})
    const text =
      'POST / HTTP/1.1\r\nHost: h.example\r\nConnection: Content-Length, Host, X-Forwarded-For\r\nContent-Length: 2\r\n\r\nhi'
    const { body } = await exchange(worker.port, text)
    assert.match(body, /\r\nHost: h\.example\r\n/)
    assert.match(body, /\r\nX-Forwarded-For: 127\.0\.0\.1\r\n/)
    assert.match(body, /\r\nContent-Length: 2\r\n\r\nhi$/)
  })
})
