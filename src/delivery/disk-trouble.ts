// What is said of a disk that takes no log files: once when it begins, once when it is over.

import { statfsSync } from 'node:fs'

/** What only making room, or mending the disk, helps against. */
const DISK_ERRORS: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'])

export interface DiskTroubleOptions {
  /** What does not get there, to begin a sentence with. */
  readonly what: string
  /** A folder on the disk. */
  readonly folder: string
  readonly tell: (message: string) => void
  readonly reportError: (error: unknown) => void
}

export class DiskTrouble {
  readonly #options: DiskTroubleOptions
  #isTold = false

  constructor(options: DiskTroubleOptions) {
    this.#options = options
  }

  /** Takes an error; others than those of a disk are passed on. */
  failed(error: unknown): void {
    const { what, folder, tell, reportError } = this.#options
    const { code = '', path, message } = error as NodeJS.ErrnoException
    if (!DISK_ERRORS.has(code)) {
      reportError(error)
      return
    }
    if (this.#isTold) return
    this.#isTold = true
    const file = path === undefined ? `a file below ${folder}` : path
    tell(`${what} wait: cannot write ${file}: ${message}; ${freeText(folder)}, make room`)
  }

  /** Something was written again. */
  over(): void {
    if (!this.#isTold) return
    this.#isTold = false
    this.#options.tell(`${this.#options.what} are written again`)
  }
}

/** How much room the disk of a folder has. */
export function freeText(folder: string): string {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return `its disk has ${Math.floor((bavail * bsize) / 1024)} KiB free`
  } catch {
    return `${folder} is not there`
  }
}
