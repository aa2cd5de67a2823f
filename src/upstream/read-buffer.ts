// Where bytes from targets are read into. Small answers pass through one buffer that all connections of the worker
// share and that is free again when the callback returns. A connection in the middle of a large body reads into a
// buffer of its own, which then goes to the client's socket without a copy.

/** Free bytes before the data, so that a head can be put in front of a body in place. */
export const HEADROOM = 2048
const SHARED_BYTES = 64 * 1024
const BULK_BYTES = 256 * 1024
const POOL_MAX = 64

const shared = Buffer.allocUnsafeSlow(HEADROOM + SHARED_BYTES)
/** What a socket reads into while no large body is under way. */
export const sharedRegion = shared.subarray(HEADROOM)

const pool: Buffer[] = []

/** The whole shared buffer; data begins at `HEADROOM`. */
export function sharedBuffer(): Buffer {
  return shared
}

/** A buffer of `HEADROOM` and at least 256 KiB for one connection. */
export function takeBulk(): Buffer {
  return pool.pop() ?? Buffer.allocUnsafeSlow(HEADROOM + BULK_BYTES)
}

/** Gives a buffer back that nobody reads or writes any more. */
export function returnBulk(buffer: Buffer): void {
  if (pool.length < POOL_MAX) pool.push(buffer)
}
