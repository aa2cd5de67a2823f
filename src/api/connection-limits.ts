// How many connections the API has at a time, in all and from one client, and for how long. The process that answers
// the API also checks targets and answers DNS queries: those have to keep descriptors whatever happens at this port.

import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Part of the process's descriptors that the API may take. */
const SHARE = 1 / 4
const TOTAL_MAX = 1024
const TOTAL_MIN = 16
/** From connecting, or from the end of the request before, until a head is there. */
const HEAD_TIMEOUT_MS = 10_000
/** Without a byte in either direction, such as of a client that does not read its answer. */
const SILENCE_MAX_MS = 60_000

/** Options for the server; how often it is looked for clients that are too slow. */
export const TIMEOUTS = { headersTimeout: HEAD_TIMEOUT_MS, connectionsCheckingInterval: 2000 } as const

/**
 * Bounds the connections of a server. `openFilesMax` is what the process may have open. `onRefusal` is told once.
 */
export function limitConnections(
  server: Server,
  openFilesMax: number,
  onRefusal: (message: string) => void,
): void {
  const total = Math.max(TOTAL_MIN, Math.min(TOTAL_MAX, Math.floor(openFilesMax * SHARE)))
  // One client alone leaves the other half to everyone else.
  const perClient = total / 2
  const clients = new Map<string, number>()
  let hasToldOfRefusal = false
  const refuse = (whose: string): void => {
    if (hasToldOfRefusal) return
    hasToldOfRefusal = true
    onRefusal(
      `Connections to the API are refused: there are ${whose}, and ${openFilesMax} open files allow for ${total} in all and ${perClient} of one client; have clients close or reuse theirs, or raise the limit (ulimit -n, LimitNOFILE= of a service)`,
    )
  }
  server.maxConnections = total
  server.on('drop', () => refuse(`${total} already`))
  server.setTimeout(SILENCE_MAX_MS)
  server.on('connection', (socket: Socket) => {
    const client = socket.remoteAddress ?? ''
    const count = (clients.get(client) ?? 0) + 1
    if (count > perClient) {
      refuse(`${perClient} of ${client} already`)
      socket.resetAndDestroy()
      return
    }
    clients.set(client, count)
    socket.once('close', () => {
      const left = (clients.get(client) ?? 0) - 1
      if (left > 0) clients.set(client, left)
      else clients.delete(client)
    })
  })
}
