// The only place that asks what time it is. Durations may run faster than real time (a scale that tests and CI set);
// dates never do, so that logs stay true.

/** Time as the program sees it. */
export interface Clock {
  /** Milliseconds since an arbitrary start, growing `scale` times faster than real time. For durations only. */
  now(): number
  /** Real date in milliseconds since 1970, with a fraction. For records and stamps only. */
  date(): number
  /** Real milliseconds that a duration takes. For timers of the operating system. */
  realMs(durationMs: number): number
}

const startDate = Date.now() - performance.now()

/** A clock on which every duration is `scale` times shorter than it says. */
export function scaledClock(scale = 1): Clock {
  if (scale === 1) {
    return {
      now: () => performance.now(),
      date: () => startDate + performance.now(),
      realMs: (durationMs) => durationMs,
    }
  }
  return {
    now: () => performance.now() * scale,
    date: () => startDate + performance.now(),
    realMs: (durationMs) => durationMs / scale,
  }
}
