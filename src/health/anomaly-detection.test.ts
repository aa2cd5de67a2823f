import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANOMALY_SETTINGS, AnomalyDetection, type AnomalySettings } from './anomaly-detection.ts'

/** Periods of a minute. */
const MINUTE = 12

/** Numbers from 0 to below 1 that follow from a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A group under traffic that is drawn by the weights, with targets that fail at given rates. */
class Simulation {
  readonly detection: AnomalyDetection
  readonly rates: number[]
  readonly #random: () => number
  readonly #requests: number
  readonly #names: readonly string[]
  failed = 0
  sent = 0

  constructor(rates: number[], requestsPerPeriod: number, seed: number, settings?: AnomalySettings) {
    this.detection = new AnomalyDetection(settings)
    this.rates = rates
    this.#random = randomOf(seed)
    this.#requests = requestsPerPeriod
    this.#names = rates.map((_, index) => String(index))
    this.detection.setHealthy(new Set(this.#names))
    this.detection.setMitigating(true)
  }

  weight(index: number): number {
    return this.detection.of(String(index)).weight
  }

  get anomalous(): number[] {
    return this.rates.flatMap((_, index) => (this.detection.of(String(index)).isAnomalous ? [index] : []))
  }

  /** One period; gives the requests per target. */
  period(): number[] {
    const weights = this.rates.map((_, index) => this.weight(index))
    const sum = weights.reduce((total, weight) => total + weight, 0)
    const requests = weights.map(() => 0)
    const errors = weights.map(() => 0)
    for (let request = 0; request < this.#requests; request++) {
      let drawn = this.#random() * sum
      let index = 0
      while (index < weights.length - 1 && drawn >= (weights[index] ?? 0)) drawn -= weights[index++] ?? 0
      requests[index] = (requests[index] ?? 0) + 1
      if (this.#random() < (this.rates[index] ?? 0)) errors[index] = (errors[index] ?? 0) + 1
    }
    for (const [index, name] of this.#names.entries()) {
      this.detection.count(name, requests[index] ?? 0, errors[index] ?? 0)
      this.failed += errors[index] ?? 0
    }
    this.sent += this.#requests
    this.detection.evaluate()
    return requests
  }

  /** Periods until it is so; Infinity if it is not within `most`. */
  until(isSo: () => boolean, most: number): number {
    for (let period = 1; period <= most; period++) {
      this.period()
      if (isSo()) return period
    }
    return Infinity
  }

  run(periods: number): this {
    for (let period = 0; period < periods; period++) this.period()
    return this
  }
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Infinity
}

test('ALB-TG-111 equal targets are not blamed, whatever their number, traffic and rate of errors', () => {
  // By the bound, these 800 runs of 10 minutes have 0.01 false suspicions.
  for (let seed = 1; seed <= 800; seed++) {
    const random = randomOf(seed)
    const rate = [0, 0.01, 0.1, 0.5, 0.9, 1][Math.floor(random() * 6)] ?? 0
    const size = 3 + Math.floor(random() * 8)
    const requests = [3, 20, 60, 150][Math.floor(random() * 4)] ?? 3
    const simulation = new Simulation(
      Array.from({ length: size }, () => rate),
      requests,
      seed,
    )
    for (let period = 0; period < 10 * MINUTE; period++) {
      simulation.period()
      assert.deepEqual(simulation.anomalous, [], `seed ${seed}`)
    }
  }
})

test('ALB-TG-111 the rate of false alarms is at most what is set, also where it is set high enough to see', () => {
  const settings = { ...ANOMALY_SETTINGS, falseAlarmRate: 0.2, excessMin: 0 }
  for (const [rate, requests] of [
    [0.02, 200],
    [0.1, 60],
    [0.5, 100],
  ] as const) {
    let blamed = 0
    const runs = 3000
    for (let seed = 1; seed <= runs; seed++) {
      const simulation = new Simulation([rate, rate, rate, rate], requests, seed, settings)
      simulation.run(2)
      if (simulation.anomalous.length > 0) blamed++
    }
    assert.ok(blamed / runs <= 0.2, `${rate}: ${blamed}`)
    assert.ok(blamed > 0, `${rate}: the simulation would see false alarms`)
  }
})

test('ALB-TG-106, 111 the target that fails more often is found within a known time, and it alone', () => {
  // Rates of the one and the others, requests per target and period; periods until 9 in 10 and 99 in 100 are found.
  const cases = [
    { bad: 1, good: 0, requests: 250, most: 2, nearlyAll: 2 },
    { bad: 1, good: 0, requests: 25, most: 2, nearlyAll: 3 },
    { bad: 1, good: 0, requests: 2, most: 9, nearlyAll: 11 },
    { bad: 0.5, good: 0, requests: 25, most: 3, nearlyAll: 4 },
    { bad: 0.5, good: 0.1, requests: 25, most: 7, nearlyAll: 9 },
    { bad: 0.2, good: 0, requests: 25, most: 6, nearlyAll: 8 },
    { bad: 0.1, good: 0, requests: 25, most: 10, nearlyAll: 13 },
  ]
  for (const { bad, good, requests, most, nearlyAll } of cases) {
    const found: number[] = []
    for (let seed = 1; seed <= 300; seed++) {
      const simulation = new Simulation([good, good, good, good], 4 * requests, seed).run(MINUTE)
      simulation.rates[0] = bad
      found.push(simulation.until(() => simulation.anomalous.length > 0, 60))
      assert.deepEqual(simulation.anomalous, [0])
    }
    const [usual, late] = [quantile(found, 0.9), quantile(found, 0.99)]
    assert.ok(usual <= most && late <= nearlyAll, `${bad} and ${good}, ${requests}: ${usual}, ${late}`)
  }
})

test('ALB-TG-121, 122 an anomalous target keeps half of its weight in each period, down to a hundredth', () => {
  const simulation = new Simulation([1, 0, 0, 0], 2000, 1)
  const weights = Array.from({ length: 12 }, () => {
    simulation.period()
    return simulation.weight(0)
  })
  assert.deepEqual(weights, [1, 0.5, 0.25, 0.125, 0.0625, 0.0313, 0.0157, 0.01, 0.01, 0.01, 0.01, 0.01])
  assert.deepEqual(
    [1, 2, 3].map((index) => simulation.weight(index)),
    [1, 1, 1],
  )
  const reached = Array.from({ length: 60 }, () => simulation.period()[0] ?? 0)
  assert.ok(reached.reduce((sum, count) => sum + count) > 0, 'it still gets some')
})

test('ALB-TG-122 with little traffic it keeps what it takes to see its recovery: about a request per period', () => {
  const simulation = new Simulation([1, 0, 0, 0], 120, 1).run(3 * MINUTE)
  const weight = simulation.weight(0)
  // 40 requests per period for each of the others.
  assert.ok(weight > 0.02 && weight < 0.03, String(weight))
  assert.equal(new Simulation([1, 0, 0, 0], 4, 1).run(5 * MINUTE).weight(0), 0.1)
})

test('ALB-TG-123 a target that is well again is found out, and gets back a tenth of a share per period', () => {
  for (const { bad, requests, usual, late } of [
    { bad: 1, requests: 250, usual: 3, late: 5 },
    { bad: 1, requests: 25, usual: 12, late: 20 },
    { bad: 0.5, requests: 25, usual: 32, late: 60 },
    { bad: 0.2, requests: 250, usual: 20, late: 30 },
  ]) {
    const acquitted: number[] = []
    for (let seed = 1; seed <= 200; seed++) {
      const simulation = new Simulation([bad, 0, 0, 0], 4 * requests, seed).run(2 * MINUTE)
      simulation.rates[0] = 0
      acquitted.push(simulation.until(() => simulation.anomalous.length === 0, 200))
      const back = Array.from({ length: 10 }, () => {
        const before = simulation.weight(0)
        simulation.period()
        return Number((simulation.weight(0) - before).toFixed(4))
      })
      assert.ok(
        back.slice(0, 8).every((step) => step === 0.1),
        back.join(),
      )
      assert.equal(simulation.weight(0), 1)
      assert.deepEqual(simulation.anomalous, [], 'what it did before does not count again')
    }
    const [most, nearlyAll] = [quantile(acquitted, 0.9), quantile(acquitted, 0.99)]
    assert.ok(most <= usual && nearlyAll <= late, `${bad}, ${requests}: ${most}, ${nearlyAll}`)
  }
})

test('a target that goes on failing is hardly ever taken for well', () => {
  let acquitted = 0
  for (let seed = 1; seed <= 300; seed++) {
    const simulation = new Simulation([0.5, 0, 0, 0], 100, seed).run(MINUTE)
    if (simulation.until(() => simulation.anomalous.length === 0, 10 * MINUTE) < Infinity) acquitted++
  }
  // By Page's bound, one in 100 periods at half of its rate; at its rate far fewer.
  assert.ok(acquitted <= 6, `${acquitted} of 300 in 10 minutes`)
})

test('ALB-TG-120, 124 with mitigation far fewer requests fail than without', () => {
  const failedWith = (isMitigating: boolean): number => {
    const simulation = new Simulation([0.8, 0.01, 0.01, 0.01], 200, 3)
    simulation.detection.setMitigating(isMitigating)
    simulation.run(5 * MINUTE)
    assert.deepEqual(simulation.anomalous, [0], 'it is detected either way')
    return simulation.failed / simulation.sent
  }
  const [without, having] = [failedWith(false), failedWith(true)]
  assert.ok(without > 0.18 && having < 0.05, `${without}, ${having}`)
})

test('ALB-TG-112 with two healthy targets nothing is detected; with a third it is', () => {
  const simulation = new Simulation([1, 0, 0], 90, 1)
  simulation.detection.setHealthy(new Set(['0', '1']))
  assert.deepEqual(simulation.run(2 * MINUTE).anomalous, [])
  simulation.detection.setHealthy(new Set(['0', '1', '2']))
  assert.equal(
    simulation.until(() => simulation.anomalous.join() === '0', 10),
    2,
  )
  // Back to two: what was detected holds no longer, and the traffic comes back step by step.
  simulation.run(5)
  const before = simulation.weight(0)
  simulation.detection.setHealthy(new Set(['0', '1']))
  simulation.period()
  assert.deepEqual(simulation.anomalous, [])
  assert.equal(simulation.weight(0).toFixed(4), (before + 0.1).toFixed(4))
})

test('ALB-TG-111 several bad targets are found, but never more than half of a group', () => {
  assert.deepEqual(new Simulation([1, 0.5, 0, 0, 0, 0], 300, 1).run(MINUTE).anomalous, [0, 1])
  assert.deepEqual(new Simulation([0.5, 0.5, 0.5, 0.5], 300, 1).run(5 * MINUTE).anomalous, [])
  assert.equal(new Simulation([1, 1, 1, 0], 300, 1).run(MINUTE).anomalous.length, 2)
})

test('ALB-TG-111 a fault that all had blames nobody when one comes that was not there then', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const simulation = new Simulation([0.5, 0.5, 0.5], 300, seed)
    simulation.detection.setHealthy(new Set(['0', '1']))
    simulation.run(MINUTE / 2)
    simulation.rates.fill(0.02)
    simulation.detection.setHealthy(new Set(['0', '1', '2']))
    // The errors of the first two in the last minute are many times those of the third.
    for (let period = 0; period < MINUTE; period++) {
      simulation.period()
      assert.deepEqual(simulation.anomalous, [], `seed ${seed}`)
    }
  }
})

test('a fault of some seconds that has passed makes no target anomalous', () => {
  const simulation = new Simulation([0, 0, 0, 0], 400, 1).run(MINUTE)
  simulation.rates[0] = 1
  simulation.period()
  simulation.rates[0] = 0
  for (let period = 0; period < MINUTE; period++) {
    simulation.period()
    assert.deepEqual(simulation.anomalous, [])
  }
})

test('ALB-TG-125, 133 without mitigation all targets have a full weight at once; turned on, it begins anew', () => {
  const simulation = new Simulation([1, 0, 0], 300, 1).run(MINUTE)
  assert.ok(simulation.weight(0) < 0.05)
  simulation.detection.setMitigating(false)
  assert.equal(simulation.weight(0), 1)
  assert.equal(simulation.run(2).weight(0), 1)
  assert.deepEqual(simulation.anomalous, [0], 'detection goes on')
  simulation.detection.setMitigating(true)
  assert.equal(simulation.run(1).weight(0), 0.5)
})

test('ALB-TG-113 a target that is not healthy is not looked at; what was known of it is forgotten', () => {
  const simulation = new Simulation([1, 0, 0, 0], 300, 1).run(MINUTE)
  simulation.detection.setHealthy(new Set(['1', '2', '3']))
  assert.deepEqual(simulation.detection.of('0'), { isAnomalous: false, weight: 1 })
  simulation.run(MINUTE)
  assert.deepEqual(simulation.anomalous, [])
})

test('a detection that goes on from earlier weights gives nothing back to a target that still fails', () => {
  const simulation = new Simulation([1, 0, 0], 600, 1)
  simulation.detection.seed('0', 0.25)
  const weights = Array.from({ length: 3 }, () => {
    simulation.period()
    return simulation.weight(0)
  })
  assert.deepEqual(weights, [0.25, 0.125, 0.0625])
})

test('a group without traffic for a minute has nothing anomalous, and nothing is kept of it', () => {
  const simulation = new Simulation([1, 0, 0], 300, 1).run(MINUTE)
  for (let period = 0; period < 3 * MINUTE; period++) simulation.detection.evaluate()
  assert.deepEqual(simulation.anomalous, [])
  assert.equal(simulation.weight(0), 1)
  assert.ok(simulation.detection.isIdle)
})
