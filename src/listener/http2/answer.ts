// The answer to one request on its way to an HTTP/2 client: its head, and its body as far as the windows let it out. What
// comes in one batch is collected, so that a small answer is two frames and its end needs none of its own. One object
// serves all answers of an exchange.

import { eventNow } from '../../clock/event-time.ts'
import type { AnswerLines, OwnAnswer } from '../../exchange/exchange.ts'
import type { RequestRecord } from '../../exchange/record.ts'
import { TEXT_BYTES_MAX } from '../../sockets/socket-writer.ts'
import { HeaderFields } from '../../wire/header-fields.ts'
import type { ResponseHeaderChanges } from '../../wire/http1/response-writer.ts'
import { SendWindow } from '../../wire/http2/flow-window.ts'
import {
  writeHttp2Interim,
  writeHttp2OwnAnswer,
  writeHttp2Response,
  writeHttp2Trailers,
} from '../../wire/http2/response-head.ts'
import type { ResponseHead } from '../../wire/response-head.ts'
import type { Outlet, Waiting } from './outlet.ts'

/** Text that is collected before it becomes frames, at most. */
const COLLECTED_BYTES_MAX = 4 * TEXT_BYTES_MAX

/** Body bytes that wait for room. */
interface Piece {
  readonly buffer: Buffer
  start: number
  readonly end: number
}

/** What an answer tells its exchange. */
export interface AnswerOwner {
  /** Bytes that had to wait are on their way, and more may. */
  answerMoved(): void
  /** All of an answer that had ended is on its way. */
  answerLeft(): void
}

export class Answer implements Waiting {
  /** The stream's. */
  readonly window = new SendWindow(0)
  isQueued = false
  /** What the listener wants of every answer. */
  changes: ResponseHeaderChanges | null = null
  /** Lines for the answer to this request, if a target gives it. */
  added: AnswerLines | null = null
  /** The head of the final answer was given. */
  isStarted = false
  /** The head has become a frame: its status cannot be changed any more. */
  hasLeft = false
  /** The end was given. */
  isEnded = false
  /** The client was told to send its body. */
  hasContinued = false
  readonly #record: RequestRecord
  readonly #owner: AnswerOwner
  #outlet: Outlet | null = null
  #stream = 0
  /** The head, as long as it is not a frame. */
  #head: ResponseHead | null = null
  #date = ''
  #isBodyless = false
  #text = ''
  readonly #pieces: Piece[] = []
  #trailers: HeaderFields | null = null

  constructor(record: RequestRecord, owner: AnswerOwner) {
    this.#record = record
    this.#owner = owner
  }

  begin(outlet: Outlet, stream: number): void {
    this.#outlet = outlet
    this.#stream = stream
    this.window.reset(outlet.peer.initialWindow)
    this.changes = null
    this.added = null
    this.isStarted = false
    this.hasLeft = false
    this.isEnded = false
    this.hasContinued = false
    this.#head = null
    this.#isBodyless = false
    this.#text = ''
    this.#trailers = null
  }

  /** Nothing more of it leaves. */
  release(): void {
    this.#outlet?.forget(this)
    this.#outlet = null
    this.#head = null
    this.#text = ''
    this.#pieces.length = 0
    this.#trailers = null
    this.added = null
    this.changes = null
  }

  /** The client has made the stream's window larger; false: beyond what there may be. */
  widen(bytes: number): boolean {
    if (!this.window.widen(bytes)) return false
    if (this.isWaiting && this.window.available > 0) this.#outlet?.wait(this)
    return true
  }

  /** Whether bytes wait for the client to make room. */
  get isWaiting(): boolean {
    return this.#pieces.length > 0
  }

  /** A 1xx answer. */
  interim(response: ResponseHead): void {
    if (response.status === 100) {
      if (this.hasContinued) return
      this.hasContinued = true
    }
    const outlet = this.#outlet
    if (outlet !== null) this.#headers(outlet, writeHttp2Interim(outlet.encoder, response), false)
  }

  /** Tells a client that waits with its body to send it. */
  continue(): void {
    const outlet = this.#outlet
    this.hasContinued = true
    if (outlet === null) return
    outlet.encoder.begin()
    outlet.encoder.addStatus(100)
    this.#headers(outlet, outlet.encoder.end(), false)
  }

  /** The head of the final answer; it stays valid until `flush`. `date` is used where the target sent none. */
  head(response: ResponseHead, date: string): void {
    this.#record.status = response.status
    this.#isBodyless = response.body === 'none'
    this.#head = response
    this.#date = date
    this.isStarted = true
  }

  /** See `Exchange.respondData`. */
  data(buffer: Buffer, start: number, end: number, isOwned: boolean): void {
    if (this.#isBodyless || start === end) return
    if (end - start <= TEXT_BYTES_MAX && !this.isWaiting) {
      this.#text += buffer.toString('latin1', start, end)
      if (this.#text.length > COLLECTED_BYTES_MAX) this.flush()
      return
    }
    this.flush()
    const sent = this.isWaiting ? 0 : this.#send(buffer, start, end, false, Infinity)
    if (start + sent === end) return
    if (isOwned) this.#hold(buffer, start + sent, end)
    else this.#hold(Buffer.from(buffer.subarray(start + sent, end)), 0, end - start - sent)
  }

  /** See `Exchange.respondText`. */
  text(text: string): void {
    if (!this.#isBodyless) this.#text += text
  }

  /** What was collected becomes frames, as far as there is room. */
  flush(): void {
    this.#collectedOut(false)
    this.#outlet?.touch()
  }

  /** Whether all of it is on its way; if not, `answerLeft` comes later. */
  end(trailers: HeaderFields | null): boolean {
    this.isEnded = true
    this.#trailers = trailers
    this.#collectedOut(true)
    this.#outlet?.touch()
    if (!this.isWaiting) return true
    // Whoever gave them may use them again.
    if (trailers !== null) this.#trailers = copyOf(trailers)
    return false
  }

  /** A whole answer that the load balancer makes itself; `toHead`: to a request that wants none of its body. As `end`. */
  whole(answer: OwnAnswer, toHead: boolean, date: string): boolean {
    this.#record.status = answer.status
    const outlet = this.#outlet
    if (outlet === null) return true
    const hasBody = !toHead && answer.body !== '' && answer.status !== 204 && answer.status !== 304
    this.isStarted = true
    this.#leave(outlet, writeHttp2OwnAnswer(outlet.encoder, answer, this.changes, date), !hasBody)
    if (hasBody) this.#text = answer.body
    else this.isEnded = true
    return hasBody ? this.end(null) : this.#touched(outlet)
  }

  /** Takes back what has not left, for another answer in its place. */
  drop(): void {
    this.#text = ''
    this.#head = null
    this.isStarted = false
    this.#isBodyless = false
  }

  sendShare(bytesMax: number): boolean {
    let left = bytesMax
    while (this.#pieces.length > 0 && left > 0) {
      const piece = this.#pieces[0] as Piece
      const isLast = this.#pieces.length === 1 && this.isEnded && this.#trailers === null
      const sent = this.#send(piece.buffer, piece.start, piece.end, isLast, left)
      if (sent === 0) break
      piece.start += sent
      left -= sent
      if (piece.start === piece.end) this.#pieces.shift()
    }
    if (left === bytesMax) return false
    if (this.#pieces.length > 0) {
      this.#owner.answerMoved()
      return this.window.available > 0
    }
    const outlet = this.#outlet
    if (this.isEnded && this.#trailers !== null && outlet !== null)
      this.#endWithTrailers(outlet, this.#trailers)
    if (this.isEnded) this.#owner.answerLeft()
    else this.#owner.answerMoved()
    return false
  }

  /** The head and the text that were collected; `isEnd`: nothing comes behind them. */
  #collectedOut(isEnd: boolean): void {
    const outlet = this.#outlet
    if (outlet === null) return
    const hasNothing = this.#text === '' && !this.isWaiting
    const isLast = isEnd && this.#trailers === null
    const head = this.#head
    if (head !== null) {
      const added = this.added === null ? '' : this.added.lines(head)
      const block = writeHttp2Response(outlet.encoder, head, this.changes, this.#date, added)
      this.#leave(outlet, block, isLast && hasNothing)
    }
    if (hasNothing) {
      if (isEnd && this.#trailers !== null) this.#endWithTrailers(outlet, this.#trailers)
      else if (isLast && head === null) outlet.frames.data(this.#stream, NOTHING, 0, 0, true)
      return
    }
    this.#textOut(outlet, isLast)
    if (isEnd && this.#trailers !== null && !this.isWaiting) this.#endWithTrailers(outlet, this.#trailers)
  }

  #textOut(outlet: Outlet, isLast: boolean): void {
    const text = this.#text
    this.#text = ''
    if (text === '') return
    const room = this.isWaiting ? 0 : Math.max(0, Math.min(outlet.room, this.window.available))
    const sent = Math.min(room, text.length)
    if (sent > 0) {
      outlet.frames.dataText(
        this.#stream,
        sent === text.length ? text : text.slice(0, sent),
        isLast && sent === text.length,
      )
      this.#count(outlet, sent)
    }
    if (sent < text.length) this.#hold(Buffer.from(text.slice(sent), 'latin1'), 0, text.length - sent)
  }

  /** Sends what the windows let out; returns how much that was. */
  #send(buffer: Buffer, start: number, end: number, isLast: boolean, bytesMax: number): number {
    const outlet = this.#outlet
    if (outlet === null) return 0
    const sent = Math.max(0, Math.min(end - start, bytesMax, outlet.room, this.window.available))
    if (sent === 0) return 0
    outlet.frames.data(this.#stream, buffer, start, start + sent, isLast && start + sent === end)
    this.#count(outlet, sent)
    outlet.touch()
    return sent
  }

  #count(outlet: Outlet, bytes: number): void {
    this.window.consume(bytes)
    outlet.sent(bytes)
    this.#record.sentBytes += bytes
  }

  #hold(buffer: Buffer, start: number, end: number): void {
    this.#pieces.push({ buffer, start, end })
    // A stream without a window of its own is waited for by nobody.
    if (this.window.available > 0) this.#outlet?.wait(this)
  }

  #endWithTrailers(outlet: Outlet, trailers: HeaderFields): void {
    this.#headers(outlet, writeHttp2Trailers(outlet.encoder, trailers), true)
  }

  /** The head of the final answer becomes a frame. */
  #leave(outlet: Outlet, block: Buffer, isEnd: boolean): void {
    this.#head = null
    this.hasLeft = true
    this.#record.respondedAt = eventNow()
    this.#headers(outlet, block, isEnd)
  }

  #headers(outlet: Outlet, block: Buffer, isEnd: boolean): void {
    this.#record.sentBytes += block.length
    outlet.frames.headers(this.#stream, block, isEnd)
    outlet.touch()
  }

  #touched(outlet: Outlet): true {
    outlet.touch()
    return true
  }
}

const NOTHING = Buffer.alloc(0)

function copyOf(fields: HeaderFields): HeaderFields {
  const copy = new HeaderFields()
  copy.reset(fields.text)
  for (let index = 0; index < fields.count; index++)
    copy.add(fields.nameStart(index), fields.nameEnd(index), fields.valueStart(index), fields.valueEnd(index))
  return copy
}
