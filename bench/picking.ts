// What it costs to choose a target: nanoseconds and allocated bytes per pick, by algorithm and size of the group. Run with
// `node --expose-gc bench/picking.ts`.

import { scaledClock } from '../src/clock/clock.ts'
import type { TargetGroupUnit, TargetUnit } from '../src/snapshot/target-group-units.ts'
import { TargetGroup } from '../src/targets/target-group.ts'

const ZONE = 'a'
const ROUNDS = 7
const PICKS_PER_ROUND = 200_000
/** Requests in progress at any time. */
const IN_PROGRESS = 64

interface Subject {
  readonly name: string
  readonly algorithm: NonNullable<TargetGroupUnit['algorithm']>
  /** What the first target of the group has. */
  readonly first?: Partial<TargetUnit>
}

const SUBJECTS: readonly Subject[] = [
  { name: 'round robin', algorithm: 'round_robin' },
  {
    name: 'round robin, one in slow start',
    algorithm: 'round_robin',
    first: { slowStart: { startedDate: Date.now(), durationMs: 900_000 } },
  },
  { name: 'least outstanding requests', algorithm: 'least_outstanding_requests' },
  { name: 'weighted random', algorithm: 'weighted_random' },
  { name: 'weighted random, one mitigated', algorithm: 'weighted_random', first: { weight: 0.01 } },
]

/** The fastest of several rounds, so that a busy machine disturbs little. */
function measure({ algorithm, first }: Subject, size: number): { ns: number; bytes: number } {
  const targets = Array.from({ length: size }, (_, index): TargetUnit => {
    const place = { address: '127.0.0.1', zone: ZONE, state: 'healthy' as const }
    return { id: `10.0.${index >> 8}.${index & 255}`, port: 80, ...place, ...(index === 0 ? first : {}) }
  })
  const loads = new Map(targets.map((target) => [target, { outstanding: 0 }]))
  const group = new TargetGroup(
    { arn: 'group', name: 'group', protocol: 'HTTP', protocolVersion: 'HTTP1', algorithm, targets },
    {
      clock: scaledClock(),
      random: Math.random,
      workerIndex: 0,
      loadOf: (target) => loads.get(target) ?? { outstanding: 0 },
    },
  )
  const running = Array.from({ length: IN_PROGRESS }, () => ({ outstanding: 0 }))
  let ns = Infinity
  let bytes = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    globalThis.gc?.()
    const heapBefore = process.memoryUsage().heapUsed
    const before = process.hrtime.bigint()
    for (let pick = 0; pick < PICKS_PER_ROUND; pick++) {
      const target = group.choiceOf(ZONE)?.pick()
      if (target === null || target === undefined) throw new Error('There is nothing to pick')
      const load = loads.get(target)
      if (load === undefined) throw new Error('Picked what is not there')
      // The oldest request ends, this one begins.
      const slot = pick % IN_PROGRESS
      const ended = running[slot]
      if (ended !== undefined) ended.outstanding--
      load.outstanding++
      running[slot] = load
    }
    ns = Math.min(ns, Number(process.hrtime.bigint() - before) / PICKS_PER_ROUND)
    bytes = Math.min(bytes, (process.memoryUsage().heapUsed - heapBefore) / PICKS_PER_ROUND)
  }
  return { ns, bytes }
}

for (const subject of SUBJECTS) {
  for (const size of [2, 10, 100, 1000]) {
    const { ns, bytes } = measure(subject, size)
    const targets = String(size).padStart(4)
    console.log(`${subject.name}, ${targets} targets: ${ns.toFixed(0)} ns, ${bytes.toFixed(1)} bytes`)
  }
}
