// Writing to a socket with the knowledge of when bytes have left the process, which decides who may reuse a buffer.
//
// Nearly every write of a proxy is taken whole by the kernel at once; then all that a stream's `write` adds is
// bookkeeping. So bytes go to the socket's handle, the way `net` itself does it, and only what the kernel does not take
// at once is tracked. Where there is no such handle, or the stream has bytes waiting (while connecting), the stream's
// own `write` is used.

import { getSystemErrorName } from 'node:util'

import { BULK_DATA_BYTES, returnBulk, takeBulk } from './bulk-buffers.ts'
import { hasStreamHandles, type StreamHandle, wasAsync, writeRequest } from './stream-handle.ts'

const NOTHING = Buffer.alloc(0)
/** Up to this size bytes travel as text, which is copied on the way and joins other text in one write. */
export const TEXT_BYTES_MAX = 4096

/** The part of `net.Socket` that writing needs. */
export interface WritableSocket {
  readonly connecting: boolean
  readonly writable: boolean
  readonly writableLength: number
  /** Bytes that the system has not taken yet, whoever keeps them. */
  readonly unsentBytes: number
  /** Whether what is given to `write` may be used again when the call returns. Missing: it may not. */
  readonly isCopying?: boolean
  write(text: string, encoding: 'latin1'): unknown
  write(bytes: Buffer, onWritten?: () => void): unknown
  destroy(error?: Error): unknown
}

/** Used for every write that completes at once. */
let spareRequest = hasStreamHandles ? writeRequest() : null

/** What gets the events of a writer. */
export interface WriterEvents {
  /** All has left; comes once after each result of `isPending`. */
  onDrained(): void
  /** The other side takes nothing any more. What it sent before may still be there to read. */
  onWriteFailed(error: Error): void
}

/** The writing half of a socket. */
export class SocketWriter {
  /** Who gets the events from now on. */
  events: WriterEvents
  readonly #socket: WritableSocket
  #isWaiting = false
  /** Bytes that waited when somebody looked last. */
  #unsent = 0
  /** Writes that the kernel has not taken yet. */
  #pending = 0

  constructor(socket: WritableSocket, events: WriterEvents) {
    this.#socket = socket
    this.events = events
  }

  writeText(text: string): void {
    const handle = this.#handle()
    if (handle === null || spareRequest === null) this.#socket.write(text, 'latin1')
    else this.#settle(handle.writeLatin1String(spareRequest, text), null)
  }

  /** Writes `prefix` and then bytes of `buffer`, as one piece if up to `headroom` bytes before `start` can hold it. */
  write(
    prefix: string,
    buffer: Buffer,
    start: number,
    end: number,
    headroom: number,
    isOwned: boolean,
  ): void {
    if (!isOwned) {
      this.#writeCopy(prefix, buffer, start, end)
      return
    }
    let from = start
    if (prefix !== '') {
      if (prefix.length <= headroom) {
        from = start - prefix.length
        buffer.write(prefix, from, 'latin1')
      } else this.writeText(prefix)
    }
    const bytes = buffer.subarray(from, end)
    const handle = this.#handle()
    if (handle === null || spareRequest === null) this.#socket.write(bytes)
    else this.#settle(handle.writeBuffer(spareRequest, bytes), bytes)
  }

  /** Whether bytes still wait in this process; then `onDrained` will be called. */
  isPending(): boolean {
    const isPending = this.#pending > 0 || this.#socket.writableLength > 0
    if (!isPending || this.#isWaiting) return isPending
    this.#isWaiting = true
    this.#unsent = this.#socket.unsentBytes
    if (this.#socket.writableLength > 0) this.#socket.write(NOTHING, () => this.#drained())
    return true
  }

  /** Whether the other side has taken some of what waits since the last call, or since it began to wait. */
  hasMoved(): boolean {
    const before = this.#unsent
    this.#unsent = this.#socket.unsentBytes
    return this.#isWaiting && this.#unsent < before
  }

  /** The buffer will be used again at once, so what leaves is a copy: in a pooled buffer, which is mostly free soon. */
  #writeCopy(prefix: string, buffer: Buffer, start: number, end: number): void {
    const handle = this.#handle()
    const size = prefix.length + end - start
    if (this.#socket.isCopying === true && size <= BULK_DATA_BYTES) {
      this.#giveCopied(prefix, buffer, start, end)
      return
    }
    if (handle === null || spareRequest === null || size > BULK_DATA_BYTES) {
      if (prefix !== '') this.#socket.write(prefix, 'latin1')
      this.#socket.write(Buffer.from(buffer.subarray(start, end)))
      return
    }
    const copy = takeBulk()
    if (prefix !== '') copy.write(prefix, 0, 'latin1')
    buffer.copy(copy, prefix.length, start, end)
    if (this.#settle(handle.writeBuffer(spareRequest, copy.subarray(0, size)), copy)) returnBulk(copy)
  }

  /** For a socket that keeps nothing: one write, which costs a copy where there is a prefix. */
  #giveCopied(prefix: string, buffer: Buffer, start: number, end: number): void {
    if (prefix === '') {
      this.#socket.write(buffer.subarray(start, end))
      return
    }
    const copy = takeBulk()
    copy.write(prefix, 0, 'latin1')
    buffer.copy(copy, prefix.length, start, end)
    this.#socket.write(copy.subarray(0, prefix.length + end - start))
    returnBulk(copy)
  }

  #handle(): StreamHandle | null {
    const socket = this.#socket
    if (!hasStreamHandles || socket.connecting || socket.writableLength > 0 || !socket.writable) return null
    return (socket as unknown as { _handle: StreamHandle | null })._handle
  }

  /** Whether the bytes have left; those that have not are kept in `data` until they have. */
  #settle(error: number, data: Buffer | null): boolean {
    if (error !== 0) {
      this.#failed(error)
      return true
    }
    if (spareRequest === null || !wasAsync()) return true
    const request = spareRequest
    spareRequest = writeRequest()
    request.buffer = data
    this.#pending++
    request.oncomplete = (status) => {
      this.#pending--
      if (status !== 0) this.#failed(status)
      else if (this.#pending === 0) this.#drained()
    }
    return false
  }

  #drained(): void {
    if (!this.#isWaiting || this.#pending > 0 || this.#socket.writableLength > 0) return
    this.#isWaiting = false
    this.events.onDrained()
  }

  #failed(error: number): void {
    this.events.onWriteFailed(new Error(`Cannot write: ${getSystemErrorName(error)}`))
  }
}
