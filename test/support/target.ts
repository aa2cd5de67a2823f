// Targets that do what a test says, over raw sockets: every byte they get is kept, every byte they send is given.

import net from 'node:net'

/** One request that a target received on one of its connections. */
export interface ReceivedRequest {
  /** Head as it came, latin1, without the blank line. */
  readonly head: string
  readonly body: Buffer
  readonly socket: net.Socket
  /** Address that it came from. */
  readonly from: string
  /** Number of the connection, from 1, in the order of acceptance. */
  readonly connection: number
}

/** What a target does with a request; may take its time. */
export type Behaviour = (request: ReceivedRequest) => unknown

export interface Target {
  readonly port: number
  readonly requests: ReceivedRequest[]
  /** Connections accepted so far. */
  connections(): number
  /** Connections that are open now. */
  open(): number
  close(): void
}

/** A raw answer with Content-Length. */
export function answer(body: string, status = '200 OK', lines = ''): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body, 'latin1')}\r\n${lines}\r\n${body}`
}

/** Answers every request with what the target received, so that a client can look at it. */
export const echo: Behaviour = ({ head, body, socket }) => {
  socket.write(answer(`${head}\r\n\r\n${body.toString('latin1')}`), 'latin1')
}

/** A target that calls `behave` for every complete request (framed by Content-Length or chunked). */
export async function startTarget(behave: Behaviour = echo, address = '127.0.0.1'): Promise<Target> {
  const requests: ReceivedRequest[] = []
  const sockets = new Set<net.Socket>()
  let count = 0
  const server = net.createServer((socket) => {
    const connection = ++count
    const from = socket.remoteAddress ?? ''
    sockets.add(socket)
    let pending = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk])
      for (;;) {
        const taken = takeRequest(pending)
        if (taken === null) return
        pending = pending.subarray(taken.length)
        const request = { head: taken.head, body: taken.body, socket, from, connection }
        requests.push(request)
        behave(request)
      }
    })
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  return {
    port: (server.address() as net.AddressInfo).port,
    requests,
    connections: () => count,
    open: () => sockets.size,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function takeRequest(bytes: Buffer): { head: string; body: Buffer; length: number } | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return null
  const head = bytes.toString('latin1', 0, end)
  const start = end + 4
  if (/^transfer-encoding: *chunked *$/im.test(head)) return takeChunked(head, bytes, start)
  const length = Number(/^content-length: *(\d+) *$/im.exec(head)?.[1] ?? 0)
  if (bytes.length < start + length) return null
  return { head, body: bytes.subarray(start, start + length), length: start + length }
}

function takeChunked(
  head: string,
  bytes: Buffer,
  start: number,
): { head: string; body: Buffer; length: number } | null {
  const parts: Buffer[] = []
  let at = start
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return null
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (size === 0) {
      const end = bytes.indexOf('\r\n\r\n', lineEnd)
      return end === -1 ? null : { head, body: Buffer.concat(parts), length: end + 4 }
    }
    if (bytes.length < lineEnd + 2 + size + 2) return null
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}
