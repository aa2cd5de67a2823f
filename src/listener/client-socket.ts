// The socket of a client connection: reads, pauses, ends. Over the handle itself where Node has it, which makes a new
// connection a third cheaper and an idle one half as large as with `net.Socket`; else over `net.Socket`.

import { Socket, type SocketConstructorOpts } from 'node:net'

import type { WritableSocket } from '../exchange/socket-writer.ts'
import {
  END_OF_FILE,
  hasStreamHandles,
  readResult,
  shutdownRequest,
  type StreamHandle,
} from '../exchange/stream-handle.ts'

/** What gets the events of one accepted socket. */
export interface ConnectionEvents {
  /** Bytes that are valid during the call only. */
  onData(buffer: Buffer, start: number, end: number): void
  /** The client's FIN. */
  onEnd(): void
  /** The last event. `hadError`: by a reset or another fault. */
  onClose(hadError: boolean): void
}

/** A connected client. After `end` it still reads; it closes when both sides have ended. */
export interface ClientSocket extends WritableSocket {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  pause(): unknown
  resume(): unknown
  /** Sends our FIN after all that was written. */
  end(): unknown
}

/** Every connection of the process reads into this buffer: what has to outlive a callback is copied there. */
const readBuffer = Buffer.allocUnsafeSlow(128 * 1024)

/** Opens an accepted handle; `serve` gets the socket and says who takes its events. */
export function openClientSocket(handle: unknown, serve: (socket: ClientSocket) => ConnectionEvents): void {
  if (hasStreamHandles) HandleSocket.open(handle as StreamHandle, serve)
  else openNetSocket(handle, serve)
}

class HandleSocket implements ClientSocket {
  readonly connecting = false
  readonly writableLength = 0
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  writable = true
  _handle: StreamHandle | null
  #events: ConnectionEvents | null = null
  #isReadable = true
  #isReading = false
  #hadError = false

  static open(handle: StreamHandle, serve: (socket: ClientSocket) => ConnectionEvents): void {
    const socket = new HandleSocket(handle)
    // A client that is gone already has no address any more, and nobody to answer.
    if (socket.remoteAddress === undefined) {
      socket.destroy()
      return
    }
    socket.#events = serve(socket)
    handle.useUserBuffer(readBuffer)
    handle.onread = () => socket.#read()
    socket.resume()
  }

  private constructor(handle: StreamHandle) {
    this._handle = handle
    const name: { address?: string; port?: number } = {}
    if (handle.getpeername(name) === 0) {
      this.remoteAddress = name.address
      this.remotePort = name.port
    }
  }

  pause(): void {
    if (!this.#isReading) return
    this.#isReading = false
    this._handle?.readStop()
  }

  resume(): void {
    if (this.#isReading || !this.#isReadable || this._handle === null) return
    this.#isReading = true
    if (this._handle.readStart() !== 0) this.destroy()
  }

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
    this.#isReadable = false
    this.#isReading = false
    if (error !== undefined) this.#hadError = true
    handle.onread = ignoreRead
    handle.close(() => this.#events?.onClose(this.#hadError))
  }

  /** Never needed: bytes go to the handle, and without one there is nobody to send them to. */
  write(): void {}

  #read(): void {
    const length = readResult()
    if (length > 0) this.#events?.onData(readBuffer, 0, length)
    else if (length === END_OF_FILE) this.#end()
    else if (length < 0) {
      this.#hadError = true
      this.destroy()
    }
  }

  #end(): void {
    this.pause()
    this.#isReadable = false
    if (this.writable) this.#events?.onEnd()
    else this.destroy()
  }
}

/** A handle takes nothing but functions here. */
function ignoreRead(): void {}

function openNetSocket(handle: unknown, serve: (socket: ClientSocket) => ConnectionEvents): void {
  let events: ConnectionEvents | null = null
  const options: Omit<SocketConstructorOpts, 'handle'> & { handle: unknown } = {
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: readBuffer,
      callback(length) {
        events?.onData(readBuffer, 0, length)
        return true
      },
    },
  }
  const socket = new Socket(options as SocketConstructorOpts)
  // The 'close' event that always follows says whether there was an error.
  socket.on('error', () => {})
  if (socket.remoteAddress === undefined) {
    socket.destroy()
    return
  }
  const served = serve(socket)
  events = served
  socket.on('end', () => served.onEnd())
  socket.on('close', (hadError) => served.onClose(hadError))
}
