import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { ConditionUnit, ListenerUnit, RuleUnit } from '../snapshot/application-units.ts'
import { HeaderFields } from '../wire/header-fields.ts'
import { Host } from '../wire/host.ts'
import { compileRouter } from './compiled-router.ts'
import type { RoutedRequest } from './router.ts'

interface RequestParts {
  readonly method: string
  readonly path: string
  readonly query: string | null
  readonly host: string | null
  readonly headers: readonly (readonly [string, string])[]
  readonly clientAddress: string
}

const PLAIN: RequestParts = {
  method: 'GET',
  path: '/',
  query: null,
  host: 'lb.example.net',
  headers: [],
  clientAddress: '198.18.0.1',
}

function request(parts: Partial<RequestParts>): RoutedRequest {
  const { method, path, query, headers, clientAddress, ...rest } = { ...PLAIN, ...parts }
  const fields = new HeaderFields()
  fields.reset(headers.map(([name, value]) => `${name}: ${value}\r\n`).join(''))
  let at = 0
  for (const [name, value] of headers) {
    const valueStart = at + name.length + 2
    fields.add(at, at + name.length, valueStart, valueStart + value.length)
    at = valueStart + value.length + 2
  }
  const target = query === null ? path : `${path}?${query}`
  const host = Host.read(rest.host ?? '')
  assert.ok(host !== null)
  const head = { method, target, path, query, host, fields }
  return { head, client: { address: clientAddress } }
}

function listener(rules: readonly RuleUnit[]): ListenerUnit {
  const defaultRule = { arn: 'default', actions: [] }
  return { arn: 'listener', protocol: 'HTTP', port: 80, bindPort: 80, rules, defaultRule }
}

function rule(priority: number, ...conditions: ConditionUnit[]): RuleUnit {
  return { arn: `rule-${priority}`, priority, actions: [], conditions }
}

const NEVER: ConditionUnit = { field: 'http-request-method', values: ['NEVER'] }

/** Whether a request meets all conditions, asked of a lone rule and of a rule among others (which are filtered). */
function meets(parts: Partial<RequestParts>, ...conditions: ConditionUnit[]): boolean {
  const alone = compileRouter(listener([rule(10, ...conditions)])).match(request(parts)).priority === 10
  const others = [1, 2, 3, 4].map((priority) => rule(priority, NEVER))
  const among =
    compileRouter(listener([...others, rule(10, ...conditions)])).match(request(parts)).priority === 10
  assert.equal(among, alone, 'filters change no answer')
  return alone
}

const host = (...values: string[]): ConditionUnit => ({ field: 'host-header', values })
const path = (...values: string[]): ConditionUnit => ({ field: 'path-pattern', values })
const method = (...values: string[]): ConditionUnit => ({ field: 'http-request-method', values })
const source = (...values: string[]): ConditionUnit => ({ field: 'source-ip', values })
const header = (headerName: string, ...values: string[]): ConditionUnit => ({
  field: 'http-header',
  headerName,
  values,
})
const query = (...values: (readonly [string | null, string])[]): ConditionUnit => ({
  field: 'query-string',
  values: values.map(([key, value]) => ({ key, value })),
})

describe('rules', () => {
  test('ALB-LSN-031 ALB-LSN-032 the lowest number that matches is taken, whatever the order given', () => {
    const any = path('/*')
    const router = compileRouter(listener([rule(100, any), rule(9, any, method('POST')), rule(20, any)]))
    assert.equal(router.match(request({ method: 'POST' })).priority, 9)
    assert.equal(router.match(request({})).priority, 20)
  })

  test('ALB-LSN-033 ALB-LSN-039 the default rule has priority 0 and is taken when no other is', () => {
    const router = compileRouter(listener([rule(1, path('/a')), rule(50000, path('/b'))]))
    assert.deepEqual(router.match(request({ path: '/c' })), {
      arn: 'default',
      priority: 0,
      actions: [],
      transforms: null,
    })
    assert.equal(router.match(request({ path: '/b' })).priority, 50000)
    assert.equal(compileRouter(listener([])).match(request({})).priority, 0)
  })

  test('ALB-LSN-038 ALB-LSN-130 all conditions of a rule have to be met', () => {
    const all = [
      host('a.example.com'),
      path('/img/*'),
      method('GET'),
      source('10.0.0.0/8'),
      query(['v', '1']),
    ]
    const good = { host: 'a.example.com', path: '/img/x', query: 'v=1', clientAddress: '10.1.2.3' }
    assert.ok(meets(good, ...all))
    for (const bad of [
      { host: 'b.example.com' },
      { path: '/css/x' },
      { method: 'POST' },
      { clientAddress: '11.1.2.3' },
      { query: 'v=2' },
      { query: null },
    ])
      assert.ok(!meets({ ...good, ...bad }, ...all), JSON.stringify(bad))
  })

  test('ALB-LSN-138 the whole value has to match, ? is one character, * any number', () => {
    for (const [pattern, text, expected] of [
      ['/a?c', '/abc', true],
      ['/a?c', '/ac', false],
      ['/a?c', '/abbc', false],
      ['/a*c', '/ac', true],
      ['/a*c', '/abbc', true],
      ['/a*c', '/abbcd', false],
      ['/a*a', '/a', false],
      ['*', '/', true],
      ['**', '/x', true],
      ['/*b?d*', '/abXbcd', true],
      ['/*b?d*', '/abXbc', false],
      ['/*?', '/', false],
      ['*.php', '/a/b.php', true],
      ['/x', '/x/', false],
    ] as const)
      assert.equal(meets({ path: text }, path(pattern)), expected, `${pattern} on ${text}`)
  })

  test('ALB-LSN-139 ALB-LSN-174 no wildcard stands for a control character', () => {
    for (const code of [0x00, 0x01, 0x1f, 0x7f]) {
      const control = String.fromCharCode(code)
      assert.ok(!meets({ path: `/a${control}b` }, path('/a?b', '/a*', '*b')))
      assert.ok(!meets({ headers: [['x', `a${control}b`]] }, header('x', '*')))
    }
    assert.ok(meets({ headers: [['x', 'caf\u00e9 b']] }, header('x', '*b')))
  })
})

describe('http-header', () => {
  test('ALB-LSN-142 ALB-LSN-143 ALB-LSN-144 names and values are compared without letter case', () => {
    const agent = { headers: [['uSER-agent', 'Mozilla Chrome/120']] as const }
    assert.ok(meets(agent, header('User-Agent', '*chrome*', '*Safari*')))
    assert.ok(!meets({ headers: [['User-Agent', 'curl']] }, header('User-Agent', '*chrome*', '*Safari*')))
  })

  test('ALB-LSN-133 two conditions on one header both have to be met', () => {
    const both = [header('user-agent', '*chrome*'), header('user-agent', '*linux*')]
    assert.ok(meets({ headers: [['User-Agent', 'Linux Chrome']] }, ...both))
    assert.ok(!meets({ headers: [['User-Agent', 'Mac Chrome']] }, ...both))
  })

  test('ALB-LSN-146 a star in the name is an ordinary character', () => {
    assert.ok(!meets({ headers: [['X-Foo', '1']] }, header('X-*', '1')))
    assert.ok(meets({ headers: [['x-*', '1']] }, header('X-*', '1')))
    assert.ok(meets({ headers: [['_id', '1']] }, header('_ID', '1')))
    assert.ok(!meets({ headers: [['~id', '1']] }, header('^id', '1')))
  })

  test('ALB-LSN-148 one of the values of the guide’s example is enough', () => {
    const example = header('User-Agent', '*Chrome*', '*Safari*')
    for (const agent of ['Mozilla/5.0 Chrome/120', 'Mozilla/5.0 Version/17 Safari/605'])
      assert.ok(meets({ headers: [['user-agent', agent]] }, example), agent)
    assert.ok(!meets({ headers: [['user-agent', 'Mozilla/5.0 Firefox/120']] }, example))
  })

  test('ALB-LSN-147 a request without the header does not meet a star', () => {
    assert.ok(!meets({}, header('x', '*')))
    assert.ok(meets({ headers: [['x', '']] }, header('x', '*')))
  })

  test('ALB-LSN-206 each value of a repeated header is compared by itself', () => {
    const headers = [
      ['X-Forwarded-For', '192.0.3.1'],
      ['x-forwarded-for', '192.0.2.7'],
    ] as const
    assert.ok(meets({ headers }, header('X-Forwarded-For', '192.0.2.*')))
    assert.ok(!meets({ headers }, header('X-Forwarded-For', '192.0.3.1*192.0.2.7')))
  })
})

describe('http-request-method', () => {
  test('ALB-LSN-154 ALB-LSN-155 ALB-LSN-156 ALB-LSN-158 the exact method name, with letter case', () => {
    assert.ok(meets({ method: 'CUSTOM-METHOD' }, method('CUSTOM-METHOD')))
    for (const other of ['get', 'GETX', 'HEAD', 'GE'])
      assert.ok(!meets({ method: other }, method('GET')), other)
    assert.ok(meets({ method: 'HEAD' }, method('GET', 'HEAD')))
  })
})

describe('host-header', () => {
  test('ALB-LSN-161 ALB-LSN-164 ALB-LSN-169 letter case does not matter, a star includes dots', () => {
    assert.ok(meets({ host: 'example.com' }, host('Example.COM')))
    assert.ok(meets({ host: 'EXAMPLE.com' }, host('example.com')))
    assert.ok(meets({ host: 'a.b.example.com' }, host('*.example.com')))
    assert.ok(!meets({ host: 'example.com' }, host('*.example.com')))
    assert.ok(meets({ host: 'test.example.com' }, host('te?t.example.com')))
    assert.ok(!meets({ host: 'www.example.com' }, host('example.com')))
  })

  test('ALB-LSN-160 port and final dot are left out', () => {
    for (const sent of ['example.com:8080', 'example.com.', 'example.com.:80', 'example.com:'])
      assert.ok(meets({ host: sent }, host('example.com')), sent)
    assert.ok(meets({ host: '[2001:DB8::1]:80' }, host('[2001:db8::?]')))
  })

  test('no host meets no condition', () => {
    assert.ok(!meets({ host: '' }, host('*')))
  })
})

describe('path-pattern', () => {
  test('ALB-LSN-173 ALB-LSN-176 ALB-LSN-179 only the path, with letter case, a star includes slashes', () => {
    assert.ok(!meets({ path: '/', query: 'x=/img/' }, path('/img/*')))
    assert.ok(meets({ path: '/a', query: 'b=c' }, path('/a')))
    assert.ok(!meets({ path: '/img/x' }, path('/Img/*')))
    assert.ok(meets({ path: '/img/' }, path('/img/*')))
    assert.ok(!meets({ path: '/img' }, path('/img/*')))
    assert.ok(meets({ path: '/img/a/b/pics' }, path('/img/*/pics')))
    assert.ok(!meets({ path: '/img/pics' }, path('/img/*/pics')))
    assert.ok(!meets({ path: '/img/a/pics/x' }, path('/img/*/pics')))
  })

  test('ALB-LSN-175 paths are compared in normalised form', () => {
    for (const [sent, compared] of [
      ['/a/../b', '/b'],
      ['/a/%2e%2E/b', '/b'],
      ['/../../b', '/b'],
      ['/a/./b/.', '/a/b/'],
      ['/a/b/..', '/a/'],
      ['/a//../b', '/a/b'],
      ['/a//b', '/a//b'],
      ['/%41%7e%2f%zz%4', '/A~%2F%zz%4'],
      ['/.a/..b/c.', '/.a/..b/c.'],
      ['', '/'],
    ] as const)
      assert.ok(meets({ path: sent }, path(compared)), sent)
    assert.ok(!meets({ path: '/a/../b' }, path('/a/*')))
    assert.ok(meets({ path: '/a%2fb%41' }, path('/a%2fb%41')))
  })
})

describe('query-string', () => {
  test('ALB-LSN-188 ALB-LSN-189 letter case does not matter, wildcards work in key and value', () => {
    assert.ok(meets({ query: 'VERSION=V1' }, query(['version', 'v1'])))
    assert.ok(meets({ query: 'version=v1' }, query(['ver*', 'V?'])))
    assert.ok(!meets({ query: 'version=v10' }, query(['version', 'v?'])))
  })

  test('ALB-LSN-190 ALB-LSN-191 ALB-LSN-192 ALB-LSN-194 key and value match in the same pair', () => {
    const example = query(['version', 'v1'], [null, '*example*'])
    assert.ok(!meets({ query: 'a=v1&version=x' }, example))
    assert.ok(meets({ query: 'x=1&version=v1' }, example))
    assert.ok(meets({ query: 'foo=myexample1' }, example))
    assert.ok(!meets({ query: 'example=1' }, example))
  })

  test('ALB-LSN-193 several query-string conditions all have to be met', () => {
    assert.ok(meets({ query: 'a=1&b=2' }, query(['a', '1']), query(['b', '2'])))
    assert.ok(!meets({ query: 'a=1' }, query(['a', '1']), query(['b', '2'])))
  })

  test('ALB-LSN-187 pairs are split at & and the first =, raw or decoded text matches, + is no space', () => {
    assert.ok(meets({ query: 'a=b=c' }, query(['a', 'b=c'])))
    assert.ok(meets({ query: 'a' }, query(['a', '*'])))
    assert.ok(meets({ query: 'a&b' }, query(['b', '*'])))
    assert.ok(meets({ query: '%61=%42c' }, query(['a', 'bc'])))
    assert.ok(meets({ query: 'a=x+y' }, query(['a', 'x+y'])))
    assert.ok(meets({ query: 'a=1#&b=2' }, query(['a', '1'])))
    assert.ok(!meets({ query: 'a=1#&b=2' }, query(['b', '2'])))
    assert.ok(
      meets({ query: 'a=%0a' }, query(['a', '?0a', '*a'] as unknown as [string, string], ['a', '*0a'])),
    )
    assert.ok(meets({ query: 'a=*' }, query(['a', '\\*'])))
    assert.ok(!meets({ query: 'a=b' }, query(['a', '\\*'])))
  })

  test('ALB-LSN-195 a request without query string does not meet it', () => {
    assert.ok(!meets({}, query([null, '*'])))
    assert.ok(!meets({ query: '' }, query([null, '*'])))
  })
})

describe('source-ip', () => {
  test('ALB-LSN-207 ALB-LSN-208 blocks end where their mask says', () => {
    const blocks = source('192.0.2.0/24', '198.51.100.10/32')
    for (const [clientAddress, expected] of [
      ['192.0.2.0', true],
      ['192.0.2.255', true],
      ['198.51.100.10', true],
      ['192.0.3.0', false],
      ['192.0.1.255', false],
      ['198.51.100.11', false],
      ['::ffff:192.0.2.9', true],
      ['2001:db8::1', false],
    ] as const)
      assert.equal(meets({ clientAddress }, blocks), expected, clientAddress)
    assert.ok(meets({ clientAddress: '255.255.255.255' }, source('0.0.0.0/0')))
    assert.ok(meets({ clientAddress: '192.0.2.200' }, source('192.0.2.5/24')))
  })

  test('ALB-LSN-201 IPv6 blocks stand beside IPv4 blocks', () => {
    const blocks = source('192.0.2.0/24', '2001:db8::/33')
    assert.ok(meets({ clientAddress: '2001:db8:7fff::1' }, blocks))
    assert.ok(!meets({ clientAddress: '2001:db8:8000::1' }, blocks))
    assert.ok(meets({ clientAddress: 'fe80::1%eth0' }, source('fe80::/10')))
    assert.ok(meets({ clientAddress: '::1' }, source('::/0')))
    assert.ok(!meets({ clientAddress: '10.0.0.1' }, source('::/0')))
    assert.ok(meets({ clientAddress: '10.0.0.1' }, source('::ffff:10.0.0.0/104')))
  })

  test('ALB-LSN-205 X-Forwarded-For never meets it', () => {
    assert.ok(!meets({ headers: [['X-Forwarded-For', '192.0.2.5']] }, source('192.0.2.0/24')))
  })
})

// A reference that does what the rows say in the plainest way: patterns by trying every way, rules one by one.

function matchesPlainly(pattern: string, text: string, escapes = false): boolean {
  if (pattern === '') return text === ''
  const first = pattern.charAt(0)
  if (escapes && first === '\\' && /^\\[*?]/.test(pattern))
    return text.charAt(0) === pattern.charAt(1) && matchesPlainly(pattern.slice(2), text.slice(1), escapes)
  if (first === '*')
    return (
      matchesPlainly(pattern.slice(1), text, escapes) ||
      (text !== '' && matchesPlainly(pattern, text.slice(1), escapes))
    )
  if (text === '' || (first !== '?' && first !== text.charAt(0))) return false
  return matchesPlainly(pattern.slice(1), text.slice(1), escapes)
}

function decode(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

function bits(address: string): string {
  return address
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('')
}

function holdsPlainly(condition: ConditionUnit, parts: RequestParts): boolean {
  switch (condition.field) {
    case 'host-header': {
      const sent = (parts.host ?? '').toLowerCase().replace(/:.*$/, '').replace(/\.+$/, '')
      return sent !== '' && condition.values.some((value) => matchesPlainly(value.toLowerCase(), sent))
    }
    case 'path-pattern':
      return condition.values.some((value) =>
        matchesPlainly(value, new URL(`http://h${parts.path}`).pathname),
      )
    case 'http-header':
      return parts.headers.some(
        ([name, sent]) =>
          name.toLowerCase() === condition.headerName.toLowerCase() &&
          condition.values.some((value) => matchesPlainly(value.toLowerCase(), sent.toLowerCase())),
      )
    case 'http-request-method':
      return condition.values.includes(parts.method)
    case 'query-string': {
      const pairs = (parts.query ?? '').split('&').filter((pair) => pair !== '')
      const either = (pattern: string, text: string) =>
        [text, decode(text)].some((form) => matchesPlainly(pattern.toLowerCase(), form.toLowerCase(), true))
      return pairs.some((pair) => {
        const [key = '', ...rest] = pair.split('=')
        return condition.values.some(
          (wanted) =>
            (wanted.key === null || either(wanted.key, key)) && either(wanted.value, rest.join('=')),
        )
      })
    }
    case 'host-header-regex': {
      const [sent = '', port = ''] = (parts.host ?? '').toLowerCase().split(':')
      const bare = sent.replace(/\.+$/, '')
      const whole = port === '' ? bare : `${bare}:${port}`
      return bare !== '' && [whole, bare].some((text) => isInAny(condition.expressions, text, 'i'))
    }
    case 'path-pattern-regex':
      return isInAny(condition.expressions, new URL(`http://h${parts.path}`).pathname)
    case 'http-header-regex':
      return parts.headers.some(
        ([name, sent]) =>
          name.toLowerCase() === condition.headerName.toLowerCase() &&
          isInAny(condition.expressions, sent, 'i'),
      )
    case 'source-ip':
    default:
      return condition.values.some((block) => {
        const [base = '', length] = block.split('/')
        return bits(base).slice(0, Number(length)) === bits(parts.clientAddress).slice(0, Number(length))
      })
  }
}

function isInAny(expressions: readonly string[], text: string, flags = ''): boolean {
  return expressions.some((expression) => new RegExp(expression, flags).test(text))
}

function matchPlainly(rules: readonly RuleUnit[], parts: RequestParts): number {
  const sorted = rules.toSorted((one, other) => one.priority - other.priority)
  return sorted.find((one) => one.conditions.every((each) => holdsPlainly(each, parts)))?.priority ?? 0
}

const letters = (alphabet: string, maxLength: number, minLength = 0) =>
  fc.string({ unit: fc.constantFrom(...alphabet.split('')), minLength, maxLength })
const values = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 3 })
const octets = fc.tuple(...Array.from({ length: 4 }, () => fc.constantFrom(0, 1, 127, 128, 255)))
const addresses = octets.map((each) => each.join('.'))

const expressions = values(
  fc.constantFrom('^a', 'a$', '^/a/.*$', 'A|b', '[^a:]', 'a(a|A){2}', '^a:$', '/A?$'),
)

const conditions: fc.Arbitrary<ConditionUnit> = fc.oneof(
  expressions.map((each): ConditionUnit => ({ field: 'host-header-regex', expressions: each })),
  expressions.map((each): ConditionUnit => ({ field: 'path-pattern-regex', expressions: each })),
  expressions.map((each): ConditionUnit => ({
    field: 'http-header-regex',
    headerName: 'X-a',
    expressions: each,
  })),
  values(letters('aA.*?', 5, 1)).map((each) => host(...each)),
  values(letters('aA/*?', 5, 1).map((text) => `/${text}`)).map((each) => path(...each)),
  fc
    .tuple(fc.constantFrom('x', 'X-a', '_b'), values(letters('aAb*?', 4, 1)))
    .map(([name, each]) => header(name, ...each)),
  values(fc.constantFrom('GET', 'POST', 'get')).map((each) => method(...each)),
  values(fc.tuple(fc.option(letters('aB*?', 3, 1)), letters('aB=\\*?', 3, 1))).map((each) => query(...each)),
  values(
    fc.tuple(addresses, fc.nat({ max: 32 })).map(([address, length]) => `${address}/${String(length)}`),
  ).map((each) => source(...each)),
)

const requests: fc.Arbitrary<RequestParts> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'get', 'HEAD'),
  path: fc
    .array(fc.constantFrom('a', 'A', 'aa', '.', '..', ''), { maxLength: 4 })
    .map((all) => `/${all.join('/')}`),
  query: fc.option(letters('abB=&*\\', 8).map((text) => text.replaceAll('b', '%61'))),
  host: fc.option(letters('aA.', 4).chain((name) => fc.constantFrom(`a${name}`, `A${name}:`, `${name}a:81`))),
  headers: fc.array(fc.tuple(fc.constantFrom('x', 'X', 'x-A', '_B', 'other'), letters('aAbB', 4)), {
    maxLength: 4,
  }),
  clientAddress: addresses,
})

test('a compiled router answers like one that tries every rule in turn', () => {
  const ruleSets = fc
    .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 50000 }), fc.array(conditions, { maxLength: 3 })), {
      selector: ([priority]) => priority,
      maxLength: 70,
    })
    .map((all) => all.map(([priority, each]) => rule(priority, ...each)))
  fc.assert(
    fc.property(ruleSets, fc.array(requests, { minLength: 1, maxLength: 8 }), (rules, sent) => {
      const router = compileRouter(listener(rules))
      for (const parts of sent)
        assert.equal(router.match(request(parts)).priority, matchPlainly(rules, parts), JSON.stringify(parts))
    }),
    { numRuns: 300 },
  )
})

test('many rules with stars on one header tell values apart, new, known and long ones', () => {
  const rules = Array.from({ length: 9 }, (_, index) =>
    rule(index + 1, header('User-Agent', `*robot${index}.*`)),
  )
  const router = compileRouter(listener(rules))
  for (let round = 0; round < 700; round++) {
    const agent = `${round % 300} RoBot${round % 11}. ${'x'.repeat(round % 5 === 0 ? 600 : 0)}`
    const wanted = round % 11 < 9 ? (round % 11) + 1 : 0
    assert.equal(router.match(request({ headers: [['user-agent', agent]] })).priority, wanted)
  }
})

test('regular expressions: hosts with and without port, paths in their letter case, headers in any', () => {
  const router = compileRouter(
    listener([
      rule(1, { field: 'host-header-regex', expressions: ['^EXAMPLE\\.com:8443$'] }),
      rule(2, { field: 'host-header-regex', expressions: ['^www\\.example\\.com$', '^b'] }),
      rule(3, { field: 'path-pattern-regex', expressions: ['^/api/v[0-9]+/'] }),
      rule(4, { field: 'http-header-regex', headerName: 'User-Agent', expressions: ['chrome/1[0-9]{2}'] }),
    ]),
  )
  const priority = (parts: Partial<RequestParts>): number => router.match(request(parts)).priority
  assert.equal(priority({ host: 'example.com:8443' }), 1)
  assert.equal(priority({ host: 'example.com' }), 0)
  assert.equal(priority({ host: 'WWW.example.com:81' }), 2)
  assert.equal(priority({ host: 'B' }), 2)
  assert.equal(priority({ host: 'ab' }), 0)
  assert.equal(priority({ path: '/x/../api/v12/a' }), 3)
  assert.equal(priority({ path: '/API/v1/' }), 0)
  assert.equal(priority({ headers: [['user-agent', 'Mozilla Chrome/120']] }), 4)
  assert.equal(priority({ headers: [['user-agent', 'Mozilla Chrome/12']] }), 0)
  // ALB-LSN-139
  assert.equal(priority({ headers: [['user-agent', 'a\u0001Chrome/120']] }), 0)
})

test('hostile values take no more than a moment', () => {
  const hostile = 'a'.repeat(16_384)
  const pattern = `*${'a'.repeat(30)}?b*${'a'.repeat(30)}?b*`
  const router = compileRouter(listener([rule(1, path(`/${pattern}`), header('x', pattern))]))
  const before = performance.now()
  assert.equal(router.match(request({ path: `/${hostile}`, headers: [['x', hostile]] })).priority, 0)
  assert.ok(performance.now() - before < 1000)
})
