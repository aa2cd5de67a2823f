// What the pages name is there: other pages and their sections, files, folders of the source, commands.

import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { tableOf } from './tables.ts'

/** Names that stand for what is to be made. */
const PLACEHOLDER = /[A-Z]{4,}|^x\./

const pages = ['README.md', 'CONTRIBUTING.md', 'spec/README.md', ...globSync('docs/**/*.md')]
const files = globSync(['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'])

function textOf(page: string): string {
  return readFileSync(page, 'utf8')
}

/** Names of the sections of a page, as links have them. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** What links of a page name and is not there. */
function deadLinks(page: string): readonly string[] {
  const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => {
    if (/^https?:/.test(link)) return false
    const [path = '', anchor] = link.split('#')
    const named = path === '' ? page : normalize(join(dirname(page), path))
    if (!existsSync(named)) return true
    return anchor !== undefined && !anchorsOf(named).has(anchor)
  })
}

/** Source files that a page names, by a part of their path, and that are not there. */
function missingFiles(page: string): readonly string[] {
  const named = [...textOf(page).matchAll(/`([\w@/.-]+\.ts)`/g)].map(([, name = '']) => name)
  return named.filter((name) => {
    if (PLACEHOLDER.test(name)) return false
    return !files.some((file) => file === name || file.endsWith(`/${name}`))
  })
}

for (const page of pages) {
  test(`what ${page} leads to is there`, () => {
    assert.deepEqual(deadLinks(page), [])
    assert.deepEqual(missingFiles(page), [])
  })
}

test('commands that pages name are those of package.json', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const named = pages.flatMap((page) => [...textOf(page).matchAll(/\bnpm run ([a-z][a-z:]*)/g)])
  assert.ok(named.length > 0)
  const missing = named.filter(([, name = '']) => scripts[name] === undefined)
  assert.deepEqual(
    missing.map(([text]) => text),
    [],
  )
})

test('every folder of the source has its sentence', () => {
  const page = textOf('docs/architecture.md')
  const told = ['data plane', 'control plane'].map((plane) => tableOf(page, `folder of the ${plane}`))
  const rows = [...told, tableOf(page, 'shared folder')].flatMap(([, ofTable]) => ofTable)
  const folders = globSync('src/*/').map((path) => `${path.slice('src/'.length).replace(/\/$/, '')}/`)
  assert.deepEqual(new Set(rows.map(([folder]) => folder)), new Set(folders))
  assert.deepEqual(
    rows.filter(([, sentence = '']) => sentence.length < 10),
    [],
  )
})
