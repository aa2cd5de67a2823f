// The supervisor's lines in the process log: the form that pino gives those of the other processes, without what pino
// takes of memory and of the time to start, for a process that has a dozen things to say.

import { hostname } from 'node:os'
import type { LogLevel } from '../model/settings.ts'

/** Numbers that pino has for its levels. */
const LEVELS: Readonly<Record<LogLevel, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: Infinity,
}

export type LogFacts = Readonly<Record<string, unknown>>

export class Log {
  readonly #level: number
  readonly #write: (line: string) => void
  readonly #host = hostname()

  /** Writes what is at least as urgent as `level`. */
  constructor(level: LogLevel, write: (line: string) => void) {
    this.#level = LEVELS[level]
    this.#write = write
  }

  info(facts: LogFacts, message: string): void {
    this.#line('info', facts, message)
  }

  warn(facts: LogFacts, message: string): void {
    this.#line('warn', facts, message)
  }

  /** An error among the facts is called `err`. */
  error(facts: LogFacts, message: string): void {
    this.#line('error', facts, message)
  }

  #line(level: LogLevel, { err, ...facts }: LogFacts, msg: string): void {
    if (LEVELS[level] < this.#level) return
    const error = err === undefined ? {} : { err: shown(err) }
    const from = { level: LEVELS[level], time: Date.now(), pid: process.pid, hostname: this.#host }
    this.#write(`${JSON.stringify({ ...from, ...facts, ...error, msg })}\n`)
  }
}

function shown(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  return { type: error.name, message: error.message, stack: error.stack }
}
