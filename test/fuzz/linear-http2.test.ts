// What is made of the frames of strangers costs in proportion to their length, however they are cut.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FrameReader } from '../../src/wire/http2/frame-reader.ts'
import { frame, MessageSink, numbers } from '../http2/frame-messages.ts'
import { assertLinear, type Hostile, type Reader } from './work-per-byte.ts'

const KIB = 1024
const SETTINGS = frame(4, 0, 0)

class DeafSink extends MessageSink {
  override data(): void {}
  override unknownFrame(): void {}
  override priority(): void {}
  override rstStream(): void {}
  override windowUpdate(): void {}
  override ping(): void {}
  override headers(): void {}
  override settings(): void {}
}

function reading(pieceBytes: number): Reader<Buffer> {
  return {
    name: `frames in pieces of ${pieceBytes}`,
    read(bytes) {
      const reader = new FrameReader({ side: 'client', blockBytesMax: 1024 * KIB })
      const sink = new DeafSink()
      reader.read(SETTINGS, 0, SETTINGS.length, sink)
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        const fault = reader.read(bytes, at, Math.min(at + pieceBytes, bytes.length), sink)
        assert.ok(fault === null || fault.reason.includes('frames'))
      }
    },
    microsPerKiBMax: 400,
  }
}

function repeatedFrame(name: string, bytes: Buffer): Hostile<Buffer> {
  return { name, make: (length) => Buffer.alloc(Math.ceil(length / bytes.length) * bytes.length, bytes) }
}

test('frames of every kind, whole and byte by byte', () => {
  const inputs = [
    repeatedFrame('empty DATA', frame(0, 0, 1)),
    repeatedFrame('padded DATA', frame(0, 8, 1, '\x02a\0\0')),
    repeatedFrame('long DATA', frame(0, 0, 1, Buffer.alloc(16_384))),
    repeatedFrame('empty HEADERS', frame(1, 4, 1)),
    repeatedFrame('long HEADERS', frame(1, 4, 1, Buffer.alloc(16_384))),
    repeatedFrame('PRIORITY', frame(2, 0, 1, '12345')),
    repeatedFrame('RST_STREAM', frame(3, 0, 1, '1234')),
    repeatedFrame('empty SETTINGS', frame(4, 0, 0)),
    repeatedFrame('many settings', frame(4, 0, 0, Buffer.alloc(16_380))),
    repeatedFrame('PING', frame(6, 0, 0, '12345678')),
    repeatedFrame('WINDOW_UPDATE', frame(8, 0, 0, numbers([1, 4]))),
    repeatedFrame('unknown frames', frame(0x99, 0, 0, '')),
  ]
  assertLinear([reading(64 * KIB), reading(1)], inputs, 64 * KIB)
})

test('a header block in as many frames as it may have', () => {
  const piece = Buffer.alloc(1000)
  const block = Buffer.concat([
    frame(1, 0, 1, piece),
    ...Array.from({ length: 19 }, () => frame(9, 0, 1, piece)),
    frame(9, 4, 1, piece),
  ])
  assertLinear([reading(64 * KIB), reading(1)], [repeatedFrame('CONTINUATION', block)], 64 * KIB)
})
