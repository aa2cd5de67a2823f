// What can be said of few measurements on a noisy machine: medians, and the interval in which the true median of paired
// ratios lies. The interval is that of the sign test: it asks nothing of how the noise is spread, and needs no random
// numbers.

/** Probability that an interval misses the median. */
const MISS_PROBABILITY = 0.05

/** The median of ratios, and the interval that holds the true one with 95 %. */
export interface Ratio {
  readonly median: number
  /** `null` of fewer than six pairs, which cannot tell that much. */
  readonly interval: Interval | null
}

export interface Interval {
  readonly low: number
  readonly high: number
}

/** Middle value, or the mean of the two in the middle; `null` of none. */
export function median(values: readonly number[]): number | null {
  return medianOfSorted(values.toSorted((a, b) => a - b))
}

/** Ratios of values that were measured in the same round; rounds that only one of the two has do not count. */
export function pairedRatio(
  values: ReadonlyMap<number, number>,
  bases: ReadonlyMap<number, number>,
): Ratio | null {
  const ratios: number[] = []
  for (const [round, value] of values) {
    const ratio = value / (bases.get(round) ?? Number.NaN)
    if (Number.isFinite(ratio)) ratios.push(ratio)
  }
  const sorted = ratios.toSorted((a, b) => a - b)
  const middle = medianOfSorted(sorted)
  return middle === null ? null : { median: middle, interval: medianInterval(sorted) }
}

/** Interval of the median, from values in ascending order; `null` of fewer than six. */
export function medianInterval(sorted: readonly number[]): Interval | null {
  const left = valuesToLeaveOut(sorted.length)
  const low = sorted[left - 1]
  const high = sorted[sorted.length - left]
  return left === 0 || low === undefined || high === undefined ? null : { low, high }
}

/**
 * The largest k for which the median lies between the k-th smallest and the k-th largest of `count` values with 95 %:
 * each value is as likely below the median as above, so how many are below is spread as heads of `count` coins.
 */
function valuesToLeaveOut(count: number): number {
  let probability = 2 ** -count
  let tail = 0
  for (let heads = 0; heads < count / 2; heads++) {
    tail += probability
    if (2 * tail > MISS_PROBABILITY) return heads
    probability *= (count - heads) / (heads + 1)
  }
  return Math.floor(count / 2)
}

function medianOfSorted(sorted: readonly number[]): number | null {
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2
}
