// An HTTP/2 client that says what a test wants, right or wrong, frame by frame, over TLS; what comes back is kept as messages.

import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { HeaderFields } from '../../src/wire/header-fields.ts'
import { FrameReader } from '../../src/wire/http2/frame-reader.ts'
import { PREFACE } from '../../src/wire/http2/frames.ts'
import { HpackDecoder } from '../../src/wire/http2/hpack-decoder.ts'
import { Watchers } from '../support/watchers.ts'
import type { WorkerProcess } from '../support/worker.ts'
import { frame, type FrameMessage, MessageSink, numbers } from './frame-messages.ts'

/** Of every wait, in real milliseconds. */
const DEADLINE_MS = 8_000

/** What a stream got. */
export interface StreamAnswer {
  /** Heads in their order: interim ones, the final one, trailers. */
  readonly heads: readonly Readonly<Record<string, string>>[]
  readonly body: string
  readonly isEnded: boolean
  /** Code of RST_STREAM; null where none came. */
  readonly reset: number | null
}

export class RawHttp2Client {
  readonly socket: net.Socket
  readonly messages: (FrameMessage & { readonly fields?: Readonly<Record<string, string>> })[] = []
  isEnded = false
  isClosed = false
  readonly #reader = new FrameReader({ side: 'client', blockBytesMax: 2 ** 20 })
  readonly #watchers = new Watchers()

  /** Connects and sends preface and SETTINGS, unless told otherwise. */
  static async connect(
    worker: Pick<WorkerProcess, 'port'>,
    { settings = [] as readonly number[], isSilent = false } = {},
  ): Promise<RawHttp2Client> {
    const options: tls.ConnectionOptions & { allowHalfOpen: boolean } = {
      host: '127.0.0.1',
      port: worker.port,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
      allowHalfOpen: true,
    }
    const socket = tls.connect(options)
    await once(socket, 'secureConnect')
    const client = new RawHttp2Client(socket)
    if (!isSilent) client.send(Buffer.from(PREFACE, 'latin1'), settingsFrame(...settings))
    return client
  }

  private constructor(socket: net.Socket) {
    this.socket = socket
    const decoder = new HpackDecoder(4096)
    const { messages } = this
    const sink = new (class extends MessageSink {
      override headers(
        stream: number,
        block: Buffer,
        start: number,
        end: number,
        isEndStream: boolean,
      ): void {
        const found = new HeaderFields()
        decoder.decode(block, start, end, found, 2 ** 20, 1000)
        const fields: Record<string, string> = {}
        for (let index = 0; index < found.count; index++) fields[found.name(index)] = found.value(index)
        messages.push({ name: 'headers', stream, isEndStream, fields })
      }
    })()
    // Both push to one list.
    Object.defineProperty(sink, 'messages', { value: messages })
    socket.on('data', (bytes: Buffer) => {
      const fault = this.#reader.read(bytes, 0, bytes.length, sink)
      if (fault !== null) this.messages.push({ name: `fault: ${fault.reason}` })
      this.#wake()
    })
    socket.on('end', () => {
      this.isEnded = true
      this.#wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
      this.#wake()
    })
  }

  send(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames))
  }

  /** A request; its body follows unless `isEndStream`. */
  request(stream: number, fields: Readonly<Record<string, string>> = {}, isEndStream = true): void {
    this.send(headersFrame(stream, { ...requestFields, ...fields }, isEndStream))
  }

  data(stream: number, text: string | Buffer, isEndStream = false): void {
    this.send(frame(0, isEndStream ? 1 : 0, stream, text))
  }

  /** What a stream has got so far. */
  stream(stream: number): StreamAnswer {
    const all = this.messages.filter((message) => message.stream === stream)
    const reset = all.find(({ name }) => name === 'rstStream')
    return {
      heads: all.flatMap(({ fields }) => (fields === undefined ? [] : [fields])),
      body: all.map(({ name, bytes = '' }) => (name === 'data' ? bytes : '')).join(''),
      isEnded: all.some(({ isEndStream }) => isEndStream === true),
      reset: reset?.values?.[0] ?? null,
    }
  }

  /** Waits for the end of a stream, or of the connection. */
  async answer(stream: number): Promise<StreamAnswer> {
    await this.until(() => {
      const { isEnded, reset } = this.stream(stream)
      return isEnded || reset !== null || this.isClosed || this.isEnded
    })
    return this.stream(stream)
  }

  /** Last stream and code of the first GOAWAY. */
  async goaway(): Promise<readonly number[]> {
    await this.until(() => this.messages.some(({ name }) => name === 'goaway') || this.isClosed)
    return this.messages.find(({ name }) => name === 'goaway')?.values ?? []
  }

  /** Waits until the other side has closed its half. */
  async end(): Promise<void> {
    await this.until(() => this.isEnded || this.isClosed)
  }

  /** Resolves when a PING sent now is answered: all frames before it have been dealt with. */
  async settle(): Promise<void> {
    const before = this.messages.filter(({ name }) => name === 'pingAck').length
    this.send(frame(6, 0, 0, 'settled?'))
    await this.until(
      () =>
        this.messages.filter(({ name }) => name === 'pingAck').length > before ||
        this.isEnded ||
        this.isClosed,
    )
  }

  /** Resolves as soon as `isMet` holds, which is looked at after every event. */
  async until(isMet: () => boolean): Promise<void> {
    await this.#watchers.until(isMet, DEADLINE_MS, () => JSON.stringify(this.messages.slice(-5)))
  }

  close(): void {
    this.socket.destroy()
  }

  #wake(): void {
    this.#watchers.wake()
  }
}

export const requestFields = {
  ':method': 'GET',
  ':scheme': 'https',
  ':path': '/',
  ':authority': 'www.example.com',
}

export function settingsFrame(...entries: readonly number[]): Buffer {
  return frame(4, 0, 0, numbers(...entries.map((value, at) => [value, at % 2 === 0 ? 2 : 4] as const)))
}

export function windowUpdate(stream: number, increment: number): Buffer {
  return frame(8, 0, stream, numbers([increment, 4]))
}

export function reset(stream: number, code = 8): Buffer {
  return frame(3, 0, stream, numbers([code, 4]))
}

export function headersFrame(
  stream: number,
  fields: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
  isEndStream = true,
): Buffer {
  return frame(1, isEndStream ? 5 : 4, stream, headerBlock(fields))
}

/** Fields as literals without indexing (RFC 7541 section 6.2.2). */
export function headerBlock(
  fields: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
): Buffer {
  const list = Array.isArray(fields)
    ? (fields as readonly (readonly [string, string])[])
    : Object.entries(fields)
  return Buffer.concat(list.flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)]))
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes])
  const head = [127]
  let left = bytes.length - 127
  for (; left >= 128; left = Math.floor(left / 128)) head.push((left % 128) + 128)
  return Buffer.concat([Buffer.from([...head, left]), bytes])
}
