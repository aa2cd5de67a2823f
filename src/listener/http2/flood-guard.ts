// How much a client may ask for that costs it nothing and brings it nothing: two budgets that useful work and time fill up
// again. An honest client never comes near the end of one, however long it stays.

/** Requests that the client or its mistakes take back before their answer (CVE-2023-44487 and what came after it). */
const RESETS_MAX = 256
const RESETS_PER_S = 32
/** Frames that say next to nothing: PING, SETTINGS, PRIORITY, empty DATA, unknown types, for streams that are gone … */
const IDLE_FRAMES_MAX = 1000
const IDLE_FRAMES_PER_S = 100
/** What a request and a DATA frame, in either direction, entitle to: clients answer bodies with windows and pings. */
const IDLE_FRAMES_PER_REQUEST = 8
const IDLE_FRAMES_PER_DATA = 4

export class FloodGuard {
  #resets = RESETS_MAX
  #idleFrames = IDLE_FRAMES_MAX
  #filledAt: number

  /** `now` is the clock's, in milliseconds, here and below. */
  constructor(now: number) {
    this.#filledAt = now
  }

  /** A request was answered to its end. */
  answered(): void {
    if (this.#resets < RESETS_MAX) this.#resets++
    this.#idleFrames = Math.min(IDLE_FRAMES_MAX, this.#idleFrames + IDLE_FRAMES_PER_REQUEST)
  }

  /** So many DATA frames with something in them came, or were sent. */
  dataPassed(frames: number): void {
    this.#idleFrames = Math.min(IDLE_FRAMES_MAX, this.#idleFrames + frames * IDLE_FRAMES_PER_DATA)
  }

  /** A request ended without its answer, by the client; false: that was one too many. */
  mayReset(now: number): boolean {
    if (this.#resets < 1) this.#fill(now)
    return --this.#resets >= 0
  }

  /** A frame that says next to nothing; false: that was one too many. */
  mayIdle(now: number): boolean {
    if (this.#idleFrames < 1) this.#fill(now)
    return --this.#idleFrames >= 0
  }

  #fill(now: number): void {
    const seconds = (now - this.#filledAt) / 1000
    this.#filledAt = now
    this.#resets = Math.min(RESETS_MAX, Math.max(0, this.#resets) + seconds * RESETS_PER_S)
    this.#idleFrames = Math.min(IDLE_FRAMES_MAX, Math.max(0, this.#idleFrames) + seconds * IDLE_FRAMES_PER_S)
  }
}
