// Buffers for what connections say in one turn, kept for the next one. Most are small; a body takes a large one.

import { returnBulk, takeBulk } from '../../sockets/bulk-buffers.ts'
import type { OutputBuffers } from '../../wire/http2/frame-writer.ts'

const SMALL_BYTES = 16 * 1024
const POOL_MAX = 256

const small: Buffer[] = []
/** A bulk buffer has this length. */
let bulkBytes = 0

function take(bytes: number): Buffer {
  if (bytes <= SMALL_BYTES) return small.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES)
  const bulk = takeBulk()
  bulkBytes = bulk.length
  if (bytes <= bulkBytes) return bulk
  returnBulk(bulk)
  return Buffer.allocUnsafeSlow(bytes)
}

function giveBack(buffer: Buffer): void {
  if (buffer.length === bulkBytes) returnBulk(buffer)
  else if (buffer.length === SMALL_BYTES && small.length < POOL_MAX) small.push(buffer)
}

export const outputBuffers: OutputBuffers = { take, giveBack }
