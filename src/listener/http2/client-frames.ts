// What the frames of an HTTP/2 client mean: requests that begin, bodies, windows, settings. Says so to the streams, and when the
// connection is at fault.

import { failures } from '../../exchange/failure.ts'
import { HeaderFields } from '../../wire/header-fields.ts'
import { frameFaults, type Http2Fault } from '../../wire/http2/faults.ts'
import type { FrameSink } from '../../wire/http2/frame-sink.ts'
import { ErrorCode, HEADER_TABLE_BYTES_AT_FIRST } from '../../wire/http2/frames.ts'
import { type BlockFault, HpackDecoder } from '../../wire/http2/hpack-decoder.ts'
import { readHttp2Request, readHttp2Trailers } from '../../wire/http2/request-head.ts'
import type { RequestHead } from '../../wire/request-head.ts'
import { headFailure } from '../admission.ts'
import type { ServedListener } from '../binding.ts'
import type { BodyFault, Http2Exchange, Http2Parts } from './exchange.ts'
import { connectionFaults } from './faults.ts'
import type { Outlet } from './outlet.ts'
import type { Streams, StreamsOwner } from './streams.ts'

/** What HTTP/1.x heads may have, too: 64 KiB of fields beside a request line of 16 KiB. */
export const HEADER_LIST_BYTES_MAX = 80 * 1024
const FIELDS_MAX = 2000
/** Requests on one connection (ALB-OBS-460). */
const REQUESTS_MAX = 10_000

export class ClientFrames<Served extends ServedListener, Passage> implements FrameSink {
  readonly #streams: Streams<Served, Passage>
  readonly #owner: StreamsOwner
  readonly #outlet: Outlet
  readonly #parts: Http2Parts<Served, Passage>
  readonly #decoder = new HpackDecoder(HEADER_TABLE_BYTES_AT_FIRST)
  /** Of blocks that nobody wants. */
  readonly #unwanted = new HeaderFields()
  /** Exchanges that were given something in this batch of frames. */
  readonly #unflushed: Http2Exchange<Served, Passage>[] = []
  #requests = 0

  constructor(streams: Streams<Served, Passage>, parts: Http2Parts<Served, Passage>) {
    this.#streams = streams
    this.#owner = streams.owner
    this.#outlet = streams.outlet
    this.#parts = parts
  }

  /** End of a batch of frames. */
  batchEnded(): void {
    for (const exchange of this.#unflushed) if (exchange.isUnflushed) exchange.batchEnded()
    this.#unflushed.length = 0
  }

  // ---- requests ----

  headers(stream: number, block: Buffer, start: number, end: number, isEndStream: boolean): void {
    const streams = this.#streams
    if (streams.isClosed) return
    const exchange = streams.get(stream)
    if (exchange !== undefined) this.#trailers(exchange, block, start, end, isEndStream)
    else if (stream > streams.last && stream <= streams.lastServed)
      this.#open(stream, block, start, end, isEndStream)
    // Of a stream that has ended, maybe by us, or one beyond GOAWAY (RFC 9113 section 6.8): the decoder has to see it.
    else if (this.#passOver(block, start, end)) streams.idleFrame()
  }

  #open(stream: number, block: Buffer, start: number, end: number, isEndStream: boolean): void {
    const streams = this.#streams
    streams.last = stream
    if (!streams.hasRoom) {
      if (!this.#passOver(block, start, end)) return
      streams.refuse(stream, ErrorCode.refusedStream)
      streams.idleFrame()
      return
    }
    const exchange = streams.begin(stream, isEndStream)
    const { head, record, answer } = exchange
    record.receivedBytes = end - start
    const problem = this.#decode(block, start, end, head.fields)
    if (problem === 'compression') {
      // The record of the fault is its own.
      streams.forget(exchange)
      this.#owner.fault(connectionFaults.compression)
      return
    }
    const fault = problem ?? readHttp2Request(head, head.fields, isEndStream)
    if (fault === 'malformed') {
      // RFC 9113 section 8.1.1: an error of the stream; what it asks for is not known well enough to be answered.
      head.reset('')
      streams.malformed(exchange, failures.malformedRequest)
      return
    }
    answer.changes = streams.session.select('')?.responseHeaders ?? null
    if (fault === null) {
      this.#serve(exchange)
      return
    }
    head.reset('')
    if (fault === 'connect') exchange.failClient(failures.connectMethod)
    else exchange.failClient(fault === 'too-large' ? failures.headersTooLong : headFailure(fault))
  }

  #serve(exchange: Http2Exchange<Served, Passage>): void {
    const { head, record, answer } = exchange
    const { session, last } = this.#streams
    const { tools, handler } = this.#parts
    record.isParsed = true
    record.tier = head.tier
    record.reason = head.reason
    const served = session.select(head.askedHost.name)
    if (served === null) {
      this.#owner.goAway(last)
      exchange.fail(failures.listenerGone)
      return
    }
    if (!session.isAdmitted(served)) {
      this.#owner.cut()
      return
    }
    exchange.served = served
    if (isGrpc(head)) record.type = 'grpcs'
    answer.changes = served.responseHeaders
    const mayGoOn = session.mayGoOn(head, served, false, tools.wheel.now)
    if (++this.#requests >= REQUESTS_MAX || !mayGoOn) this.#owner.goAway(last)
    exchange.time(served.traffic.idleTimeoutMs)
    if (!exchange.isRequestComplete) {
      exchange.isUnflushed = true
      this.#unflushed.push(exchange)
      if (head.expectsContinue) exchange.expectContinue()
    }
    handler.handle(exchange, served, session.forwarding(served))
  }

  #decode(block: Buffer, start: number, end: number, fields: HeaderFields): BlockFault | null {
    return this.#decoder.decode(block, start, end, fields, HEADER_LIST_BYTES_MAX, FIELDS_MAX)
  }

  /** Decodes a block that nobody wants; false: the connection is at fault. */
  #passOver(block: Buffer, start: number, end: number): boolean {
    if (this.#decode(block, start, end, this.#unwanted) !== 'compression') return true
    this.#owner.fault(connectionFaults.compression)
    return false
  }

  #trailers(
    exchange: Http2Exchange<Served, Passage>,
    block: Buffer,
    start: number,
    end: number,
    isEndStream: boolean,
  ): void {
    const fields = new HeaderFields()
    const problem = this.#decode(block, start, end, fields)
    if (problem === 'compression') {
      this.#owner.fault(connectionFaults.compression)
      return
    }
    exchange.record.receivedBytes += end - start
    if (exchange.isRequestComplete) {
      this.#bodyFault(exchange, 'closed')
      return
    }
    const trailers = problem === null && isEndStream ? readHttp2Trailers(fields) : 'malformed'
    if (trailers === 'malformed') this.#streams.malformed(exchange, failures.malformedBody)
    else this.#bodyFault(exchange, exchange.bodyEnd(trailers))
  }

  data(
    stream: number,
    buffer: Buffer,
    start: number,
    end: number,
    flowBytes: number,
    isEndStream: boolean,
  ): void {
    const streams = this.#streams
    if (streams.isClosed) return
    if (!streams.received(flowBytes)) {
      this.#owner.fault(connectionFaults.windowExceeded)
      return
    }
    if (start < end) streams.dataFrame()
    else if (!isEndStream) streams.idleFrame()
    const exchange = streams.get(stream)
    if (exchange === undefined) {
      streams.released(flowBytes)
      this.#ofNoStream(stream)
      return
    }
    const fault = exchange.bodyData(buffer, start, end, flowBytes)
    if (fault !== null) {
      // What the exchange did not take is over here.
      streams.released(flowBytes)
      this.#bodyFault(exchange, fault)
      return
    }
    // Whom it was given to may have ended it.
    if (streams.get(stream) !== exchange) return
    if (isEndStream) this.#bodyFault(exchange, exchange.bodyEnd(null))
    else if (exchange.isUnflushed) this.#unflushed.push(exchange)
  }

  #bodyFault(exchange: Http2Exchange<Served, Passage>, fault: BodyFault | null): void {
    const streams = this.#streams
    switch (fault) {
      case null:
        return
      case 'length':
        streams.malformed(exchange, failures.malformedBody)
        return
      case 'closed':
        streams.brokenBy(exchange, ErrorCode.streamClosed)
        return
      case 'window':
        streams.brokenBy(exchange, ErrorCode.flowControlError)
    }
  }

  rstStream(stream: number): void {
    const streams = this.#streams
    if (streams.isClosed) return
    const exchange = streams.get(stream)
    if (exchange !== undefined) streams.resetByClient(exchange)
    else this.#ofNoStream(stream)
  }

  windowUpdate(stream: number, increment: number): void {
    const streams = this.#streams
    streams.idleFrame()
    if (streams.isClosed) return
    if (stream === 0) {
      if (this.#outlet.window.widen(increment)) this.#outlet.pump()
      else this.#owner.fault(connectionFaults.windowTooLarge)
      return
    }
    const exchange = streams.get(stream)
    if (exchange === undefined) {
      if (this.#isIdle(stream)) this.#owner.fault(connectionFaults.idleStream)
    } else if (exchange.answer.widen(increment)) this.#outlet.pump()
    else streams.brokenBy(exchange, ErrorCode.flowControlError)
  }

  streamFault(stream: number, fault: Http2Fault): void {
    const streams = this.#streams
    if (streams.isClosed) return
    const exchange = streams.get(stream)
    if (exchange !== undefined) streams.brokenBy(exchange, fault.code)
    // PRIORITY may name streams that never began.
    else if (fault === frameFaults.priorityLengthInvalid) streams.idleFrame()
    else this.#ofNoStream(stream)
  }

  /** A frame on a stream that is not there: it has ended, or never began. */
  #ofNoStream(stream: number): void {
    if (this.#isIdle(stream)) this.#owner.fault(connectionFaults.idleStream)
    else this.#streams.idleFrame()
  }

  /** Whether nobody can have sent anything on this stream yet (RFC 9113 section 5.1). */
  #isIdle(stream: number): boolean {
    return stream > this.#streams.last && stream <= this.#streams.lastServed
  }

  // ---- the connection's own frames ----

  settings(entries: readonly number[]): void {
    const streams = this.#streams
    streams.idleFrame()
    if (streams.isClosed) return
    const { peer, frames, encoder } = this.#outlet
    const before = peer.initialWindow
    peer.apply(entries)
    frames.frameBytesMax = peer.frameBytesMax
    encoder.setTableSizeMax(peer.headerTableBytes)
    frames.settingsAck()
    this.#outlet.touch()
    if (peer.initialWindow === before) return
    for (const exchange of streams.all()) {
      if (exchange.answer.widen(peer.initialWindow - before)) continue
      this.#owner.fault(connectionFaults.windowTooLarge)
      return
    }
    this.#outlet.pump()
  }

  settingsAck(): void {
    this.#owner.settled()
    this.#streams.idleFrame()
  }

  ping(buffer: Buffer, start: number): void {
    this.#streams.idleFrame()
    if (this.#streams.isClosed) return
    this.#outlet.frames.pingAck(buffer, start)
    this.#outlet.touch()
  }

  pingAck(): void {
    this.#streams.idleFrame()
  }

  priority(): void {
    this.#streams.idleFrame()
  }

  unknownFrame(): void {
    this.#streams.idleFrame()
  }

  /** The client will open no more streams; those that run go on. */
  goaway(): void {
    if (!this.#streams.isClosed) this.#owner.goAway(this.#streams.last)
  }
}

/** OQ-41 of target groups: by its content type. */
function isGrpc({ method, fields }: RequestHead): boolean {
  return method === 'POST' && fields.first('content-type')?.startsWith('application/grpc') === true
}
