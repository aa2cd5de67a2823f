// One connection to a target that speaks HTTP/1.1: sends a request head and body, reads the answer into the exchange,
// and knows afterwards whether it may be used again. Knows bytes, time-outs and framing; does not choose targets.

import { beginEvent, endEvent, eventNow } from '../../clock/event-time.ts'
import { Timed, type TimerWheel } from '../../clock/timer-wheel.ts'
import { HEADROOM, returnBulk, takeBulk } from '../../sockets/bulk-buffers.ts'
import type { Exchange, TargetSide } from '../../exchange/exchange.ts'
import { type Failure, failures } from '../../exchange/failure.ts'
import { SocketWriter, TEXT_BYTES_MAX, type WriterEvents } from '../../sockets/socket-writer.ts'
import { ChunkedReader, type ChunkSink } from '../../wire/http1/chunked-reader.ts'
import { RESPONSE_FAULT, RESPONSE_NEED_MORE, ResponseReader } from '../../wire/http1/response-reader.ts'
import { passableTrailers } from '../../wire/http1/trailers.ts'
import { BlockedSocket } from '../../sockets/blocked-socket.ts'
import { connectSocket } from '../../sockets/open.ts'
import type { Socket, SocketEvents } from '../../sockets/socket.ts'

/** Time for a TCP connection to a target (ALB-OBS-510). */
const CONNECT_TIMEOUT_MS = 10_000
/** Answers up to this size are held until complete, so that a 504 can still be sent (ALB-OBS-513, OQ-27). */
const HELD_BYTES_MAX = 64 * 1024
const HEAD_TEXT_BYTES = 4096
/** Interim answers before the final one; more are no honest target. */
const INTERIM_MAX = 32

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

type State = 'connecting' | 'idle' | 'head' | 'body' | 'relay' | 'closed'

export class TargetConnection extends Timed implements TargetSide, ChunkSink, SocketEvents, WriterEvents {
  readonly #owner: ConnectionOwner
  readonly #socket: Socket
  readonly #writer: SocketWriter
  readonly #reader = new ResponseReader()
  #state: State = 'connecting'
  #exchange: Exchange | null = null
  #idleTimeoutMs = 0
  #mayReuse = true
  /** The target sent its FIN; what it sent before is still on its way to the client. */
  #hasEnded = false
  #hasRequestBodyEnded = true
  #isChunkedRequest = false
  /** Text for the target that waits for what follows it. */
  #unsent = ''
  #headText = ''
  #interims = 0
  /** The whole answer has been read; `#finish` is due. */
  #isAnswered = false
  #trailers = ''
  #bodyRemaining = 0
  #chunked: ChunkedReader | null = null
  /** The connection's own buffer while a large body passes; data begins at HEADROOM. */
  #bulk: Buffer | null = null
  /** Bytes of a held answer in `#bulk`. */
  #held = -1
  #isReadingPaused = false
  #isRequestResumeOwed = false
  // The region that `chunkData` refers to.
  #buffer: Buffer = sharedBuffer
  #regionFrom = 0

  /**
   * From `source`, or from any address. `isBlocked`: no packet gets to the target, so that the time for connecting runs
   * out.
   */
  constructor(
    owner: ConnectionOwner,
    address: string,
    port: number,
    source: string | null,
    isBlocked: boolean,
  ) {
    super()
    this.#owner = owner
    this.#socket = isBlocked
      ? new BlockedSocket(this)
      : connectSocket(address, port, source, sharedRegion, this, () => this.#connected())
    this.#writer = new SocketWriter(this.#socket, this)
    owner.wheel.arm(this, CONNECT_TIMEOUT_MS)
  }

  /**
   * Sends a request. `isOneShot`: the connection is not used again whatever happens (RFC-breaking requests,
   * ALB-LB-280).
   */
  send(exchange: Exchange, headText: string, idleTimeoutMs: number, isOneShot: boolean): void {
    this.#exchange = exchange
    this.#idleTimeoutMs = idleTimeoutMs
    this.#mayReuse = !isOneShot
    this.#isChunkedRequest = exchange.head.body === 'unknown-length'
    this.#hasRequestBodyEnded = exchange.isRequestComplete
    this.#headText = ''
    this.#trailers = ''
    this.#isAnswered = false
    this.#interims = 0
    // A body that came with the head leaves with it.
    if (this.#hasRequestBodyEnded) this.#writer.writeText(headText)
    else this.#unsent = headText
    if (this.#state !== 'connecting') {
      this.#state = 'head'
      this.#owner.wheel.arm(this, idleTimeoutMs)
    }
  }

  // ---- the client's side calls ----

  sendBody(buffer: Buffer, start: number, end: number, isOwned: boolean): boolean {
    if (this.#state === 'closed') return true
    const size = end - start
    const isChunked = this.#isChunkedRequest && this.#state !== 'relay'
    const before = isChunked ? `${this.#unsent}${size.toString(16)}\r\n` : this.#unsent
    const after = isChunked ? '\r\n' : ''
    if (size <= TEXT_BYTES_MAX) {
      this.#unsent = ''
      this.#writer.writeText(before + buffer.toString('latin1', start, end) + after)
    } else {
      this.#unsent = after
      this.#writer.write(before, buffer, start, end, 0, isOwned)
    }
    if (this.#state !== 'connecting') this.#owner.wheel.arm(this, this.#idleTimeoutMs)
    if (!this.#writer.isPending()) return true
    this.#isRequestResumeOwed = true
    return false
  }

  flush(): void {
    if (this.#unsent === '' || this.#state === 'closed') return
    this.#writer.writeText(this.#unsent)
    this.#unsent = ''
  }

  endBody(trailers: string): void {
    this.#hasRequestBodyEnded = true
    if (this.#state === 'closed') return
    if (this.#isChunkedRequest) this.#unsent += `0\r\n${passableTrailers(trailers)}\r\n`
    this.flush()
    if (this.#state !== 'connecting') this.#owner.wheel.arm(this, this.#idleTimeoutMs)
  }

  resumeResponse(): void {
    if (!this.#isReadingPaused) return
    this.#isReadingPaused = false
    if (this.#exchange !== null) this.#owner.wheel.arm(this, this.#idleTimeoutMs)
    this.#socket.resume()
  }

  abort(): void {
    this.#exchange = null
    this.#socket.destroy()
  }

  relayEnd(): void {
    if (this.#state === 'relay') this.#socket.end()
    else this.abort()
  }

  /** Ends the connection; a request on it fails with `failure`. */
  close(failure: Failure): void {
    this.#fail(failure)
  }

  // ---- events ----

  #connected(): void {
    if (this.#exchange === null) {
      this.#socket.destroy()
      return
    }
    this.#state = 'head'
    this.#owner.wheel.arm(this, this.#idleTimeoutMs)
  }

  override onTimeout(): void {
    if (this.#state === 'connecting') this.#fail(failures.targetConnectTimeout)
    else if (this.#state === 'relay') {
      this.#exchange?.relayEnd(false)
      this.#socket.destroy()
    } else if (this.#state === 'head' && !this.#hasRequestBodyEnded && !this.#isRequestResumeOwed) {
      // The target waits for the client, whose own time-out runs.
      this.#owner.wheel.arm(this, this.#idleTimeoutMs)
    } else this.#fail(failures.targetTimeout)
  }

  /** The target's FIN. */
  onEnd(): void {
    if (this.#state === 'relay') {
      this.#hasEnded = true
      this.#exchange?.relayEnd(true)
    } else if (this.#state === 'body' && this.#reader.isUntilClose) this.#finish()
    else this.#fail(failures.targetClosed)
  }

  /** The socket is gone. */
  onClose(): void {
    if (this.#state === 'relay') {
      if (!this.#hasEnded) this.#exchange?.relayEnd(false)
    } else this.#fail(this.#state === 'connecting' ? failures.targetConnectFailed : failures.targetClosed)
    this.#leave()
    this.#owner.wheel.remove(this)
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
    this.#bulk = null
    this.#owner.gone(this)
  }

  onWriteFailed(error: Error): void {
    this.#socket.destroy(error)
  }

  onDrained(): void {
    if (!this.#isRequestResumeOwed) return
    this.#isRequestResumeOwed = false
    if (this.#exchange === null) return
    if (this.#state !== 'connecting') this.#owner.wheel.arm(this, this.#idleTimeoutMs)
    this.#exchange.resumeRequest()
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
    this.#owner.wheel.arm(this, this.#idleTimeoutMs)
    const bulk = this.#bulk
    if (this.#held !== -1) this.#hold(exchange, length)
    else {
      this.#take(exchange, bulk ?? sharedBuffer, HEADROOM, HEADROOM + length)
      exchange.flush()
    }
    // The socket goes on with the buffer it has unless the connection took or returned one of its own.
    if (this.#bulk === null) return bulk === null ? undefined : sharedRegion
    if (this.#held !== -1) return this.#bulk.subarray(HEADROOM + this.#held)
    return bulk === this.#bulk ? undefined : this.#bulk.subarray(HEADROOM)
  }

  #take(exchange: Exchange, buffer: Buffer, start: number, end: number): void {
    let at = start
    while (at < end && !this.#isAnswered && this.#exchange !== null) {
      if (this.#state === 'head') at = this.#takeHead(exchange, buffer, at, end)
      else if (this.#state === 'body') at = this.#takeBody(exchange, buffer, at, end)
      else if (this.#state === 'relay') {
        this.#give(exchange, buffer, at, end, 0)
        return
      } else break
    }
    if (!this.#isAnswered) return
    // More than the answer: whatever it is, it would be taken for the answer to the next request.
    if (at < end) this.#mayReuse = false
    this.#finish()
  }

  #takeHead(exchange: Exchange, buffer: Buffer, start: number, end: number): number {
    const before = this.#headText.length
    let cut = Math.min(end, start + HEAD_TEXT_BYTES)
    const toHead = exchange.head.method === 'HEAD'
    let text = this.#headText + buffer.toString('latin1', start, cut)
    let consumed = this.#reader.read(text, toHead)
    if (consumed === RESPONSE_NEED_MORE && cut < end) {
      text += buffer.toString('latin1', cut, end)
      cut = end
      consumed = this.#reader.read(text, toHead)
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
    const head = this.#reader.head
    if (head.status < 200) this.#takeInterim(exchange)
    else if (head.body === 'length' && head.contentLength <= text.length - consumed) {
      return at + this.#answerWhole(exchange, text, consumed)
    } else this.#startBody(exchange, end - at)
    return at
  }

  /** The whole answer is text already. Returns the length of its body. */
  #answerWhole(exchange: Exchange, text: string, bodyStart: number): number {
    const head = this.#reader.head
    this.#noteHead(exchange)
    exchange.respondHead(head)
    if (head.contentLength > 0) exchange.respondText(text.slice(bodyStart, bodyStart + head.contentLength))
    this.#isAnswered = true
    return head.contentLength
  }

  #noteHead({ record }: Exchange): void {
    const head = this.#reader.head
    record.responseAt = eventNow()
    record.targetStatus = head.status
    if (!head.keepAlive) this.#mayReuse = false
  }

  #takeInterim(exchange: Exchange): void {
    const head = this.#reader.head
    if (head.status === 101) {
      const isWanted = exchange.head.upgrade !== null && head.upgrade !== null
      if (!isWanted) {
        this.#fail(failures.malformedResponse)
        return
      }
      exchange.record.responseAt = eventNow()
      exchange.record.targetStatus = 101
      this.#state = 'relay'
      this.#mayReuse = false
      exchange.switchProtocols(head)
    } else if (++this.#interims > INTERIM_MAX) this.#fail(failures.malformedResponse)
    else exchange.interim(head)
  }

  #startBody(exchange: Exchange, available: number): void {
    const head = this.#reader.head
    this.#noteHead(exchange)
    switch (head.body) {
      case 'none':
        exchange.respondHead(head)
        this.#isAnswered = true
        return
      case 'length':
        this.#state = 'body'
        this.#bodyRemaining = head.contentLength
        if (available >= head.contentLength) exchange.respondHead(head)
        else if (head.contentLength <= HELD_BYTES_MAX) {
          // At once: the body may begin with the next read, which then goes there.
          this.#held = 0
          this.#bulk = takeBulk()
        } else this.#startStreaming(exchange)
        return
      case 'unknown-length':
        this.#state = 'body'
        if (!this.#reader.isChunked) {
          this.#startStreaming(exchange)
          return
        }
        this.#chunked ??= new ChunkedReader()
        this.#chunked.reset()
        exchange.respondHead(head)
    }
  }

  /** From the next read on, bytes go into a buffer of the connection's own. */
  #startStreaming(exchange: Exchange): void {
    exchange.respondHead(this.#reader.head)
    this.#bulk = takeBulk()
  }

  #takeBody(exchange: Exchange, buffer: Buffer, start: number, end: number): number {
    switch (this.#reader.head.body) {
      case 'length': {
        const length = Math.min(this.#bodyRemaining, end - start)
        if (this.#held !== -1 && this.#bulk !== null) {
          buffer.copy(this.#bulk, HEADROOM, start, start + length)
          this.#held = length
          return start + length
        }
        this.#bodyRemaining -= length
        this.#give(exchange, buffer, start, start + length, start)
        if (this.#bodyRemaining === 0) this.#isAnswered = true
        return start + length
      }
      case 'unknown-length':
        if (this.#reader.isChunked) return this.#takeChunks(buffer, start, end)
        this.#give(exchange, buffer, start, end, start)
        return end
      case 'none':
        this.#give(exchange, buffer, start, end, start)
        return end
    }
  }

  #takeChunks(buffer: Buffer, start: number, end: number): number {
    const chunked = this.#chunked as ChunkedReader
    this.#buffer = buffer
    this.#regionFrom = start
    const at = chunked.read(buffer, start, end, this)
    if (this.#exchange === null) return end
    if (chunked.state === 'end') {
      this.#isAnswered = true
      this.#trailers = passableTrailers(chunked.trailers)
    } else if (chunked.state === 'bad') this.#fail(failures.malformedResponse)
    else if (this.#bulk === null && end - start > TEXT_BYTES_MAX) this.#bulk = takeBulk()
    return at
  }

  /** A span of decoded body, from the chunked reader. Its framing before it is scratch by now. */
  chunkData(start: number, end: number): void {
    if (this.#exchange === null) return
    this.#give(this.#exchange, this.#buffer, start, end, start - this.#regionFrom)
    this.#regionFrom = end
  }

  #give(exchange: Exchange, buffer: Buffer, start: number, end: number, headroom: number): void {
    const isOwned = buffer === this.#bulk
    if (!exchange.respondData(buffer, start, end, headroom, isOwned)) this.#pause()
  }

  #pause(): void {
    if (this.#isReadingPaused || this.#state === 'closed') return
    this.#isReadingPaused = true
    this.#socket.pause()
    // The client is timed from here on.
    this.#owner.wheel.disarm(this)
  }

  #hold(exchange: Exchange, length: number): void {
    const bulk = this.#bulk as Buffer
    const taken = Math.min(length, this.#bodyRemaining - this.#held)
    this.#held += taken
    if (taken < length) this.#mayReuse = false
    if (this.#held < this.#bodyRemaining) return
    const end = HEADROOM + this.#held
    this.#held = -1
    exchange.respondHead(this.#reader.head)
    this.#give(exchange, bulk, HEADROOM, end, HEADROOM)
    this.#finish()
  }

  /** The answer is complete. The exchange may start the connection's next request before this returns. */
  #finish(): void {
    const exchange = this.#exchange
    this.#isAnswered = false
    if (exchange === null) return
    this.#exchange = null
    const trailers = this.#trailers
    this.#trailers = ''
    const isReusable = this.#mayReuse && this.#hasRequestBodyEnded && exchange.isRequestComplete
    if (this.#bulk !== null) {
      // A buffer whose bytes still wait in the client's socket is left to it.
      if (!this.#isReadingPaused) returnBulk(this.#bulk)
      this.#bulk = null
    }
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
