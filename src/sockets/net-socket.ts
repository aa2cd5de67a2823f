// A socket over `net.Socket`, for a Node whose handles are not as expected.

import { connect, type OnReadOpts, Socket as NodeSocket, type SocketConstructorOpts } from 'node:net'

import type { Socket, SocketEvents } from './socket.ts'

export class NetSocket implements Socket {
  readonly #socket: NodeSocket
  /** What the next bytes are read into. */
  #buffer: Buffer
  #events: SocketEvents | null

  private constructor(buffer: Buffer, events: SocketEvents | null, open: (onread: OnReadOpts) => NodeSocket) {
    this.#buffer = buffer
    this.#events = events
    const socket = open({
      buffer: () => this.#buffer,
      callback: (length) => {
        this.#buffer = this.#events?.onRead(length) ?? this.#buffer
        return true
      },
    })
    this.#socket = socket
    // The 'close' event that always follows says whether there was an error.
    socket.on('error', () => {})
    socket.on('end', () => this.#events?.onEnd())
    socket.on('close', (hadError) => this.#events?.onClose(hadError))
  }

  /** A socket over an accepted handle. */
  static accepted(handle: unknown, buffer: Buffer): NetSocket {
    return new NetSocket(buffer, null, (onread) => {
      const options: Omit<SocketConstructorOpts, 'handle'> & { handle: unknown } = {
        handle,
        allowHalfOpen: true,
        onread,
      }
      return new NodeSocket(options as SocketConstructorOpts)
    })
  }

  /** Connects to an address, from `source` or any. */
  static connect(
    host: string,
    port: number,
    source: string | null,
    buffer: Buffer,
    events: SocketEvents,
    onConnect: () => void,
  ): NetSocket {
    return new NetSocket(buffer, events, (onread) => {
      const localAddress = source === null ? {} : { localAddress: source }
      const socket = connect({ host, port, ...localAddress, allowHalfOpen: true, noDelay: true, onread })
      return socket.on('connect', onConnect)
    })
  }

  get connecting(): boolean {
    return this.#socket.connecting
  }

  get writable(): boolean {
    return this.#socket.writable
  }

  get writableLength(): number {
    return this.#socket.writableLength
  }

  get unsentBytes(): number {
    return this.#socket.writableLength
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  get remotePort(): number | undefined {
    return this.#socket.remotePort
  }

  serve(events: SocketEvents): void {
    this.#events = events
  }

  write(data: string | Buffer, last?: 'latin1' | (() => void)): void {
    if (typeof data === 'string') this.#socket.write(data, 'latin1')
    else this.#socket.write(data, typeof last === 'function' ? last : undefined)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#socket.end()
  }

  destroy(error?: Error): void {
    this.#socket.destroy(error)
  }

  reset(): void {
    this.#socket.resetAndDestroy()
  }
}
