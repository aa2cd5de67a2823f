// The socket of a connection to a target: over the handle itself where Node has it, else over `net.Socket`.

import { connect } from 'node:net'

import { HandleSocket, type SocketEvents } from './handle-socket.ts'
import type { WritableSocket } from './socket-writer.ts'
import { hasStreamHandles } from './stream-handle.ts'

export interface TargetSocket extends WritableSocket {
  pause(): unknown
  resume(): unknown
  end(): unknown
}

/** Connects to a target, from `source` if it is given; bytes are read into `buffer` until `onRead` names another one. */
export function connectTarget(
  address: string,
  port: number,
  source: string | null,
  buffer: Buffer,
  events: SocketEvents,
  onConnect: () => void,
): TargetSocket {
  if (hasStreamHandles) return HandleSocket.connect(address, port, source, buffer, events, onConnect)
  let next = buffer
  const socket = connect({
    host: address,
    port,
    ...(source === null ? {} : { localAddress: source }),
    noDelay: true,
    onread: {
      buffer: () => next,
      callback(length) {
        next = events.onRead(length) ?? next
        return true
      },
    },
  })
  socket.on('connect', onConnect)
  socket.on('end', () => events.onEnd())
  socket.on('error', () => {})
  socket.on('close', (hadError) => events.onClose(hadError))
  return socket
}
