// One health check over a connection of its own: connects, asks in the protocol of the target group, and closes. Both
// what a target sends and how long it takes are bounded.

import { connect, type Socket } from 'node:net'
import { askHttp1 } from './http1-question.ts'
import { askHttp2 } from './http2-question.ts'
import { FAILED, type ProbeRequest, type ProbeResult, type Question, resultOfError } from './question.ts'
import { secured } from './target-security.ts'

export type Probe = (request: ProbeRequest, onResult: (result: ProbeResult) => void) => void

/** What the system says where an address cannot be connected from. */
const SOURCE_ERRORS = new Set(['EADDRNOTAVAIL', 'EADDRINUSE'])

/** All that a target may send in one check, TLS and frames included. */
const RECEIVED_BYTES_MAX = 1024 * 1024
/** How often that is looked at: no honest check takes longer and sends much. */
const LOOK_EVERY_REAL_MS = 100

/** Runs one check; `onResult` is called once, when the result is known. */
export function probe(request: ProbeRequest, onResult: (result: ProbeResult) => void): void {
  if (request.isBlocked) {
    setTimeout(() => onResult({ type: 'timeout' }), request.timeoutRealMs)
    return
  }
  const { address, port, source } = request
  const socket = connect({ host: address, port, ...(source === null ? {} : { localAddress: source }) })
  new Check(request, socket, onResult).start()
}

class Check {
  readonly #request: ProbeRequest
  readonly #onResult: (result: ProbeResult) => void
  /** The TCP connection, which counts what comes in whatever it carries. */
  readonly #socket: Socket
  #timer: NodeJS.Timeout | undefined
  #watch: NodeJS.Timeout | undefined
  #isDone = false
  /** Ends the connection at once. */
  #cut: () => void

  constructor(request: ProbeRequest, socket: Socket, onResult: (result: ProbeResult) => void) {
    this.#request = request
    this.#socket = socket
    this.#onResult = onResult
    this.#cut = () => socket.destroy()
  }

  start(): void {
    const { protocol, protocolVersion, securityPolicy } = this.#request
    const socket = this.#socket
    this.#timer = setTimeout(() => this.#end({ type: 'timeout' }), this.#request.timeoutRealMs)
    this.#watch = setInterval(() => {
      if (socket.bytesRead > RECEIVED_BYTES_MAX) this.#end(FAILED)
    }, LOOK_EVERY_REAL_MS)
    socket.on('error', (error) => this.#failWith(error))
    socket.on('close', () => this.#forget())
    if (protocol === 'HTTP') {
      socket.once('connect', () => this.#ask(socket))
      return
    }
    const alpn = protocolVersion === 'HTTP1' ? 'http/1.1' : 'h2'
    const session = secured(socket, securityPolicy, alpn)
    this.#cut = () => {
      session.destroy()
      socket.destroy()
    }
    session.on('error', (error) => this.#failWith(error))
    session.on('close', () => this.#finish(FAILED))
    session.once('secureConnect', () => {
      // A target that cannot say that it speaks HTTP/2 is not taken to do so (RFC 9113 section 3.2).
      if (alpn === 'h2' && session.alpnProtocol !== 'h2') this.#end(FAILED)
      else this.#ask(session)
    })
  }

  #ask(socket: Socket): void {
    const ask: Question = this.#request.protocolVersion === 'HTTP1' ? askHttp1 : askHttp2
    const stop = ask(socket, this.#request, (result) => this.#finish(result))
    const cut = this.#cut
    this.#cut = () => {
      stop()
      cut()
    }
  }

  #failWith(error: NodeJS.ErrnoException): void {
    const { source } = this.#request
    if (source !== null && SOURCE_ERRORS.has(error.code ?? '') && !this.#isDone) {
      this.#isDone = true
      this.#cut()
      probe({ ...this.#request, source: null }, this.#onResult)
      return
    }
    this.#end(resultOfError(error))
  }

  #end(result: ProbeResult): void {
    this.#finish(result)
    this.#cut()
  }

  #finish(result: ProbeResult): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#onResult(result)
  }

  /** The connection is gone. */
  #forget(): void {
    clearTimeout(this.#timer)
    clearInterval(this.#watch)
    this.#finish(FAILED)
  }
}
