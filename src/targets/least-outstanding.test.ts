import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pickerTools, picks, targetUnits } from './picker-fixtures.ts'
import type { TargetUnit } from '../snapshot/target-group-units.ts'
import { LeastOutstanding } from './least-outstanding.ts'
import type { PickerTools } from './target-picker.ts'

/** Requests in progress per target, which a test counts up and down. */
class Loads {
  readonly #loads = new Map<string, { outstanding: number }>()

  of(id: string): { outstanding: number } {
    let load = this.#loads.get(id)
    if (load === undefined) this.#loads.set(id, (load = { outstanding: 0 }))
    return load
  }

  tools(workerIndex = 0): PickerTools {
    return pickerTools({ workerIndex, loadOf: ({ id }: TargetUnit) => this.of(id) })
  }
}

test('ALB-TG-096 a busy target gets nothing until the others are as busy', () => {
  const loads = new Loads()
  loads.of('a').outstanding = 5
  const picker = new LeastOutstanding(targetUnits('ab'), loads.tools())
  let picked = ''
  for (let request = 0; request < 8; request++) {
    const id = picks(picker, 1)
    picked += id
    loads.of(id).outstanding++
  }
  assert.equal(picked.slice(0, 5), 'bbbbb')
  assert.match(picked.slice(5), /^(ab|ba)[ab]$/, 'level from here on')
})

test('OQ-31 targets that are equally busy take turns, beginning at another one in every worker', () => {
  const loads = new Loads()
  assert.equal(picks(new LeastOutstanding(targetUnits('abc'), loads.tools()), 6), 'abcabc')
  assert.equal(picks(new LeastOutstanding(targetUnits('abc'), loads.tools(1)), 4), 'bcab')
})

test('the turn goes on when targets come and go', () => {
  const picker = new LeastOutstanding(targetUnits('abc'), new Loads().tools())
  assert.equal(picks(picker, 1), 'a')
  assert.equal(picks(picker.withTargets(targetUnits('acd')), 3), 'cda')
  assert.equal(picks(picker.withTargets([]), 1), '-')
  assert.equal(picks(picker.withTargets(targetUnits('z')), 2), 'zz')
})

test('ALB-TG-096 whatever begins and ends, each request goes to a target with the fewest in progress', () => {
  // A number picks a target whose oldest request ends; null begins a request.
  const step = fc.option(fc.nat(4), { nil: null })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 200 }), (count, steps) => {
      const names = 'abcde'.slice(0, count)
      const loads = new Loads()
      const picker = new LeastOutstanding(targetUnits(names), loads.tools())
      for (const ended of steps) {
        const load = loads.of(names[(ended ?? 0) % count] ?? 'a')
        if (ended !== null) load.outstanding = Math.max(0, load.outstanding - 1)
        else {
          const picked = loads.of(picks(picker, 1))
          const fewest = Math.min(...names.split('').map((id) => loads.of(id).outstanding))
          assert.equal(picked.outstanding, fewest)
          picked.outstanding++
        }
      }
    }),
  )
})
