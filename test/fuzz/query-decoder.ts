// Properties of the Query decoder: whatever a form holds, decoding it for whatever operation ends with an input or
// with an error that a caller may see, soon, and pollutes nothing.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { elbModel } from '../../src/api/elb/api.ts'
import { elbv2Model } from '../../src/api/elbv2/api.ts'
import { elbv2Constraints } from '../../src/api/elbv2/constraints.ts'
import { ApiError } from '../../src/api/errors.ts'
import { parseParameters } from '../../src/api/protocol/query-decoder.ts'
import { decodeInput } from '../../src/api/protocol/query.ts'
import { bytesTarget } from './target.ts'

const DECODE_TIME_MAX_MS = 1000

const operations = [elbModel, elbv2Model].flatMap((model) => [...model.operations.values()])
const names = [
  'Name',
  'LoadBalancerArn',
  'Subnets',
  'Tags',
  'Conditions',
  'Actions',
  'Matcher',
  'Targets',
  'Attributes',
  'member',
  'entry',
  'key',
  'value',
  'Key',
  'Value',
  'Values',
  'ForwardConfig',
  'TargetGroups',
  'Weight',
  'Port',
  'PageSize',
  'Priority',
  '1',
  '2',
  '03',
  '-1',
  '1e9',
  '9007199254740993',
  '__proto__',
  'constructor',
  'toString',
  '',
]
const values = [
  '',
  'a',
  'true',
  'false',
  'True',
  '0',
  '-5',
  '80',
  '1e400',
  'NaN',
  '0x10',
  '\0',
  'ü',
  '%',
  '\u{1F600}',
  'x'.repeat(300),
]

/** A form whose first parameter says for which operation it is decoded. */
const forms = fc
  .tuple(
    fc.integer({ min: 0, max: operations.length - 1 }),
    fc.array(
      fc.tuple(
        fc.array(fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 6 })), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.oneof(fc.constantFrom(...values), fc.string()),
      ),
      { maxLength: 40 },
    ),
    fc.oneof(
      { weight: 4, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
    ),
  )
  .map(([operation, parameters, tail]) => {
    const pairs = parameters.map(([path, value]) => [path.join('.'), value])
    return Buffer.from(`${operation}\n${new URLSearchParams(pairs).toString()}${tail}`)
  })

/** What the fuzz runner knows of the Query decoder. */
export const queryDecoderTarget = bytesTarget('query-decoder', forms, (bytes) => {
  const text = bytes.toString()
  const end = text.indexOf('\n')
  const operation = operations[Number(text.slice(0, end))]
  if (operation === undefined) return
  const start = performance.now()
  try {
    const input = decodeInput(operation.input, parseParameters(text.slice(end + 1)), elbv2Constraints)
    assert.equal(typeof input, 'object')
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error))
    assert.notEqual(error.code, 'InternalFailure')
  }
  assert.ok(performance.now() - start < DECODE_TIME_MAX_MS)
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  assert.equal(Object.keys(Object.prototype).length, 0)
})
