// Properties of the HTTP/2 frame reader: it does not matter how the bytes are cut, and no bytes make it crash.

import assert from 'node:assert/strict'
import { clientBytes } from '../http2/frame-bytes.ts'
import { readFrames } from '../http2/frame-messages.ts'
import { Random } from '../support/random.ts'
import { bytesTarget } from './target.ts'

const RANDOM_CUTS = 4

/** What the fuzz runner knows of the frame reader. */
export const frameReaderTarget = bytesTarget('frame-reader-cuts', clientBytes, (bytes) => {
  const whole = readFrames([bytes], 'server')
  const random = new Random(bytes.length)
  for (let index = 0; index < RANDOM_CUTS; index++) {
    const cut = random.whole(0, bytes.length)
    assert.deepEqual(readFrames([bytes.subarray(0, cut), bytes.subarray(cut)], 'server'), whole)
  }
  assert.deepEqual(
    readFrames(
      Array.from(bytes, (byte) => Buffer.of(byte)),
      'server',
    ),
    whole,
  )
})
