import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { StartError } from '../model/start-error.ts'
import { KEY_FILE, SecretBox } from './secret-box.ts'

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

test('whatever is sealed opens again, also after a new start, and looks different each time', (t) => {
  const folder = temporaryFolder(t)
  const box = SecretBox.newIn(folder)
  const later = SecretBox.thereIn(folder)
  assert.ok(later !== undefined)
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.equal(later.open(box.seal(text)), text)
      assert.notEqual(box.seal(text), box.seal(text))
    }),
  )
})

test('a changed or foreign sealed text does not open', (t) => {
  const box = SecretBox.newIn(temporaryFolder(t))
  const sealed = box.seal('a private key')
  for (let at = 0; at < sealed.length - 2; at++) {
    const other = sealed[at] === 'A' ? 'B' : 'A'
    assert.throws(() => box.open(sealed.slice(0, at) + other + sealed.slice(at + 1)))
  }
  assert.throws(() => SecretBox.newIn(temporaryFolder(t)).open(sealed))
  for (const text of ['', 'a private key', 'v1:', 'v1:AAAA']) assert.throws(() => box.open(text))
})

test('the key file is for its owner alone, and one that is not is refused with the remedy', (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, KEY_FILE)
  assert.equal(SecretBox.thereIn(folder), undefined)
  SecretBox.newIn(folder)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  chmodSync(file, 0o644)
  assert.throws(
    () => SecretBox.thereIn(folder),
    (error) => error instanceof StartError && error.message.endsWith(`; run: chmod 600 ${file}`),
  )
  chmodSync(file, 0o600)
  writeFileSync(file, readFileSync(file).subarray(1))
  assert.throws(() => SecretBox.thereIn(folder), StartError)
})
