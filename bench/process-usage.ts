// What the kernel says a process has used: CPU time from /proc/PID/task/TID/schedstat, and memory from
// /proc/PID/smaps_rollup. Linux only.

import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

/**
 * User and system time of all threads of the processes so far, in microseconds. Counted in nanoseconds, where
 * /proc/PID/stat counts in ticks of 10 ms, which are a tenth of a short round; the time of threads that ended is lost.
 */
export function cpuMicroseconds(pids: readonly number[]): number {
  let nanoseconds = 0
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const [running] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
      nanoseconds += Number(running)
    }
  }
  return nanoseconds / 1000
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

function kibibytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1] ?? Number.NaN)
}
