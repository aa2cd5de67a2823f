import assert from 'node:assert/strict'
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { temporaryFolder } from '../support/temporary-folder.ts'
import { citedIds, testTitles, tooManyRows } from './citations.ts'
import { readRows } from './rows.ts'

test('citations are read with ranges and lists', () => {
  assert.deepEqual(citedIds('X-Y-007 a single row'), ['X-Y-007'])
  assert.deepEqual(citedIds('X-Y-172..175 a range'), ['X-Y-172', 'X-Y-173', 'X-Y-174', 'X-Y-175'])
  assert.deepEqual(citedIds('X-Y-098 … 101'), ['X-Y-098', 'X-Y-099', 'X-Y-100', 'X-Y-101'])
  assert.deepEqual(citedIds('X-Y-189, 190 and 192 a list'), ['X-Y-189', 'X-Y-190', 'X-Y-192'])
  assert.deepEqual(citedIds('X-Y-001..002, 005, A-010 mixed'), ['X-Y-001', 'X-Y-002', 'X-Y-005', 'A-010'])
  assert.deepEqual(citedIds('X-Y-001, X-Y-003 whole IDs'), ['X-Y-001', 'X-Y-003'])
})

test('numbers that are no part of a citation are left alone', () => {
  assert.deepEqual(citedIds('X-Y-001 answers 200, 404'), ['X-Y-001'])
  assert.deepEqual(citedIds('X-Y-001, 16384 bytes'), ['X-Y-001'])
  assert.deepEqual(citedIds('no citation, 100'), [])
  assert.deepEqual(citedIds('UTF-8 and ISO-8859-1'), [])
})

test('titles are the literal first arguments of test calls', () => {
  const call = 'test'
  const source = [
    `${call}('one', () => {})`,
    `it.only(\n  "it's two", f)`,
    `describe(\`three \${n}\`, f)`,
    `// ${call}('not this')`,
    `${call}(name, f)`,
    `${call}('fo\\'ur', f)`,
  ].join('\n')
  assert.deepEqual(testTitles(source), ['one', "it's two", 'three ${n}', "fo\\'ur"])
})

test('a title may cite twelve rows, by range or list, and not one more', () => {
  assert.equal(tooManyRows('a.test.ts', 'X-Y-001..012 twelve'), null)
  assert.equal(tooManyRows('a.test.ts', 'X-Y-001..012, 012 X-Y-001 twelve, two of them again'), null)
  assert.equal(tooManyRows('a.test.ts', 'none'), null)
  assert.equal(
    tooManyRows('test/a.test.ts', 'X-Y-001..010, 012 and 014 A-010 thirteen'),
    'test/a.test.ts: a title cites 13 rows, more than the 12 that a test can prove: X-Y-001..010, 012 and 014 A-010 thirteen',
  )
})

test('the report fails, with file and title, when a title cites too many rows', () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'spec'))
  mkdirSync(join(folder, 'test'))
  const rows = Array.from(
    { length: 13 },
    (_, index) => `| X-Y-${String(index + 1).padStart(3, '0')} | says |`,
  )
  writeFileSync(join(folder, 'spec/one.md'), rows.join('\n'))
  const report = (title: string): SpawnSyncReturns<string> => {
    writeFileSync(join(folder, 'test/one.test.ts'), `test('${title}', () => {})`)
    const script = join(import.meta.dirname, '../spec.ts')
    return spawnSync(process.execPath, [script], { cwd: folder, encoding: 'utf8' })
  }
  const refused = report('X-Y-001..013 everything')
  assert.equal(refused.status, 1)
  assert.match(refused.stderr, /^test\/one\.test\.ts: .*13 rows.*: X-Y-001\.\.013 everything$/m)
  const taken = report('X-Y-001..012 nearly everything')
  assert.equal(taken.status, 0)
  assert.match(taken.stdout, /^all: 12 of 13 rows cited$/m)
})

test('rows are the table lines that begin with an ID, under their heading', () => {
  const markdown =
    '## Part\n| ID | Requirement |\n|---|---|\n| A-B-001 | says `x\\|y` | check |\ntext A-B-002\n'
  assert.deepEqual(readRows('f.md', markdown), [
    { id: 'A-B-001', requirement: 'says `x\\|y`', file: 'f.md', section: 'Part' },
  ])
})
