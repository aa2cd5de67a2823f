import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProbeResult } from './question.ts'
import { TargetRecord } from './target-record.ts'

const thresholds = { healthyThreshold: 3, unhealthyThreshold: 2, matches: (code: number) => code === 200 }
const code = (value: number): ProbeResult => ({ type: 'code', code: value })

function after(...results: readonly ProbeResult[]): TargetRecord {
  const record = new TargetRecord()
  for (const result of results) {
    record.checking()
    record.record(result, thresholds)
  }
  return record
}

test('ALB-TG-216 ALB-TG-225 ALB-TG-227 a target is initial until its checks say more', () => {
  const record = new TargetRecord()
  assert.deepEqual(record.health, {
    state: 'initial',
    reason: 'Elb.RegistrationInProgress',
    description: 'Target registration is in progress',
  })
  record.checking()
  assert.deepEqual(record.health, {
    state: 'initial',
    reason: 'Elb.InitialHealthChecking',
    description: 'Initial health checks in progress',
  })
  assert.equal(after(code(500)).health.state, 'initial')
})

test('ALB-TG-189 ALB-TG-217 ALB-TG-222 ALB-OBS-440 one success makes a new target healthy', () => {
  assert.deepEqual(after(code(200)).health, { state: 'healthy' })
  assert.deepEqual(after(code(500), code(200)).health, { state: 'healthy' })
})

test('ALB-TG-198 consecutive failures make a healthy target unhealthy', () => {
  assert.equal(after(code(200), code(500)).health.state, 'healthy')
  assert.equal(after(code(200), code(500), code(200), code(500)).health.state, 'healthy')
  assert.equal(after(code(200), code(500), code(500)).health.state, 'unhealthy')
})

test('ALB-TG-199 consecutive successes make an unhealthy target healthy again', () => {
  const down = [code(500), code(500)]
  assert.equal(after(...down, code(200), code(200)).health.state, 'unhealthy')
  assert.equal(after(...down, code(200), code(200), code(500), code(200)).health.state, 'unhealthy')
  assert.equal(after(...down, code(200), code(200), code(200)).health.state, 'healthy')
})

test('ALB-TG-218 ALB-TG-224 ALB-TG-226 ALB-TG-229 ALB-TG-235 ALB-TG-236 the reason is that of the last failure', () => {
  assert.deepEqual(after(code(401), code(401)).health, {
    state: 'unhealthy',
    reason: 'Target.ResponseCodeMismatch',
    description: 'Health checks failed with these codes: [401]',
  })
  assert.equal(
    after(code(500), code(503), code(500)).health.description,
    'Health checks failed with these codes: [500, 503]',
  )
  assert.deepEqual(after(code(500), { type: 'timeout' }).health, {
    state: 'unhealthy',
    reason: 'Target.Timeout',
    description: 'Request timed out',
  })
  assert.deepEqual(after(code(500), { type: 'failed' }).health, {
    state: 'unhealthy',
    reason: 'Target.FailedHealthChecks',
    description: 'Health checks failed',
  })
  assert.deepEqual(after(code(500), { type: 'internal-error' }).health, {
    state: 'unhealthy',
    reason: 'Elb.InternalError',
    description: 'Health checks failed due to an internal error',
  })
})

test('ALB-TG-241 new settings keep the state and start the counts anew', () => {
  const record = after(code(200), code(500))
  record.resetCounts()
  record.record(code(500), thresholds)
  assert.equal(record.health.state, 'healthy')
  record.record(code(500), thresholds)
  assert.equal(record.health.state, 'unhealthy')
})
