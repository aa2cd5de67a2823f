// Prints which requirement rows of spec/ no test cites, by file and section, with totals; with --cited, those that are
// cited and by which test file. Exits with 1 when a test cites an ID that no row has, a title cites more rows than a test can
// prove, or two rows share an ID.

import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { citedIds, testTitles, tooManyRows } from './spec/citations.ts'
import { readRows } from './spec/rows.ts'
import type { Row } from './spec/rows.ts'

const REQUIREMENT_WIDTH = 100

const { values: options } = parseArgs({ options: { cited: { type: 'boolean', default: false } } })

const rows = globSync('spec/*.md')
  .toSorted()
  .flatMap((file) => readRows(basename(file), readFileSync(file, 'utf8')))

const titles = globSync(['src/**/*.test.ts', 'test/**/*.ts'])
  .toSorted()
  .flatMap((file) => testTitles(readFileSync(file, 'utf8')).map((title) => ({ file, title })))

const citedBy = new Map<string, Set<string>>()
for (const { file, title } of titles) {
  for (const id of citedIds(title)) citedBy.set(id, (citedBy.get(id) ?? new Set()).add(file))
}

const known = new Set(rows.map((row) => row.id))
const problems = [
  ...[...citedBy]
    .filter(([id]) => !known.has(id))
    .map(([id, files]) => `${id} is cited by ${[...files].join(', ')} but no row has it`),
  ...rows
    .filter((row, index) => rows.findIndex((other) => other.id === row.id) !== index)
    .map((row) => `${row.id} stands twice`),
  ...titles.flatMap(({ file, title }) => tooManyRows(file, title) ?? []),
]

const totals: string[] = []
for (const [file, ofFile] of Map.groupBy(rows, (row) => row.file)) {
  console.log(`# ${file}`)
  for (const [section, ofSection] of Map.groupBy(ofFile, (row) => row.section)) {
    const shown = ofSection.filter((row) => citedBy.has(row.id) === options.cited)
    if (shown.length === 0) continue
    console.log(`\n## ${section}: ${citedCount(ofSection)} of ${ofSection.length} cited`)
    for (const row of shown) console.log(line(row))
  }
  console.log('')
  totals.push(`${file}: ${citedCount(ofFile)} of ${ofFile.length} rows cited`)
}
console.log([...totals, `all: ${citedCount(rows)} of ${rows.length} rows cited`].join('\n'))

if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exitCode = 1
}

function citedCount(some: readonly Row[]): number {
  return some.filter((row) => citedBy.has(row.id)).length
}

function line(row: Row): string {
  const files = citedBy.get(row.id)
  if (files !== undefined) return `${row.id}  ${[...files].join(', ')}`
  const text = row.requirement
  return `${row.id}  ${text.length > REQUIREMENT_WIDTH ? `${text.slice(0, REQUIREMENT_WIDTH)}…` : text}`
}
