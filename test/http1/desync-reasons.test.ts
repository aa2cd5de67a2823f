// Why a request does not comply, as the access log says it: a request for each reason, and whether its target gets it in
// the mode that is set unless told otherwise.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { RawClient } from '../support/client.ts'
import { startTarget, type Target } from '../support/target.ts'
import { WorkerProcess } from '../support/worker.ts'

const HOST = 'Host: a.example\r\n'

/** Title, class, reason, request and the status in the mode `defensive`. */
type Case = readonly [title: string, classification: string, reason: string, text: string, status: number]

const acceptable: readonly Case[] = [
  [
    'ALB-OBS-209 a length of 0 on GET',
    'Acceptable',
    'GetHeadZeroContentLength',
    get('Content-Length: 0'),
    200,
  ],
  [
    'ALB-OBS-209 a length of 0 on HEAD',
    'Acceptable',
    'GetHeadZeroContentLength',
    head('Content-Length: 0'),
    200,
  ],
  ['ALB-OBS-212 a byte above ASCII in a header', 'Acceptable', 'NonCompliantHeader', get('x-a: \xe9'), 200],
  ['ALB-OBS-212 a control character in a header', 'Acceptable', 'NonCompliantHeader', get('x-a: \x01'), 200],
  ['ALB-OBS-213 HTTP/1.2', 'Acceptable', 'NonCompliantVersion', `GET / HTTP/1.2\r\n${HOST}\r\n`, 200],
  ['ALB-OBS-214 a space in the URI', 'Acceptable', 'SpaceInUri', `GET /a b HTTP/1.1\r\n${HOST}\r\n`, 200],
]

const ambiguous: readonly Case[] = [
  [
    'ALB-OBS-199 a control character in the URI',
    'Ambiguous',
    'AmbiguousUri',
    `GET /\x01 HTTP/1.1\r\n${HOST}\r\n`,
    200,
  ],
  [
    'ALB-OBS-206 both framings',
    'Ambiguous',
    'BothTeClPresent',
    post('Transfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n'),
    200,
  ],
  [
    'ALB-OBS-207 the same length twice',
    'Ambiguous',
    'DuplicateContentLength',
    post('Content-Length: 5\r\nContent-Length: 5', 'hello'),
    200,
  ],
  ['ALB-OBS-208 a line of blanks', 'Ambiguous', 'EmptyHeader', get('  \r\nX: 1'), 200],
  ['ALB-OBS-208 a header without a name', 'Ambiguous', 'EmptyHeader', get(': x'), 200],
  [
    'ALB-OBS-215 an underscore for the hyphen',
    'Ambiguous',
    'SuspiciousHeader',
    post('Transfer_Encoding: chunked', ''),
    200,
  ],
  [
    'ALB-OBS-215 a space before the colon',
    'Ambiguous',
    'SuspiciousHeader',
    post('Content-Length : 0', ''),
    200,
  ],
  [
    'ALB-OBS-216 a length on GET',
    'Ambiguous',
    'UndefinedContentLengthSemantics',
    get('Content-Length: 5', 'hello'),
    200,
  ],
  [
    'ALB-OBS-216 a length on HEAD',
    'Ambiguous',
    'UndefinedContentLengthSemantics',
    head('Content-Length: 5', 'hello'),
    200,
  ],
  [
    'ALB-OBS-217 a coding on GET',
    'Ambiguous',
    'UndefinedTransferEncodingSemantics',
    get('Transfer-Encoding: chunked', '0\r\n\r\n'),
    200,
  ],
  [
    'ALB-OBS-217 a coding on HEAD',
    'Ambiguous',
    'UndefinedTransferEncodingSemantics',
    head('Transfer-Encoding: chunked', '0\r\n\r\n'),
    200,
  ],
  ...['chunked;x=y', 'chunked ; x = "a,b\\""', 'Chunked;a=1;b=2', 'identity, chunked;x=y'].map(
    (coding): Case => [
      `the coding ${coding}`,
      'Ambiguous',
      'UndefinedTransferEncodingSemantics',
      post(`Transfer-Encoding: ${coding}`, '0\r\n\r\n'),
      200,
    ],
  ),
]

const severe: readonly Case[] = [
  ['ALB-OBS-200 a list of lengths', 'Severe', 'BadContentLength', post('Content-Length: 1000,1000', ''), 400],
  ['ALB-OBS-200 a fraction', 'Severe', 'BadContentLength', post('Content-Length: 1000.1', ''), 400],
  ['ALB-OBS-200 letters', 'Severe', 'BadContentLength', post('Content-Length: abc', ''), 400],
  ['ALB-OBS-201 NUL in a header', 'Severe', 'BadHeader', get('X: a\0b'), 400],
  ['ALB-OBS-201 a bare CR in a header', 'Severe', 'BadHeader', get('X: a\rb'), 400],
  [
    'ALB-OBS-202 an unknown coding',
    'Severe',
    'BadTransferEncoding',
    post('Transfer-Encoding: xchunked', ''),
    400,
  ],
  ...[
    '\x0bchunked',
    'chunked\x0c',
    '\xa0chunked',
    'chunked\xc2\xa0',
    'chunked;',
    'chunked;x',
    'chunked;x="y',
    'identity;x=y',
    ', chunked',
  ].map((coding): Case => [
    `ALB-OBS-202 the coding ${JSON.stringify(coding)}`,
    'Severe',
    'BadTransferEncoding',
    post(`Transfer-Encoding: ${coding}`, '0\r\n\r\n'),
    400,
  ]),
  ['ALB-OBS-203 NUL in the URI', 'Severe', 'BadUri', `GET /\0 HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['ALB-OBS-203 a bare CR in the URI', 'Severe', 'BadUri', `GET /a\rb HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['ALB-OBS-204 a method that is no token', 'Severe', 'BadMethod', `G(T / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['ALB-OBS-205 a version without digits', 'Severe', 'BadVersion', `GET / HTTP/x.y\r\n${HOST}\r\n`, 400],
  [
    'ALB-OBS-210 two lengths',
    'Severe',
    'MultipleContentLength',
    post('Content-Length: 5\r\nContent-Length: 6', 'hello'),
    400,
  ],
  [
    'ALB-OBS-211 chunked twice',
    'Severe',
    'MultipleTransferEncodingChunked',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
    400,
  ],
]

const compliant: readonly Case[] = [
  ['ALB-OBS-218 an ordinary GET', '-', '-', get('X: 1'), 200],
  ['ALB-OBS-218 a header without a value', '-', '-', get('X:'), 200],
  ['ALB-OBS-218 a POST with a body', '-', '-', post('Content-Length: 5', 'hello'), 200],
]

function get(lines: string, body = ''): string {
  return `GET / HTTP/1.1\r\n${HOST}${lines}\r\n\r\n${body}`
}

function head(lines: string, body = ''): string {
  return `HEAD / HTTP/1.1\r\n${HOST}${lines}\r\n\r\n${body}`
}

function post(lines: string, body: string): string {
  return `POST / HTTP/1.1\r\n${HOST}${lines}\r\n\r\n${body}`
}

let target: Target
let worker: WorkerProcess

before(async () => {
  target = await startTarget(({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))
  worker = await WorkerProcess.start({ targets: [target.port] })
})

after(() => {
  worker.close()
  target.close()
})

describe('ALB-LB-260 requests that comply', () => checkAll(compliant))
describe('ALB-LB-261 the reasons of the class Acceptable', () => checkAll(acceptable))
describe('ALB-LB-262 the reasons of the class Ambiguous', () => checkAll(ambiguous))
describe('ALB-LB-263 the reasons of the class Severe', () => checkAll(severe))

function checkAll(cases: readonly Case[]): void {
  for (const each of cases) check(each)
}

function check([title, classification, reason, text, status]: Case): void {
  test(`${title} is ${reason === '-' ? 'compliant' : reason} in the log`, async () => {
    const lines = (await worker.logLines()).length
    const reached = target.requests.length
    const client = await RawClient.connect(worker.port)
    client.send(text)
    assert.equal((await client.response(text.startsWith('HEAD'))).status, status)
    client.close()
    assert.equal(target.requests.length - reached, status === 200 ? 1 : 0)
    const written = (await worker.logLines()).slice(lines)
    assert.equal(written.length, 1)
    const [line = ''] = written
    assert.ok(line.endsWith(` "${classification}" "${reason}"`), line)
  })
}
