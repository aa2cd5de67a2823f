// Buffers for what connections say in one turn, kept for the next one. Most are small; a body takes a large one.

import { BULK_BYTES, returnBulk, takeBulk } from '../../sockets/bulk-buffers.ts'
import type { OutputBuffers } from '../../wire/http2/frame-writer.ts'

const SMALL_BYTES = 16 * 1024
const POOL_MAX = 256

const small: Buffer[] = []

function take(bytes: number): Buffer {
  if (bytes <= SMALL_BYTES) return small.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES)
  return bytes <= BULK_BYTES ? takeBulk() : Buffer.allocUnsafeSlow(bytes)
}

function giveBack(buffer: Buffer): void {
  if (buffer.length === BULK_BYTES) returnBulk(buffer)
  else if (buffer.length === SMALL_BYTES && small.length < POOL_MAX) small.push(buffer)
}

export const outputBuffers: OutputBuffers = { take, giveBack }
