// A TCP socket over Node's handle itself, for both sides of the data plane: reads into a buffer that its owner names,
// pauses, ends. What `net.Socket` brings beyond that, a duplex stream, a proxied connection has no use for.

import { getSystemErrorName } from 'node:util'

import type { Socket, SocketEvents } from './socket.ts'
import {
  connectHandle,
  END_OF_FILE,
  readResult,
  shutdownRequest,
  type StreamHandle,
  wasAsync,
  writeRequest,
} from './stream-handle.ts'

interface QueuedWrite {
  readonly data: string | Buffer
  readonly onWritten: (() => void) | undefined
}

export class HandleSocket implements Socket {
  connecting = false
  writable = true
  /** Bytes that wait for the connection to be made. */
  writableLength = 0
  _handle: StreamHandle | null
  #events: SocketEvents | null = null
  #isReadable = true
  #isReading = false
  #hadError = false
  #queue: QueuedWrite[] | null = null

  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined

  /** A socket over a connected handle; `serve` names who gets its events, `resume` starts it. */
  constructor(handle: StreamHandle, buffer: Buffer, remoteAddress?: string, remotePort?: number) {
    this._handle = handle
    this.remoteAddress = remoteAddress
    this.remotePort = remotePort
    handle.useUserBuffer(buffer)
    handle.onread = () => this.#read()
  }

  get unsentBytes(): number {
    return this.writableLength + (this._handle?.writeQueueSize ?? 0)
  }

  serve(events: SocketEvents): void {
    this.#events = events
  }

  /** Gives the connected handle to somebody else; the socket is at its end, and nobody is told of it. Null where it is closed. */
  release(): StreamHandle | null {
    const handle = this._handle
    this.pause()
    this._handle = null
    this.writable = false
    this.#isReadable = false
    this.#events = null
    return handle
  }

  /** Connects to an address, from `source` or any; `onConnect` comes before all other events, or `onClose` alone. */
  static connect(
    address: string,
    port: number,
    source: string | null,
    buffer: Buffer,
    events: SocketEvents,
    onConnect: () => void,
  ): HandleSocket {
    const { handle, error } = connectHandle(address, port, source, (status) =>
      socket.#connected(status, onConnect),
    )
    const socket = new HandleSocket(handle, buffer, address, port)
    socket.#events = events
    socket.connecting = true
    if (error !== 0) setImmediate(() => socket.destroy(new Error(getSystemErrorName(error))))
    return socket
  }

  pause(): void {
    if (!this.#isReading) return
    this.#isReading = false
    this._handle?.readStop()
  }

  resume(): void {
    if (this.#isReading || !this.#isReadable || this.connecting || this._handle === null) return
    this.#isReading = true
    if (this._handle.readStart() !== 0) this.destroy()
  }

  /** Sends our FIN after all that was written. */
  end(): void {
    if (!this.writable || this._handle === null) return
    this.writable = false
    const request = shutdownRequest()
    const done = (): void => {
      if (!this.#isReadable) this.destroy()
    }
    request.oncomplete = done
    if (this._handle.shutdown(request) !== 0) done()
  }

  destroy(error?: Error): void {
    const handle = this._handle
    if (handle === null) return
    this._handle = null
    this.writable = false
    this.connecting = false
    this.writableLength = 0
    this.#queue = null
    this.#isReadable = false
    this.#isReading = false
    if (error !== undefined) this.#hadError = true
    handle.onread = ignoreRead
    handle.close(() => this.#events?.onClose(this.#hadError))
  }

  /** Cuts the connection, so that the other side sees no regular end. */
  reset(): void {
    const handle = this._handle
    this._handle = null
    this.writable = false
    this.#isReadable = false
    if (handle === null) return
    handle.onread = ignoreRead
    handle.reset(() => this.#events?.onClose(true))
  }

  /** Mostly for what comes before the connection is made; afterwards a writer gives its bytes to the handle. */
  write(data: string | Buffer, last?: 'latin1' | (() => void)): void {
    if (!this.connecting) {
      if (this._handle !== null) writeNow(this._handle, data, typeof last === 'function' ? last : null)
      return
    }
    this.#queue ??= []
    this.#queue.push({ data, onWritten: typeof last === 'function' ? last : undefined })
    this.writableLength += Math.max(data.length, 1)
  }

  #connected(status: number, onConnect: () => void): void {
    const handle = this._handle
    if (handle === null) return
    if (status !== 0) {
      this.destroy(new Error(getSystemErrorName(status)))
      return
    }
    this.connecting = false
    onConnect()
    const queue = this.#queue ?? []
    this.#queue = null
    this.writableLength = 0
    for (const { data, onWritten } of queue) {
      writeNow(handle, data, null)
      onWritten?.()
    }
    this.resume()
  }

  #read(): Buffer | undefined {
    const length = readResult()
    if (length > 0) return this.#events?.onRead(length)
    if (length === END_OF_FILE) this.#end()
    else if (length < 0) this.destroy(new Error(getSystemErrorName(length)))
    return undefined
  }

  #end(): void {
    this.pause()
    this.#isReadable = false
    this.#events?.onEnd()
    if (!this.writable) this.destroy()
  }
}

/** Gives bytes to the system, which keeps what it cannot send yet. */
function writeNow(handle: StreamHandle, data: string | Buffer, onWritten: (() => void) | null): void {
  const request = writeRequest()
  request.oncomplete = onWritten
  if (typeof data === 'string') handle.writeLatin1String(request, data)
  else if (data.length > 0) {
    request.buffer = data
    handle.writeBuffer(request, data)
  }
  if (onWritten !== null && (data.length === 0 || !wasAsync())) setImmediate(onWritten)
}

/** A handle takes nothing but functions here. */
function ignoreRead(): undefined {
  return undefined
}
