import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { elbv2Model } from '../elbv2/api.ts'
import { elbv2Constraints } from '../elbv2/constraints.ts'
import { ApiError } from '../errors.ts'
import type { Operation } from '../model.ts'
import { parseParameters } from './query-decoder.ts'
import { decodeInput } from './query.ts'

function operation(name: string): Operation {
  return elbv2Model.operations.get(name) ?? assert.fail(`no operation ${name}`)
}

function decode(name: string, form: string): Record<string, unknown> {
  return decodeInput(operation(name).input, parseParameters(form), elbv2Constraints)
}

function problem(code: string, message: string | RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof ApiError)
    assert.equal(error.code, code)
    if (typeof message === 'string') assert.equal(error.message, message)
    else assert.match(error.message, message)
    return true
  }
}

test('nested lists, structures and numbers become the typed input', () => {
  const input = decode(
    'CreateRule',
    'ListenerArn=l&Priority=10&Conditions.member.1.Field=path-pattern&Conditions.member.1.Values.member.1=%2Fimg%2F*' +
      '&Actions.member.1.Type=forward&Actions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn=t' +
      '&Actions.member.1.ForwardConfig.TargetGroups.member.1.Weight=5' +
      '&Actions.member.1.ForwardConfig.TargetGroupStickinessConfig.Enabled=true',
  )
  assert.deepEqual(input, {
    ListenerArn: 'l',
    Priority: 10,
    Conditions: [{ Field: 'path-pattern', Values: ['/img/*'] }],
    Actions: [
      {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: 't', Weight: 5 }],
          TargetGroupStickinessConfig: { Enabled: true },
        },
      },
    ],
  })
})

test('maps become objects without a prototype', () => {
  const parameters = 'AuthenticationRequestExtraParams.entry.1'
  const prefix = `Actions.member.1.AuthenticateOidcConfig.${parameters}`
  const { Actions } = decode(
    'CreateRule',
    `ListenerArn=l&Priority=1&Conditions=&Actions.member.1.Type=authenticate-oidc&Actions.member.1.AuthenticateOidcConfig.Issuer=i` +
      `&Actions.member.1.AuthenticateOidcConfig.AuthorizationEndpoint=a&Actions.member.1.AuthenticateOidcConfig.TokenEndpoint=t` +
      `&Actions.member.1.AuthenticateOidcConfig.UserInfoEndpoint=u&Actions.member.1.AuthenticateOidcConfig.ClientId=c` +
      `&${prefix}.key=__proto__&${prefix}.value=x`,
  )
  const [action] = Actions as { AuthenticateOidcConfig: { AuthenticationRequestExtraParams: object } }[]
  const extra = action?.AuthenticateOidcConfig.AuthenticationRequestExtraParams ?? {}
  assert.deepEqual(Object.keys(extra), ['__proto__'])
  assert.equal(Object.getPrototypeOf(extra), null)
})

test('list items come in numeric order and holes close up', () => {
  const { Names } = decode(
    'DescribeLoadBalancers',
    'Names.member.10=c&Names.member.9=b&Names.member.2=a&Names.member.0=x&Names.member.z=y&Names.member.1e3=w',
  )
  assert.deepEqual(Names, ['a', 'b', 'c'])
})

test('an empty list is a list, and unknown parameters are ignored', () => {
  assert.deepEqual(decode('SetSecurityGroups', 'LoadBalancerArn=a&SecurityGroups=&Colour=red&Colour.x.y=z'), {
    LoadBalancerArn: 'a',
    SecurityGroups: [],
  })
})

test('the last of several values for one name counts', () => {
  assert.deepEqual(decode('DescribeLoadBalancers', 'PageSize=1&PageSize=2'), { PageSize: 2 })
})

test('ALB-LSN-149 the spelling of header conditions that the guide prints is understood', () => {
  const { Conditions } = decode(
    'CreateRule',
    'ListenerArn=l&Priority=1&Actions=&Conditions.member.1.Field=http-header' +
      '&Conditions.member.1.HTTPHeaderConfig.HTTPHeaderName=User-Agent&Conditions.member.1.HTTPHeaderConfig.Values.member.1=*x*',
  )
  assert.deepEqual(Conditions, [
    { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'User-Agent', Values: ['*x*'] } },
  ])
})

test('a missing required member is named in AWS words', () => {
  assert.throws(
    () => decode('CreateLoadBalancer', ''),
    problem(
      'ValidationError',
      "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
    ),
  )
})

test('all problems of a request are reported together', () => {
  assert.throws(
    () => decode('CreateRule', 'ListenerArn=l&Priority=50001&Conditions=&Actions.member.1.Type=foo'),
    problem(
      'ValidationError',
      /^2 validation errors detected: Value '50001' at 'priority' failed to satisfy constraint: Member must have value less than or equal to 50000; Value 'foo' at 'actions\.1\.member\.type' failed to satisfy constraint: Member must satisfy enum value set: \[.*, forward, .*\]$/,
    ),
  )
})

test('numbers that are none are refused', () => {
  for (const port of ['', 'abc', '80.5', '1e3', '0x50', ' 80', '99999999999999999999']) {
    const form = new URLSearchParams({ ListenerArn: 'l', Port: port }).toString()
    assert.throws(() => decode('ModifyListener', form), problem('ValidationError', /'port'/), port)
  }
})

function tag(length: number): string {
  return new URLSearchParams({
    'ResourceArns.member.1': 'a',
    'Tags.member.1.Key': '𝕏'.repeat(length),
  }).toString()
}

test('ALB-LB-409 lengths are counted in characters, not in units of the encoding', () => {
  assert.ok(decode('AddTags', tag(128)))
  assert.throws(
    () => decode('AddTags', tag(129)),
    problem('ValidationError', /length less than or equal to 128/),
  )
})

test('too many and too deep parameters are refused before they cost anything', () => {
  const many = Array.from({ length: 8193 }, (_, index) => `Names.member.${index}=a`).join('&')
  assert.throws(() => parseParameters(many), problem('MalformedQueryString', /too many/))
  assert.throws(
    () => parseParameters(`${'a.'.repeat(100_000)}a=1`),
    problem('MalformedQueryString', /too deep/),
  )
})

test('property: whatever comes, the decoder gives an input or an ApiError', () => {
  const names = [...elbv2Model.operations.keys()]
  const part = fc.oneof(
    fc.constantFrom('member', 'entry', 'key', 'value', '1', '2', '0', '-1', '__proto__', 'constructor', ''),
    fc.constantFrom(
      'Tags',
      'Key',
      'Value',
      'Actions',
      'Conditions',
      'Names',
      'Type',
      'Port',
      'Priority',
      'Weight',
    ),
    fc.constantFrom('ForwardConfig', 'TargetGroups', 'RedirectConfig', 'Subnets', 'Matcher', 'Attributes'),
    fc.string({ maxLength: 6 }),
  )
  const pair = fc.tuple(
    fc.array(part, { minLength: 1, maxLength: 18 }).map((parts) => parts.join('.')),
    fc.oneof(fc.string(), fc.constantFrom('true', '1', '-1', '1e9', 'HTTP', '\u0000', '\ud800')),
  )
  const encoded = fc.array(pair, { maxLength: 30 }).map((pairs) => new URLSearchParams(pairs).toString())
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.oneof(encoded, fc.string()), (name, form) => {
      try {
        assert.equal(typeof decode(name, form), 'object')
      } catch (error) {
        assert.ok(error instanceof ApiError, String(error))
      }
    }),
    { numRuns: 500 },
  )
})

test('property: what a client encodes is what the handler gets', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 })
  fc.assert(
    fc.property(fc.array(text, { maxLength: 12 }), (values) => {
      const pairs = values.map((value, index) => [`LoadBalancerArns.member.${index + 1}`, value])
      const form = new URLSearchParams(pairs).toString()
      const { LoadBalancerArns = [] } = decode('DescribeLoadBalancers', form)
      assert.deepEqual(LoadBalancerArns, values)
    }),
    { numRuns: 200 },
  )
})
