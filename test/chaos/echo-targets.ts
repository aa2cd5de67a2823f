// Targets that answer with what they were sent, a little later, so that there are always requests in flight and a
// mixed-up answer is seen.

import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const ANSWER_DELAY_MS = 3

/** Targets that run; ports of 127.0.0.1. */
export interface EchoTargets {
  readonly ports: readonly number[]
  close(): Promise<void>
}

/** Starts `count` targets. They never close a connection of their own accord: that race is not what is tested. */
export async function startEchoTargets(count: number): Promise<EchoTargets> {
  const servers = await Promise.all(Array.from({ length: count }, startOne))
  return {
    ports: servers.map((server) => (server.address() as AddressInfo).port),
    async close() {
      for (const server of servers) server.closeAllConnections()
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    },
  }
}

async function startOne(): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const answer = Buffer.concat([Buffer.from(`${request.url}\n`), ...chunks])
      const send = () => response.end(answer)
      if (request.url === '/health') send()
      else setTimeout(send, ANSWER_DELAY_MS)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
