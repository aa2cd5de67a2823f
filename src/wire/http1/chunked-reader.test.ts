import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ChunkedReader, EXTENSION_BYTES_MAX, TRAILER_BYTES_MAX } from './chunked-reader.ts'

interface Outcome {
  readonly state: string
  readonly error: string | null
  readonly data: string
  readonly consumed: number
  readonly trailers: string
}

/** Feeds a message in parts that end at `cuts`; the parts lie inside bigger buffers, as they do on a connection. */
function decode(message: string, cuts: readonly number[] = [], reader = new ChunkedReader()): Outcome {
  const bytes = Buffer.from(message, 'latin1')
  const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length].toSorted(
    (one, other) => one - other,
  )
  let data = ''
  let start = 0
  reader.reset()
  for (const end of ends) {
    const buffer = Buffer.concat([Buffer.from('##'), bytes.subarray(start, end), Buffer.from('##')])
    const at = reader.read(buffer, 2, 2 + end - start, {
      chunkData(dataStart, dataEnd) {
        assert.ok(dataEnd > dataStart)
        data += buffer.toString('latin1', dataStart, dataEnd)
      },
    })
    if (reader.state === 'more') assert.equal(at, 2 + end - start)
    start += at - 2
    if (reader.state !== 'more') break
  }
  return { state: reader.state, error: reader.error, data, consumed: start, trailers: reader.trailers }
}

function nothing(): never {
  assert.fail('there is no data')
}

function withTrailer(length: number): string {
  return `0\r\na:${'b'.repeat(length - 4)}\r\n\r\n`
}

function withExtension(length: number, size = 1): string {
  return `${size.toString(16)};${'a'.repeat(length)}\r\n${'x'.repeat(size)}\r\n`
}

test('RFC 9112 7.1 chunks are joined, extensions ignored, bytes behind the end left', () => {
  const message = '4\r\nWiki\r\n5;a=b;c="d;"\r\npedia\r\n00A \t;x\r\n0123456789\r\n0;z\r\n\r\n'
  assert.deepEqual(decode(`${message}GET / HTTP/1.1\r\n`), {
    state: 'end',
    error: null,
    data: 'Wikipedia0123456789',
    consumed: message.length,
    trailers: '',
  })
})

test('RFC 9112 7.1.2 trailers are given as lines', () => {
  const lines = 'X-Sum: \t1 2 \r\nempty:\r\nx-sum:3\r\n'
  const { state, trailers } = decode(`0\r\n${lines}\r\n`)
  assert.deepEqual([state, trailers], ['end', lines])
})

test('RFC 9112 7.1 framing that others might read differently is refused', () => {
  for (const [message, error] of [
    ['\r\n', 'chunk-size'],
    ['x\r\n', 'chunk-size'],
    ['0x4\r\n', 'chunk-size'],
    ['+4\r\n', 'chunk-size'],
    ['-1\r\n', 'chunk-size'],
    [' 4\r\n', 'chunk-size'],
    ['4 4\r\n', 'chunk-size'],
    ['4 \r\n', 'chunk-size'],
    ['4\n', 'chunk-size'],
    [';a\r\n', 'chunk-size'],
    ['20000000000000\r\n', 'chunk-size'],
    ['00000000000000001\r\n', 'chunk-size'],
    ['4;a\nb\r\n', 'chunk-extension'],
    ['4;a\0\r\n', 'chunk-extension'],
    ['4\rWiki\r\n', 'line-end'],
    ['4;a\rb\r\n', 'line-end'],
    ['1\r\nab\r\n', 'line-end'],
    ['1\r\na\n0\r\n\r\n', 'line-end'],
    ['1\r\na\rb', 'line-end'],
    ['0\r\n\n', 'line-end'],
    ['0\r\n\rX', 'line-end'],
    ['0\r\na: b\n\r\n\r\n', 'line-end'],
    ['0\r\na: b\rc\r\n\r\n', 'line-end'],
    ['0\r\na b: c\r\n\r\n', 'trailer'],
    ['0\r\na : c\r\n\r\n', 'trailer'],
    ['0\r\n: c\r\n\r\n', 'trailer'],
    ['0\r\nabc\r\nd: e\r\n\r\n', 'trailer'],
    ['0\r\na: b\r\n folded\r\n\r\n', 'trailer'],
    ['0\r\na: b\0\r\n\r\n', 'trailer'],
  ] as const) {
    const whole = decode(message)
    assert.equal(whole.error, error, JSON.stringify(message))
    assert.equal(whole.state, 'bad')
    for (let cut = 1; cut < message.length; cut++) assert.deepEqual(decode(message, [cut]), whole)
  }
})

test('data of small chunks comes in one piece, that of large ones stays where it is', () => {
  const spansOf = (chunks: readonly number[]): readonly (readonly [number, number])[] => {
    const text = chunks.map((size) => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`).join('')
    const spans: [number, number][] = []
    new ChunkedReader().read(Buffer.from(text), 0, text.length, {
      chunkData: (start, end) => void spans.push([start, end]),
    })
    return spans
  }
  assert.deepEqual(spansOf(Array.from({ length: 1000 }, () => 1)), [[3, 1003]])
  assert.deepEqual(spansOf([100, 100, 100]), [[4, 304]])
  assert.deepEqual(spansOf([1, 5000, 5000]), [
    [3, 4],
    [12, 5012],
    [5020, 10_020],
  ])
})

test('RFC 9112 7.1 sizes go up to 2^53-1', () => {
  const reader = new ChunkedReader()
  const head = Buffer.from('001fffffffffffff\r\nabc')
  const spans: number[][] = []
  assert.equal(reader.read(head, 0, 21, { chunkData: (...span) => void spans.push(span) }), 21)
  assert.deepEqual(spans, [[18, 21]])
  assert.equal(reader.state, 'more')
})

test('RFC 9112 7.1.1 extensions of a chunk, and of all chunks in relation to the data, are bounded', () => {
  assert.equal(decode(withExtension(EXTENSION_BYTES_MAX)).state, 'more')
  assert.equal(decode(withExtension(EXTENSION_BYTES_MAX + 1)).error, 'chunk-extension')
  assert.equal(decode(withExtension(1000).repeat(16)).state, 'more')
  assert.equal(decode(withExtension(1000).repeat(17)).error, 'chunk-extension')
  assert.equal(decode(withExtension(900, 1000).repeat(99)).state, 'more')
  assert.equal(decode(`1${' '.repeat(EXTENSION_BYTES_MAX + 2)}`).error, 'chunk-extension')
})

test('RFC 9112 7.1.2 trailers are bounded', () => {
  assert.equal(decode(withTrailer(TRAILER_BYTES_MAX)).state, 'end')
  const singleBytes = Array.from({ length: TRAILER_BYTES_MAX + 10 }, (_, cut) => cut)
  for (const cuts of [[], [9000], [TRAILER_BYTES_MAX + 2], singleBytes])
    assert.equal(decode(withTrailer(TRAILER_BYTES_MAX + 1), cuts).error, 'trailers-too-large')
  assert.equal(decode(`0\r\n${'a'.repeat(TRAILER_BYTES_MAX + 1)}`).error, 'trailers-too-large')
})

test('RFC 9112 7.1 the end and an error stay what they are until the reader is reset', () => {
  const reader = new ChunkedReader()
  for (const message of ['0\r\n\r\n', 'z']) {
    const { state } = decode(message, [], reader)
    assert.equal(reader.read(Buffer.from('1\r\na\r\n'), 2, 6, { chunkData: nothing }), 2)
    assert.equal(reader.state, state)
  }
  assert.equal(decode('1\r\na\r\n0\r\n\r\n', [], reader).data, 'a')
})

// An encoder for any way to write the same body: sizes in either case with zeros before, extensions, trailers.

const chunk = fc.record({
  data: fc.string({
    unit: fc.nat({ max: 255 }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 40,
  }),
  zeros: fc.nat({ max: 4 }),
  isUpper: fc.boolean(),
  extension: fc.constantFrom('', ';a', ';a=b', ' ;a="b c"', '\t; x=1'),
})
const trailer = fc.tuple(fc.constantFrom('a', 'X-B', '~'), fc.constantFrom('', '1', 'a b', '\u00e9'))
const messages = fc
  .record({ chunks: fc.array(chunk, { maxLength: 6 }), trailers: fc.array(trailer, { maxLength: 3 }) })
  .map(({ chunks, trailers }) => ({
    body: chunks.map(({ data }) => data).join(''),
    trailers: trailers.map(([name, value]) => `${name}: ${value}\r\n`).join(''),
    text:
      chunks
        .map(({ data, zeros, isUpper, extension }) => {
          const size = '0'.repeat(zeros) + data.length.toString(16)
          return `${isUpper ? size.toUpperCase() : size}${extension}\r\n${data}\r\n`
        })
        .join('') + `0\r\n${trailers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  }))

test('RFC 9112 7.1 what was encoded comes back, however the bytes are split', () => {
  fc.assert(
    fc.property(
      messages,
      fc.array(fc.nat({ max: 400 }), { maxLength: 12 }),
      ({ body, trailers, text }, cuts) => {
        const wanted = { state: 'end', error: null, data: body, consumed: text.length, trailers }
        assert.deepEqual(decode(`${text}5\r\nnext!`, cuts), wanted)
      },
    ),
  )
})

test('RFC 9112 7.1 every split in two and single bytes give the same', () => {
  fc.assert(
    fc.property(messages, ({ text }) => {
      const whole = decode(text)
      const all = Array.from({ length: text.length }, (_, cut) => cut)
      for (const cut of all) assert.deepEqual(decode(text, [cut]), whole)
      assert.deepEqual(decode(text, all), whole)
    }),
    { numRuns: 40 },
  )
})

test('RFC 9112 7.1 broken messages give the same answer, however the bytes are split', () => {
  const pieces = fc.constantFrom(
    '0',
    '1',
    'a',
    'F',
    ';',
    '\r\n',
    '\r',
    '\n',
    ' ',
    ':',
    'x: y\r\n',
    '1\r\nz\r\n',
  )
  const broken = fc.array(pieces, { maxLength: 14 }).map((all) => all.join(''))
  fc.assert(
    fc.property(broken, fc.array(fc.nat({ max: 30 }), { maxLength: 8 }), (text, cuts) => {
      assert.deepEqual(decode(text, cuts), decode(text))
    }),
    { numRuns: 1000 },
  )
})
