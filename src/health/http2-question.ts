// A health check in HTTP/2, in clear text with prior knowledge: GET and the status of the response; or a call of gRPC
// with an empty message, and the status of gRPC out of its trailers (OQ-39).
//
// Built on the frames of this program and not on `node:http2`, whose sessions can end the process by a failed assertion
// when a target floods one and it is destroyed meanwhile.

import type { Socket } from 'node:net'
import { HeaderFields } from '../wire/header-fields.ts'
import { FrameReader } from '../wire/http2/frame-reader.ts'
import type { FrameSink } from '../wire/http2/frame-sink.ts'
import { FrameWriter } from '../wire/http2/frame-writer.ts'
import { ErrorCode, HEADER_TABLE_BYTES_AT_FIRST, SettingId, WINDOW_AT_FIRST } from '../wire/http2/frames.ts'
import { HpackDecoder } from '../wire/http2/hpack-decoder.ts'
import { HpackEncoder } from '../wire/http2/hpack-encoder.ts'
import { BODY_BYTES_MAX } from './http1-question.ts'
import {
  ACCEPT_ENCODING,
  authorityOf,
  FAILED,
  type ProbeRequest,
  type ProbeResult,
  USER_AGENT,
} from './question.ts'
import { HEAD_BYTES_MAX, INTERIMS_MAX } from './status-reader.ts'

/** A message of gRPC without content: not compressed, of length 0. */
const EMPTY_MESSAGE = Buffer.alloc(5)
/** The only stream. */
const STREAM = 1
const FIELDS_MAX = 256
/** Frames that are neither a head nor bytes of a body; an honest target sends a handful. */
const OTHER_FRAMES_MAX = 100
/** One byte more than is read, so that a body beyond it is seen. */
const WINDOW = BODY_BYTES_MAX + 1

export function askHttp2(
  socket: Socket,
  request: ProbeRequest,
  onResult: (result: ProbeResult) => void,
): () => void {
  const question = new Http2Question(socket, request, onResult)
  question.ask()
  return () => socket.destroy()
}

class Http2Question implements FrameSink {
  readonly #socket: Socket
  readonly #request: ProbeRequest
  readonly #onResult: (result: ProbeResult) => void
  readonly #isGrpc: boolean
  readonly #reader = new FrameReader({ side: 'client', blockBytesMax: HEAD_BYTES_MAX })
  readonly #writer = new FrameWriter()
  readonly #decoder = new HpackDecoder(HEADER_TABLE_BYTES_AT_FIRST)
  readonly #fields = new HeaderFields()
  #hasHead = false
  /** What a head of gRPC says, which counts where nothing follows it. */
  #ofHead: ProbeResult = FAILED
  #isAnswered = false
  #isOver = false
  #bodyBytes = 0
  #interims = 0
  #otherFrames = 0

  constructor(socket: Socket, request: ProbeRequest, onResult: (result: ProbeResult) => void) {
    this.#socket = socket
    this.#request = request
    this.#onResult = onResult
    this.#isGrpc = request.protocolVersion === 'GRPC'
  }

  ask(): void {
    const socket = this.#socket
    socket.on('data', (bytes: Buffer) => this.#receive(bytes))
    socket.on('end', () => this.#fail())
    const writer = this.#writer
    writer.preface()
    const { enablePush, initialWindowSize, maxHeaderListSize } = SettingId
    writer.settings([enablePush, 0, initialWindowSize, WINDOW, maxHeaderListSize, HEAD_BYTES_MAX])
    writer.windowUpdate(0, WINDOW - WINDOW_AT_FIRST)
    writer.headers(STREAM, this.#requestBlock(), !this.#isGrpc)
    if (this.#isGrpc) writer.data(STREAM, EMPTY_MESSAGE, 0, EMPTY_MESSAGE.length, true)
    this.#flush()
  }

  #requestBlock(): Buffer {
    const request = this.#request
    const encoder = new HpackEncoder()
    encoder.begin()
    encoder.add(':method', this.#isGrpc ? 'POST' : 'GET')
    encoder.add(':scheme', request.protocol.toLowerCase())
    encoder.add(':authority', authorityOf(request))
    encoder.add(':path', request.path)
    if (this.#isGrpc) {
      encoder.add('content-type', 'application/grpc')
      encoder.add('te', 'trailers')
    }
    encoder.add('user-agent', USER_AGENT)
    if (!this.#isGrpc) encoder.add('accept-encoding', ACCEPT_ENCODING)
    return encoder.end()
  }

  #receive(bytes: Buffer): void {
    if (this.#isOver) return
    const fault = this.#reader.read(bytes, 0, bytes.length, this)
    if (fault !== null) this.#fail(fault.code)
    this.#flush()
  }

  #flush(): void {
    const { length } = this.#writer
    if (length > 0 && this.#socket.writable) this.#socket.write(this.#writer.take().subarray(0, length))
  }

  headers(stream: number, block: Buffer, start: number, end: number, isEndStream: boolean): void {
    const fields = this.#fields
    const fault = this.#decoder.decode(block, start, end, fields, HEAD_BYTES_MAX, FIELDS_MAX)
    if (stream !== STREAM || fault !== null) this.#fail(ErrorCode.protocolError)
    else if (this.#hasHead) this.#trailers(isEndStream)
    else this.#head(isEndStream)
  }

  #head(isEndStream: boolean): void {
    const text = this.#fields.first(':status') ?? ''
    const code = /^[1-9]\d\d$/.test(text) ? Number(text) : 0
    if (code >= 100 && code < 200 && !isEndStream) {
      if (++this.#interims > INTERIMS_MAX) this.#fail(ErrorCode.enhanceYourCalm)
      return
    }
    if (code < 200) {
      this.#fail(ErrorCode.protocolError)
      return
    }
    this.#hasHead = true
    if (!this.#isGrpc) this.#answer({ type: 'code', code })
    else if (code !== 200) this.#answer(FAILED)
    else this.#ofHead = grpcResult(this.#fields)
    if (isEndStream) this.#end()
  }

  #trailers(isEndStream: boolean): void {
    if (!isEndStream) {
      this.#fail(ErrorCode.protocolError)
      return
    }
    this.#answer(grpcResult(this.#fields))
    this.#end()
  }

  data(
    stream: number,
    _buffer: Buffer,
    start: number,
    end: number,
    _flowBytes: number,
    isEndStream: boolean,
  ): void {
    if (stream !== STREAM || !this.#hasHead) {
      this.#fail(ErrorCode.protocolError)
      return
    }
    this.#bodyBytes += end - start
    if (start === end) this.#otherFrame()
    if (this.#bodyBytes > BODY_BYTES_MAX) this.#fail(ErrorCode.cancel)
    else if (isEndStream) this.#end()
  }

  rstStream(): void {
    this.#fail()
  }

  streamFault(): void {
    this.#fail(ErrorCode.protocolError)
  }

  goaway(lastStream: number, code: number): void {
    if (lastStream < STREAM || code !== ErrorCode.noError) this.#fail()
    this.#otherFrame()
  }

  settings(): void {
    this.#writer.settingsAck()
    this.#otherFrame()
  }

  ping(buffer: Buffer, start: number): void {
    this.#writer.pingAck(buffer, start)
    this.#otherFrame()
  }

  settingsAck(): void {
    this.#otherFrame()
  }

  pingAck(): void {
    this.#otherFrame()
  }

  priority(): void {
    this.#otherFrame()
  }

  windowUpdate(): void {
    this.#otherFrame()
  }

  unknownFrame(): void {
    this.#otherFrame()
  }

  #otherFrame(): void {
    if (++this.#otherFrames > OTHER_FRAMES_MAX) this.#fail(ErrorCode.enhanceYourCalm)
  }

  /** Only the first answer counts; the target is told that no further request follows. */
  #answer(result: ProbeResult): void {
    if (this.#isAnswered) return
    this.#isAnswered = true
    this.#writer.goaway(0, ErrorCode.noError)
    this.#onResult(result)
  }

  /** The target has said all of its answer. */
  #end(): void {
    if (this.#isOver) return
    this.#answer(this.#bodyBytes === 0 ? this.#ofHead : FAILED)
    this.#over()
    this.#socket.end()
  }

  /** `code`: what the target is told. */
  #fail(code: ErrorCode | null = null): void {
    if (this.#isOver) return
    this.#onResult(FAILED)
    if (code !== null) this.#writer.goaway(0, code)
    this.#over()
    this.#socket.destroy()
  }

  #over(): void {
    this.#isOver = true
    this.#reader.stop()
    this.#flush()
  }
}

function grpcResult(fields: HeaderFields): ProbeResult {
  const [status = '', ...others] = fields.all('grpc-status')
  if (others.length > 0) return FAILED
  return /^(?:0|[1-9]\d{0,2})$/.test(status) ? { type: 'code', code: Number(status) } : FAILED
}
