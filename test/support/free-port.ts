// Ports for programs that must be told theirs.

import { createServer } from 'node:net'

/** Ports that were given out: the system may offer one again before it is in use. */
const givenPorts = new Set<number>()

/** A TCP port that was free on 127.0.0.1 a moment ago; never the same one twice. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('Cannot find a free port')
  if (givenPorts.has(address.port)) return await freePort()
  givenPorts.add(address.port)
  return address.port
}
