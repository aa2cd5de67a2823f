// Every status that the load balancer makes itself because of a target, or of itself: what the client gets, what the log
// says, what is counted.

import assert from 'node:assert/strict'
import net from 'node:net'
import { describe, test } from 'node:test'

import { exchange, RawClient } from '../support/client.ts'
import { startSilentListener } from '../support/silent-listener.ts'
import { answer, type Behaviour } from '../support/target.ts'
import { forwardTo, groupArn, groupUnit, targetUnit } from '../support/worker.ts'
import { ErrorBench, GET, TIME_SCALE } from './error-bench.ts'

const bench = new ErrorBench()

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
    [
      'a folded line before any field',
      ({ socket }) => socket.write('HTTP/1.1 200 OK\r\n Content-Length: 0\r\n\r\n'),
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
      bench.behave = behaviour
      const client = await RawClient.connect(bench.port)
      client.send(GET)
      const response = await client.response()
      assert.equal(response.status, 502)
      assert.equal(response.headers['connection'], 'keep-alive')
      const line = await bench.recorded(502)
      assert.equal(line.split(' ')[4], `127.0.0.1:${bench.target.port}`)
      bench.behave = ({ socket }) => socket.write(answer('again'))
      client.send(GET)
      assert.equal((await client.response()).body, 'again')
      client.close()
    })
  }

  test('the page of an error is padded for Chrome, and the log has its bytes', async () => {
    bench.behave = ({ socket }) => socket.end()
    const agent =
      'User-Agent: Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0 Safari/537.36'
    const response = await exchange(bench.port, GET.replace('\r\n\r\n', `\r\n${agent}\r\n\r\n`))
    assert.equal(response.headers['content-length'], '524')
    assert.equal(response.body.length, 524)
    assert.match(await bench.recorded(502), / 0\.\d{3} 0\.\d{3} -1 502 - \d+ 679 /)
  })

  test('ALB-OBS-569 a head of 32,000 bytes is forwarded', async () => {
    bench.behave = ({ socket }) =>
      socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(32_000)}\r\nContent-Length: 2\r\n\r\nhi`)
    assert.equal((await exchange(bench.port, GET)).body, 'hi')
  })

  test('ALB-OBS-164, 190, 497 a refused connection is answered with 502 and counted as a connection error', async () => {
    const server = net.createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as net.AddressInfo
    await new Promise((resolve) => server.close(resolve))
    await bench.worker.serve({ targets: [port] })
    const before = await bench.worker.metric('TargetConnectionErrorCount', groupArn('default'))
    assert.equal((await exchange(bench.port, GET)).status, 502)
    const line = await bench.recorded(502)
    assert.equal(line.split(' ').slice(5, 10).join(' '), '-1 -1 -1 502 -')
    assert.match(line, / "-" "-" "-"$/)
    assert.equal((await bench.worker.metric('TargetConnectionErrorCount', groupArn('default'))) - before, 1)
  })

  test('ALB-OBS-498 an address that cannot be reached is answered with 502', async () => {
    // No connection is ever made to a multicast address: the system says at once that it is unreachable.
    const unreachable = { ...targetUnit(80), id: '224.0.0.1', address: '224.0.0.1' }
    await bench.worker.serve({ groups: [groupUnit('default', [unreachable])] })
    assert.equal((await exchange(bench.port, GET)).status, 502)
    const line = await bench.recorded(502)
    assert.equal(line.split(' ')[4], '224.0.0.1:80')
  })

  test('ALB-OBS-510 a target that never takes the connection is answered with 504 after ten seconds', async (t) => {
    const silent = await startSilentListener(t)
    await bench.worker.serve({ targets: [silent], traffic: { idleTimeoutMs: 4_000_000 } })
    const start = performance.now()
    assert.equal((await exchange(bench.port, GET)).status, 504)
    const took = (performance.now() - start) * TIME_SCALE
    assert.ok(took >= 10_000 && took < 4_000_000, `${took}`)
    const line = await bench.recorded(504)
    assert.equal(line.split(' ').slice(5, 8).join(' '), '-1 -1 -1')
  })

  test('a group that wants TLS to its targets gets no clear text', async () => {
    const asked = bench.target.requests.length
    const group = { ...groupUnit('secure', [targetUnit(bench.target.port)]), protocol: 'HTTPS' } as const
    await bench.worker.serve({ groups: [group], actions: [forwardTo('secure')] })
    // It waits for clear text, and so says nothing to the hello.
    assert.equal((await exchange(bench.port, GET)).status, 504)
    assert.equal(bench.target.requests.length, asked)
  })

  test('ALB-OBS-240 ALB-OBS-188 a function is not reached: 502 with the reason, where none is registered 503', async () => {
    const functionArn = 'arn:aws:lambda:us-east-2:123456789012:function:my-function'
    const serve = async (registered: string | null) =>
      await bench.worker.serve({
        groups: [{ ...groupUnit('function', []), functionArn: registered }],
        actions: [forwardTo('function')],
      })
    await serve(functionArn)
    assert.equal((await exchange(bench.port, GET)).status, 502)
    const line = await bench.recorded(502)
    assert.match(
      line,
      / - -1 -1 -1 502 - .*targetgroup\/function\/.* "forward" "-" "LambdaConnectionError" "-" "-" "-" "-"/,
    )
    assert.equal(await bench.worker.metric('LambdaInternalError', groupArn('function')), 1)
    await serve(null)
    assert.equal((await exchange(bench.port, GET)).status, 503)
  })

  test('a target that leaves its group fails what runs on it with 502', async () => {
    const asked = new Promise<void>((resolve) => (bench.behave = () => resolve()))
    const client = await RawClient.connect(bench.port)
    client.send(GET)
    await asked
    await bench.worker.serve({ targets: [] })
    assert.equal((await client.response()).status, 502)
    client.close()
    await bench.recorded(502)
  })

  test('ALB-OBS-509 an empty group is answered with 503, 337 bytes long', async () => {
    await bench.worker.serve({ targets: [] })
    const client = await RawClient.connect(bench.port)
    client.send(GET)
    await client.response()
    assert.equal(client.received.length, 337)
    client.close()
    const line = await bench.recorded(503)
    assert.match(
      line,
      / - -1 -1 -1 503 - \d+ 337 "GET http:\/\/www\.example\.com:80\/x HTTP\/1\.1" "-" - - arn:\S+targetgroup\/default\/\S+ "Root=[^"]+" "-" "-" 0 \S+ "forward" "-" "-" "-" "-" "-" "-"$/,
    )
  })

  test('ALB-OBS-159, 162, 511 a silent target is answered with 504 after the idle time-out, not before', async () => {
    bench.behave = () => {}
    await bench.serve({ traffic: { idleTimeoutMs: 6000 } })
    const start = performance.now()
    assert.equal((await exchange(bench.port, GET)).status, 504)
    assert.ok((performance.now() - start) * TIME_SCALE >= 6000)
    const line = await bench.recorded(504)
    assert.match(line, /Z app\/\S+ \S+ \S+ 0\.\d{3} -1 -1 504 - /)
  })

  test('ALB-OBS-513 a small body with missing bytes is answered with 504', async () => {
    bench.behave = ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789')
    await bench.serve({ traffic: { idleTimeoutMs: 6000 } })
    assert.equal((await exchange(bench.port, GET)).status, 504)
    await bench.recorded(504)
  })

  test('a large body with missing bytes cuts the connection, and the record says 504', async () => {
    bench.behave = ({ socket }) =>
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(100_000)}`)
    await bench.serve({ traffic: { idleTimeoutMs: 6000 } })
    const client = await RawClient.connect(bench.port)
    client.send(GET)
    await client.until(() => client.isClosed || client.isEnded)
    assert.ok(client.received.length < 200_000)
    client.close()
    const line = await bench.recorded(504)
    assert.match(line, / 504 200 /)
  })

  test('an answer that breaks off is no complete one for a client that knows its end by the FIN', async () => {
    bench.behave = ({ socket }) => {
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
    }
    const client = await RawClient.connect(bench.port)
    client.send('GET / HTTP/1.0\r\nHost: a.example\r\n\r\n')
    await client.until(() => client.isClosed || client.isEnded)
    assert.match(String(client.error), /ECONNRESET/)
    client.close()
  })

  test('ALB-OBS-519, 520 errors of targets pass unchanged and count as theirs', async () => {
    bench.behave = ({ socket }) =>
      socket.write(answer('short and stout', '418 I am a teapot', 'X-Own: 1\r\n'))
    const before = await bench.worker.metric('HTTPCode_Target_4XX_Count', groupArn('default'))
    const response = await exchange(bench.port, GET)
    assert.equal(response.statusLine, 'HTTP/1.1 418 I am a teapot')
    assert.equal(response.headers['x-own'], '1')
    assert.equal(response.body, 'short and stout')
    assert.equal((await bench.worker.metric('HTTPCode_Target_4XX_Count', groupArn('default'))) - before, 1)
    bench.behave = ({ socket }) => socket.write(answer('', '500 Broken'))
    const fivesBefore = await bench.worker.metric('HTTPCode_Target_5XX_Count', groupArn('default'))
    assert.equal((await exchange(bench.port, GET)).status, 500)
    assert.equal(
      (await bench.worker.metric('HTTPCode_Target_5XX_Count', groupArn('default'))) - fivesBefore,
      1,
    )
    await bench.counted({ four: 0, five: 0 })
  })
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
  await bench.worker.serve({ targets: [], actions: [redirect] })
  assert.equal(
    (await exchange(bench.port, `GET /${'x'.repeat(8200)} HTTP/1.1\r\nHost: a.example\r\n\r\n`)).status,
    507,
  )
  const line = await bench.recorded(507)
  assert.match(line, /"redirect" "-" /)
})

test('ALB-OBS-049, 180 rules that cannot be evaluated fail their requests with 500, and the worker goes on', async () => {
  const broken = { field: 'path-pattern-regex', expressions: ['('] } as const
  const before = await bench.worker.metric('HTTPCode_ELB_500_Count')
  await bench.serve({
    rules: [{ arn: 'r', priority: 1, conditions: [broken], actions: [forwardTo('default')] }],
  })
  const client = await RawClient.connect(bench.port)
  client.send(GET)
  const response = await client.response()
  assert.equal(response.statusLine, 'HTTP/1.1 500 Internal Server Error')
  const line = await bench.recorded(500)
  assert.match(
    line,
    / - -1 -1 -1 500 - \d+ \d+ "GET \S+ HTTP\/1\.1" "-" - - - "Root=[^"]+" "-" "-" -1 \S+ "-" "-" "-" "-" "-" "-" "-"$/,
  )
  assert.equal((await bench.worker.metric('HTTPCode_ELB_500_Count')) - before, 1)
  const problems = bench.worker.messages.filter(({ type }) => type === 'problem')
  assert.match(JSON.stringify(problems), /Cannot evaluate the rules of arn:\S+; its requests get 500: /)
  await bench.serve()
  client.send(GET)
  assert.equal((await client.response()).body, 'fine')
  bench.behave = ({ socket }) => socket.write(answer('', '500 Broken'))
  client.send(GET)
  assert.equal((await client.response()).status, 500)
  assert.equal(
    (await bench.worker.metric('HTTPCode_ELB_500_Count')) - before,
    1,
    'the target’s own is not counted',
  )
  client.close()
})
