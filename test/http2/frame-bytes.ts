// Made-up bytes of an HTTP/2 connection: frames that are right, nearly right, and wrong, after a right beginning.

import fc from 'fast-check'
import { PREFACE } from '../../src/wire/http2/frames.ts'
import { frame, numbers } from './frame-messages.ts'

const streams = fc.oneof(
  { arbitrary: fc.constantFrom(1, 3, 5), weight: 8 },
  { arbitrary: fc.constantFrom(0, 2, 2 ** 31 + 1, 2 ** 32 - 1), weight: 1 },
)
const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))

function flagsOf(...flags: readonly number[]): fc.Arbitrary<number> {
  return fc.subarray([...flags]).map((some) => some.reduce((all, flag) => all | flag, 0))
}

/** A payload with the prefixes that its flags announce; the padding may be too long. */
const data = fc
  .tuple(flagsOf(0x1, 0x8), streams, bytes, fc.nat(12))
  .map(([flags, stream, body, padding]) =>
    frame(0, flags, stream, padded(flags, Buffer.alloc(0), body, padding)),
  )
const headers = fc
  .tuple(flagsOf(0x1, 0x4, 0x8, 0x20), streams, bytes, fc.nat(12))
  .map(([flags, stream, block, padding]) =>
    frame(1, flags, stream, padded(flags, Buffer.alloc((flags & 0x20) === 0 ? 0 : 5), block, padding)),
  )
const block = fc
  .tuple(fc.constantFrom(1, 3), flagsOf(0x1), fc.array(bytes, { minLength: 1, maxLength: 4 }))
  .map(([stream, flags, parts]) =>
    Buffer.concat(
      parts.map((part, index) =>
        frame(
          index === 0 ? 1 : 9,
          (index === 0 ? flags : 0) | (index === parts.length - 1 ? 4 : 0),
          stream,
          part,
        ),
      ),
    ),
  )
const settings = fc
  .array(fc.tuple(fc.nat(9), fc.oneof(fc.constantFrom(0, 1, 16_384, 65_535), fc.nat(2 ** 31))), {
    maxLength: 4,
  })
  .map((pairs) =>
    frame(4, 0, 0, numbers(...pairs.flatMap(([id, value]) => [[id, 2] as const, [value, 4] as const]))),
  )
const small = fc
  .tuple(
    fc.constantFrom(2, 3, 4, 6, 7, 8, 0x20),
    fc.nat(1),
    streams,
    fc.constantFrom(0, 4, 5, 8, 9),
    fc.nat(),
  )
  .map(([type, flags, stream, length, seed]) =>
    frame(type, flags, stream, Buffer.alloc(length, seed.toString(16))),
  )
const right = fc
  .tuple(fc.constantFrom(1, 3), fc.nat(2 ** 31 - 1))
  .chain(([stream, value]) =>
    fc.constantFrom(
      frame(3, 0, stream, numbers([value, 4])),
      frame(8, 0, stream, numbers([value, 4])),
      frame(8, 0, 0, numbers([value, 4])),
      frame(6, 0, 0, numbers([value, 4], [1, 4])),
      frame(6, 1, 0, numbers([value, 4], [1, 4])),
      frame(7, 0, 0, numbers([1, 4], [2, 4], [value, 4])),
      frame(4, 1, 0),
      frame(2, 0, stream, numbers([3, 4], [7, 1])),
    ),
  )
const anything = fc
  .tuple(fc.nat(255), fc.nat(255), streams, bytes)
  .map(([type, flags, stream, payload]) => frame(type, flags, stream, payload))

const frames = fc.oneof(
  { arbitrary: data, weight: 4 },
  { arbitrary: headers, weight: 3 },
  { arbitrary: block, weight: 4 },
  { arbitrary: settings, weight: 2 },
  { arbitrary: right, weight: 5 },
  { arbitrary: small, weight: 1 },
  { arbitrary: anything, weight: 1 },
)

/** What a client sends, from its preface on; mostly whole frames. */
export const clientBytes = fc
  .tuple(
    fc.oneof({ arbitrary: fc.constant(PREFACE), weight: 20 }, { arbitrary: fc.string(), weight: 1 }),
    fc.array(frames, { maxLength: 12 }),
    fc.nat(30),
  )
  .map(([preface, some, cut]) => {
    const all = Buffer.concat([Buffer.from(preface, 'latin1'), frame(4, 0, 0), ...some])
    return cut < 10 ? all.subarray(0, Math.max(0, all.length - cut)) : all
  })

function padded(flags: number, before: Buffer, body: Buffer, padding: number): Buffer {
  if ((flags & 0x8) === 0) return Buffer.concat([before, body])
  // The length of the padding comes first, whatever else there is.
  return Buffer.concat([Buffer.of(padding), before, body, Buffer.alloc(padding % 9)])
}
