// Whole lines of the access log for what does not go the ordinary way: requests in odd forms, refused ones, answers of
// the load balancer itself, targets that fail.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import type { RuleUnit } from '../../src/snapshot/application-units.ts'
import { RawClient } from '../support/client.ts'
import { parseLogLine } from '../support/log-line.ts'
import { answer, startTarget, type Target } from '../support/target.ts'
import { forwardTo, groupArn, groupUnit, targetUnit, WorkerProcess } from '../support/worker.ts'

const PORT = 8080
const DNS_NAME = 'test-123456789.us-east-2.elb.amazonaws.com'

let target: Target
let worker: WorkerProcess

before(async () => {
  target = await startTarget(({ socket, head }) => {
    if (head.includes('/reset')) socket.resetAndDestroy()
    else if (head.includes('/fin')) socket.end()
    else if (head.includes('/nonsense')) socket.end('nonsense\r\n\r\n')
    else if (head.includes('/hints'))
      socket.write(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${answer('hi')}`)
    else if (head.includes('/large')) socket.write(answer('x'.repeat(100_000)))
    else socket.write(head.startsWith('HEAD') ? answer('hello').slice(0, -5) : answer('hello'))
  })
  worker = await WorkerProcess.start({
    listenerPort: PORT,
    groups: [groupUnit('default', [targetUnit(target.port)]), groupUnit('empty', [])],
    rules: [
      rule(1, '/empty', forwardTo('empty')),
      rule(17, '/fixed', {
        type: 'fixed-response',
        statusCode: 200,
        contentType: 'text/plain',
        messageBody: 'ok',
      }),
      rule(50_000, '/redirect', {
        type: 'redirect',
        statusCode: 302,
        protocol: 'https',
        host: 'www.example.org',
        port: '443',
        path: '/#{path}',
        query: '#{query}',
      }),
    ],
  })
})

after(() => {
  worker.close()
  target.close()
})

function rule(priority: number, path: string, action: RuleUnit['actions'][number]): RuleUnit {
  return {
    arn: String(priority),
    priority,
    conditions: [{ field: 'path-pattern', values: [path] }],
    actions: [action],
  }
}

/** The line of a request on a connection of its own, and the answer as it came. */
async function logged(text: string): Promise<{ line: string; fields: readonly string[]; received: string }> {
  const count = (await worker.logLines()).length
  const client = await RawClient.connect(worker.port)
  client.send(text)
  await client.response(text.startsWith('HEAD'))
  const added = (await worker.logLines()).slice(count)
  client.close()
  assert.equal(added.length, 1, added.join('\n'))
  const line = added[0] ?? ''
  const { fields } = parseLogLine(line)
  assert.equal(fields.length, 29, line)
  return { line, fields, received: client.received }
}

describe('ALB-OBS-167, 168 the request is written with protocol, host and port', () => {
  const cases = [
    ['a Host with a port', 'GET /a HTTP/1.1\r\nHost: h:81\r\n\r\n', `GET http://h:${PORT}/a HTTP/1.1`],
    ['an IPv6 Host', 'GET / HTTP/1.1\r\nHost: [::1]:81\r\n\r\n', `GET http://[::1]:${PORT}/ HTTP/1.1`],
    ['no Host', 'GET /a HTTP/1.0\r\n\r\n', `GET http://${DNS_NAME}:${PORT}/a HTTP/1.0`],
    ['an empty Host', 'GET /a HTTP/1.1\r\nHost:\r\n\r\n', `GET http://${DNS_NAME}:${PORT}/a HTTP/1.1`],
    ['no version', 'GET /a\r\nHost: h\r\n\r\n', `GET http://h:${PORT}/a -`],
    ['a space', 'GET /a b HTTP/1.1\r\nHost: h\r\n\r\n', `GET http://h:${PORT}/a b HTTP/1.1`],
    [
      'a query',
      'GET /?a=%20&b=c+d# HTTP/1.1\r\nHost: h\r\n\r\n',
      `GET http://h:${PORT}/?a=%20&b=c+d# HTTP/1.1`,
    ],
    ['a URL', 'GET http://u/a?x HTTP/1.1\r\nHost: h\r\n\r\n', `GET http://u:${PORT}/a?x HTTP/1.1`],
    ['a URL with a port', 'GET http://u:81/a HTTP/1.1\r\nHost: h\r\n\r\n', 'GET http://u:81/a HTTP/1.1'],
    ['an own method', 'BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n', `BREW http://h:${PORT}/pot HTTP/1.1`],
    ['other bytes', 'GET /\xe9\x01 HTTP/1.1\r\nHost: h\r\n\r\n', `GET http://h:${PORT}/\\xE9\\x01 HTTP/1.1`],
  ] as const
  for (const [name, text, expected] of cases) {
    test(name, async () => {
      const { fields } = await logged(text)
      assert.equal(fields[12], expected)
      assert.deepEqual(fields.slice(8, 11), ['200', '200', String(text.length)])
    })
  }
})

test('ALB-OBS-169, 170 no byte of a User-Agent can leave the quotes, and its own bytes are counted', async () => {
  const { fields } = await logged('GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: \xe9\t"\\ x\r\n\r\n')
  assert.equal(fields[13], '\\xE9\\x09\\x22\\x5C x')
  const long = await logged(`GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: ${'"'.repeat(9000)}\r\n\r\n`)
  assert.equal(long.fields[13], '\\x22'.repeat(8192))
})

describe('ALB-OBS-130, 150, 154, 158, 162, 164, 181, 187, 190 a refused request is written without what is not known', () => {
  const start = '/x HTTP/1.1\r\nHost: h\r\nUser-Agent: u\r\n'
  const addresses = Array.from({ length: 31 }, () => '192.0.2.1').join(', ')
  const shown = `http://h:${PORT}/x HTTP/1.1`
  const unread = `- http://${DNS_NAME}:${PORT}- -`
  const cases = [
    [400, `POST ${start}Content-Length: a\r\n\r\n`, `POST ${shown}`, 'u', 'Severe', 'BadContentLength'],
    [400, `GET ${start}X: ${'x'.repeat(20_000)}\r\n\r\n`, unread, '-', '-', '-'],
    [
      400,
      'GET /x HTTP/1.1\r\nUser-Agent: u\r\n\r\n',
      `GET ${shown.replace('h:', `${DNS_NAME}:`)}`,
      'u',
      '-',
      '-',
    ],
    [405, `TRACE ${start}\r\n`, `TRACE ${shown}`, 'u', '-', '-'],
    [414, `GET /${'x'.repeat(17_000)} HTTP/1.1\r\nHost: h\r\n\r\n`, unread, '-', '-', '-'],
    [463, `GET ${start}X-Forwarded-For: ${addresses}\r\n\r\n`, `GET ${shown}`, 'u', '-', '-'],
    [501, `POST ${start}Transfer-Encoding: gzip\r\n\r\n`, `POST ${shown}`, 'u', '-', '-'],
    [505, `GET ${start.replace('1.1', '2.0')}\r\n`, `GET ${shown.replace('1.1', '2.0')}`, 'u', '-', '-'],
  ] as const
  for (const [status, text, request, agent, classification, reason] of cases) {
    test(`${status} ${request}`, async () => {
      const reached = target.requests.length
      const { line, fields, received } = await logged(text)
      assert.deepEqual(fields.slice(4, 12), [
        '-',
        '-1',
        '-1',
        '-1',
        String(status),
        '-',
        String(text.length),
        String(received.length),
      ])
      assert.deepEqual(fields.slice(12, 21), [request, agent, '-', '-', '-', '-', '-', '-', '-'])
      assert.deepEqual(fields.slice(22), ['-', '-', '-', '-', '-', classification, reason], line)
      assert.equal(target.requests.length, reached)
    })
  }
})

test('ALB-OBS-178, 194 a fixed response has its rule and its bytes, and no target', async () => {
  const text = 'GET /fixed HTTP/1.1\r\nHost: h\r\n\r\n'
  const { fields, received } = await logged(text)
  assert.deepEqual(fields.slice(4, 12), [
    '-',
    '-1',
    '-1',
    '-1',
    '200',
    '-',
    String(text.length),
    String(received.length),
  ])
  assert.equal(fields[16], '-')
  assert.match(fields[17] ?? '', /^Root=1-/)
  assert.equal(fields[20], '17')
  assert.deepEqual(fields.slice(22), ['fixed-response', '-', '-', '-', '-', '-', '-'])
})

test('ALB-OBS-178, 184, 196 a redirect has the URL that the client got', async () => {
  for (const method of ['GET', 'HEAD']) {
    const { fields, received } = await logged(`${method} /redirect?q=1 HTTP/1.1\r\nHost: h\r\n\r\n`)
    const location = /\r\nLocation: (\S+)\r\n/.exec(received)?.[1] ?? ''
    assert.equal(location, 'https://www.example.org:443/redirect?q=1')
    assert.deepEqual(fields.slice(4, 10), ['-', '-1', '-1', '-1', '302', '-'])
    assert.equal(fields[11], String(received.length))
    assert.equal(fields[20], '50000')
    assert.deepEqual(fields.slice(22), ['redirect', location, '-', '-', '-', '-', '-'])
  }
})

test('ALB-LSN-111 ALB-OBS-196 a blank in a request target is a blank in the URL of a redirect, for client and log', async () => {
  const { fields, received } = await logged('GET /redirect?wget+ a%20b HTTP/1.1\r\nHost: h\r\n\r\n')
  assert.match(received, /\r\nLocation: https:\/\/www\.example\.org:443\/redirect\?wget\+ a%20b\r\n/)
  assert.equal(fields[23], 'https://www.example.org:443/redirect?wget+ a%20b')
})

test('ALB-OBS-130, 173, 186 a request to an empty group has the group, and no target', async () => {
  const { fields } = await logged('GET /empty HTTP/1.1\r\nHost: h\r\n\r\n')
  assert.deepEqual(fields.slice(4, 10), ['-', '-1', '-1', '-1', '503', '-'])
  assert.equal(fields[16], groupArn('empty'))
  assert.deepEqual(fields.slice(20, 21), ['1'])
  assert.deepEqual(fields.slice(22), ['forward', '-', '-', '-', '-', '-', '-'])
})

test('ALB-OBS-149, 162, 164, 186, 190 a target that breaks off is named with the time it took, but no status', async () => {
  for (const path of ['/reset', '/fin', '/nonsense']) {
    const { fields } = await logged(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`)
    const name = `127.0.0.1:${target.port}`
    assert.equal(fields[4], name)
    for (const time of fields.slice(5, 7)) assert.match(time, /^\d+\.\d{3}$/)
    assert.deepEqual(fields.slice(7, 10), ['-1', '502', '-'])
    assert.deepEqual(fields.slice(22), ['forward', '-', '-', name, '-', '-', '-'])
  }
})

test('ALB-OBS-166 the bytes of heads, of interim answers and of large bodies are counted', async () => {
  for (const request of ['HEAD /', 'GET /hints', 'GET /large']) {
    const { fields, received } = await logged(`${request} HTTP/1.1\r\nHost: h\r\n\r\n`)
    assert.deepEqual(fields.slice(8, 10), ['200', '200'])
    assert.equal(fields[11], String(received.length), request)
  }
})
