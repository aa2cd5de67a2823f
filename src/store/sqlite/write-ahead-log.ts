// Whether the write-ahead log that lies beside a database can be used (SQLite file format, section 4). SQLite itself
// takes one that it cannot read for an empty one, and so loses what was committed in it without a word.

import { closeSync, openSync, readSync } from 'node:fs'
import { endianness } from 'node:os'

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
/** The lowest bit says in which order checksums read their words. */
const MAGIC = 0x377f0682

/** What is wrong with the log, in words that follow "it is"; undefined if it can be used or is not there. */
export function problemOfLog(file: string): string | undefined {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return problemIn(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function problemIn(descriptor: number): string | undefined {
  const header = Buffer.alloc(HEADER_BYTES)
  const length = readSync(descriptor, header, 0, HEADER_BYTES, 0)
  // Made, and not begun when the machine lost power.
  if (header.every((byte) => byte === 0)) return undefined
  const isBigEndian = (header.readUInt32BE(0) & 1) === 1
  const sums: Sums = [0, 0]
  addTo(sums, header, 0, 24, isBigEndian)
  const isWhole = length === HEADER_BYTES && header.readUInt32BE(0) >>> 1 === MAGIC >>> 1
  if (!isWhole || sums[0] !== header.readUInt32BE(24) || sums[1] !== header.readUInt32BE(28)) {
    return 'damaged (it does not begin as a write-ahead log does)'
  }
  return problemInFrames(descriptor, header, sums, isBigEndian)
}

/**
 * Frames behind the last commit may be in any state: they were being written. A frame is damaged that was whole once: a
 * commit lies behind it, and frames behind that, for which the commit had to be on disk.
 */
function problemInFrames(
  descriptor: number,
  header: Buffer,
  sums: Sums,
  isBigEndian: boolean,
): string | undefined {
  const salts = header.subarray(16, 24)
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + header.readUInt32BE(8))
  let isBroken = false
  let hasCommit = false
  for (let at = HEADER_BYTES; readSync(descriptor, frame, 0, frame.length, at) === frame.length;) {
    at += frame.length
    // Of an earlier round through the same file.
    if (!frame.subarray(8, 16).equals(salts)) return undefined
    if (hasCommit) return 'damaged (changes that were committed cannot be read from it)'
    if (!isBroken) {
      addTo(sums, frame, 0, 8, isBigEndian)
      addTo(sums, frame, FRAME_HEADER_BYTES, frame.length, isBigEndian)
      isBroken = sums[0] !== frame.readUInt32BE(16) || sums[1] !== frame.readUInt32BE(20)
    }
    hasCommit = isBroken && frame.readUInt32BE(4) !== 0
  }
  return undefined
}

type Sums = [number, number]

/** The checksum of section 4.2, continued; the length is a multiple of eight bytes. */
function addTo(sums: Sums, bytes: Buffer, from: number, end: number, isBigEndian: boolean): void {
  // A copy, aligned as an array of words has to be.
  const copy = Buffer.from(Uint8Array.from(bytes.subarray(from, end)).buffer)
  if (isBigEndian !== (endianness() === 'BE')) copy.swap32()
  const words = new Uint32Array(copy.buffer, copy.byteOffset, copy.length / 4)
  let [first, second] = sums
  for (let at = 0; at < words.length; at += 2) {
    first = (first + (words[at] ?? 0) + second) >>> 0
    second = (second + (words[at + 1] ?? 0) + first) >>> 0
  }
  sums[0] = first
  sums[1] = second
}
