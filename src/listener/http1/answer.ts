// The answer to one request on its way to an HTTP/1.x client: its framing, and when its bytes leave. One object serves
// all answers of a connection.

import { eventNow } from '../../clock/event-time.ts'
import type { AnswerLines, OwnAnswer } from '../../exchange/exchange.ts'
import type { RequestRecord } from '../../exchange/record.ts'
import { type SocketWriter, TEXT_BYTES_MAX } from '../../sockets/socket-writer.ts'
import type { HeaderFields } from '../../wire/header-fields.ts'
import { trailerLines } from '../../wire/http1/trailers.ts'
import type { ResponseHead } from '../../wire/response-head.ts'
import {
  type AnswerFraming,
  type ResponseHeaderChanges,
  writeInterimHead,
  writeResponseHead,
} from '../../wire/http1/response-writer.ts'

/** Text that is collected before it leaves, at most. */
const COLLECTED_BYTES_MAX = 4 * TEXT_BYTES_MAX

export class Answer {
  /** Whether the connection goes on after this answer; the head says so. */
  keepAlive = true
  /** What the listener wants of every answer. */
  changes: ResponseHeaderChanges | null = null
  /** Lines for the answer to this request, if a target gives it. */
  added: AnswerLines | null = null
  /** The head of the final answer was given. */
  isStarted = false
  /** Bytes of the final answer have left: its status cannot be changed any more. */
  hasLeft = false
  isEnded = false
  /** The client was told to send its body. */
  hasContinued = false
  #writer: SocketWriter | null = null
  readonly #record: RequestRecord
  #out = ''
  #framing: AnswerFraming = 'as-received'
  #isBodyless = false

  constructor(record: RequestRecord) {
    this.#record = record
  }

  /** Whether bytes of the answer wait because the client does not take them; then the writer says when it did. */
  get isPending(): boolean {
    return this.hasLeft && this.#writer?.isPending() === true
  }

  /** Whether nothing but the end of the connection says that the answer is complete. */
  get isUntilClose(): boolean {
    return this.#framing === 'until-close'
  }

  /** Begins with the answer to another request, which goes out by `writer`. */
  begin(writer: SocketWriter): void {
    this.#writer = writer
    this.changes = null
    this.#out = ''
    this.keepAlive = true
    this.added = null
    this.isStarted = false
    this.hasLeft = false
    this.isEnded = false
    this.hasContinued = false
    this.#framing = 'as-received'
    this.#isBodyless = false
  }

  /** A 1xx answer; `version` is the request's. HTTP/1.0 knows none. */
  interim(response: ResponseHead, version: number): void {
    if (response.status === 100) {
      if (this.hasContinued) return
      this.hasContinued = true
    }
    if (version < 11) return
    this.#out += writeInterimHead(response, null)
    this.flush()
  }

  /** Tells a client that waits with its body to send it. */
  continue(): void {
    this.hasContinued = true
    this.#out += 'HTTP/1.1 100 Continue\r\n\r\n'
    this.flush()
  }

  /** The head of the final answer. `date` is used where the target sent none. */
  head(response: ResponseHead, version: number, date: string): void {
    this.#record.status = response.status
    this.#isBodyless = response.body === 'none'
    if (!this.#isBodyless && response.body !== 'length') {
      if (version >= 11) this.#framing = 'chunked'
      else {
        this.#framing = 'until-close'
        this.keepAlive = false
      }
    }
    const added = this.added === null ? '' : this.added.lines(response)
    this.#start(writeResponseHead(response, this.#framing, this.keepAlive, date, this.changes, added))
  }

  /** See `Exchange.respondData`. Whether the bytes have left is `isPending` of the writer to tell. */
  data(buffer: Buffer, start: number, end: number, headroom: number, isOwned: boolean): void {
    if (this.#isBodyless || start === end) return
    const size = end - start
    const isChunked = this.#framing === 'chunked'
    if (isChunked) this.#out += `${size.toString(16)}\r\n`
    if (size <= TEXT_BYTES_MAX) {
      this.#out += buffer.toString('latin1', start, end)
      if (isChunked) this.#out += '\r\n'
      if (this.#out.length > COLLECTED_BYTES_MAX) this.flush()
      return
    }
    this.hasLeft = true
    this.#record.sentBytes += this.#out.length + size
    this.#writer?.write(this.#out, buffer, start, end, headroom, isOwned)
    this.#out = isChunked ? '\r\n' : ''
  }

  /** See `Exchange.respondText`. */
  text(text: string): void {
    if (!this.#isBodyless) this.#out += text
  }

  end(trailers: HeaderFields | null): void {
    if (this.#framing === 'chunked' && !this.#isBodyless) this.#out += `0\r\n${trailerLines(trailers)}\r\n`
    this.isEnded = true
    this.flush()
  }

  /** A whole answer that the load balancer makes itself; `toHead`: to a request that wants none of its body. */
  whole({ status, reason, lines, location, body }: OwnAnswer, toHead: boolean, date: string): void {
    this.#record.status = status
    const last = location === undefined ? '' : `Location: ${location}\r\n`
    const end = `Connection: ${this.keepAlive ? 'keep-alive' : 'close'}\r\n${last}\r\n`
    const server = this.changes?.dropped.has('server') === true ? '' : 'Server: awselb/2.0\r\n'
    const start = `HTTP/1.1 ${status} ${reason}\r\n${server}Date: ${date}\r\n${this.changes?.lines ?? ''}`
    // RFC 9110 sections 8.6 and 15.3.5: these have no body, and 204 no length either.
    if (status === 204) this.#start(start + end)
    else if (status === 304) this.#start(start + lines + end)
    else this.#start(`${start}${lines}Content-Length: ${body.length}\r\n${end}${toHead ? '' : body}`)
    this.isEnded = true
    this.flush()
  }

  /** 101: from here on bytes pass as they are. */
  switching(response: ResponseHead): void {
    this.#record.status = 101
    this.#framing = 'until-close'
    this.#isBodyless = false
    const added = this.added === null ? '' : this.added.lines(response)
    this.#start(writeInterimHead(response, response.upgrade, added))
    this.flush()
  }

  /** Takes back what has not left, for another answer in its place. */
  drop(): void {
    this.#out = ''
    this.isStarted = false
    this.#framing = 'as-received'
    this.#isBodyless = false
  }

  flush(): void {
    if (this.#out === '') return
    if (this.isStarted) this.hasLeft = true
    this.#record.sentBytes += this.#out.length
    this.#writer?.writeText(this.#out)
    this.#out = ''
  }

  #start(head: string): void {
    this.isStarted = true
    this.#out += head
    this.#record.respondedAt = eventNow()
  }
}
