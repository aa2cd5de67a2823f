// SHA-256 in the form that AWS's own signer wants to be given.

import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import type { SourceData } from '@smithy/types'

/** A digest, or with a secret an HMAC. */
export class Sha256 {
  readonly #hash: Hash | Hmac
  constructor(secret?: SourceData) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret))
  }
  update(data: SourceData): void {
    this.#hash.update(bytes(data))
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {}
}

function bytes(data: SourceData): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data)
}
