// What is made of the bytes of strangers costs in proportion to their length: answers that come in pieces, bodies, cookies, trace IDs,
// addresses, redirects, log lines, DNS packets.

import { test } from 'node:test'

import { redirectLocation } from '../../src/actions/redirect.ts'
import { respond } from '../../src/dns/response.ts'
import { RequestRecord } from '../../src/exchange/record.ts'
import { StatusReader } from '../../src/health/status-reader.ts'
import { AccessLogLines } from '../../src/recording/application/access-log-line.ts'
import { emptyAddress, parseAddress, parseCidr } from '../../src/model/ip.ts'
import { decodePercent, normalizePath } from '../../src/routing/path-normalization.ts'
import { cookieValues, setCookieValue } from '../../src/wire/cookies.ts'
import { HeaderFields } from '../../src/wire/header-fields.ts'
import { ChunkedReader } from '../../src/wire/http1/chunked-reader.ts'
import { RequestReader } from '../../src/wire/http1/request-reader.ts'
import { RESPONSE_NEED_MORE, ResponseReader } from '../../src/wire/http1/response-reader.ts'
import { TraceIds } from '../../src/wire/trace-id.ts'
import { PIECES, repeated, repeatedPieces } from './hostile-texts.ts'
import { assertLinear, type Hostile, type Reader } from './work-per-byte.ts'

const KIB = 1024

/** Fields as a reader finds them; lines have a colon and a blank. */
function fieldsOf(lines: readonly string[]): HeaderFields {
  const fields = new HeaderFields()
  fields.reset(lines.map((line) => `${line}\r\n`).join(''))
  let at = 0
  for (const line of lines) {
    const colon = line.indexOf(':')
    fields.add(at, at + colon, at + colon + 2, at + line.length)
    at += line.length + 2
  }
  return fields
}

const COOKIES = ['AWSALB', 'AWSALBCORS', 'AWSALBTG', 'AWSALBTGCORS', 'AWSALBAPP-0', 'a']

function allCookies(fields: HeaderFields): unknown {
  return COOKIES.map((name) => [cookieValues(fields, name), setCookieValue(fields, name)])
}

const traceIds = new TraceIds()

test('values of header fields', () => {
  const readers: Reader[] = [
    {
      name: 'cookies',
      read: (text) => allCookies(fieldsOf([`Cookie: ${text}`, `Set-Cookie: ${text}`])),
      microsPerKiBMax: 100,
    },
    { name: 'trace ID', read: (text) => traceIds.update([text], 100, 0), microsPerKiBMax: 100 },
    {
      name: 'address',
      read: (text) => [parseAddress(text, emptyAddress()), parseCidr(text), parseCidr(`${text}/8`)],
      microsPerKiBMax: 100,
    },
    { name: 'path', read: (text) => [normalizePath(`/${text}`), decodePercent(text)], microsPerKiBMax: 150 },
  ]
  assertLinear(readers, repeatedPieces(), 16 * KIB)
})

test('many fields of one name', () => {
  const lines = [
    'Cookie: a',
    'Cookie: AWSALB',
    'Cookie: ;',
    'Cookie: a=',
    'Cookie: b; a',
    'Set-Cookie: a;',
    'X: ;',
  ]
  const inputs = lines.map((line): Hostile<HeaderFields> => {
    return {
      name: line,
      make: (bytes) => fieldsOf(Array.from({ length: Math.floor(bytes / (line.length + 2)) }, () => line)),
    }
  })
  const readers: Reader<HeaderFields>[] = [
    { name: 'cookies', read: allCookies, microsPerKiBMax: 150 },
    {
      name: 'trace IDs',
      read: (fields) => traceIds.update(fields.all('cookie'), 100, 0),
      microsPerKiBMax: 100,
    },
  ]
  assertLinear(readers, inputs, 64 * KIB)
})

const RESPONSE_START = 'HTTP/1.1 200 OK\r\n'

test('heads of responses that come byte by byte', () => {
  const responses: Reader = {
    name: 'response',
    read: (text) => {
      const reader = new ResponseReader()
      let received = ''
      for (const byte of text) {
        received += byte
        if (reader.read(received, false, byte) !== RESPONSE_NEED_MORE) return
      }
    },
    microsPerKiBMax: 500,
  }
  const checks: Reader = {
    name: 'health check',
    read: (text) => {
      const reader = new StatusReader()
      for (const byte of text) if (reader.push(Buffer.from(byte, 'latin1')).type !== 'more') return
    },
    microsPerKiBMax: 1000,
  }
  const inputs = ['a: b\r\n', 'a: b\n', 'a\r', ' \r\n', 'aa'].map((piece) => repeated(piece, RESPONSE_START))
  assertLinear([responses, checks], inputs, 15 * KIB)
})

test('chunked bodies', () => {
  const sink = { chunkData: () => {} }
  const read = (piece: number): Reader['read'] => {
    return (text) => {
      const reader = new ChunkedReader()
      const bytes = Buffer.from(text, 'latin1')
      for (let at = 0; at < bytes.length && reader.state === 'more'; at += piece)
        reader.read(bytes, at, Math.min(bytes.length, at + piece), sink)
    }
  }
  const inputs = [
    repeated('1\r\na\r\n'),
    repeated('01;\r\na\r\n'),
    repeated('1 \t ;a\r\nb\r\n'),
    ...repeatedPieces('1;'),
    ...repeatedPieces('0\r\n'),
    ...PIECES.map((piece) => repeated(`${piece}:\r\n`, '0\r\n', '\r\n')),
  ]
  const readers = [
    { name: 'whole', read: read(Infinity), microsPerKiBMax: 50 },
    { name: 'byte by byte', read: read(1), microsPerKiBMax: 150 },
  ]
  assertLinear(readers, inputs, 64 * KIB)
})

test('redirects and log lines', () => {
  const redirect = {
    type: 'redirect' as const,
    statusCode: 301 as const,
    protocol: '#{protocol}',
    host: '#{host}',
    port: '#{port}',
    path: '/#{path}',
    query: '#{query}',
  }
  const lines = new AccessLogLines({ loadBalancerId: 'l', dnsName: 'd', protocol: 'http', listenerPort: 80 })
  const reader = new RequestReader()
  reader.read('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  const readers: Reader[] = [
    {
      name: 'redirect',
      read: (text) => {
        return redirectLocation(redirect, {
          protocol: 'http',
          port: 80,
          host: 'h',
          path: `/${text}`,
          query: text,
        })
      },
      microsPerKiBMax: 400,
    },
    {
      name: 'log line',
      read: (text) => {
        const record = Object.assign(new RequestRecord(), {
          isParsed: true,
          traceValue: text,
          redirectUrl: text,
        })
        lines.line(record, reader.head, { text: '192.0.2.1:1', tls: null }, 0)
      },
      microsPerKiBMax: 400,
    },
  ]
  assertLinear(readers, repeatedPieces(), 7 * KIB)
})

test('DNS packets', () => {
  const names = { serverName: 'ns.test', lookup: () => ({ zone: 'test', addresses: ['192.0.2.1'] }) }
  const header = (questions: number, additional: number): string => {
    return `\0\x01\x01\0\0${String.fromCharCode(questions)}\0\0\0\0\0${String.fromCharCode(additional)}`
  }
  const read = (text: string): unknown => {
    return respond(Buffer.from(text, 'latin1'), names, { transport: 'udp', random: () => 0 })
  }
  const question = `${header(1, 0)}\x01a\x04test\0\0\x01\0\x01`
  const opt = `${header(1, 1)}\x01a\x04test\0\0\x01\0\x01\0\0\x29\x10\0\0\0\0\0\xff\xff`
  const inputs = [
    '\0',
    '\x01a',
    '\x3f',
    '\xc0\x0c',
    '\xff',
    '\x01',
    '\x04test',
    '\0\x0a\0\0',
    '\0\x08\0\x04',
  ].flatMap((piece) => [
    repeated(piece, header(1, 0)),
    repeated(piece, header(1, 2)),
    repeated(piece, question),
    repeated(piece, opt),
  ])
  assertLinear([{ name: 'DNS', read, microsPerKiBMax: 500 }], inputs, 60 * KIB)
})
