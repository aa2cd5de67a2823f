// What the kernel says a process has used: CPU time from /proc/PID/stat, and memory from
// /proc/PID/smaps_rollup. Linux only.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const FIRST_FIELD_AFTER_NAME = 3
const FIELD_USER_TICKS = 14
const FIELD_SYSTEM_TICKS = 15

let ticksPerSecond = 0

/** User and system time of all threads of the processes so far, in microseconds; 10 ms is the usual resolution. */
export function cpuMicroseconds(pids: readonly number[]): number {
  if (ticksPerSecond === 0)
    ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  let ticks = 0
  for (const pid of pids) {
    const fields = statFields(pid)
    ticks += statNumber(fields, FIELD_USER_TICKS) + statNumber(fields, FIELD_SYSTEM_TICKS)
  }
  return (ticks / ticksPerSecond) * 1e6
}

/** Memory of a process: resident pages, and its proportional share of them. */
export interface MemoryUse {
  readonly rssBytes: number
  readonly pssBytes: number
}

/** Memory of the processes together. */
export function memoryUse(pids: readonly number[]): MemoryUse {
  let rssBytes = 0
  let pssBytes = 0
  for (const pid of pids) {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    rssBytes += kibibytes(text, 'Rss') * 1024
    pssBytes += kibibytes(text, 'Pss') * 1024
  }
  return { rssBytes, pssBytes }
}

/** Keeps every thread of a process, and those it starts later, on one core. */
export function pinToCore(pid: number, core: number): void {
  execFileSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' })
}

/** Fields of /proc/PID/stat from the third on; the second, the name, may hold spaces and is left out. */
function statFields(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function statNumber(fields: readonly string[], field: number): number {
  return Number(fields[field - FIRST_FIELD_AFTER_NAME])
}

function kibibytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1] ?? Number.NaN)
}
