import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ApiError } from '../errors.ts'
import { changedHealthCheck, defaultHealthCheck, type HealthCheckKind } from './health-check-settings.ts'

/** The matcher that is stored for `codes`, or undefined where they are refused. */
function matcherOf(kind: HealthCheckKind, codes: string): string | undefined {
  try {
    const Matcher = kind === 'GRPC' ? { GrpcCode: codes } : { HttpCode: codes }
    return changedHealthCheck(defaultHealthCheck(kind), kind, { Matcher }).matcher
  } catch (error) {
    assert.ok(error instanceof ApiError && error.code === 'ValidationError', String(error))
    return undefined
  }
}

const LIMITS = [
  ['HTTP1', 200, 499],
  ['HTTP2', 200, 499],
  ['lambda', 200, 499],
  ['GRPC', 0, 99],
] as const

test('ALB-TG-214, 215 ALB-TG OQ-20 property: lists of codes and ranges are accepted, blanks around commas or not', () => {
  for (const [kind, min, max] of LIMITS) {
    const code = fc.integer({ min, max })
    const part = fc.oneof(
      code.map(String),
      fc.tuple(code, code).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    )
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), fc.boolean(), (parts, hasBlanks) => {
        assert.equal(matcherOf(kind, parts.join(hasBlanks ? ' , ' : ',')), parts.join(','))
      }),
    )
  }
})

test('ALB-TG-214, 215 property: a range that leaves the limits, or runs backwards, is refused', () => {
  for (const [kind, min, max] of LIMITS) {
    const outside = fc.integer({ min: 0, max: 999 }).filter((code) => code < min || code > max)
    fc.assert(
      fc.property(outside, fc.integer({ min, max }), (bad, good) => {
        const [low, high] = [Math.min(bad, good), Math.max(bad, good)]
        for (const codes of [`${bad}`, `${good},${bad}`, `${low}-${high}`]) {
          assert.equal(matcherOf(kind, codes), undefined)
        }
        if (good > min) assert.equal(matcherOf(kind, `${good}-${good - 1}`), undefined)
      }),
    )
  }
})

test('property: whatever the settings are, they come out within their limits or are refused', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('/', '.', 'a', '1', '-', ',', ' ', '\r') }),
  )
  const input = fc.record(
    {
      HealthCheckPath: text,
      HealthCheckPort: text,
      HealthCheckProtocol: fc.constantFrom('HTTP', 'HTTPS', 'TCP', ''),
      HealthCheckIntervalSeconds: fc.integer({ min: 5, max: 300 }),
      HealthCheckTimeoutSeconds: fc.integer({ min: 2, max: 120 }),
      Matcher: fc.record({ HttpCode: text }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.constantFrom('HTTP1', 'HTTP2', 'GRPC', 'lambda'), input, (kind, settings) => {
      const old = defaultHealthCheck(kind)
      try {
        const { path, port, matcher, intervalSeconds, timeoutSeconds } = changedHealthCheck(
          old,
          kind,
          settings,
        )
        assert.match(path, /^\/[\x21-\x7e]*$/)
        assert.match(port, /^(?:traffic-port|\d{1,5})$/)
        assert.match(matcher, /^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/)
        assert.ok(timeoutSeconds < intervalSeconds)
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
      }
    }),
  )
})
