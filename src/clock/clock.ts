// The only place that asks what time it is. Durations may run faster than real time (a scale that tests and CI set);
// dates never do, so that logs stay true.

/** Time as the program sees it. */
export interface Clock {
  /** Milliseconds since an arbitrary start, growing `scale` times faster than real time. For durations only. */
  now(): number
  /** Real date in milliseconds since 1970, with a fraction. For records and stamps only. */
  date(): number
  /** The date of a moment on the scale of `performance.now()`. */
  dateAt(monotonicMs: number): number
  /** Real milliseconds that a duration takes. For timers of the operating system. */
  realMs(durationMs: number): number
}

/** Steps of the system's clock above this are followed; smaller differences are rounding. */
const STEP_MS = 5
const SYNCHRONISE_MS = 1000

let dateOffset = Date.now() - performance.now()
let synchronisedAt = performance.now()

function dateAt(monotonicMs: number): number {
  if (monotonicMs - synchronisedAt > SYNCHRONISE_MS) {
    synchronisedAt = monotonicMs
    const offset = Date.now() - performance.now()
    if (Math.abs(offset - dateOffset) > STEP_MS) dateOffset = offset
  }
  return dateOffset + monotonicMs
}

/** A clock on which every duration is `scale` times shorter than it says. */
export function scaledClock(scale = 1): Clock {
  return {
    now: scale === 1 ? () => performance.now() : () => performance.now() * scale,
    date: () => dateAt(performance.now()),
    dateAt,
    realMs: (durationMs) => durationMs / scale,
  }
}
