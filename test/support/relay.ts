// A TCP relay to a server, by which a test takes the server away and brings it back.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

export interface Relay {
  /** URL of the relay. */
  readonly url: string
  /** Ends all connections and, until `serve`, every new one at once. */
  readonly cut: () => void
  /** From now on connections are accepted and nothing is ever answered. */
  readonly hold: () => void
  readonly serve: () => void
}

/** Ended with the test. */
export async function startRelay(t: TestContext, targetUrl: string): Promise<Relay> {
  const { hostname, port } = new URL(targetUrl)
  let mode: 'serve' | 'cut' | 'hold' = 'serve'
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  }
  const end = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer((socket) => {
    keep(socket)
    if (mode === 'cut') socket.destroy()
    if (mode !== 'serve') return
    const target = connect(Number(port), hostname)
    keep(target)
    socket.pipe(target).pipe(socket)
    socket.on('close', () => target.destroy())
    target.on('close', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(async () => {
    end()
    await new Promise((resolve) => server.close(resolve))
  })
  const become = (next: typeof mode) => (): void => {
    mode = next
    end()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: become('cut'),
    hold: become('hold'),
    serve: become('serve'),
  }
}
