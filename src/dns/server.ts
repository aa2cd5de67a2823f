// The DNS server: UDP and TCP at one address and port. Answers from memory, at once, so that nothing has to be kept per
// query.

import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, isIPv6, type Server, type Socket } from 'node:net'
import type { Names } from './names.ts'
import type { DnsPlace } from '../snapshot/messages.ts'
import { respond } from './response.ts'

/** A client that keeps a connection open without asking anything is of no use (RFC 7766 6.2.3). */
const TCP_IDLE_MS = 10_000
const TCP_CONNECTIONS_MAX = 200
/** Part of the process's descriptors that they may take: the API and the checks of targets have theirs beside them. */
const TCP_CONNECTIONS_SHARE = 1 / 8
/** No question needs more. */
const QUERY_BYTES_MAX = 2048
/** Answers that a client does not take. */
const UNSENT_BYTES_MAX = 65_536
const LENGTH_BYTES = 2
/** Ports that are tried when any one will do: UDP and TCP need the same. */
const ANY_PORT_ATTEMPTS = 20

export interface DnsServerOptions {
  readonly names: Names
  readonly reportError: (error: unknown) => void
  /** How many files the process may have open; null: as many as it likes. */
  readonly openFilesMax: number | null
}

export class DnsServer {
  readonly #names: Names
  readonly #reportError: (error: unknown) => void
  readonly #connectionsMax: number
  readonly #connections = new Set<Socket>()
  #udp: UdpSocket | null = null
  #tcp: Server | null = null

  constructor({ names, reportError, openFilesMax }: DnsServerOptions) {
    this.#names = names
    this.#reportError = reportError
    const share = Math.floor((openFilesMax ?? Infinity) * TCP_CONNECTIONS_SHARE)
    this.#connectionsMax = Math.min(TCP_CONNECTIONS_MAX, share)
  }

  /** Begins to answer; resolves with where it is. Port 0: any that is free. Rejects with the system's error. */
  async listen({ host, port }: DnsPlace): Promise<DnsPlace> {
    for (let attempt = 1; ; attempt++) {
      const udp = await bound(host, port)
      const place = { host, port: udp.address().port }
      try {
        this.#tcp = await this.#listenTcp(place)
      } catch (error) {
        udp.close()
        if (port === 0 && attempt < ANY_PORT_ATTEMPTS) continue
        throw error
      }
      this.#udp = udp
      udp.on('error', this.#reportError)
      udp.on('message', (query, client) => {
        const answer = respond(query, this.#names, { transport: 'udp', random: Math.random })
        // A client that is gone is no error of this server.
        if (answer !== null) udp.send(answer, client.port, client.address, () => undefined)
      })
      return place
    }
  }

  async close(): Promise<void> {
    this.#udp?.close()
    for (const connection of this.#connections) connection.destroy()
    const tcp = this.#tcp
    if (tcp !== null) await new Promise<void>((resolve) => tcp.close(() => resolve()))
  }

  async #listenTcp({ host, port }: DnsPlace): Promise<Server> {
    const server = createServer((connection) => this.#accept(connection))
    server.maxConnections = this.#connectionsMax
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, ...(isIPv6(host) ? { ipv6Only: true } : {}) }, resolve)
    })
    server.on('error', this.#reportError)
    return server
  }

  #accept(connection: Socket): void {
    this.#connections.add(connection)
    connection.on('close', () => this.#connections.delete(connection))
    connection.on('error', () => connection.destroy())
    connection.setTimeout(TCP_IDLE_MS, () => connection.destroy())
    let received = Buffer.alloc(0)
    connection.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      for (;;) {
        if (received.length < LENGTH_BYTES) return
        const length = received.readUInt16BE(0)
        if (length > QUERY_BYTES_MAX || connection.writableLength > UNSENT_BYTES_MAX) {
          connection.destroy()
          return
        }
        if (received.length < LENGTH_BYTES + length) return
        this.#answer(connection, received.subarray(LENGTH_BYTES, LENGTH_BYTES + length))
        received = received.subarray(LENGTH_BYTES + length)
      }
    })
  }

  #answer(connection: Socket, query: Buffer): void {
    const answer = respond(query, this.#names, { transport: 'tcp', random: Math.random })
    if (answer === null) {
      connection.destroy()
      return
    }
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt16BE(answer.length)
    connection.write(Buffer.concat([length, answer]))
  }
}

async function bound(host: string, port: number): Promise<UdpSocket> {
  const socket = createSocket(isIPv6(host) ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.bind(port, host, () => {
      socket.removeAllListeners('error')
      resolve()
    })
  })
  return socket
}
