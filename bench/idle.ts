// Memory of idle client connections: opens them in batches, sends one request on each so that whatever a load balancer
// allocates for a connection is there, and leaves them open.

import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { urlOf } from './contender.ts'
import type { Contender } from './contender.ts'
import { memoryUse } from './process-usage.ts'

const BATCH = 50
const WARM_CONNECTIONS = 50
const WARM_REQUESTS = 40
const SETTLE_MS = 1_500

/** Memory per connection of the workers. */
export interface IdleResult {
  readonly connections: number
  readonly rssBytesPerConnection: number
  readonly pssBytesPerConnection: number
  /** Memory of the workers before the connections came. */
  readonly pssBytesBefore: number
}

/** Measures a load balancer that has carried little before: memory freed by earlier load would hide what is taken. */
export async function measureIdle(contender: Contender, connections: number): Promise<IdleResult> {
  const url = new URL('/small', urlOf(contender, 'default'))
  const warm = await openAll(url, WARM_CONNECTIONS)
  for (let index = 0; index < WARM_REQUESTS; index++)
    await Promise.all(warm.map((socket) => requestOn(socket, url)))
  for (const socket of warm) socket.destroy()
  await pause(SETTLE_MS)

  const before = memoryUse(contender.workerPids)
  const sockets = await openAll(url, connections)
  await pause(SETTLE_MS)
  const after = memoryUse(contender.workerPids)
  for (const socket of sockets) socket.destroy()
  return {
    connections,
    rssBytesPerConnection: (after.rssBytes - before.rssBytes) / connections,
    pssBytesPerConnection: (after.pssBytes - before.pssBytes) / connections,
    pssBytesBefore: before.pssBytes,
  }
}

async function openAll(url: URL, count: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(BATCH, count - sockets.length) }, () => open(url))
    sockets.push(...(await Promise.all(batch)))
  }
  return sockets
}

async function open(url: URL): Promise<Socket> {
  const socket = connect(Number(url.port), url.hostname)
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  await requestOn(socket, url)
  return socket
}

/** One request; resolves with the first bytes of the answer, which is small enough to come in one piece. */
function requestOn(socket: Socket, url: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`${url.host} closed an idle connection`))
    socket.once('close', fail)
    socket.once('data', (bytes: Buffer) => {
      socket.off('close', fail)
      const answer = bytes.toString('latin1')
      if (answer.startsWith('HTTP/1.1 200')) resolve()
      else reject(new Error(`${url.href} answered ${answer.slice(0, 40)}`))
    })
    socket.write(`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`)
  })
}
