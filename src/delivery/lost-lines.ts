// Lines of access logs that workers could not write: told once when it begins, and with their number when it is over.

import { freeText } from './disk-trouble.ts'

/** Time without a lost line after which it is over. */
const QUIET_MS = 5000

export interface LostLinesOptions {
  readonly spoolFolder: string
  readonly tell: (message: string) => void
}

export class LostLines {
  readonly #options: LostLinesOptions
  #count = 0
  #timer: NodeJS.Timeout | null = null

  constructor(options: LostLinesOptions) {
    this.#options = options
  }

  count(lines: number): void {
    if (lines === 0) return
    const { spoolFolder, tell } = this.#options
    if (this.#timer === null) {
      tell(
        `Access log lines are lost: they cannot be written to ${spoolFolder} as fast as they come; ${freeText(spoolFolder)}`,
      )
    } else clearTimeout(this.#timer)
    this.#count += lines
    this.#timer = setTimeout(() => this.#over(), QUIET_MS).unref()
  }

  /** Tells what there is to tell. May be called twice. */
  close(): void {
    if (this.#timer === null) return
    clearTimeout(this.#timer)
    this.#over()
  }

  #over(): void {
    this.#timer = null
    this.#options.tell(`${this.#count} lines of access logs were lost; no more are`)
    this.#count = 0
  }
}
