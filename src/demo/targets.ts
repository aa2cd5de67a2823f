// The demo's two targets: small HTTP servers in a process of their own, so that they answer while control restarts.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const HOST = '127.0.0.1'
/** The same at every start where they are free, so that registrations of the last run still fit. */
const PORTS = [18_081, 18_082]

/** Runs this process as the demo's targets; tells the parent where they are. */
export function runDemoTargets(): void {
  void Promise.all(PORTS.map(async (port, index) => await listen(`target ${index + 1}`, port))).then(
    (addresses) => process.send?.(addresses),
  )
}

async function listen(name: string, wantedPort: number): Promise<{ address: string; port: number }> {
  const server = createServer((request, response) => {
    request.resume()
    response.end(`Hello from ${name}: ${request.method} ${request.url}\n`)
  })
  // As long as the load balancer keeps idle connections, and some: it is the side that should close them.
  server.keepAliveTimeout = 75_000
  const { promise, resolve } = Promise.withResolvers<number>()
  server.once('error', () => server.listen(0, HOST))
  server.once('listening', () => resolve((server.address() as AddressInfo).port))
  server.listen(wantedPort, HOST)
  return { address: HOST, port: await promise }
}
