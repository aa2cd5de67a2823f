// Whether one target fails more often than its peers or only seems to. What is compared are the requests of the same
// moments, so that neither a fault that all have for a while nor a change of shares makes a target look worse.

/** Requests and errors of a short time, of the target and of the target with its peers. */
export interface Moment {
  readonly requests: number
  readonly errors: number
  readonly allRequests: number
  readonly allErrors: number
}

/** Up to so many errors that could be the target's, all cases are counted; above it their number is bounded. */
const COUNTED_MAX = 40
/** Below so many standard deviations above what is expected, errors are nothing to look at closer. */
const DEVIATIONS_MIN = 2
/** Beyond this all errors are the target's, and nothing changes any more. */
const TILT_MAX = 60
const HALVINGS = 50

/**
 * The probability that, of all errors, at least as many as seen fall on the target by chance alone, if in each moment
 * every request fails as often whichever target gets it; where there are many errors, an upper bound of it. 1 where it is
 * plainly not small.
 *
 * With the totals of a moment given, the target's errors have a hypergeometric distribution, whatever the rate of errors
 * was. So no approximation is in it, and it holds for few requests and for rare errors as well.
 */
export function chanceOfErrors(moments: readonly Moment[]): number {
  let seen = 0
  let possible = 0
  let expected = 0
  let variance = 0
  const mixed: Moment[] = []
  for (const moment of moments) {
    seen += moment.errors
    if (moment.requests === 0 || moment.allErrors === 0) continue
    possible += drawsOf(moment)
    mixed.push(moment)
    const { requests, allRequests, allErrors } = moment
    const mean = (requests * allErrors) / allRequests
    expected += mean
    variance +=
      (mean * (1 - requests / allRequests) * (allRequests - allErrors)) / Math.max(1, allRequests - 1)
  }
  // Most targets leave here: a group may have a thousand of them.
  if (seen - expected < DEVIATIONS_MIN * Math.sqrt(variance)) return 1
  return possible <= COUNTED_MAX ? countedChance(mixed, seen) : chanceBound(mixed, seen)
}

/** Errors are drawn among requests, or requests among errors; this is the smaller number of draws. */
function drawsOf({ requests, allErrors }: Moment): number {
  return Math.min(requests, allErrors)
}

/** The probability itself: the distributions of all moments, added up. */
function countedChance(moments: readonly Moment[], seen: number): number {
  let sums = new Float64Array([1])
  for (const moment of moments) {
    const chances = hypergeometric(moment)
    const next = new Float64Array(sums.length + chances.length - 1)
    for (const [before, chance] of sums.entries())
      for (const [errors, part] of chances.entries())
        next[before + errors] = (next[before + errors] ?? 0) + chance * part
    sums = next
  }
  return Math.min(
    1,
    sums.subarray(seen).reduce((sum, chance) => sum + chance, 0),
  )
}

/** By number of errors: the probability that so many of all fall on the target. */
function hypergeometric(moment: Moment): Float64Array {
  const { requests, allRequests, allErrors } = moment
  const least = Math.max(0, requests + allErrors - allRequests)
  const logarithms = new Float64Array(drawsOf(moment) + 1).fill(-Infinity)
  logarithms[least] = 0
  for (let errors = least; errors < drawsOf(moment); errors++) {
    const more = (allErrors - errors) * (requests - errors)
    const fewer = (errors + 1) * (allRequests - allErrors - requests + errors + 1)
    logarithms[errors + 1] = (logarithms[errors] ?? 0) + Math.log(more / fewer)
  }
  const largest = Math.max(...logarithms)
  const chances = logarithms.map((logarithm) => Math.exp(logarithm - largest))
  const sum = chances.reduce((total, chance) => total + chance, 0)
  return chances.map((chance) => chance / sum)
}

/**
 * Chernoff's bound, in which each hypergeometric distribution is bounded by the binomial one that Hoeffding showed to
 * spread more.
 */
function chanceBound(moments: readonly Moment[], seen: number): number {
  const draws = moments.map((moment): Draw => {
    const { requests, allRequests, allErrors } = moment
    return { count: drawsOf(moment), chance: Math.max(requests, allErrors) / allRequests }
  })
  if (tiltedMean(draws, 0) >= seen) return 1
  let low = 0
  let high = TILT_MAX
  for (let halving = 0; halving < HALVINGS; halving++) {
    const tilt = (low + high) / 2
    if (tiltedMean(draws, tilt) < seen) low = tilt
    else high = tilt
  }
  let exponent = -low * seen
  for (const { count, chance } of draws) exponent += count * Math.log1p(chance * Math.expm1(low))
  return Math.exp(Math.min(0, exponent))
}

/** So many draws, each of which falls on the target with this chance. */
interface Draw {
  readonly count: number
  readonly chance: number
}

/** Errors expected of the target when the odds of each to fall on it are `exp(tilt)` times what they are. */
function tiltedMean(draws: readonly Draw[], tilt: number): number {
  let mean = 0
  for (const { count, chance } of draws) {
    const tilted = chance * Math.exp(tilt)
    mean += (count * tilted) / (1 - chance + tilted)
  }
  return mean
}
