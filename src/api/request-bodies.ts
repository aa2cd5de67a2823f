// The bodies of requests to the API, each read whole: how large one may be, and how much of all may be held at a time.
// Who sends one need not be known yet, and may take its time.

import type { IncomingMessage } from 'node:http'

import { ApiError } from './errors.ts'

/** Largest request body, in bytes: a thousand targets with room to spare. */
const BODY_MAX = 1024 * 1024
/** What every body may have, so that large ones keep nobody from the ordinary calls. */
const FREE_BYTES = 64 * 1024
/** What all bodies together may have beyond that. */
const SHARED_MAX = 64 * 1024 * 1024

export class RequestBodies {
  /** Bytes beyond the free ones that are held now. */
  #shared = 0

  /**
   * @throws {ApiError} RequestEntityTooLarge; MalformedQueryString where it broke off; ServiceUnavailable, which clients
   * answer by asking again, while large bodies of others are held.
   */
  async read(request: IncomingMessage): Promise<Buffer> {
    const held = { shared: 0 }
    try {
      return await this.#readWhole(request, held)
    } catch (error) {
      // Nobody is left to read the answer to a request that broke off.
      if (error instanceof ApiError) throw error
      throw new ApiError('MalformedQueryString', 'The request is incomplete')
    } finally {
      this.#shared -= held.shared
    }
  }

  async #readWhole(request: IncomingMessage, held: { shared: number }): Promise<Buffer> {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > BODY_MAX) {
        throw new ApiError('RequestEntityTooLarge', `The request must not be longer than ${BODY_MAX} bytes`)
      }
      const added = Math.max(0, size - FREE_BYTES) - held.shared
      held.shared += added
      this.#shared += added
      if (this.#shared > SHARED_MAX) {
        throw new ApiError('ServiceUnavailable', 'Too many large requests are being read; try again')
      }
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }
}
