import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { clientBytes } from './frame-bytes.ts'
import { frame, type FrameMessage, numbers, readFrames } from './frame-messages.ts'
import { frameFaults } from '../../src/wire/http2/faults.ts'
import { PREFACE } from '../../src/wire/http2/frames.ts'

const SETTINGS = frame(4, 0, 0)

/** Reads frames behind an empty SETTINGS frame, whose message is left out. */
function read(...frames: readonly Buffer[]): { messages: readonly FrameMessage[]; fault: unknown } {
  const { messages, fault } = readFrames([Buffer.concat([SETTINGS, ...frames])])
  return { messages: messages.slice(1), fault }
}

test('the preface comes first from a client, byte for byte', () => {
  const bytes = Buffer.from(PREFACE, 'latin1')
  assert.deepEqual(readFrames([bytes, SETTINGS], 'server').messages, [{ name: 'settings', values: [] }])
  for (let at = 0; at < bytes.length; at++) {
    const wrong = Buffer.from(bytes)
    wrong[at] = 0x41 ^ (wrong[at] as number)
    assert.equal(readFrames([wrong], 'server').fault, frameFaults.prefaceInvalid)
  }
  assert.equal(
    readFrames([Buffer.from('GET / HTTP/1.1\r\n\r\n')], 'server').fault,
    frameFaults.prefaceInvalid,
  )
})

test('the first frame is SETTINGS, and no acknowledgement', () => {
  for (const first of [frame(6, 0, 0, '12345678'), frame(4, 1, 0), frame(1, 5, 1, 'x'), frame(0xff, 0, 0)])
    assert.equal(readFrames([first]).fault, frameFaults.settingsExpected)
})

test('each frame becomes its message', () => {
  const { messages, fault } = read(
    frame(4, 0, 0, numbers([3, 2], [100, 4], [4, 2], [70_000, 4], [0xabcd, 2], [7, 4])),
    frame(4, 1, 0),
    frame(1, 0x4, 1, 'block'),
    frame(0, 0, 1, 'bo'),
    frame(0, 1, 1, 'dy'),
    frame(2, 0, 4, '12345'),
    frame(3, 0, 1, numbers([8, 4])),
    frame(6, 0, 0, '12345678'),
    frame(6, 1, 0, '87654321'),
    frame(7, 0, 0, numbers([2 ** 31 + 5, 4], [2, 4])),
    frame(7, 0, 0, Buffer.concat([numbers([5, 4], [11, 4]), Buffer.from('why')])),
    frame(8, 0, 0, numbers([2 ** 31 + 9, 4])),
    frame(8, 0, 3, numbers([2 ** 31 - 1, 4])),
    frame(0x77, 0xff, 2, 'whatever'),
  )
  assert.equal(fault, null)
  assert.deepEqual(messages, [
    { name: 'settings', values: [3, 100, 4, 70_000, 0xabcd, 7] },
    { name: 'settingsAck' },
    { name: 'headers', stream: 1, bytes: 'block', isEndStream: false },
    { name: 'data', stream: 1, bytes: 'body', flowBytes: 4, isEndStream: true },
    { name: 'priority', stream: 4 },
    { name: 'rstStream', stream: 1, values: [8] },
    { name: 'ping', bytes: '12345678' },
    { name: 'pingAck', bytes: '87654321' },
    { name: 'goaway', values: [5, 2] },
    { name: 'goaway', values: [5, 11] },
    { name: 'windowUpdate', stream: 0, values: [9] },
    { name: 'windowUpdate', stream: 3, values: [2 ** 31 - 1] },
    { name: 'unknownFrame', values: [0x77] },
  ])
})

test('padding and priority are left out, and padding counts against the windows', () => {
  const { messages } = read(
    frame(0, 0x8, 1, '\x03body\0\0\0'),
    frame(0, 0x9, 3, '\x00'),
    frame(0, 0x9, 5, '\x02\0\0'),
    frame(1, 0x2d, 7, '\x02\0\0\0\x05\x10block\0\0'),
    frame(1, 0x0c, 9, '\x01\0'),
  )
  assert.deepEqual(messages, [
    { name: 'data', stream: 1, bytes: 'body', flowBytes: 8, isEndStream: false },
    { name: 'data', stream: 3, bytes: '', flowBytes: 1, isEndStream: true },
    { name: 'data', stream: 5, bytes: '', flowBytes: 3, isEndStream: true },
    { name: 'headers', stream: 7, bytes: 'block', isEndStream: true },
    { name: 'headers', stream: 9, bytes: '', isEndStream: false },
  ])
})

test('a header block is joined from all of its frames, and ends its stream as the first one says', () => {
  const { messages } = read(
    frame(1, 0x1, 1, 'one '),
    frame(9, 0x1, 1, ''),
    frame(9, 0x4, 1, 'two'),
    frame(1, 0, 3, ''),
    frame(9, 0x4, 3, ''),
    frame(1, 0x8, 5, '\x01a\0'),
    frame(9, 0x4, 5, 'b'),
  )
  assert.deepEqual(messages, [
    { name: 'headers', stream: 1, bytes: 'one two', isEndStream: true },
    { name: 'headers', stream: 3, bytes: '', isEndStream: false },
    { name: 'headers', stream: 5, bytes: 'ab', isEndStream: false },
  ])
})

test('a frame that cannot be is the fault of its kind', () => {
  const cases: readonly [Buffer, unknown][] = [
    [frame(0, 0, 1, Buffer.alloc(16_385)), frameFaults.frameTooLong],
    [frame(0xee, 0, 1, '', 16_385), frameFaults.frameTooLong],
    ...[0, 1, 2, 3].map((type): [Buffer, unknown] => [
      frame(type, 0, 0, numbers([1, 4])),
      frameFaults.streamMissing,
    ]),
    ...[4, 6, 7].map((type): [Buffer, unknown] => [
      frame(type, 0, 1, numbers([0, 6], [0, 6])),
      frameFaults.streamUnwanted,
    ]),
    ...[0, 1, 3, 8].map((type): [Buffer, unknown] => [
      frame(type, 0, 2, numbers([1, 4])),
      frameFaults.streamEven,
    ]),
    [frame(0, 0x8, 1), frameFaults.lengthInvalid],
    [frame(0, 0x8, 1, '\x01'), frameFaults.paddingTooLong],
    [frame(0, 0x8, 1, '\x03ab'), frameFaults.paddingTooLong],
    [frame(1, 0x8, 1), frameFaults.lengthInvalid],
    [frame(1, 0x28, 1, '12345'), frameFaults.lengthInvalid],
    [frame(1, 0x20, 1, '1234'), frameFaults.lengthInvalid],
    [frame(1, 0x2c, 1, '\x0112345'), frameFaults.paddingTooLong],
    [frame(3, 0, 1, '123'), frameFaults.lengthInvalid],
    [frame(3, 0, 1, '12345'), frameFaults.lengthInvalid],
    [frame(4, 0, 0, '12345'), frameFaults.lengthInvalid],
    [frame(4, 1, 0, '123456'), frameFaults.lengthInvalid],
    [frame(4, 0, 0, numbers([2, 2], [2, 4])), frameFaults.switchInvalid],
    [frame(4, 0, 0, numbers([2, 2], [1, 4])), frameFaults.pushEnabled],
    [frame(4, 0, 0, numbers([8, 2], [2, 4])), frameFaults.switchInvalid],
    [frame(4, 0, 0, numbers([4, 2], [2 ** 31, 4])), frameFaults.initialWindowTooLarge],
    [frame(4, 0, 0, numbers([5, 2], [16_383, 4])), frameFaults.maxFrameSizeInvalid],
    [frame(4, 0, 0, numbers([5, 2], [2 ** 24, 4])), frameFaults.maxFrameSizeInvalid],
    [frame(5, 4, 1, numbers([2, 4])), frameFaults.pushPromise],
    [frame(6, 0, 0, '1234567'), frameFaults.lengthInvalid],
    [frame(6, 0, 0, '123456789'), frameFaults.lengthInvalid],
    [frame(7, 0, 0, '1234567'), frameFaults.lengthInvalid],
    [frame(8, 0, 0, '123'), frameFaults.lengthInvalid],
    [frame(8, 0, 0, numbers([0, 4])), frameFaults.incrementZero],
    [frame(9, 4, 1), frameFaults.continuationUnexpected],
    [Buffer.concat([frame(1, 0, 1), frame(9, 4, 3)]), frameFaults.blockInterrupted],
    [Buffer.concat([frame(1, 0, 1), frame(0, 0, 1)]), frameFaults.blockInterrupted],
    [Buffer.concat([frame(1, 0, 1), frame(6, 0, 0, '12345678')]), frameFaults.blockInterrupted],
    [Buffer.concat([frame(1, 0, 1), frame(0x99, 0, 0)]), frameFaults.blockInterrupted],
    [Buffer.concat([frame(1, 0, 1), frame(9, 4, 1), frame(9, 4, 1)]), frameFaults.continuationUnexpected],
  ]
  for (const [bytes, fault] of cases) {
    const found = read(bytes)
    assert.equal(found.fault, fault, bytes.toString('hex', 0, 40))
    assert.deepEqual(read(bytes, frame(6, 0, 0, '12345678')), found, 'nothing is read behind a fault')
  }
})

test('a client may say whether it takes pushes', () => {
  for (const value of [0, 1]) {
    const bytes = Buffer.concat([Buffer.from(PREFACE, 'latin1'), frame(4, 0, 0, numbers([2, 2], [value, 4]))])
    const { fault, messages } = readFrames([bytes], 'server')
    assert.equal(fault, null)
    assert.deepEqual(messages, [{ name: 'settings', values: [2, value] }])
  }
})

test('what concerns one stream alone does not end the connection', () => {
  const { messages, fault } = read(
    frame(8, 0, 3, numbers([0, 4])),
    frame(2, 0, 5, '123456'),
    frame(6, 0, 0, '12345678'),
  )
  assert.equal(fault, null)
  assert.deepEqual(messages, [
    { name: frameFaults.streamIncrementZero.reason, stream: 3, values: [1] },
    { name: frameFaults.priorityLengthInvalid.reason, stream: 5, values: [6] },
    { name: 'ping', bytes: '12345678' },
  ])
})

test('a header block is bounded in bytes, before they come, and in frames', () => {
  const announced = readFrames([SETTINGS, frame(1, 0x4, 1, '', 101)], 'client', 100)
  assert.equal(announced.fault, frameFaults.blockTooLong)
  const inPieces = [SETTINGS, frame(1, 0, 1, Buffer.alloc(60)), frame(9, 4, 1, '', 41)]
  assert.equal(readFrames(inPieces, 'client', 100).fault, frameFaults.blockTooLong)
  const whole = [SETTINGS, frame(1, 0, 1, Buffer.alloc(60)), frame(9, 4, 1, Buffer.alloc(40))]
  assert.equal(readFrames(whole, 'client', 100).fault, null)
  for (const [continuations, fault] of [
    [20, null],
    [21, frameFaults.tooManyContinuations],
  ] as const) {
    const frames = Array.from({ length: continuations }, (_, index) =>
      frame(9, index === continuations - 1 ? 4 : 0, 1),
    )
    assert.equal(read(frame(1, 0, 1, 'x'), ...frames).fault, fault)
  }
})

test('wherever the bytes are cut, they give the same messages', () => {
  fc.assert(
    fc.property(clientBytes, fc.array(fc.nat()), (bytes, places) => {
      const whole = readFrames([bytes], 'server')
      const cuts = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted(
        (a, b) => a - b,
      )
      const pieces = cuts.slice(1).map((cut, index) => bytes.subarray(cuts[index], cut))
      assert.deepEqual(readFrames(pieces, 'server'), whole)
      assert.deepEqual(
        readFrames(
          Array.from(bytes, (byte) => Buffer.of(byte)),
          'server',
        ),
        whole,
        'byte by byte',
      )
    }),
  )
})
