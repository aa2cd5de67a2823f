import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-acm'
import fc from 'fast-check'
import { ApiError } from '../errors.ts'
import { readModel, type Operation } from '../model.ts'
import { NO_CONSTRAINTS, type ConstraintTable } from './constraint-problems.ts'
import { jsonProtocol } from './json.ts'

const model = readModel('', '', sdk)

function operation(name: string): Operation {
  const found = model.operations.get(name)
  assert.ok(found)
  return found
}

function decode(name: string, body: string, constraints: ConstraintTable = NO_CONSTRAINTS): unknown {
  const headers = { 'x-amz-target': `CertificateManager.${name}` }
  const parsed = jsonProtocol.parse({ method: 'POST', url: '/', headers, body: Buffer.from(body) })
  assert.deepEqual([parsed.action, parsed.version], [name, ''])
  return parsed.decode(operation(name), constraints)
}

/** For `assert.throws`. */
function apiError(code: string, message: RegExp) {
  return (error: unknown): boolean =>
    error instanceof ApiError && error.code === code && message.test(error.message)
}

test('members have their types: texts, bytes, numbers, lists of structures; null is nothing', () => {
  const body = {
    Certificate: Buffer.from('leaf').toString('base64'),
    PrivateKey: Buffer.from('key').toString('base64'),
    CertificateArn: null,
    Tags: [{ Key: 'a', Value: '' }, { Key: 'b' }],
    Unknown: 1,
  }
  assert.deepEqual(decode('ImportCertificate', JSON.stringify(body)), {
    Certificate: Buffer.from('leaf'),
    PrivateKey: Buffer.from('key'),
    Tags: [{ Key: 'a', Value: '' }, { Key: 'b' }],
  })
  assert.deepEqual(decode('ListCertificates', ''), {})
  assert.deepEqual(decode('ListCertificates', '{"MaxItems":5}'), { MaxItems: 5 })
})

test('everything that is wrong with an input is named at once, without secrets', () => {
  assert.throws(
    () => decode('ImportCertificate', '{"Tags":[{"Value":1}],"Certificate":{}}'),
    apiError(
      'ValidationException',
      /^4 validation errors detected: .*'certificate' .*'privateKey' .*not be null.*'tags.1.member.key'.*'tags.1.member.value'/,
    ),
  )
  assert.throws(
    () => decode('ListCertificates', '{"MaxItems":1.5}'),
    apiError('ValidationException', /an integer/),
  )
  const constraints: ConstraintTable = {
    members: { 'ImportCertificateRequest.PrivateKey': { max: 3, isSecret: true } },
    items: {},
  }
  const body = JSON.stringify({ Certificate: '', PrivateKey: Buffer.from('hidden').toString('base64') })
  assert.throws(
    () => decode('ImportCertificate', body, constraints),
    apiError(
      'ValidationException',
      /: Value at 'privateKey' failed to satisfy constraint: Member must have length less than or equal to 3$/,
    ),
  )
  for (const text of ['[]', 'null', '1', '{', '"a"']) {
    assert.throws(
      () => decode('ListCertificates', text),
      apiError('SerializationException', /not a JSON object/),
    )
  }
})

test('more values than any input has are refused, fewer bad ones are counted and the first hundred are named', () => {
  const body = (count: number): string => JSON.stringify({ CertificateStatuses: Array(count).fill(1) })
  assert.throws(
    () => decode('ListCertificates', body(10_000)),
    apiError('ValidationError', /too many values/),
  )
  assert.throws(
    () => decode('ListCertificates', body(8000)),
    (error) => {
      assert.ok(error instanceof ApiError)
      assert.match(error.message, /^8000 validation errors detected: /)
      return error.message.split('; ').length === 100
    },
  )
  const items = { 'ListCertificatesRequest.CertificateStatuses': { min: 100, values: ['ISSUED'] } }
  const texts = JSON.stringify({ CertificateStatuses: Array(8000).fill('') })
  assert.throws(
    () => decode('ListCertificates', texts, { members: {}, items }),
    apiError('ValidationException', /^16000 validation errors detected: /),
  )
})

test('any body is decoded or refused', () => {
  const names = [...model.operations.keys()]
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.oneof(fc.json(), fc.string()), (name, body) => {
      try {
        decode(name, body)
      } catch (error) {
        assert.ok(error instanceof ApiError, String(error))
      }
    }),
  )
})

test('answers are JSON with dates in seconds and bytes in base64, errors have a type', () => {
  const output = {
    Certificate: { CertificateArn: 'a', CreatedAt: new Date(1500), InUseBy: ['b'], Serial: undefined },
  }
  assert.deepEqual(
    JSON.parse(jsonProtocol.encodeOutput(model, operation('DescribeCertificate'), output, 'id')),
    {
      Certificate: { CertificateArn: 'a', CreatedAt: 1.5, InUseBy: ['b'] },
    },
  )
  const error = jsonProtocol.encodeError('', { code: 'X', message: '"quoted"', status: 400 }, 'id')
  assert.deepEqual(JSON.parse(error), { __type: 'X', message: '"quoted"' })
})

test('an operation without input takes an empty object, and whatever else comes', () => {
  for (const body of ['', '{}', '{"Unknown":1}'])
    assert.deepEqual(decode('GetAccountConfiguration', body), {})
})
