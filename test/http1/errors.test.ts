// Every status that the load balancer makes itself: what the client gets, what the log says, what is counted.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { after, afterEach, before, beforeEach, describe, test, type TestContext } from 'node:test'

import { exchange, RawClient } from '../support/client.ts'
import { answer, type Behaviour, startTarget, type Target } from '../support/target.ts'
import { forwardTo, groupArn, groupUnit, targetUnit, WorkerProcess } from '../support/worker.ts'

const TIME_SCALE = 20
const GET = 'GET /x HTTP/1.1\r\nHost: www.example.com\r\n\r\n'

let worker: WorkerProcess
let target: Target
let behave: Behaviour = () => {}

before(async () => {
  target = await startTarget((request) => behave(request))
  worker = await WorkerProcess.start({ targets: [target.port] }, { timeScale: TIME_SCALE })
})

after(() => {
  worker.close()
  target.close()
})

let lines = 0
let counted = { four: 0, five: 0 }

async function counters(): Promise<{ four: number; five: number }> {
  return {
    four: await worker.metric('HTTPCode_ELB_4XX_Count'),
    five: await worker.metric('HTTPCode_ELB_5XX_Count'),
  }
}

beforeEach(async () => {
  behave = ({ socket }) => socket.write(answer('fine'))
  await worker.serve({ targets: [target.port] })
  lines = (await worker.logLines()).length
  counted = await counters()
})

/** The one line that was written since the test began, and that it was counted (ALB-OBS-461). */
async function recorded(status: number): Promise<string> {
  const written = await worker.logLines()
  assert.equal(written.length - lines, 1, written.slice(lines).join('\n'))
  const line = written[lines] ?? ''
  assert.equal(line.split(' ')[8], String(status), line)
  const now = await counters()
  assert.deepEqual(
    { four: now.four - counted.four, five: now.five - counted.five },
    status < 500 ? { four: 1, five: 0 } : { four: 0, five: 1 },
  )
  return line
}

/** Port of a process that listens and is stopped, with so many connections waiting that the kernel takes no more. */
async function startSilentListener(t: TestContext): Promise<number> {
  const script = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    console.log(this.address().port)
  })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const [text] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(String(text))
  child.kill('SIGSTOP')
  // Connections are made by the kernel until its queue is full; the next ones get no answer at all.
  const waiting = Array.from({ length: 4 }, () => net.connect(port, '127.0.0.1').on('error', () => undefined))
  t.after(() => {
    for (const socket of waiting) socket.destroy()
  })
  await once(waiting[1] as net.Socket, 'connect')
  return port
}

describe('ALB-OBS-461, 484, 485 client errors', () => {
  const cases = [
    ['ALB-OBS-462 no HTTP at all', 'GARBAGE\r\n\r\n', 400],
    [
      'ALB-OBS-463, 480, 567 a request line over 16 K',
      `GET /${'x'.repeat(17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      414,
    ],
    [
      'ALB-OBS-464, 568 a single header over 16 K',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      400,
    ],
    [
      'ALB-OBS-465, 570 headers over 64 K',
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
      const client = await RawClient.connect(worker.port)
      client.send(text)
      const response = await client.response()
      assert.equal(response.status, status)
      assert.equal(response.headers['connection'], 'close')
      assert.equal(response.headers['server'], 'awselb/2.0')
      await client.end()
      client.close()
      await recorded(status)
    })
  }

  test('ALB-OBS-567, 568, 570 what is just within the limits is forwarded', async () => {
    const sizes = [`X: ${'x'.repeat(16_000)}\r\n`, `X: ${'x'.repeat(15_000)}\r\n`.repeat(4)]
    for (const fields of sizes) {
      assert.equal((await exchange(worker.port, `GET / HTTP/1.1\r\nHost: a\r\n${fields}\r\n`)).status, 200)
    }
    const line = `GET /${'x'.repeat(16_000)} HTTP/1.1\r\n`
    assert.equal((await exchange(worker.port, `${line}Host: a\r\n\r\n`)).status, 200)
  })

  test('ALB-OBS-130, 150, 154, 158, 181, 187 a malformed request is logged without what is not known', async () => {
    await exchange(worker.port, 'GARBAGE\r\n\r\n')
    const line = await recorded(400)
    assert.match(
      line,
      /^http \S+Z app\/test\/1234567890abcdef 127\.0\.0\.1:\d+ - -1 -1 -1 400 - \d+ 272 "- http:\/\/test-123456789\.us-east-2\.elb\.amazonaws\.com:80- -" "-" - - - "-" "-" "-" - \S+Z "-" "-" "-" "-" "-" "-" "-"$/,
    )
  })

  test('the answer to a malformed request has the bytes of the real one', async () => {
    const client = await RawClient.connect(worker.port)
    client.send('GARBAGE\r\n\r\n')
    const text = await client.end()
    assert.equal(text.length, 272)
    assert.match(
      text,
      /^HTTP\/1\.1 400 Bad Request\r\nServer: awselb\/2\.0\r\nDate: [^\r]{29}\r\nContent-Type: text\/html\r\nContent-Length: 122\r\nConnection: close\r\n\r\n<html>\r\n/,
    )
    client.close()
    await recorded(400)
  })

  test('ALB-OBS-466 a client that closes inside its body is logged with 400', async () => {
    behave = () => {}
    const client = await RawClient.connect(worker.port)
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n0123456789')
    client.socket.end()
    await client.end()
    client.close()
    await recorded(400)
  })

  test('ALB-OBS-475, 476 a head that stalls for the idle time-out is answered with 408, not before', async () => {
    await worker.serve({ targets: [target.port], traffic: { idleTimeoutMs: 2000 } })
    const client = await RawClient.connect(worker.port, { keepAlive: true, keepAliveInitialDelay: 1 })
    const start = performance.now()
    client.send('GET / HTTP/1.1\r\nHo')
    assert.equal((await client.response()).status, 408)
    assert.ok((performance.now() - start) * TIME_SCALE >= 2000)
    client.close()
    await recorded(408)
  })

  test('ALB-OBS-477 a longer idle time-out delays the 408', async () => {
    await worker.serve({ targets: [target.port], traffic: { idleTimeoutMs: 10_000 } })
    const client = await RawClient.connect(worker.port, { keepAlive: true, keepAliveInitialDelay: 1 })
    const start = performance.now()
    client.send('GET / HTTP/1.1\r\nHo')
    assert.equal((await client.response()).status, 408)
    assert.ok((performance.now() - start) * TIME_SCALE >= 10_000)
    client.close()
    await recorded(408)
  })

  test('ALB-OBS-496 a body with a Content-Encoding is forwarded as it is', async () => {
    const body = 'not really gzip'
    const text = `POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    assert.equal((await exchange(worker.port, text)).status, 200)
    const got = target.requests.at(-1)
    assert.match(got?.head ?? '', /\r\nContent-Encoding: gzip(?:\r\n|$)/)
    assert.equal(got?.body.toString(), body)
  })

  test('ALB-LB-224 a body that stalls is answered with 408 and the target is left alone', async () => {
    await worker.serve({ targets: [target.port], traffic: { idleTimeoutMs: 2000 } })
    const client = await RawClient.connect(worker.port)
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345')
    assert.equal((await client.response()).status, 408)
    client.close()
    await recorded(408)
  })

  test('ALB-OBS-481 a client that gives up on a complete request is logged with 460', async () => {
    const aborted = Promise.withResolvers<void>()
    const asked = new Promise<void>((resolve) => {
      behave = ({ socket }) => {
        socket.on('close', () => aborted.resolve())
        resolve()
      }
    })
    const client = await RawClient.connect(worker.port)
    client.send(GET)
    await asked
    // Later than a client that merely ends its half with the request.
    await new Promise((resolve) => setTimeout(resolve, 150))
    client.close()
    await aborted.promise
    const line = await recorded(460)
    assert.match(line, / 127\.0\.0\.1:\d+ 127\.0\.0\.1:\d+ -1 -1 -1 460 - \d+ 0 "GET /)
  })

  test('ALB-OBS-482 a client that is still there when the target answers late is no 460', async () => {
    behave = ({ socket }) => setTimeout(() => socket.write(answer('late')), 200)
    assert.equal((await exchange(worker.port, GET)).body, 'late')
    const written = await worker.logLines()
    assert.equal(written.at(-1)?.split(' ')[8], '200')
  })

  for (const version of ['HTTP2', 'GRPC'] as const) {
    test(`ALB-OBS-${version === 'HTTP2' ? 485 : 484} HTTP/1.1 to a ${version} group is answered with 464`, async () => {
      const group = { ...groupUnit('other', [targetUnit(target.port)]), protocolVersion: version }
      await worker.serve({ groups: [group], actions: [forwardTo('other')] })
      const response = await exchange(worker.port, GET)
      assert.equal(response.status, 464)
      assert.equal(response.body, '')
      await recorded(464)
    })
  }
})

describe('target errors', () => {
  const cases: readonly (readonly [string, Behaviour])[] = [
    ['ALB-OBS-499 a FIN instead of an answer', ({ socket }) => socket.end()],
    ['ALB-OBS-499 a reset instead of an answer', ({ socket }) => socket.resetAndDestroy()],
    ['ALB-OBS-500 no HTTP', ({ socket }) => socket.write('BLAH\r\n\r\n')],
    [
      'ALB-OBS-501 a line without a colon',
      ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nNo colon\r\n\r\n'),
    ],
    [
      'ALB-OBS-501 a space in a name',
      ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nX Y: 1\r\nContent-Length: 0\r\n\r\n'),
    ],
    [
      'ALB-OBS-502, 569 a head over 32 K',
      ({ socket }) =>
        socket.write(
          `HTTP/1.1 200 OK\r\n${`X: ${'x'.repeat(11_000)}\r\n`.repeat(3)}Content-Length: 0\r\n\r\n`,
        ),
    ],
    [
      'two lengths',
      ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
    ],
    ['an unknown coding', ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n')],
    [
      'an upgrade that nobody asked for',
      ({ socket }) => socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'),
    ],
    [
      'a held body that ends early',
      ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123'),
    ],
  ]
  for (const [name, behaviour] of cases) {
    test(`${name} is answered with 502, and the client goes on`, async () => {
      behave = behaviour
      const client = await RawClient.connect(worker.port)
      client.send(GET)
      const response = await client.response()
      assert.equal(response.status, 502)
      assert.equal(response.headers['connection'], 'keep-alive')
      const line = await recorded(502)
      assert.equal(line.split(' ')[4], `127.0.0.1:${target.port}`)
      behave = ({ socket }) => socket.write(answer('again'))
      client.send(GET)
      assert.equal((await client.response()).body, 'again')
      client.close()
    })
  }

  test('ALB-OBS-569 a head of 32,000 bytes is forwarded', async () => {
    behave = ({ socket }) =>
      socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(32_000)}\r\nContent-Length: 2\r\n\r\nhi`)
    assert.equal((await exchange(worker.port, GET)).body, 'hi')
  })

  test('ALB-OBS-497 a refused connection is answered with 502 and counted as a connection error', async () => {
    const server = net.createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as net.AddressInfo
    await new Promise((resolve) => server.close(resolve))
    await worker.serve({ targets: [port] })
    const before = await worker.metric('TargetConnectionErrorCount', groupArn('default'))
    assert.equal((await exchange(worker.port, GET)).status, 502)
    const line = await recorded(502)
    assert.equal(line.split(' ').slice(5, 8).join(' '), '-1 -1 -1')
    assert.equal((await worker.metric('TargetConnectionErrorCount', groupArn('default'))) - before, 1)
  })

  test('ALB-OBS-498 an address that cannot be reached is answered with 502', async () => {
    // No connection is ever made to a multicast address: the system says at once that it is unreachable.
    const unreachable = { ...targetUnit(80), id: '224.0.0.1', address: '224.0.0.1' }
    await worker.serve({ groups: [groupUnit('default', [unreachable])] })
    assert.equal((await exchange(worker.port, GET)).status, 502)
    const line = await recorded(502)
    assert.equal(line.split(' ')[4], '224.0.0.1:80')
  })

  test('ALB-OBS-510 a target that never takes the connection is answered with 504 after ten seconds', async (t) => {
    const silent = await startSilentListener(t)
    await worker.serve({ targets: [silent], traffic: { idleTimeoutMs: 60_000 } })
    const start = performance.now()
    assert.equal((await exchange(worker.port, GET)).status, 504)
    const took = (performance.now() - start) * TIME_SCALE
    assert.ok(took >= 10_000 && took < 60_000, `${took}`)
    const line = await recorded(504)
    assert.equal(line.split(' ').slice(5, 8).join(' '), '-1 -1 -1')
  })

  test('a group that wants TLS to its targets gets no clear text', async () => {
    const asked = target.requests.length
    const group = { ...groupUnit('secure', [targetUnit(target.port)]), protocol: 'HTTPS' } as const
    await worker.serve({ groups: [group], actions: [forwardTo('secure')] })
    assert.equal((await exchange(worker.port, GET)).status, 502)
    assert.equal(target.requests.length, asked)
  })

  test('ALB-OBS-503 a target that leaves its group fails what runs on it with 502', async () => {
    const asked = new Promise<void>((resolve) => (behave = () => resolve()))
    const client = await RawClient.connect(worker.port)
    client.send(GET)
    await asked
    await worker.serve({ targets: [] })
    assert.equal((await client.response()).status, 502)
    client.close()
    await recorded(502)
  })

  test('ALB-OBS-509 an empty group is answered with 503, 337 bytes long', async () => {
    await worker.serve({ targets: [] })
    const client = await RawClient.connect(worker.port)
    client.send(GET)
    await client.response()
    assert.equal(client.received.length, 337)
    client.close()
    const line = await recorded(503)
    assert.match(
      line,
      / - -1 -1 -1 503 - \d+ 337 "GET http:\/\/www\.example\.com:80\/x HTTP\/1\.1" "-" - - arn:\S+targetgroup\/default\/\S+ "Root=[^"]+" "-" "-" 0 \S+ "forward" "-" "-" "-" "-" "-" "-"$/,
    )
  })

  test('ALB-OBS-155, 159, 162, 511 a silent target is answered with 504 after the idle time-out, not before', async () => {
    behave = () => {}
    await worker.serve({ targets: [target.port], traffic: { idleTimeoutMs: 2000 } })
    const start = performance.now()
    assert.equal((await exchange(worker.port, GET)).status, 504)
    assert.ok((performance.now() - start) * TIME_SCALE >= 2000)
    const line = await recorded(504)
    assert.match(line, /Z app\/\S+ \S+ \S+ 0\.\d{3} -1 -1 504 - /)
  })

  test('ALB-OBS-513 a small body with missing bytes is answered with 504', async () => {
    behave = ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789')
    await worker.serve({ targets: [target.port], traffic: { idleTimeoutMs: 2000 } })
    assert.equal((await exchange(worker.port, GET)).status, 504)
    await recorded(504)
  })

  test('a large body with missing bytes cuts the connection, and the record says 504', async () => {
    behave = ({ socket }) =>
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(100_000)}`)
    await worker.serve({ targets: [target.port], traffic: { idleTimeoutMs: 2000 } })
    const client = await RawClient.connect(worker.port)
    client.send(GET)
    await client.until(() => client.isClosed || client.isEnded)
    assert.ok(client.received.length < 200_000)
    client.close()
    const line = await recorded(504)
    assert.match(line, / 504 200 /)
  })

  test('ALB-OBS-519, 520 errors of targets pass unchanged and count as theirs', async () => {
    behave = ({ socket }) => socket.write(answer('short and stout', '418 I am a teapot', 'X-Own: 1\r\n'))
    const before = await worker.metric('HTTPCode_Target_4XX_Count', groupArn('default'))
    const response = await exchange(worker.port, GET)
    assert.equal(response.statusLine, 'HTTP/1.1 418 I am a teapot')
    assert.equal(response.headers['x-own'], '1')
    assert.equal(response.body, 'short and stout')
    assert.equal((await worker.metric('HTTPCode_Target_4XX_Count', groupArn('default'))) - before, 1)
    assert.deepEqual(await counters(), counted)
  })
})

test('ALB-OBS-522 a folded line reaches the target as a field of its own that ends in a colon', async () => {
  behave = ({ head, socket }) => socket.write(answer(head))
  const response = await exchange(worker.port, 'GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n  folded\r\n\r\n')
  assert.match(response.body, /\r\nX-A: 1\r\nfolded:/)
})

test('ALB-OBS-517 a redirect to more than 8 K is answered with 507', async () => {
  const redirect = {
    type: 'redirect',
    statusCode: 301,
    protocol: 'https',
    host: '#{host}',
    port: '443',
    path: '/#{path}',
    query: '#{query}',
  } as const
  await worker.serve({ targets: [], actions: [redirect] })
  assert.equal(
    (await exchange(worker.port, `GET /${'x'.repeat(8200)} HTTP/1.1\r\nHost: a.example\r\n\r\n`)).status,
    507,
  )
  const line = await recorded(507)
  assert.match(line, /"redirect" "-" /)
})

afterEach(() => {
  behave = () => {}
})
