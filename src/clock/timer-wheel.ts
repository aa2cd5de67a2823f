// One coarse clock for thousands of time-outs. Moving a deadline later, which is what nearly every byte of traffic
// does, costs an assignment: the wheel finds out when the old deadline comes, and files the entry again. Time-outs
// come up to three ticks late and never early. While no time-out is filed nothing ticks, so that a process at rest sleeps.

import type { Clock } from './clock.ts'

const TICK_MS = 100
const SLOTS = 1024

/** Something with a time-out. Belongs to at most one wheel; the wheel owns the three `wheel…` fields. */
export abstract class Timed {
  /** Clock time in milliseconds at which `onTimeout` is due; Infinity while there is none. */
  deadline = Infinity
  wheelSlot = -1
  wheelPrevious: Timed | null = null
  wheelNext: Timed | null = null

  abstract onTimeout(): void
}

/** What has a wheel advance, every so many real milliseconds until it is stopped. */
export type Driver = (advance: () => void, intervalMs: number) => { stop(): void }

export class TimerWheel {
  #now: number
  readonly #clock: Clock
  readonly #tickMs: number
  readonly #slots: (Timed | null)[] = Array.from({ length: SLOTS }, () => null)
  #tick: number
  /** Entries in all slots. */
  #filed = 0
  #driver: Driver | null = null
  /** While it ticks. */
  #running: { stop(): void } | null = null

  constructor(clock: Clock) {
    this.#clock = clock
    const realTickMs = Math.max(5, Math.floor(clock.realMs(TICK_MS)))
    this.#tickMs = (realTickMs * TICK_MS) / clock.realMs(TICK_MS)
    this.#now = clock.now()
    this.#tick = Math.floor(this.#now / this.#tickMs)
  }

  /** Clock time of the last tick, at most one tick old; the present one while nothing ticks. */
  get now(): number {
    if (this.#running === null && this.#driver !== null) this.#now = this.#clock.now()
    return this.#now
  }

  /** Ticks by itself from now on, whenever there is something to wait for; without it, `advance` has to be called. */
  start(driver: Driver = interval): void {
    this.#driver = driver
    if (this.#filed > 0) this.#run()
  }

  close(): void {
    this.#driver = null
    this.#rest()
  }

  /** Sets or moves the time-out of `timed` to `delayMs` from now. */
  arm(timed: Timed, delayMs: number): void {
    // `now` may be one tick old already, and another tick may pass before the slot is looked at.
    timed.deadline = this.now + delayMs + this.#tickMs
    if (timed.wheelSlot === -1) this.#file(timed)
    else if (this.#slotOf(timed.deadline) < timed.wheelSlot) {
      this.#unlink(timed)
      this.#file(timed)
    }
  }

  /** Takes the time-out away. The entry may stay filed until its old slot comes. */
  disarm(timed: Timed): void {
    timed.deadline = Infinity
  }

  /** Forgets an entry for good. */
  remove(timed: Timed): void {
    timed.deadline = Infinity
    if (timed.wheelSlot !== -1) this.#unlink(timed)
  }

  /** Runs what is due at the clock's present time. */
  advance(): void {
    this.#now = this.#clock.now()
    const present = Math.floor(this.now / this.#tickMs)
    // After a long pause of the process every slot is looked at once, not once per missed tick.
    this.#tick = Math.max(this.#tick, present - SLOTS)
    while (this.#tick < present) {
      this.#tick++
      this.#runSlot(this.#tick)
    }
    if (this.#filed === 0) this.#rest()
  }

  #run(): void {
    if (this.#running !== null || this.#driver === null) return
    const realMs = Math.max(5, Math.floor(this.#clock.realMs(TICK_MS)))
    this.#running = this.#driver(() => this.advance(), realMs)
  }

  #rest(): void {
    this.#running?.stop()
    this.#running = null
  }

  /** Nothing was filed since the last tick: the slots that were passed over meanwhile are empty. */
  #wake(): void {
    this.#tick = Math.floor(this.now / this.#tickMs)
    this.#run()
  }

  /** Absolute tick number by which a deadline is looked at; no further away than the wheel reaches. */
  #slotOf(deadline: number): number {
    const tick = Math.ceil(deadline / this.#tickMs)
    return Math.min(Math.max(tick, this.#tick + 1), this.#tick + SLOTS - 1)
  }

  #file(timed: Timed): void {
    if (this.#filed++ === 0 && this.#driver !== null && this.#running === null) this.#wake()
    const slot = this.#slotOf(timed.deadline)
    const index = slot % SLOTS
    const first = this.#slots[index] as Timed | null
    timed.wheelSlot = slot
    timed.wheelPrevious = null
    timed.wheelNext = first
    if (first !== null) first.wheelPrevious = timed
    this.#slots[index] = timed
  }

  #unlink(timed: Timed): void {
    const { wheelPrevious, wheelNext } = timed
    if (wheelPrevious === null) this.#slots[timed.wheelSlot % SLOTS] = wheelNext
    else wheelPrevious.wheelNext = wheelNext
    if (wheelNext !== null) wheelNext.wheelPrevious = wheelPrevious
    this.#filed--
    timed.wheelSlot = -1
    timed.wheelPrevious = null
    timed.wheelNext = null
  }

  #runSlot(tick: number): void {
    const index = tick % SLOTS
    // The list is taken apart first: what runs may file any entry anew, into this very slot too.
    const entries: Timed[] = []
    for (let timed = this.#slots[index] as Timed | null; timed !== null; timed = timed.wheelNext)
      entries.push(timed)
    this.#slots[index] = null
    this.#filed -= entries.length
    for (const timed of entries) {
      timed.wheelSlot = -1
      timed.wheelPrevious = null
      timed.wheelNext = null
    }
    for (const timed of entries) {
      if (timed.wheelSlot !== -1 || timed.deadline === Infinity) continue
      if (timed.deadline > this.#now) this.#file(timed)
      else {
        timed.deadline = Infinity
        timed.onTimeout()
      }
    }
  }
}

function interval(advance: () => void, intervalMs: number): { stop(): void } {
  const timer = setInterval(advance, intervalMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}
