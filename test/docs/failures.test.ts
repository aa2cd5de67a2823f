// The table of docs/failures.md has a row for every failure, in the order of the code, with the values of the code.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Failure, failures } from '../../src/exchange/failure.ts'
import { tableOf } from './tables.ts'

const [, rows] = tableOf(readFileSync('docs/failures.md', 'utf8'), 'code')

/** The row of a failure as the table has it, without its trigger. */
function rowOf(failure: Failure): readonly string[] {
  const { code, status, source, retry, grpcStatus, targetFault, logReason, metric, closesClient } = failure
  return [
    code,
    String(status),
    source,
    retry,
    String(grpcStatus),
    targetFault,
    logReason ?? '',
    metric ?? '',
    closesClient ? 'yes' : 'no',
  ]
}

test('the failure table of the docs is that of the code', () => {
  assert.deepEqual(
    rows.map((row) => row.slice(0, -1)),
    Object.values(failures).map(rowOf),
  )
})

test('every failure of the table says what triggers it', () => {
  const silent = rows.filter((row) => row.at(-1) === '')
  assert.deepEqual(silent, [])
})
