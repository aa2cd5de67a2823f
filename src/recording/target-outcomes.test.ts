import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Failure, failures } from '../exchange/failure.ts'
import { RequestRecord } from '../exchange/record.ts'
import { OutcomeTally, TargetTally } from './target-outcomes.ts'

/** Requests and errors that one request with this end counts. */
function counted(targetStatus: number, failure: Failure | null = null): string {
  const all = new OutcomeTally()
  const record = new RequestRecord()
  record.targetStatus = targetStatus
  record.failure = failure
  new TargetTally(all, 'group', 'a|80').ended(record)
  return all
    .take()
    .map(({ requests, errors }) => `${requests} ${errors}`)
    .join()
}

test('ALB-TG-108 answers with 5xx and failed connections are errors; 4xx, slow and malformed answers are not', () => {
  for (const status of [500, 502, 503, 599]) assert.equal(counted(status), '1 1', String(status))
  for (const status of [101, 200, 302, 404, 499]) assert.equal(counted(status), '1 0', String(status))
  for (const failure of [failures.targetConnectFailed, failures.targetConnectTimeout, failures.targetClosed])
    assert.equal(counted(0, failure), '1 1', failure.code)
  assert.equal(counted(200, failures.targetClosed), '1 1', 'a reset within the answer')
  assert.equal(counted(0, failures.targetTimeout), '1 0')
  assert.equal(counted(0, failures.malformedResponse), '1 0')
})

test('a request that says nothing of its target is not counted', () => {
  for (const failure of [failures.clientClosed, failures.clientClosedInBody, failures.targetDeregistered])
    assert.equal(counted(0, failure), '', failure.code)
})

test('only targets with requests are reported, each once', () => {
  const all = new OutcomeTally()
  const [a, b] = [new TargetTally(all, 'group', 'a|80'), new TargetTally(all, 'group', 'b|80')]
  const record = new RequestRecord()
  record.targetStatus = 200
  a.ended(record)
  record.targetStatus = 500
  a.ended(record)
  assert.deepEqual(all.take(), [{ targetGroup: 'group', target: 'a|80', requests: 2, errors: 1 }])
  assert.deepEqual(all.take(), [])
  b.ended(record)
  assert.deepEqual(all.take(), [{ targetGroup: 'group', target: 'b|80', requests: 1, errors: 1 }])
})
