// Chunked transfer coding (RFC 9112 section 7.1), reading side, incremental and without copies.

/** Takes the spans of data that a `ChunkedReader` finds in the buffer it is given. */
export interface ChunkSink {
  chunkData(start: number, end: number): void
}

const SIZE_DIGITS_MAX = 16
const EXTENSION_BYTES_MAX = 4096
const TRAILER_BYTES_MAX = 16 * 1024

const CR = 0x0d
const LF = 0x0a

const SIZE = 0
const EXTENSION = 1
const SIZE_LF = 2
const DATA = 3
const DATA_CR = 4
const DATA_LF = 5
const TRAILER = 6

export class ChunkedReader {
  state: 'more' | 'end' | 'bad' = 'more'
  /** Complete trailer lines, after `end`. */
  trailers = ''
  #step = SIZE
  #size = 0
  #digits = 0
  #extensionBytes = 0
  #trailerText = ''

  reset(): void {
    this.state = 'more'
    this.trailers = ''
    this.#step = SIZE
    this.#size = 0
    this.#digits = 0
    this.#extensionBytes = 0
    this.#trailerText = ''
  }

  /** Reads on; returns the position behind the last byte that belongs to the body. `state` says how it stands. */
  read(buffer: Buffer, start: number, end: number, sink: ChunkSink): number {
    let at = start
    while (at < end && this.state === 'more') {
      if (this.#step === DATA) {
        const length = Math.min(this.#size, end - at)
        sink.chunkData(at, at + length)
        at += length
        this.#size -= length
        if (this.#size === 0) this.#step = DATA_CR
      } else if (this.#step === TRAILER) at = this.#readTrailers(buffer, at, end)
      else this.#readFraming(buffer[at++] as number)
    }
    return at
  }

  #readFraming(byte: number): void {
    switch (this.#step) {
      case SIZE:
        this.#readSize(byte)
        return
      case EXTENSION:
        if (byte === CR) this.#step = SIZE_LF
        else if (byte === LF || byte === 0 || ++this.#extensionBytes > EXTENSION_BYTES_MAX) this.state = 'bad'
        return
      case SIZE_LF:
        if (byte !== LF) this.state = 'bad'
        else this.#step = this.#size === 0 ? TRAILER : DATA
        return
      case DATA_CR:
        if (byte !== CR) this.state = 'bad'
        this.#step = DATA_LF
        return
      default:
        if (byte !== LF) this.state = 'bad'
        this.#step = SIZE
        this.#size = 0
        this.#digits = 0
    }
  }

  #readSize(byte: number): void {
    const digit = hexValue(byte)
    if (digit !== -1) {
      this.#size = this.#size * 16 + digit
      if (++this.#digits > SIZE_DIGITS_MAX || this.#size > Number.MAX_SAFE_INTEGER) this.state = 'bad'
    } else if (this.#digits === 0) this.state = 'bad'
    else if (byte === CR) this.#step = SIZE_LF
    else if (byte === 0x3b || byte === 0x20 || byte === 0x09) this.#step = EXTENSION
    else this.state = 'bad'
  }

  #readTrailers(buffer: Buffer, start: number, end: number): number {
    const before = this.#trailerText.length
    const text =
      this.#trailerText +
      buffer.toString('latin1', start, Math.min(end, start + TRAILER_BYTES_MAX + 4 - before))
    if (text.startsWith('\r\n')) {
      this.state = 'end'
      return start + 2 - before
    }
    const blank = text.indexOf('\r\n\r\n')
    if (blank === -1) {
      this.#trailerText = text
      if (text.length > TRAILER_BYTES_MAX) this.state = 'bad'
      return end
    }
    this.trailers = text.slice(0, blank + 2)
    this.state = areFieldLines(this.trailers) ? 'end' : 'bad'
    return start + blank + 4 - before
  }
}

function areFieldLines(text: string): boolean {
  return /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/.test(text)
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
