import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { CookieKey } from '../model/cookie-key.ts'
import { DATABASE_FILE, openStore } from '../store/sqlite/sqlite-store.ts'
import { CookieKeys, keysAt } from './cookie-keys.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const START = 1_800_000_000_000

function secrets(): () => string {
  let count = 0
  return () => `secret-${++count}`
}

/** All keys that there are when control looks every `stepMs` for `days`, moment by moment. */
function* course(days: number, stepMs: number): Generator<{ date: number; keys: readonly CookieKey[] }> {
  const makeSecret = secrets()
  let keys: readonly CookieKey[] = []
  for (let date = START; date < START + days * DAY; date += stepMs) {
    keys = keysAt(keys, date, makeSecret)
    yield { date, keys }
  }
}

/** The key that a worker makes cookies with. */
function usedAt(keys: readonly CookieKey[], date: number): CookieKey | undefined {
  return keys.findLast(({ usedFrom }) => usedFrom <= date)
}

test('ALB-TG-317, OQ-46 the key changes every day, and there are never more than nine', () => {
  const used = new Set<number>()
  for (const { date, keys } of course(30, 10 * MINUTE)) {
    const key = usedAt(keys, date)
    assert.ok(key !== undefined && keys.length <= 9)
    assert.ok(date - key.usedFrom <= DAY + 10 * MINUTE)
    used.add(key.id)
  }
  assert.equal(used.size, 30)
})

test('every worker has a key for minutes before cookies are made with it', () => {
  const seen = new Map<number, number>()
  for (const { date, keys } of course(10, MINUTE)) {
    for (const { id } of keys) if (!seen.has(id)) seen.set(id, date)
    const key = usedAt(keys, date)
    assert.ok(key !== undefined)
    if (key.id > 1) assert.ok(date - (seen.get(key.id) ?? 0) >= 10 * MINUTE)
  }
})

test('a session of seven days is never cut short by a change of keys, however seldom control looks', () => {
  for (const step of [10 * MINUTE, 5 * HOUR, 3 * DAY]) {
    const lastUse = new Map<number, number>()
    let before: readonly CookieKey[] = []
    for (const { date, keys } of course(40, step)) {
      // Until this look workers went on with what they had.
      const key = usedAt(before, date)
      if (key !== undefined) lastUse.set(key.id, date)
      for (const { id } of before) {
        if (keys.some((kept) => kept.id === id)) continue
        assert.ok(
          date - (lastUse.get(id) ?? 0) >= 7 * DAY + 10 * MINUTE,
          `key ${id} with a look every ${step} ms`,
        )
      }
      before = keys
    }
  }
})

test('keys are kept sealed in the store and outlive control', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  let date = START
  const clock = { now: () => 0, date: () => date, dateAt: () => date, realMs: (ms: number) => ms }
  const run = async (): Promise<readonly CookieKey[]> => {
    const store = await openStore({ folder })
    const reportError = (error: unknown): void => assert.fail(String(error))
    const keys = new CookieKeys({ store, clock, onChange: () => undefined, reportError })
    await keys.start()
    await keys.close()
    await store.close()
    return keys.keys
  }
  const first = await run()
  assert.equal(first.length, 1)
  assert.equal(Buffer.from(first[0]?.secret ?? '', 'base64').length, 32)
  assert.ok(!readFileSync(join(folder, DATABASE_FILE), 'latin1').includes(first[0]?.secret ?? ''))
  date += HOUR
  assert.deepEqual(await run(), first)
  date += DAY
  const second = await run()
  assert.deepEqual(second[0], first[0])
  assert.equal(second.length, 2)
  assert.notEqual(second[1]?.secret, first[0]?.secret)
  date += 8 * DAY
  const third = await run()
  assert.deepEqual(
    third.map(({ id }) => id),
    [2, 3],
  )
  assert.deepEqual(await run(), third)
})
