// Frames of HTTP/2, for targets that write them one by one.

import type { Socket } from 'node:net'
import { frame } from '../http2/frame-messages.ts'
import { headerBlock } from '../http2/raw-client.ts'

export const EMPTY_SETTINGS = frame(4, 0, 0)

/** One field of a header block. */
export function header(name: string, value: string): Buffer {
  return headerBlock([[name, value]])
}

/** Greets with SETTINGS, and calls back once, when the client's first request has begun to come. */
export function http2Socket(socket: Socket, onRequest: () => void): void {
  socket.write(EMPTY_SETTINGS)
  let received = Buffer.alloc(0)
  let isAsked = false
  socket.on('data', (bytes: Buffer) => {
    if (isAsked) return
    received = Buffer.concat([received, bytes])
    // After the preface of 24 bytes: whether there is a frame of type HEADERS.
    for (let at = 24; at + 9 <= received.length; at += 9 + received.readUIntBE(at, 3)) {
      if (received[at + 3] !== 1) continue
      isAsked = true
      onRequest()
      return
    }
  })
}
