// Large buffers that bodies pass through, kept for the next body. A buffer belongs to whoever took it until it is
// returned; one that still waits in a socket when its owner ends is left to the garbage collector.

/** Free bytes before the data, so that a head can be put in front of a body in place. */
export const HEADROOM = 2048
const DATA_BYTES = 256 * 1024
const POOL_MAX = 64

const pool: Buffer[] = []

/** Bytes that fit into a buffer behind its headroom. */
export const BULK_DATA_BYTES = DATA_BYTES

/** Length of a buffer. */
export const BULK_BYTES = HEADROOM + DATA_BYTES

/** A buffer of HEADROOM and BULK_DATA_BYTES. */
export function takeBulk(): Buffer {
  return pool.pop() ?? Buffer.allocUnsafeSlow(BULK_BYTES)
}

/** Gives a buffer back that nobody reads or writes any more. */
export function returnBulk(buffer: Buffer): void {
  if (pool.length < POOL_MAX) pool.push(buffer)
}
