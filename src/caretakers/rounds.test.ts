import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Rounds } from './rounds.ts'

/** Work that ends when it is told to. */
class Bench {
  begun = 0
  readonly errors: unknown[] = []
  #ends: (() => void)[] = []
  nextMs: number | null = null
  failure: Error | null = null
  readonly rounds = new Rounds({
    work: async () => {
      this.begun++
      await new Promise<void>((resolve) => this.#ends.push(resolve))
      if (this.failure !== null) throw this.failure
      return this.nextMs
    },
    retryMs: 50,
    reportError: (error) => this.errors.push(error),
  })

  /** Ends the round that runs, and lets follow what follows. */
  async end(): Promise<void> {
    this.#ends.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('a round never runs beside another; who asks meanwhile gets one more', async () => {
  const bench = new Bench()
  const first = bench.rounds.now()
  const others = [bench.rounds.now(), bench.rounds.now()]
  assert.equal(bench.begun, 1)
  await bench.end()
  assert.equal(bench.begun, 2)
  await bench.end()
  await Promise.all([first, ...others])
  assert.equal(bench.begun, 2)
})

test('the next round comes when the last one said, and sooner after one that failed', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const bench = new Bench()
  bench.nextMs = 1000
  void bench.rounds.now()
  await bench.end()
  t.mock.timers.tick(999)
  assert.equal(bench.begun, 1)
  t.mock.timers.tick(1)
  assert.equal(bench.begun, 2)
  bench.failure = new Error('the store is away')
  await bench.end()
  assert.deepEqual(bench.errors, [bench.failure])
  t.mock.timers.tick(50)
  assert.equal(bench.begun, 3)
})

test('a first round that fails is its caller’s to know, and nothing comes after it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const bench = new Bench()
  bench.failure = new Error('no store')
  const first = assert.rejects(bench.rounds.first(), bench.failure)
  await bench.end()
  await first
  t.mock.timers.tick(1_000_000)
  assert.deepEqual([bench.begun, bench.errors], [1, []])
})

test('closing waits for the round that runs, and none follows', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const bench = new Bench()
  bench.nextMs = 10
  void bench.rounds.now()
  void bench.rounds.now()
  let isClosed = false
  const closing = bench.rounds.close().then(() => (isClosed = true))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isClosed, false)
  await bench.end()
  await closing
  t.mock.timers.tick(1000)
  await bench.rounds.now()
  await bench.rounds.close()
  assert.equal(bench.begun, 1)
})
