// Whether one target fails more often than its peers or only seems to: Fisher's exact test. It is exact whatever the
// common rate of errors is and however few requests there were, which approximations by a normal distribution are not.

/**
 * The probability that, of all errors, at least as many as seen fall on the target by chance alone, if every request
 * fails as often whichever target gets it.
 */
export function chanceOfErrors(
  requests: number,
  errors: number,
  peerRequests: number,
  peerErrors: number,
): number {
  const all = requests + peerRequests
  const allErrors = errors + peerErrors
  let term = Math.exp(
    logChoices(allErrors, errors) +
      logChoices(all - allErrors, requests - errors) -
      logChoices(all, requests),
  )
  let sum = term
  for (let count = errors; count < Math.min(requests, allErrors); count++) {
    const passedOn = all - allErrors - requests + count + 1
    term *= ((allErrors - count) * (requests - count)) / ((count + 1) * passedOn)
    sum += term
    // Beyond the most likely count the terms shrink ever faster.
    if (term < sum * 1e-12) break
  }
  return Math.min(1, sum)
}

/** Natural logarithm of the number of ways to choose so many of all. */
function logChoices(all: number, chosen: number): number {
  return logFactorial(all) - logFactorial(chosen) - logFactorial(all - chosen)
}

const TABLE_SIZE = 64
const logFactorials = new Float64Array(TABLE_SIZE)
for (let number = 2; number < TABLE_SIZE; number++)
  logFactorials[number] = (logFactorials[number - 1] ?? 0) + Math.log(number)

function logFactorial(number: number): number {
  if (number < TABLE_SIZE) return logFactorials[number] ?? 0
  // Stirling's series; what is left out is below 1e-12 here.
  const part = 1 / number
  return (
    (number + 0.5) * Math.log(number) -
    number +
    0.5 * Math.log(2 * Math.PI) +
    part / 12 -
    (part * part * part) / 360
  )
}
