// The thread behind `Compressor`. All of its work is synchronous: that is what keeps it in this thread, whose priority
// is low, and out of the pool that the process shares.

import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import type { CompressionOrder, CompressionResult } from './compressor.ts'

const PIECE_BYTES = 1024 * 1024
const NICE = 10

// Elsewhere this would set the priority of the whole process.
if (process.platform === 'linux') setPriority(0, NICE)

const piece = Buffer.allocUnsafeSlow(PIECE_BYTES)

parentPort?.on('message', (order: CompressionOrder) => {
  let result: CompressionResult = null
  try {
    join(order)
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    result = { message, code }
  }
  parentPort?.postMessage(result)
})

/** Each compressed piece is a member of its own; a gzip file may have any number of them (RFC 1952 section 2.2). */
function join({ sources, target, isCompressed }: CompressionOrder): void {
  const form = isCompressed ? gzipSync : (bytes: Buffer): Buffer => bytes
  const out = openSync(target, 'w')
  try {
    let filled = 0
    let written = 0
    for (const source of sources) {
      const file = openSync(source, 'r')
      try {
        for (let read = 1; read > 0;) {
          read = readSync(file, piece, filled, PIECE_BYTES - filled, null)
          filled += read
          if (filled < PIECE_BYTES) continue
          writeWhole(out, form(piece))
          written += filled
          filled = 0
        }
      } finally {
        closeSync(file)
      }
    }
    // Without a member it would be no gzip file.
    if (filled > 0 || written === 0) writeWhole(out, form(piece.subarray(0, filled)))
  } finally {
    closeSync(out)
  }
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
}
