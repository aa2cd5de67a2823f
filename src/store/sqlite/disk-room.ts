// What is said of a disk that does not take the database's writes: once when it begins, and once when it is over.

import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreUnavailable } from '../unavailable.ts'

/** SQLite's primary result codes for writes that the system refused. */
const READ_ONLY = 8
const INPUT_OUTPUT = 10
const FULL = 13

/**
 * Room with which everything works, in bytes: the write-ahead log until it is carried over to the database (1000 pages of
 * 4 KiB), and the same for the database to grow by.
 */
const ROOM_BYTES = 8 * 1024 * 1024

export class DiskRoom {
  readonly #file: string
  readonly #tell: (message: string) => void
  #isTold = false

  /** `tell` is for who looks after the machine. */
  constructor(file: string, tell: (message: string) => void) {
    this.#file = file
    this.#tell = tell
  }

  /** Whether the last write failed. */
  get isMissing(): boolean {
    return this.#isTold
  }

  /** The error as the callers of the store are to see it. */
  errorFor(error: unknown): unknown {
    const problem = this.#problemOf(error)
    if (problem === undefined) return error
    if (!this.#isTold) {
      this.#isTold = true
      this.#tell(`${problem}; nothing can be changed until then, traffic goes on as configured`)
    }
    return new StoreUnavailable(problem, { cause: error })
  }

  /** A write has succeeded. */
  written(): void {
    if (!this.#isTold) return
    this.#isTold = false
    this.#tell(`${this.#file} can be written to again`)
  }

  #problemOf(error: unknown): string | undefined {
    const { errcode = 0, message = '' } = (error ?? {}) as { errcode?: number; message?: string }
    // The low byte is the primary result code.
    switch (errcode & 0xff) {
      case FULL:
        return this.#fullDisk()
      case INPUT_OUTPUT:
      case READ_ONLY:
        return `Cannot write to ${this.#file}: ${message}; see to its disk`
      default:
        return undefined
    }
  }

  #fullDisk(): string {
    const free = freeBytes(dirname(this.#file))
    const missing = ROOM_BYTES - free
    // A quota shows no missing room.
    const remedy = missing > 0 ? `make ${kibibytes(missing)} of room` : 'make room or raise the quota'
    return `Cannot write to ${this.#file}: its disk is full (${kibibytes(free)} free of ${kibibytes(ROOM_BYTES)} that are needed); ${remedy}`
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

function kibibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KiB`
}
