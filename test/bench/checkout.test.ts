import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkOut, commitOf } from '../../bench/checkout.ts'
import { commandOf } from '../../bench/evenkeel.ts'

test('Another revision gets a folder with its own files and packages, and its own program is started', () => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-'))
  try {
    const commit = commitOf('HEAD')
    assert.ok(commit !== null)
    const { name, root } = checkOut('HEAD', commit, join(folder, 'checkout'))
    assert.equal(name, 'evenkeel@HEAD')
    const main = execFileSync('git', ['show', `${commit}:src/main.ts`], { encoding: 'utf8' })
    const [, script = ''] = commandOf(root, join(folder, 'data'), 1)
    assert.ok(script.startsWith(folder), script)
    assert.equal(readFileSync(script, 'utf8'), main)
    assert.ok(existsSync(join(root, 'node_modules', 'commander')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  assert.ok(existsSync('node_modules/commander'), 'the packages that were linked are still there')
})

test('What names no commit is told from what does', () => {
  assert.equal(commitOf('no-such-revision'), null)
  assert.equal(commitOf('--all'), null)
  assert.match(commitOf('HEAD') ?? '', /^[0-9a-f]{40}$/)
})
