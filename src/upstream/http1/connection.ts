// One connection to a target that speaks HTTP/1.1: sends a request, reads the head of the answer, and knows afterwards
// whether it may be used again. Knows bytes and time-outs; does not choose targets.

import { beginEvent, endEvent, eventNow } from '../../clock/event-time.ts'
import { Timed, type TimerWheel } from '../../clock/timer-wheel.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import { type Failure, failures } from '../../exchange/failure.ts'
import { type RelayOwner, SocketEnd } from '../../exchange/relay.ts'
import type { Forwarded } from '../../exchange/target-link.ts'
import type { TargetSide } from '../../exchange/target-side.ts'
import { HEADROOM } from '../../sockets/bulk-buffers.ts'
import { SocketWriter, type WriterEvents } from '../../sockets/socket-writer.ts'
import type { Socket } from '../../sockets/socket.ts'
import type { HeaderFields } from '../../wire/header-fields.ts'
import { writeRequestHead } from '../../wire/http1/request-writer.ts'
import { RESPONSE_FAULT, RESPONSE_NEED_MORE, ResponseReader } from '../../wire/http1/response-reader.ts'
import { type OpeningEvents, openTarget, type TargetPlace } from '../opening.ts'
import { AnswerBody } from './answer-body.ts'
import { RequestOutput } from './request-output.ts'

/** Time for a TCP connection to a target (ALB-OBS-510), and for its handshake (ALB-OBS-515). */
const CONNECT_TIMEOUT_MS = 10_000
const HEAD_TEXT_BYTES = 4096
/** Interim answers before the final one; more are no honest target. */
const INTERIM_MAX = 32
/** How long the answer of a target that takes no more of the request is waited for. */
const LAST_WORD_MS = 1000

/** Small answers pass through one buffer for all connections; it is free again when the callback returns. */
const SHARED_BYTES = 128 * 1024
const sharedBuffer = Buffer.allocUnsafeSlow(HEADROOM + SHARED_BYTES)
const sharedRegion = sharedBuffer.subarray(HEADROOM)

/** What a connection tells the pool that made it. */
export interface ConnectionOwner {
  readonly wheel: TimerWheel
  /** The connection is free and healthy. */
  released(connection: TargetConnection): void
  /** The connection is gone and must not be used again. */
  gone(connection: TargetConnection): void
}

/** Until it is `idle` or beyond, nothing can be sent. */
type State = 'connecting' | 'securing' | 'idle' | 'head' | 'body' | 'relay' | 'closed'

export class TargetConnection extends Timed implements TargetSide, OpeningEvents, WriterEvents, RelayOwner {
  /** Security policy of the connection; empty for clear text. */
  readonly policy: string
  readonly #owner: ConnectionOwner
  readonly #socket: Socket
  readonly #writer: SocketWriter
  readonly #request: RequestOutput
  readonly #reader = new ResponseReader()
  readonly #body = new AnswerBody()
  #state: State = 'connecting'
  #exchange: Exchange | null = null
  #relay: SocketEnd | null = null
  #idleTimeoutMs = 0
  #mayReuse = true
  #headText = ''
  #interims = 0
  /** The whole answer has been read; `#finish` is due. */
  #isAnswered = false
  #isReadingPaused = false
  #isRequestResumeOwed = false
  /** The target takes nothing of the request any more; it may have said why. */
  #isBroken = false

  constructor(owner: ConnectionOwner, place: TargetPlace) {
    super()
    this.#owner = owner
    this.policy = place.policy
    this.#socket = openTarget(place, sharedRegion, this)
    this.#writer = new SocketWriter(this.#socket, this)
    this.#request = new RequestOutput(this.#writer)
    owner.wheel.arm(this, CONNECT_TIMEOUT_MS)
  }

  /** Sends a request. */
  begin(exchange: Exchange, forwarded: Forwarded): void {
    const { head } = exchange
    const { forwarding, trace, rewritten, isOneShot, idleTimeoutMs } = forwarded
    this.#exchange = exchange
    this.#idleTimeoutMs = idleTimeoutMs
    this.#mayReuse = !isOneShot
    this.#headText = ''
    this.#isAnswered = false
    this.#interims = 0
    const text = writeRequestHead(head, forwarding.rules, forwarding.ownLines, trace, rewritten)
    this.#request.begin(text, head.hasBody, head.body === 'unknown-length')
    if (!this.#isOpening) {
      this.#state = 'head'
      this.#owner.wheel.arm(this, idleTimeoutMs)
    }
  }

  // ---- the client's side calls ----

  sendBody(buffer: Buffer, start: number, end: number, isOwned: boolean): boolean {
    if (this.#state === 'closed') return true
    const mayGoOn = this.#request.data(buffer, start, end, isOwned)
    this.#touch()
    if (!mayGoOn) this.#isRequestResumeOwed = true
    return mayGoOn
  }

  flush(): void {
    if (this.#state !== 'closed') this.#request.flush()
  }

  endBody(trailers: HeaderFields | null): void {
    if (this.#state === 'closed') return
    this.#request.end(trailers)
    this.#touch()
  }

  resumeResponse(): void {
    if (!this.#isReadingPaused) return
    this.#isReadingPaused = false
    this.#body.isRefused = false
    if (this.#exchange !== null) this.#owner.wheel.arm(this, this.#idleTimeoutMs)
    this.#socket.resume()
  }

  abort(): void {
    this.#exchange = null
    this.#socket.destroy()
  }

  /** Ends the connection; a request on it fails with `failure`. */
  close(failure: Failure): void {
    if (this.#relay === null) this.#fail(failure)
    else this.#relay.cutBoth()
  }

  // ---- events ----

  get #isOpening(): boolean {
    return this.#state === 'connecting' || this.#state === 'securing'
  }

  securing(): void {
    this.#state = 'securing'
    this.#owner.wheel.arm(this, CONNECT_TIMEOUT_MS)
  }

  opened(): void {
    if (this.#exchange === null) {
      this.#socket.destroy()
      return
    }
    this.#state = 'head'
    this.#owner.wheel.arm(this, this.#idleTimeoutMs)
  }

  override onTimeout(): void {
    if (this.#state === 'connecting') this.#fail(failures.targetConnectTimeout)
    else if (this.#state === 'securing') this.#fail(failures.targetHandshakeTimeout)
    else if (this.#isBroken) this.#fail(failures.targetClosed)
    else if (this.#state === 'head' && !this.#request.isComplete && !this.#isRequestResumeOwed) {
      // The target waits for the client, whose own time-out runs.
      this.#owner.wheel.arm(this, this.#idleTimeoutMs)
    } else if (this.#isRequestResumeOwed && this.#writer.hasMoved()) {
      this.#owner.wheel.arm(this, this.#idleTimeoutMs)
    } else this.#fail(failures.targetTimeout)
  }

  /** The target's FIN. */
  onEnd(): void {
    if (this.#state === 'body' && this.#reader.isUntilClose) this.#finish()
    else this.#fail(failures.targetClosed)
  }

  /** The socket is gone. */
  onClose(): void {
    if (this.#state === 'connecting') this.#fail(failures.targetConnectFailed)
    else this.#fail(this.#state === 'securing' ? failures.targetHandshakeFailed : failures.targetClosed)
    this.#owner.wheel.remove(this)
  }

  onDrained(): void {
    if (!this.#isRequestResumeOwed) return
    this.#isRequestResumeOwed = false
    if (this.#exchange === null) return
    this.#touch()
    this.#exchange.resumeRequest()
  }

  /** A target that answers early and closes refuses the rest of the request; its answer is on its way all the same. */
  onWriteFailed(error: Error): void {
    if (this.#exchange === null || this.#isOpening) {
      this.#socket.destroy(error)
      return
    }
    this.#isBroken = true
    this.#mayReuse = false
    this.#request.breakOff()
    this.#owner.wheel.arm(this, Math.min(LAST_WORD_MS, this.#idleTimeoutMs))
    if (!this.#isRequestResumeOwed) return
    this.#isRequestResumeOwed = false
    this.#exchange.resumeRequest()
  }

  relayClosed(): void {
    this.#leave()
  }

  #fail(failure: Failure): void {
    const exchange = this.#exchange
    this.#exchange = null
    this.#leave()
    this.#socket.destroy()
    exchange?.fail(failure)
  }

  #leave(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#body.bulk = null
    this.#owner.gone(this)
  }

  /** Something passed: the idle time-out begins anew. */
  #touch(): void {
    if (!this.#isOpening && !this.#isBroken) this.#owner.wheel.arm(this, this.#idleTimeoutMs)
  }

  // ---- the answer ----

  onRead(length: number): Buffer | undefined {
    beginEvent()
    const next = this.#read(length)
    endEvent()
    return next
  }

  /** The buffer for the next bytes, if another than the present one. */
  #read(length: number): Buffer | undefined {
    const exchange = this.#exchange
    if (exchange === null) {
      // Bytes that nobody asked for: whatever they are, the connection cannot be trusted.
      this.#leave()
      this.#socket.destroy()
      return undefined
    }
    this.#touch()
    const body = this.#body
    const before = body.bulk
    if (body.isHeld) {
      body.hold(exchange, this.#reader, length)
      this.#afterBody()
    } else this.#take(exchange, before ?? sharedBuffer, HEADROOM, HEADROOM + length)
    if (this.#exchange === exchange) exchange.flush()
    // The socket goes on with the buffer it has unless the connection took or returned one of its own.
    if (body.bulk === null) return before === null ? undefined : sharedRegion
    if (body.isHeld) return body.bulk.subarray(HEADROOM + body.held)
    return before === body.bulk ? undefined : body.bulk.subarray(HEADROOM)
  }

  #take(exchange: Exchange, buffer: Buffer, start: number, end: number): void {
    let at = start
    while (at < end && !this.#isAnswered && this.#exchange === exchange) {
      if (this.#state === 'head') at = this.#takeHead(exchange, buffer, at, end)
      else if (this.#state === 'body') {
        at = this.#body.take(exchange, buffer, at, end)
        this.#isAnswered = this.#body.isComplete
        if (this.#body.isRefused) this.#pause()
        if (this.#body.isBad) this.#fail(failures.malformedResponse)
      } else return
    }
    if (!this.#isAnswered) return
    if (at < end) this.#mayReuse = false
    this.#finish()
  }

  #afterBody(): void {
    if (this.#body.hasExcess) this.#mayReuse = false
    if (this.#body.isRefused) this.#pause()
    if (this.#body.isComplete) this.#finish()
  }

  #takeHead(exchange: Exchange, buffer: Buffer, start: number, end: number): number {
    const before = this.#headText.length
    let cut = Math.min(end, start + HEAD_TEXT_BYTES)
    const toHead = exchange.head.method === 'HEAD'
    let added = buffer.toString('latin1', start, cut)
    let text = this.#headText + added
    let consumed = this.#reader.read(text, toHead, added)
    if (consumed === RESPONSE_NEED_MORE && cut < end) {
      added = buffer.toString('latin1', cut, end)
      cut = end
      text += added
      consumed = this.#reader.read(text, toHead, added)
    }
    if (consumed === RESPONSE_NEED_MORE) {
      this.#headText = text
      return end
    }
    if (consumed === RESPONSE_FAULT) {
      const isTooLong = this.#reader.fault === 'response-head-too-long'
      this.#fail(isTooLong ? failures.responseHeadTooLong : failures.malformedResponse)
      return end
    }
    this.#headText = ''
    const at = start + consumed - before
    const { head } = this.#reader
    if (head.status === 101) return this.#switch(exchange, buffer, at, end)
    if (head.status < 200) {
      this.#takeInterim(exchange)
      return at
    }
    this.#noteHead(exchange)
    if (head.body === 'length' && head.contentLength <= text.length - consumed)
      return at + this.#answerWhole(exchange, text, consumed)
    if (head.body === 'none') {
      exchange.respondHead(head)
      this.#isAnswered = true
    } else {
      this.#state = 'body'
      this.#body.start(exchange, this.#reader, end - at)
    }
    return at
  }

  /** The whole answer is text already. Returns the length of its body. */
  #answerWhole(exchange: Exchange, text: string, bodyStart: number): number {
    const { head } = this.#reader
    exchange.respondHead(head)
    if (head.contentLength > 0) exchange.respondText(text.slice(bodyStart, bodyStart + head.contentLength))
    this.#body.trailers = null
    this.#isAnswered = true
    return head.contentLength
  }

  #noteHead({ record }: Exchange): void {
    const { head } = this.#reader
    record.responseAt = eventNow()
    record.targetStatus = head.status
    if (!head.keepAlive) this.#mayReuse = false
  }

  #takeInterim(exchange: Exchange): void {
    if (++this.#interims > INTERIM_MAX) this.#fail(failures.malformedResponse)
    else exchange.interim(this.#reader.head)
  }

  /** 101: the socket becomes an end of a relay. Nothing else may be switched to than what the client asked for. */
  #switch(exchange: Exchange, buffer: Buffer, start: number, end: number): number {
    const { head } = this.#reader
    if (exchange.head.upgrade === null || head.upgrade?.toLowerCase() !== 'websocket') {
      this.#fail(failures.malformedResponse)
      return end
    }
    exchange.record.responseAt = eventNow()
    exchange.record.targetStatus = 101
    this.#state = 'relay'
    this.#exchange = null
    const { wheel } = this.#owner
    wheel.remove(this)
    const parts = { socket: this.#socket, writer: this.#writer, wheel, owner: this }
    const place = { buffer: sharedBuffer, headroom: HEADROOM, idleTimeoutMs: this.#idleTimeoutMs }
    this.#relay = new SocketEnd({ ...parts, ...place })
    this.#relay.join(exchange.becomeRelay(head, this.#relay))
    this.#relay.receive(buffer, start, end)
    return end
  }

  #pause(): void {
    if (this.#isReadingPaused || this.#state === 'closed') return
    this.#isReadingPaused = true
    this.#socket.pause()
    // The client is timed from here on.
    this.#owner.wheel.disarm(this)
  }

  /** The answer is complete. The exchange may start the connection's next request before this returns. */
  #finish(): void {
    const exchange = this.#exchange
    this.#isAnswered = false
    if (exchange === null) return
    this.#exchange = null
    const { trailers } = this.#body
    const isReusable = this.#mayReuse && this.#request.isComplete
    this.#body.finish()
    if (this.#isReadingPaused) {
      this.#isReadingPaused = false
      this.#socket.resume()
    }
    if (isReusable) {
      this.#state = 'idle'
      this.#owner.wheel.arm(this, this.#idleTimeoutMs)
      this.#owner.released(this)
    } else {
      this.#leave()
      this.#socket.destroy()
    }
    exchange.respondEnd(trailers)
  }
}
