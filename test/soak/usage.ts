// What a process holds, and whether its memory grows from sample to sample. Linux only.

import { readFileSync, readdirSync } from 'node:fs'

const MEGABYTE = 1024 * 1024

/** Bytes of memory of a process that no other shares, as the kernel counts them. */
export function privateBytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const kilobytes = [...rollup.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm)]
  return kilobytes.reduce((sum, [, text]) => sum + Number(text) * 1024, 0)
}

/** How many files and sockets a process has open. */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/**
 * Bytes by which memory grew. The first third of the samples is for warming up; the lowest of the second and of the last
 * third are compared, which is what was left after a garbage collection.
 */
export function growth(samples: readonly number[]): number {
  const { middle, end } = lowest(samples)
  return Math.max(0, end - middle)
}

/** First sample, lowest of the middle and of the last third, highest: for the report. */
export function summary(samples: readonly number[]): string {
  const { middle, end } = lowest(samples)
  const [first, between, last, most] = [samples[0] ?? 0, middle, end, Math.max(...samples)].map(megabytes)
  return `${first} MB at first, ${between} MB then, ${last} MB at last, at most ${most} MB`
}

function lowest(samples: readonly number[]): { middle: number; end: number } {
  const third = Math.floor(samples.length / 3)
  if (third < 3) throw new RangeError(`${samples.length} samples are too few`)
  return {
    middle: Math.min(...samples.slice(third, 2 * third)),
    end: Math.min(...samples.slice(2 * third)),
  }
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1)
}
