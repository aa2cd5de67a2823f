// Which folder of src/ may import which: the table of docs/architecture.md as data, checked against every import; and
// that no files import each other in a circle, not even for their types.
// Changing the table is a design decision, so the commit that does it says why.

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { test } from 'node:test'
import { tableOf } from './docs/tables.ts'

type Plane = 'data' | 'control' | 'shared'

const LAYERS: Readonly<Record<string, { readonly level: number; readonly plane: Plane }>> = {
  sockets: { level: 0, plane: 'data' },
  wire: { level: 0, plane: 'shared' },
  model: { level: 0, plane: 'shared' },
  clock: { level: 0, plane: 'shared' },
  exchange: { level: 1, plane: 'data' },
  snapshot: { level: 1, plane: 'shared' },
  store: { level: 1, plane: 'control' },
  certificates: { level: 2, plane: 'control' },
  directory: { level: 2, plane: 'control' },
  zones: { level: 2, plane: 'control' },
  listener: { level: 2, plane: 'data' },
  upstream: { level: 2, plane: 'data' },
  routing: { level: 2, plane: 'data' },
  targets: { level: 2, plane: 'data' },
  actions: { level: 2, plane: 'data' },
  recording: { level: 2, plane: 'data' },
  api: { level: 3, plane: 'control' },
  health: { level: 3, plane: 'control' },
  metrics: { level: 3, plane: 'control' },
  dns: { level: 4, plane: 'control' },
  delivery: { level: 4, plane: 'control' },
  caretakers: { level: 4, plane: 'control' },
  console: { level: 4, plane: 'control' },
  demo: { level: 4, plane: 'control' },
  publishing: { level: 4, plane: 'control' },
  worker: { level: 5, plane: 'data' },
  control: { level: 5, plane: 'control' },
  supervisor: { level: 6, plane: 'shared' },
  cli: { level: 6, plane: 'shared' },
  main: { level: 6, plane: 'shared' },
}

/** Protocol parsers and the exchange know bytes and messages only. */
const BYTES_ONLY: ReadonlySet<string> = new Set(['wire', 'exchange'])
const STREAM_MODULES: ReadonlySet<string> = new Set(['node:stream', 'node:http', 'node:http2', 'node:https'])

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"\n]+)['"]/g

interface Import {
  readonly file: string
  readonly specifier: string
}

function importsOf(file: string, source: string): Import[] {
  return [...source.matchAll(IMPORT)].map(([, specifier = '']) => ({ file, specifier }))
}

/** Folder below src/, or the file's name without extension for files that lie in src/ itself. */
function folderOf(path: string): string {
  const [, first = '', ...rest] = normalize(path).split(sep)
  return rest.length === 0 ? first.replace(/(?:\.test)?\.ts$/, '') : first
}

/** Why the import is wrong, or `null`. */
function objection({ file, specifier }: Import): string | null {
  const from = folderOf(file)
  const fromLayer = LAYERS[from]
  if (fromLayer === undefined) return `${file}: folder ${from} has no layer`
  if (!specifier.startsWith('.')) {
    const isStream = BYTES_ONLY.has(from) && STREAM_MODULES.has(specifier) && !file.endsWith('.test.ts')
    return isStream ? `${file} imports ${specifier}` : null
  }
  const path = normalize(join(dirname(file), specifier))
  if (!path.startsWith(`src${sep}`)) return path === 'package.json' ? null : `${file} imports ${path}`
  const to = folderOf(path)
  if (to === from) return null
  const toLayer = LAYERS[to]
  if (toLayer === undefined) return `${file}: folder ${to} has no layer`
  if (fromLayer.level === 6) return toLayer.level <= 6 ? null : `${file} imports ${to}`
  const isPlaneAllowed = toLayer.plane === 'shared' || toLayer.plane === fromLayer.plane
  return toLayer.level < fromLayer.level && isPlaneAllowed ? null : `${file} imports ${to}`
}

function objects(file: string, specifier: string): boolean {
  return objection({ file, specifier }) !== null
}

type ImportsByFile = ReadonlyMap<string, readonly string[]>

/** Files of src/ that each file imports. */
function importGraph(): ImportsByFile {
  return new Map(
    globSync('src/**/*.ts').map((file) => {
      const relative = importsOf(file, readFileSync(file, 'utf8')).filter(({ specifier }) =>
        specifier.startsWith('.'),
      )
      return [file, relative.map(({ specifier }) => normalize(join(dirname(file), specifier)))]
    }),
  )
}

/** Groups of files of which each imports each, if only by way of others. */
function circles(graph: ImportsByFile): readonly string[] {
  const reached = new Map([...graph.keys()].map((file) => [file, reachedFrom(graph, file)]))
  const found = new Set<string>()
  for (const [file, those] of reached) {
    if (!those.has(file)) continue
    const circle = [...those].filter((other) => reached.get(other)?.has(file) === true)
    found.add(circle.toSorted().join(', '))
  }
  return [...found]
}

/** The file itself is among them only if it is in a circle. */
function reachedFrom(graph: ImportsByFile, file: string): ReadonlySet<string> {
  const reached = new Set<string>()
  const open = [file]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const imported of graph.get(next) ?? []) {
      if (reached.has(imported)) continue
      reached.add(imported)
      open.push(imported)
    }
  }
  return reached
}

test('imports point from higher layers to lower ones of the same plane', () => {
  const objections: string[] = []
  const files = globSync('src/**/*.ts')
  assert.ok(files.length > 0, 'run in the root of the project')
  for (const file of files) {
    for (const found of importsOf(file, readFileSync(file, 'utf8'))) {
      const wrong = objection(found)
      if (wrong !== null) objections.push(wrong)
    }
  }
  assert.deepEqual(objections, [])
})

test('the layer check objects to imports that go up, sideways or across the planes', () => {
  assert.ok(objects('src/wire/a.ts', '../listener/b.ts'))
  assert.ok(objects('src/routing/a.ts', '../targets/b.ts'))
  assert.ok(objects('src/worker/a.ts', '../store/b.ts'))
  assert.ok(objects('src/api/a.ts', '../listener/b.ts'))
  assert.ok(objects('src/unheard-of/a.ts', '../wire/b.ts'))
  assert.ok(objects('src/wire/a.ts', 'node:stream'))
  assert.ok(objects('src/api/a.ts', '../../test/b.ts'))
  assert.ok(objects('src/health/a.ts', '../upstream/b.ts'))
  assert.ok(!objects('src/worker/a.ts', '../recording/b.ts'))
  assert.ok(!objects('src/health/a.ts', '../wire/b.ts'))
  assert.ok(!objects('src/main.ts', './control/b.ts'))
})

test('no files import each other in a circle', () => {
  assert.deepEqual(circles(importGraph()), [])
})

test('the check for circles finds them by way of other files, and one file that imports itself', () => {
  const graph = new Map([
    ['a', ['b', 'x']],
    ['b', ['c']],
    ['c', ['a', 'd']],
    ['d', []],
    ['e', ['e', 'a']],
    ['f', ['a', 'd']],
  ])
  assert.deepEqual(circles(graph), ['a, b, c', 'e'])
})

test('the table of the docs is the one that is checked', () => {
  const [head, rows] = tableOf(readFileSync('docs/architecture.md', 'utf8'), 'level')
  const planes = head.slice(1).map((title) => title.replace(' plane', ''))
  const told = rows.flatMap(([level, ...cells]) =>
    cells.flatMap((cell, column) =>
      [...cell.matchAll(/[a-z]+/g)].map(([folder]) => `${level} ${planes[column]} ${folder}`),
    ),
  )
  const checked = Object.entries(LAYERS).map(([folder, { level, plane }]) => `${level} ${plane} ${folder}`)
  assert.deepEqual(told.toSorted(), checked.toSorted())
})
