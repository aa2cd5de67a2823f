// Chunked transfer coding (RFC 9112 section 7.1), reading side, incremental: it says where in the given buffer the data
// is. Data of large chunks stays where it is; that of small ones is moved together, so that a body of one-byte chunks
// does not pass in one-byte pieces. Strict about framing, since a peer that reads it in another way could be made to see
// another message: line ends are CR LF only, sizes are plain hex digits.

/** Takes the spans of data that a `ChunkedReader` finds in the buffer it is given. */
export interface ChunkSink {
  /** Never an empty span. What stands between it and the span before is of no use any more. */
  chunkData(start: number, end: number): void
}

export type ChunkedError =
  /** No size, other characters than hex digits in it, over 16 digits, or over 2^53-1. */
  | 'chunk-size'
  /** Control characters in the extensions of a chunk, or too many bytes of them. */
  | 'chunk-extension'
  /** Something else than CR LF where CR LF has to be. */
  | 'line-end'
  /** A trailer that is no field line. */
  | 'trailer'
  | 'trailers-too-large'

/** All trailer lines with their line ends. */
export const TRAILER_BYTES_MAX = 16 * 1024
/** Extensions of one chunk, from the character after the size to CR. */
export const EXTENSION_BYTES_MAX = 4096
/**
 * Extensions of all chunks may be this much longer than all data. Keeps a peer from sending next to no body in very
 * many bytes.
 */
const EXTENSION_BYTES_OVER_DATA_MAX = 16 * 1024

const SIZE_DIGITS_MAX = 16
/** Data of at least this length is not moved: it costs more than what a span of its own costs. */
const MOVED_BYTES_MAX = 2048
const PLAIN_DIGITS_MAX = 6
/** Shorter data is moved byte by byte, which then is faster than a call. */
const LOOPED_BYTES_MAX = 32
/** Each line of the trailer section; names are tokens, nothing is folded (RFC 9112 section 5). */
const FIELD_LINES = /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const SEMICOLON = 0x3b

const SIZE = 0
/** Blanks between size and semicolon, which RFC 9112 section 7.1.1 allows. */
const SIZE_BLANK = 1
const EXTENSION = 2
const SIZE_LF = 3
const DATA = 4
const DATA_CR = 5
const DATA_LF = 6
const TRAILER_START = 7
const TRAILER_LINE = 8
const TRAILER_LF = 9
const END_LF = 10

/** One per direction of a connection; `reset` before each message. */
export class ChunkedReader {
  state: 'more' | 'end' | 'bad' = 'more'
  /** What is wrong, while `state` is `bad`. */
  error: ChunkedError | null = null
  /** Complete trailer lines, each with its CR LF, after `end`. */
  trailers = ''
  #step = SIZE
  /** Size of a chunk while its digits are read, then how much of it is still to come. */
  #size = 0
  #digits = 0
  #dataBytes = 0
  #extensionBytes = 0
  #extensionBytesTotal = 0
  #trailerText = ''

  reset(): void {
    this.state = 'more'
    this.error = null
    this.trailers = ''
    this.#step = SIZE
    this.#size = 0
    this.#digits = 0
    this.#dataBytes = 0
    this.#extensionBytes = 0
    this.#extensionBytesTotal = 0
    this.#trailerText = ''
  }

  /**
   * Reads on; returns the position behind the last byte that belongs to the body. `state` says how it stands. After
   * `end` or `bad` nothing more is read. The bytes from `start` to `end` are the reader's: it may move data among them,
   * towards `start`. The sink gets the data in order, all of it before this returns.
   */
  read(buffer: Uint8Array, start: number, end: number, sink: ChunkSink): number {
    let at = start
    // Data that was found and not yet given.
    let heldFrom = start
    let heldTo = start
    while (at < end && this.state === 'more') {
      if (this.#step === DATA) {
        const spanEnd = this.#size < end - at ? at + this.#size : end
        const length = spanEnd - at
        this.#size -= length
        this.#dataBytes += length
        if (this.#size === 0) this.#step = DATA_CR
        if (heldTo > heldFrom && length < MOVED_BYTES_MAX) {
          move(buffer, at, spanEnd, heldTo)
          heldTo += length
        } else {
          if (heldTo > heldFrom) sink.chunkData(heldFrom, heldTo)
          heldFrom = at
          heldTo = spanEnd
        }
        at = this.#step === DATA_CR ? this.#readPlainFraming(buffer, spanEnd, end) : spanEnd
      } else if (this.#step === TRAILER_LINE) at = this.#readTrailerLine(buffer, at, end)
      else this.#readFraming(buffer[at++] as number)
    }
    if (heldTo > heldFrom) sink.chunkData(heldFrom, heldTo)
    return at
  }

  /**
   * What stands between nearly all chunks, in one go: CR LF, one to six digits, CR LF. Whatever else comes is left to
   * the reading of single bytes; the position where that goes on.
   */
  #readPlainFraming(buffer: Uint8Array, start: number, end: number): number {
    if (start + 5 > end || buffer[start] !== CR || buffer[start + 1] !== LF) return start
    let at = start + 2
    let size = 0
    const digitsEnd = Math.min(end, at + PLAIN_DIGITS_MAX)
    for (; at < digitsEnd; at++) {
      const digit = hexValue(buffer[at] as number)
      if (digit === -1) break
      size = size * 16 + digit
    }
    if (size === 0 || at + 2 > end || buffer[at] !== CR || buffer[at + 1] !== LF) return start
    this.#size = size
    this.#step = DATA
    return at + 2
  }

  #fail(error: ChunkedError): void {
    this.state = 'bad'
    this.error = error
  }

  #expect(byte: number, wanted: number, next: number): void {
    if (byte === wanted) this.#step = next
    else this.#fail('line-end')
  }

  #readFraming(byte: number): void {
    switch (this.#step) {
      case SIZE:
        this.#readSize(byte)
        return
      case SIZE_BLANK:
        if (byte === SEMICOLON) this.#step = EXTENSION
        else if (byte !== SPACE && byte !== TAB) this.#fail('chunk-size')
        else this.#countExtension()
        return
      case EXTENSION:
        if (byte === CR) this.#step = SIZE_LF
        else if ((byte < SPACE && byte !== TAB) || byte === 0x7f) this.#fail('chunk-extension')
        else this.#countExtension()
        return
      case SIZE_LF:
        this.#expect(byte, LF, this.#size === 0 ? TRAILER_START : DATA)
        return
      case DATA_CR:
        this.#expect(byte, CR, DATA_LF)
        return
      case DATA_LF:
        this.#expect(byte, LF, SIZE)
        this.#digits = 0
        return
      case TRAILER_START:
        if (byte === CR) this.#step = END_LF
        else if (byte === LF) this.#fail('line-end')
        else {
          this.#step = TRAILER_LINE
          this.#addTrailer(String.fromCharCode(byte))
        }
        return
      case TRAILER_LF:
        this.#expect(byte, LF, TRAILER_START)
        return
      default:
        this.#expect(byte, LF, END_LF)
        if (this.state === 'more') this.#complete()
    }
  }

  #readSize(byte: number): void {
    const digit = hexValue(byte)
    if (digit !== -1) {
      this.#size = this.#size * 16 + digit
      if (++this.#digits > SIZE_DIGITS_MAX || this.#size > Number.MAX_SAFE_INTEGER) this.#fail('chunk-size')
      return
    }
    this.#extensionBytes = 0
    if (this.#digits === 0) this.#fail('chunk-size')
    else if (byte === CR) this.#step = SIZE_LF
    else if (byte === SEMICOLON) this.#step = EXTENSION
    else if (byte === SPACE || byte === TAB) this.#step = SIZE_BLANK
    else this.#fail('chunk-size')
  }

  #countExtension(): void {
    this.#extensionBytes++
    this.#extensionBytesTotal++
    const totalMax = this.#dataBytes + EXTENSION_BYTES_OVER_DATA_MAX
    if (this.#extensionBytes > EXTENSION_BYTES_MAX || this.#extensionBytesTotal > totalMax)
      this.#fail('chunk-extension')
  }

  #readTrailerLine(buffer: Uint8Array, start: number, end: number): number {
    let at = start
    while (at < end && buffer[at] !== CR && buffer[at] !== LF) at++
    const length = at - start
    if (this.#trailerText.length + length > TRAILER_BYTES_MAX) {
      this.#fail('trailers-too-large')
      return at
    }
    if (length > 0) this.#addTrailer(latin1(buffer, start, at))
    if (at === end) return at
    if (buffer[at] === LF) this.#fail('line-end')
    else {
      this.#step = TRAILER_LF
      this.#addTrailer('\r\n')
    }
    return at + 1
  }

  #addTrailer(text: string): void {
    this.#trailerText += text
    if (this.#trailerText.length > TRAILER_BYTES_MAX) this.#fail('trailers-too-large')
  }

  #complete(): void {
    if (!FIELD_LINES.test(this.#trailerText)) {
      this.#fail('trailer')
      return
    }
    this.trailers = this.#trailerText
    this.state = 'end'
  }
}

/** Moves bytes towards the start of the buffer. */
function move(buffer: Uint8Array, from: number, to: number, target: number): void {
  if (to - from > LOOPED_BYTES_MAX) {
    buffer.copyWithin(target, from, to)
    return
  }
  for (let at = from; at < to; at++) buffer[target++] = buffer[at] as number
}

function latin1(buffer: Uint8Array, start: number, end: number): string {
  return Buffer.from(buffer.buffer, buffer.byteOffset + start, end - start).toString('latin1')
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
