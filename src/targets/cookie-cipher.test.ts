import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CookieKey } from '../model/cookie-key.ts'
import {
  COOKIE_TEXT_MAX,
  CookieCipher,
  CookieKind,
  NO_TARGET,
  refOf,
  type Session,
  SESSIONS_MAX,
} from './cookie-cipher.ts'

const NOW = 1_800_000_000_000

function key(id: number, usedFrom = 0): CookieKey {
  return { id, secret: Buffer.alloc(32, id).toString('base64'), usedFrom }
}

function cipherWith(...keys: readonly CookieKey[]): CookieCipher {
  const cipher = new CookieCipher()
  cipher.setKeys(keys)
  return cipher
}

/** Opens with a cipher that has not seen the text before. */
function opened(text: string, kind: CookieKind = CookieKind.target, ...keys: readonly CookieKey[]) {
  return cipherWith(...(keys.length === 0 ? [key(1)] : keys)).open(kind, text)
}

function sealed(kind: CookieKind, sessions: readonly Session[], ...keys: readonly CookieKey[]): string {
  return cipherWith(...(keys.length === 0 ? [key(1)] : keys)).seal(kind, sessions, NOW) ?? ''
}

const one: Session = { group: refOf('group'), target: refOf('a|80'), issuedAt: NOW }

test('ALB-TG-317 what was sealed is opened by every holder of the key, and by nobody else', () => {
  const refs = fc.string().map(refOf)
  const session = fc.record(
    {
      group: refs,
      target: fc.oneof(refs, fc.constant(NO_TARGET)),
      issuedAt: fc.nat({ max: 2 ** 47 }),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(fc.array(session, { maxLength: 12 }), fc.constantFrom(1, 2, 3), (sessions, kind) => {
      const text = sealed(kind, sessions)
      assert.deepEqual(opened(text, kind), sessions)
      for (const other of ([1, 2, 3] as const).filter((each) => each !== kind)) {
        assert.equal(opened(text, other), null)
      }
      assert.equal(opened(text, kind, key(2)), null)
      assert.equal(opened(text, kind, { ...key(2), id: 1 }), null)
    }),
    { numRuns: 50 },
  )
})

test('ALB-TG-317 no changed text opens: not a letter, not a length, not another way to write the same bytes', () => {
  const text = sealed(CookieKind.target, [one])
  assert.deepEqual(opened(text), [one])
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_%" '
  fc.assert(
    fc.property(
      fc.nat({ max: text.length }),
      fc.nat({ max: 4 }),
      fc.string({ unit: fc.constantFrom(...alphabet.split('')), maxLength: 5 }),
      (at, removed, added) => {
        const changed = text.slice(0, at) + added + text.slice(at + removed)
        if (changed !== text) assert.equal(opened(changed), null)
      },
    ),
    { numRuns: 300 },
  )
  for (let at = 0; at < text.length; at++)
    assert.equal(opened(`${text.slice(0, at)}=${text.slice(at + 1)}`), null)
})

test('ALB-TG-335 whatever a client sends as a cookie, reading it never throws', () => {
  const cipher = cipherWith(key(1), key(2))
  const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => {
    // With a head as it should be, so that the search goes deeper.
    array.set([1, 0, 0, 0, 1].slice(0, array.length))
    return Buffer.from(array).toString('base64')
  })
  fc.assert(
    fc.property(fc.oneof(fc.string(), bytes), (text) => {
      assert.equal(cipher.open(CookieKind.application, text), null)
    }),
    { numRuns: 500 },
  )
  assert.equal(cipher.open(CookieKind.target, 'A'.repeat(COOKIE_TEXT_MAX + 4)), null)
})

test('OQ-50 as many sessions as are allowed fit in the cookies', () => {
  const sessions = Array.from({ length: SESSIONS_MAX }, (_, index) => ({ ...one, issuedAt: index }))
  const text = sealed(CookieKind.application, sessions)
  assert.ok(text.length <= COOKIE_TEXT_MAX && text.length > COOKIE_TEXT_MAX - 60)
  assert.deepEqual(opened(text, CookieKind.application), sessions)
})

test('OQ-46 cookies are made with the newest key whose time has come, and opened with all', () => {
  const keys = [key(1), key(2, NOW - 1), key(3, NOW + 1)]
  const text = sealed(CookieKind.target, [one], ...keys)
  assert.deepEqual(opened(text, CookieKind.target, key(2)), [one])
  for (const old of keys) {
    const made = sealed(CookieKind.target, [one], old)
    assert.deepEqual(opened(made, CookieKind.target, ...keys), [one])
  }
  // A clock that is behind makes do with what there is.
  assert.deepEqual(opened(sealed(CookieKind.target, [one], key(1, NOW + 1))), [one])
})

test('a key that is taken away opens nothing any more, also not what was opened before', () => {
  const cipher = cipherWith(key(1))
  const text = cipher.seal(CookieKind.target, [one], NOW) ?? ''
  assert.deepEqual(cipher.open(CookieKind.target, text), [one])
  assert.equal(cipher.setKeys([key(1)]), false)
  assert.equal(cipher.setKeys([key(2)]), true)
  assert.equal(cipher.open(CookieKind.target, text), null)
  cipher.setKeys([])
  assert.equal(cipher.seal(CookieKind.target, [one], NOW), null)
})

test('texts stay readable when many others were read since', () => {
  const cipher = cipherWith(key(1))
  const texts = Array.from({ length: 5000 }, (_, issuedAt) =>
    cipher.seal(CookieKind.target, [{ ...one, issuedAt }], NOW),
  )
  for (const [issuedAt, text] of texts.entries()) {
    assert.equal(cipher.open(CookieKind.target, text ?? '')?.[0]?.issuedAt, issuedAt)
  }
})

test('ALB-TG-317 no two cookies for the same target look alike', () => {
  const texts = Array.from({ length: 200 }, () => sealed(CookieKind.target, [one]))
  assert.equal(new Set(texts).size, 200)
})
