// A TLS connection as a socket: what is written is encrypted on the way, what is read was decrypted. It knows neither
// certificates nor who is at the other end.

import { getSystemErrorName } from 'node:util'

import type { Socket, SocketEvents } from './socket.ts'
import {
  END_OF_FILE,
  readResult,
  shutdownRequest,
  type StreamHandle,
  type StreamRequest,
  writeRequest,
} from './stream-handle.ts'
import type { TlsHandle } from './tls-handle.ts'

/** What becomes of a handshake: one of these calls comes, once. */
export interface HandshakeEvents {
  /** Both sides have keys. Who is to serve the socket must be named before the call returns; nothing may be sent in it. */
  onSecure(): void
  /** It failed, or the other side has gone; the socket is closed, or about to be. */
  onHandshakeFailed(error: Error | null): void
}

export interface TlsSocketParts {
  readonly tcp: StreamHandle
  readonly tls: TlsHandle
  /** What is read goes there. */
  readonly buffer: Buffer
  readonly handshake: HandshakeEvents
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly isServer: boolean
}

/** Bytes that may wait for the write in progress without anybody being told to stop. */
const QUEUED_BYTES_MAX = 64 * 1024
/** What one write takes out of OpenSSL's memory at once; the rest follows in later turns. */
const AT_ONCE_BYTES = 128 * 1024

/** Requests of finished writes, for the next ones. */
const spareRequests: TlsWrite[] = []
const SPARES_MAX = 256

type TlsWrite = StreamRequest & { socket: TlsSocket | null }

export class TlsSocket implements Socket {
  connecting = false
  writable = true
  /** Writes come here, not to a handle. */
  readonly _handle = null
  /** What is given to `write` may be used again when the call returns. */
  readonly isCopying = true
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly #tcp: StreamHandle
  readonly #tls: TlsHandle
  #events: SocketEvents | null = null
  #handshake: HandshakeEvents | null
  #isOpen = true
  #isReadable = true
  #isReading = false
  #hadError = false
  /** Size of the write in progress; 0: there is none. */
  #inProgress = 0
  #queue: (string | Buffer)[] = []
  #queuedBytes = 0
  #onWritten: (() => void) | null = null

  constructor({ tcp, tls, buffer, handshake, remoteAddress, remotePort, isServer }: TlsSocketParts) {
    this.#tcp = tcp
    this.#tls = tls
    this.connecting = !isServer
    this.#handshake = handshake
    this.remoteAddress = remoteAddress
    this.remotePort = remotePort
    tls.useUserBuffer(buffer)
    tls.onread = () => this.#read()
    tls.onhandshakedone = () => this.#secured()
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a handle has no listeners
    tls.onerror = (error) => this.#failed(error)
  }

  /** The session, for what was agreed in the handshake. */
  get session(): TlsHandle {
    return this.#tls
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Bytes that wait because the other side does not take them. */
  get writableLength(): number {
    if (!this.#isOpen) return 0
    if (this.connecting) return this.#queuedBytes
    if (this.#queuedBytes > QUEUED_BYTES_MAX) return this.#queuedBytes
    if (this.#inProgress === 0) return 0
    if (this.#inProgress > AT_ONCE_BYTES) return this.#inProgress
    return this.#tcp.writeQueueSize
  }

  get unsentBytes(): number {
    return this.#isOpen ? this.#queuedBytes + this.#tls.writeQueueSize + this.#tcp.writeQueueSize : 0
  }

  serve(events: SocketEvents): void {
    this.#events = events
  }

  /** Begins the handshake as a client, once the TCP connection is made. Until it is done, what is written waits. */
  startAsClient(): void {
    this.resume()
    this.#tls.start()
  }

  /** Begins the handshake, as a server with what the client has sent already. */
  receive(bytes: Buffer): void {
    this.resume()
    this.#tls.receive(bytes)
  }

  pause(): void {
    if (!this.#isReading) return
    this.#isReading = false
    if (this.#isOpen) this.#tls.readStop()
  }

  resume(): void {
    if (this.#isReading || !this.#isReadable || !this.#isOpen) return
    this.#isReading = true
    if (this.#tls.readStart() !== 0) this.destroy()
  }

  write(data: string | Buffer, last?: 'latin1' | (() => void)): void {
    if (typeof last === 'function') this.#onWritten = last
    if (!this.#isOpen || data.length === 0) {
      const isIdle = this.#inProgress === 0 && !this.connecting
      if (this.#onWritten !== null && isIdle) setImmediate(() => this.#tellWritten())
      return
    }
    if (!this.writable) return
    if (this.#inProgress === 0 && !this.connecting) {
      this.#start(data)
      return
    }
    // Only one write at a time: the rest goes out together when it is done.
    this.#queue.push(typeof data === 'string' ? data : Buffer.from(data))
    this.#queuedBytes += data.length
  }

  /** Sends the end of the session and our FIN after all that was written. */
  end(): void {
    if (!this.writable || !this.#isOpen) return
    this.writable = false
    if (this.#inProgress === 0 && !this.connecting) this.#shutdown()
  }

  destroy(error?: Error): void {
    if (!this.#isOpen) return
    if (error !== undefined) this.#hadError = true
    this.#leave()
    this.#tcp.close(() => this.#closed())
  }

  reset(): void {
    if (!this.#isOpen) return
    this.#hadError = true
    this.#leave()
    this.#tcp.reset(() => this.#closed())
  }

  #leave(): void {
    this.#isOpen = false
    this.connecting = false
    this.writable = false
    this.#isReadable = false
    this.#isReading = false
    this.#queue = []
    this.#queuedBytes = 0
    this.#tls.onread = ignoreRead
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a handle has no listeners
    this.#tls.onerror = ignore
    this.#tls.onhandshakedone = ignore
    this.#tls.onhandshakestart = ignore
  }

  #closed(): void {
    // OpenSSL's memory goes now, not when the collector comes.
    this.#tls.destroySSL()
    const handshake = this.#handshake
    this.#handshake = null
    handshake?.onHandshakeFailed(null)
    this.#events?.onClose(this.#hadError)
  }

  // ---- the handshake ----

  #secured(): void {
    const handshake = this.#handshake
    if (handshake === null) return
    this.#handshake = null
    // A second handshake would be a renegotiation (TLS 1.2 and before), which nobody is offered.
    this.#tls.onhandshakestart = () => this.destroy(new Error('Renegotiation'))
    handshake.onSecure()
    // What waited may not be written from within the handshake.
    if (this.connecting) process.nextTick(() => this.#connected())
  }

  #connected(): void {
    this.connecting = false
    if (!this.#isOpen) return
    if (this.#queue.length > 0) this.#startQueued()
    else if (!this.writable) this.#shutdown()
  }

  #failed(error: Error): void {
    const handshake = this.#handshake
    this.#handshake = null
    handshake?.onHandshakeFailed(error)
    this.destroy(error)
  }

  // ---- reading ----

  #read(): Buffer | undefined {
    const length = readResult()
    if (length > 0) return this.#events?.onRead(length)
    if (length === END_OF_FILE) this.#end()
    else if (length < 0) this.destroy(new Error(getSystemErrorName(length)))
    return undefined
  }

  #end(): void {
    if (this.#handshake !== null) {
      this.destroy()
      return
    }
    this.pause()
    this.#isReadable = false
    this.#events?.onEnd()
    if (!this.writable && this.#inProgress === 0) this.destroy()
  }

  // ---- writing ----

  #start(data: string | Buffer): void {
    const request = spareRequests.pop() ?? newRequest()
    request.socket = this
    this.#inProgress = data.length
    const error =
      typeof data === 'string'
        ? this.#tls.writeLatin1String(request, data)
        : this.#tls.writeBuffer(request, data)
    if (error === 0) return
    this.#inProgress = 0
    this.destroy(new Error(getSystemErrorName(error)))
  }

  /** Only for `onWriteDone`. */
  written(status: number): void {
    this.#inProgress = 0
    if (!this.#isOpen) return
    if (status !== 0) {
      this.destroy(new Error(`Cannot write: ${getSystemErrorName(status)}`))
      return
    }
    if (this.#queue.length > 0) this.#startQueued()
    else if (!this.writable) this.#shutdown()
    this.#tellWritten()
  }

  #startQueued(): void {
    const queue = this.#queue
    this.#queue = []
    this.#queuedBytes = 0
    const [only] = queue
    if (queue.length === 1 && only !== undefined) this.#start(only)
    else if (queue.every((piece) => typeof piece === 'string')) this.#start(queue.join(''))
    else {
      this.#start(
        Buffer.concat(
          queue.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)),
        ),
      )
    }
  }

  #tellWritten(): void {
    const onWritten = this.#onWritten
    if (onWritten === null || !this.#isOpen || this.writableLength > 0) return
    this.#onWritten = null
    onWritten()
  }

  #shutdown(): void {
    const request = shutdownRequest()
    const done = (): void => {
      if (!this.#isReadable) this.destroy()
    }
    request.oncomplete = done
    if (this.#tls.shutdown(request) !== 0) done()
  }
}

function newRequest(): TlsWrite {
  return Object.assign(writeRequest(), { oncomplete: onWriteDone, socket: null })
}

/** The request that was done last: Node still holds it until some time after its callback. */
let resting: TlsWrite | null = null

/** Called on the request: one function for all of them. */
function onWriteDone(this: TlsWrite, status: number): void {
  const { socket } = this
  this.socket = null
  rest(this)
  socket?.written(status)
}

function rest(request: TlsWrite): void {
  if (resting !== null && spareRequests.length < SPARES_MAX) spareRequests.push(resting)
  resting = request
}

/** A handle takes nothing but functions here. */
function ignoreRead(): undefined {
  return undefined
}

function ignore(): void {}
