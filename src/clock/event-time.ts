// The time of the event that the process is handling. While one runs, whatever asks gets the same moment: asking the
// system four times for a request that takes microseconds would cost more than the answer is worth.

let moment = -1

/** To be called first by whoever handles an event of a socket. */
export function beginEvent(): void {
  moment = performance.now()
}

/** To be called last: what comes without an event asks the system again. */
export function endEvent(): void {
  moment = -1
}

/** Milliseconds on the scale of `performance.now()`: when the present event began, or now where there is none. */
export function eventNow(): number {
  return moment === -1 ? performance.now() : moment
}
