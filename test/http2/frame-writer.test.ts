import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFrames } from './frame-messages.ts'
import { type OutputBuffers, FrameWriter } from '../../src/wire/http2/frame-writer.ts'

function written(writer: FrameWriter): Buffer {
  const { length } = writer
  return Buffer.from(writer.take().subarray(0, length))
}

test('a reader finds what was written', () => {
  const writer = new FrameWriter()
  writer.preface()
  writer.settings([3, 100, 4, 65_536])
  writer.settingsAck()
  writer.headers(1, Buffer.from('block'), false)
  writer.data(1, Buffer.from('-body-'), 1, 5, false)
  writer.dataText(1, ' and text', true)
  writer.headers(3, Buffer.from(''), true)
  writer.data(5, Buffer.alloc(0), 0, 0, true)
  writer.dataText(7, '', true)
  writer.rstStream(1, 8)
  writer.ping(Buffer.from('-12345678-'), 1)
  writer.pingAck(Buffer.from('87654321'), 0)
  writer.windowUpdate(0, 2 ** 31 - 1)
  writer.windowUpdate(2 ** 31 - 1, 1)
  writer.goaway(2 ** 31 - 1, 11)
  const { messages, fault, isMidFrame } = readFrames([written(writer)], 'server')
  assert.equal(fault, null)
  assert.equal(isMidFrame, false)
  assert.deepEqual(messages, [
    { name: 'settings', values: [3, 100, 4, 65_536] },
    { name: 'settingsAck' },
    { name: 'headers', stream: 1, bytes: 'block', isEndStream: false },
    { name: 'data', stream: 1, bytes: 'body and text', flowBytes: 13, isEndStream: true },
    { name: 'headers', stream: 3, bytes: '', isEndStream: true },
    { name: 'data', stream: 5, bytes: '', flowBytes: 0, isEndStream: true },
    { name: 'data', stream: 7, bytes: '', flowBytes: 0, isEndStream: true },
    { name: 'rstStream', stream: 1, values: [8] },
    { name: 'ping', bytes: '12345678' },
    { name: 'pingAck', bytes: '87654321' },
    { name: 'windowUpdate', stream: 0, values: [2 ** 31 - 1] },
    { name: 'windowUpdate', stream: 2 ** 31 - 1, values: [1] },
    { name: 'goaway', values: [2 ** 31 - 1, 11] },
  ])
  assert.equal(writer.length, 0)
})

test('what is longer than the largest frame of the peer leaves in several', () => {
  const bytes = Buffer.alloc(40_000, 'abcdefg')
  for (const frameBytesMax of [16_384, 20_000, 40_000, 100_000]) {
    const writer = new FrameWriter()
    writer.frameBytesMax = frameBytesMax
    writer.settings([])
    writer.headers(1, bytes, true)
    writer.data(3, bytes, 0, bytes.length, true)
    writer.dataText(5, bytes.toString('latin1'), true)
    const out = written(writer)
    const lengths: number[] = []
    for (let at = 0; at < out.length; at += 9 + (lengths.at(-1) ?? 0)) lengths.push(out.readUIntBE(at, 3))
    const perMessage = Math.ceil(bytes.length / frameBytesMax)
    assert.equal(lengths.length, 1 + 3 * perMessage)
    assert.ok(lengths.every((length) => length <= frameBytesMax))
    const text = bytes.toString('latin1')
    if (frameBytesMax > 16_384) continue
    assert.deepEqual(readFrames([out]).messages.slice(1), [
      { name: 'headers', stream: 1, bytes: text, isEndStream: true },
      { name: 'data', stream: 3, bytes: text, flowBytes: 40_000, isEndStream: true },
      { name: 'data', stream: 5, bytes: text, flowBytes: 40_000, isEndStream: true },
    ])
  }
})

test('buffers are taken when there is something to write, and given back or handed out once', () => {
  const out = new Set<Buffer>()
  const buffers: OutputBuffers = {
    take(bytes) {
      const buffer = Buffer.alloc(bytes)
      out.add(buffer)
      return buffer
    },
    giveBack: (buffer) => assert.ok(out.delete(buffer)),
  }
  const writer = new FrameWriter(buffers)
  assert.equal(out.size, 0)
  writer.settings([])
  writer.data(1, Buffer.alloc(20_000), 0, 20_000, false)
  assert.equal(out.size, 1)
  const buffer = writer.take()
  assert.deepEqual([...out], [buffer])
  buffers.giveBack(buffer)
  writer.settingsAck()
  writer.clear()
  assert.equal(out.size, 0)
  assert.equal(writer.length, 0)
})
