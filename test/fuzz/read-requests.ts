// Reads a whole connection with the project's readers, the bytes coming in the pieces they are given in, and says what
// was understood in a form that can be compared.

import { ChunkedReader } from '../../src/wire/http1/chunked-reader.ts'
import type { ChunkSink } from '../../src/wire/http1/chunked-reader.ts'
import { Tier } from '../../src/wire/classification.ts'
import { FAULT, NEED_MORE, RequestReader } from '../../src/wire/http1/request-reader.ts'

/** One request as it was understood. */
export interface ReadRequest {
  readonly method: string
  readonly target: string
  readonly version: number
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly keepAlive: boolean
  readonly tier: number
  readonly reason: string | null
  readonly framing: string
  /** Bytes of the body that came; all of it when `isComplete`. */
  body: string
  trailers: string
  isComplete: boolean
  /** Position behind its last byte, once it is complete. */
  end: number
}

/** Everything that was understood, and how it ended: with a fault, a body of unknown end, or no more bytes. */
export interface ReadConnection {
  readonly requests: readonly ReadRequest[]
  readonly end: string
  /** Most bytes of a head that were held while more was asked for. */
  readonly heldBytesMax: number
}

/** Reads pieces one after another until they end or the connection cannot go on. */
export function readRequests(pieces: readonly Buffer[]): ReadConnection {
  const connection = new ConnectionReader()
  for (const piece of pieces) if (!connection.take(piece)) break
  return connection.result()
}

class ConnectionReader implements ChunkSink {
  readonly #reader = new RequestReader()
  readonly #chunks = new ChunkedReader()
  readonly #requests: ReadRequest[] = []
  #body: ReadRequest | null = null
  #remaining = 0
  #piece: Buffer = Buffer.alloc(0)
  /** Bytes of the pieces before this one. */
  #taken = 0
  #end: string | null = null
  #heldBytesMax = 0

  /** False: the connection is at its end. */
  take(bytes: Buffer): boolean {
    // Readers may move data within what they are given; the caller compares several readings of the same bytes.
    const piece = Buffer.from(bytes)
    this.#piece = piece
    let at = 0
    while (at < piece.length && this.#end === null)
      at = this.#body === null ? this.#readHead(at) : this.#readBody(this.#body, at)
    this.#taken += piece.length
    return this.#end === null
  }

  result(): ReadConnection {
    const end =
      this.#end ?? (this.#body === null && this.#reader.heldBytes === 0 ? 'between requests' : 'in a request')
    return { requests: this.#requests, end, heldBytesMax: this.#heldBytesMax }
  }

  chunkData(start: number, end: number): void {
    if (this.#body !== null) this.#body.body += this.#piece.toString('latin1', start, end)
  }

  #readHead(at: number): number {
    const before = this.#reader.heldBytes
    const end = this.#reader.read(this.#piece.toString('latin1', at))
    if (end === NEED_MORE) {
      this.#heldBytesMax = Math.max(this.#heldBytesMax, this.#reader.heldBytes)
      return this.#piece.length
    }
    if (end === FAULT) {
      this.#end = this.#reader.fault
      return this.#piece.length
    }
    this.#begin(at + end - before)
    return at + end - before
  }

  #begin(at: number): void {
    const head = this.#reader.head
    const fields: (readonly [string, string])[] = []
    for (let index = 0; index < head.fields.count; index++)
      fields.push([head.fields.name(index), head.fields.value(index)])
    const request: ReadRequest = {
      method: head.method,
      target: head.target,
      version: head.version,
      fields,
      keepAlive: head.keepAlive,
      tier: head.tier,
      reason: head.reason,
      framing: head.framingFault ?? head.body,
      body: '',
      trailers: '',
      isComplete: false,
      end: 0,
    }
    this.#requests.push(request)
    this.#body = request
    this.#remaining = head.contentLength
    this.#chunks.reset()
    if (head.version >= 20) this.#end = 'a version that is not HTTP/1'
    else if (head.framingFault !== null) this.#end = head.framingFault
    else if (head.tier === Tier.severe) this.#end = 'severe'
    else if (head.body === 'none' || (head.body === 'length' && head.contentLength === 0))
      this.#finish(request, at)
  }

  #readBody(request: ReadRequest, at: number): number {
    const piece = this.#piece
    if (request.framing === 'unknown-length') {
      const end = this.#chunks.read(piece, at, piece.length, this)
      if (this.#chunks.state === 'bad') this.#end = 'bad chunk'
      else if (this.#chunks.state === 'end') {
        request.trailers = this.#chunks.trailers
        this.#finish(request, end)
      }
      return end
    }
    const end = Math.min(piece.length, at + this.#remaining)
    request.body += piece.toString('latin1', at, end)
    this.#remaining -= end - at
    if (this.#remaining === 0) this.#finish(request, end)
    return end
  }

  #finish(request: ReadRequest, at: number): void {
    request.isComplete = true
    request.end = this.#taken + at
    this.#body = null
    if (!request.keepAlive) this.#end = 'closed'
  }
}
