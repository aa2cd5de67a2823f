// Frames of HTTP/2, for targets that write them one by one.

import type { Socket } from 'node:net'

/** RFC 9113 section 4.1. */
export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

export const EMPTY_SETTINGS = frame(4, 0, 0, Buffer.alloc(0))

/** A field that is not indexed and not compressed (RFC 7541 section 6.2.2). */
export function header(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), text(name), text(value)])
}

function text(value: string): Buffer {
  const length: number[] = []
  if (value.length < 127) length.push(value.length)
  else {
    length.push(127)
    let rest = value.length - 127
    for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128)
    length.push(rest)
  }
  return Buffer.concat([Buffer.from(length), Buffer.from(value)])
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
