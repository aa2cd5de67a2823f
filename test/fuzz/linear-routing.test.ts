// Finding the rule of a request, and rewriting it, cost in proportion to the request's length, whatever the rules are.

import { test } from 'node:test'

import { compileRouter } from '../../src/routing/compiled-router.ts'
import type { Router } from '../../src/routing/router.ts'
import type { ConditionUnit, TransformsUnit } from '../../src/snapshot/application-units.ts'
import { RequestReader } from '../../src/wire/http1/request-reader.ts'
import { PIECES, repeated, repeatedPieces } from './hostile-texts.ts'
import { assertLinear, type Hostile, type Reader } from './work-per-byte.ts'

const LINE_BYTES = 16 * 1024 - 64
const HEAD_BYTES = 60 * 1024

function routerOf(conditions: readonly ConditionUnit[], transforms?: TransformsUnit): Router {
  const rules = conditions.map((condition, index) => ({
    arn: String(index),
    priority: index + 1,
    actions: [],
    conditions: [condition],
    ...(transforms === undefined ? {} : { transforms }),
  }))
  const defaultRule = { arn: 'default', actions: [] }
  return compileRouter({ arn: 'listener', protocol: 'HTTP', port: 80, bindPort: 80, rules, defaultRule })
}

/** Reads a head and looks for its rule. */
function routed(name: string, router: Router, microsPerKiBMax: number): Reader {
  const reader = new RequestReader()
  return {
    name,
    read: (text) => {
      reader.restart()
      if (reader.read(text) <= 0) return
      reader.head.settleHost(false)
      const { transforms } = router.match({ head: reader.head, client: { address: '192.0.2.1' } })
      transforms?.rewrite(reader.head, reader.head.originForm)
    },
    microsPerKiBMax,
  }
}

const END = ' HTTP/1.1\r\nHost: h\r\n\r\n'
const targets: readonly Hostile[] = [
  ...repeatedPieces('GET /', END),
  ...repeatedPieces('GET /?', END),
  ...repeatedPieces('GET /?%41&', END),
]
const values: readonly Hostile[] = [
  ...repeatedPieces('GET / HTTP/1.1\r\nHost: h', '\r\n\r\n'),
  ...repeatedPieces('GET / HTTP/1.1\r\nHost: h\r\nX: a', '\r\n\r\n'),
]
const fields: readonly Hostile[] = PIECES.map((piece) =>
  repeated(`X:${piece}\r\n`, 'GET / HTTP/1.1\r\nHost: h\r\n', '\r\n'),
)

/** As long as a condition's value may be, and made so that they nearly match over and over. */
const PATTERNS = [
  '*a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?ab*',
  `*${'a?'.repeat(60)}ab*`,
  `*${'a'.repeat(120)}b*`,
  '*a*a*a*a*b',
  '*?*?*?*?b',
  `*${'ab'.repeat(60)}c*`,
  '*.b*/c*',
]

function readersOf(conditionsOf: (pattern: string) => readonly ConditionUnit[]): Reader[] {
  return PATTERNS.flatMap((pattern) =>
    conditionsOf(pattern).map((condition) => {
      return routed(`${condition.field} ${pattern.slice(0, 30)}`, routerOf([condition]), 400)
    }),
  )
}

test('patterns in paths and queries', () => {
  const readers = readersOf((value) => [
    { field: 'path-pattern', values: [`/${value}`] },
    { field: 'query-string', values: [{ key: null, value }] },
    { field: 'query-string', values: [{ key: value, value }] },
  ])
  assertLinear(readers, targets, LINE_BYTES)
})

test('patterns in hosts and headers', () => {
  const readers = readersOf((value) => [
    { field: 'host-header', values: [value] },
    { field: 'http-header', headerName: 'X', values: [value] },
  ])
  assertLinear(readers, values, LINE_BYTES)
  assertLinear(readers, fields, HEAD_BYTES)
})

test('regular expressions', () => {
  const expressions = [
    '(a*)*b',
    '(a|aa)+$',
    '^/(?:[a-z]+/)*x$',
    '(.*)(.*)(.*)b',
    '.*.*.*=.*',
    '[a-z]+[0-9]+$',
  ]
  const readers = expressions.flatMap((expression) => {
    const url = { expression, replacement: '/$0' }
    return [
      routed(
        `path ${expression}`,
        routerOf([{ field: 'path-pattern-regex', expressions: [expression] }]),
        400,
      ),
      routed(
        `host ${expression}`,
        routerOf([{ field: 'host-header-regex', expressions: [expression] }]),
        400,
      ),
      routed(
        `URL rewrite ${expression}`,
        routerOf([{ field: 'path-pattern', values: ['*'] }], { host: null, url }),
        4000,
      ),
    ]
  })
  assertLinear(readers, [...targets, ...values], LINE_BYTES)
})

test('a hundred rules with filters before them', () => {
  const rules = Array.from({ length: 100 }, (_, index): ConditionUnit => {
    switch (index % 4) {
      case 0:
        return { field: 'query-string', values: [{ key: `k${index}`, value: `v*${index}` }] }
      case 1:
        return { field: 'path-pattern', values: [`/a${index}/*`] }
      case 2:
        return { field: 'http-header', headerName: 'X', values: [`*${index}b*`] }
      default:
        return { field: 'host-header', values: [`*.h${index}.test`] }
    }
  })
  const readers = [routed('hundred rules', routerOf(rules), 1000)]
  assertLinear(readers, [...targets, ...values], LINE_BYTES)
  assertLinear(readers, fields, HEAD_BYTES)
})
