// Clients over raw sockets: what is sent is what the test says, what comes back is every byte.

import net from 'node:net'

import { Watchers } from './watchers.ts'

/** Of every wait, in real milliseconds. */
const DEADLINE_MS = 60_000

export interface RawResponse {
  readonly status: number
  readonly statusLine: string
  /** Lower-case names; of repeated fields the last. */
  readonly headers: Readonly<Record<string, string>>
  readonly head: string
  readonly body: string
}

/** A connection whose received bytes can be waited for. */
export class RawClient {
  /** Everything received so far, latin1. */
  received = ''
  isEnded = false
  isClosed = false
  error: Error | null = null
  readonly socket: net.Socket
  readonly #watchers = new Watchers()
  #read = 0

  static async connect(port: number, options: net.TcpSocketConnectOpts | object = {}): Promise<RawClient> {
    const socket = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true, ...options })
    const client = new RawClient(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return client
  }

  private constructor(socket: net.Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.setNoDelay(true)
    socket.on('data', (text: string) => {
      this.received += text
      this.#wake()
    })
    socket.on('end', () => {
      this.isEnded = true
      this.#wake()
    })
    socket.on('error', (error) => {
      this.error = error
      this.#wake()
    })
    socket.on('close', () => {
      this.isClosed = true
      this.#wake()
    })
  }

  send(text: string): void {
    this.socket.write(text, 'latin1')
  }

  /** Resolves as soon as `isMet` holds, which is looked at after every event; rejects when it does not in a minute. */
  async until(isMet: () => boolean): Promise<void> {
    await this.#watchers.until(isMet, DEADLINE_MS, () => `received so far: ${this.received.slice(0, 2000)}`)
  }

  /** The next complete response; framed by Content-Length, chunked coding or the end of the connection. */
  async response(toHead = false): Promise<RawResponse> {
    let taken = this.#take(toHead)
    await this.until(() => {
      taken ??= this.#take(toHead)
      return taken !== null || this.isEnded || this.isClosed
    })
    taken ??= this.#take(toHead)
    if (taken === null) throw new Error(`No response in ${JSON.stringify(this.received.slice(this.#read))}`)
    this.#read += taken.length
    return taken.response
  }

  /** Resolves when the other side has closed its half, with all bytes received. */
  async end(): Promise<string> {
    await this.until(() => this.isEnded || this.isClosed)
    return this.received
  }

  close(): void {
    this.socket.destroy()
  }

  #wake(): void {
    this.#watchers.wake()
  }

  #take(toHead: boolean): { response: RawResponse; length: number } | null {
    const text = this.received.slice(this.#read)
    const end = text.indexOf('\r\n\r\n')
    if (end === -1) return null
    const head = text.slice(0, end)
    const [statusLine = '', ...lines] = head.split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    )
    const status = Number(statusLine.split(' ')[1])
    const body = bodyOf(text.slice(end + 4), headers, status, toHead, this.isEnded || this.isClosed)
    if (body === null) return null
    return { response: { status, statusLine, headers, head, body: body.text }, length: end + 4 + body.length }
  }
}

function bodyOf(
  text: string,
  headers: Readonly<Record<string, string>>,
  status: number,
  toHead: boolean,
  isEnded: boolean,
): { text: string; length: number } | null {
  if (toHead || status < 200 || status === 204 || status === 304) return { text: '', length: 0 }
  if (headers['transfer-encoding'] === 'chunked') return chunkedBody(text)
  const length = headers['content-length']
  if (length !== undefined) {
    return text.length < Number(length)
      ? null
      : { text: text.slice(0, Number(length)), length: Number(length) }
  }
  return isEnded ? { text, length: text.length } : null
}

function chunkedBody(text: string): { text: string; length: number } | null {
  let body = ''
  let at = 0
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at)
    if (lineEnd === -1) return null
    const size = Number.parseInt(text.slice(at, lineEnd), 16)
    if (size === 0) {
      const end = text.indexOf('\r\n\r\n', lineEnd)
      return end === -1 ? null : { text: body, length: end + 4 }
    }
    if (text.length < lineEnd + 2 + size + 2) return null
    body += text.slice(lineEnd + 2, lineEnd + 2 + size)
    at = lineEnd + 2 + size + 2
  }
}

/** Sends `text` on a new connection and gives the first response. */
export async function exchange(port: number, text: string): Promise<RawResponse> {
  const client = await RawClient.connect(port)
  client.send(text)
  const response = await client.response()
  client.close()
  return response
}
