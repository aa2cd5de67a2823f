// Targets of health checks that do what a test says to each connection, and one check of them.

import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { createServer, type AddressInfo } from 'node:net'
import type { Writable } from 'node:stream'
import type { TestContext } from 'node:test'
import { probe } from '../../src/health/probe.ts'
import type { ProbeRequest, ProbeResult } from '../../src/health/question.ts'

/** Begins to listen on 127.0.0.1, until the test ends; resolves with the port. */
export async function listening(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A target that does this with each connection; resolves with its port. */
export async function target(t: TestContext, onSocket: (socket: Socket) => void): Promise<number> {
  return await listening(t, createServer(onSocket))
}

/** Writes for as long as somebody reads. */
export function pour(stream: Writable): void {
  const more = (): void => {
    while (!stream.destroyed && stream.write('x'.repeat(1000)));
  }
  stream.on('drain', more)
  more()
}

const REQUEST = {
  protocol: 'HTTP',
  protocolVersion: 'HTTP1',
  securityPolicy: 'ELBSecurityPolicy-2016-08',
  address: '127.0.0.1',
  path: '/h?x=1',
  timeoutRealMs: 5000,
  source: null,
  isBlocked: false,
} as const

/** The result of one check, GET over HTTP/1.1 in clear text unless said otherwise. */
export async function check(port: number, more: Partial<ProbeRequest> = {}): Promise<ProbeResult> {
  return await new Promise((resolve) => probe({ ...REQUEST, port, ...more }, resolve))
}
