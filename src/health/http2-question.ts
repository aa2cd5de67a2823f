// A health check in HTTP/2, in clear text with prior knowledge: GET and the status of the response; or a call of gRPC
// with an empty message, and the status of gRPC out of its trailers (OQ-39).

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2'
import type { Socket } from 'node:net'
import { BODY_BYTES_MAX } from './http1-question.ts'
import {
  ACCEPT_ENCODING,
  authorityOf,
  FAILED,
  type ProbeRequest,
  type ProbeResult,
  resultOfError,
  USER_AGENT,
} from './question.ts'
import { HEAD_BYTES_MAX, INTERIMS_MAX } from './status-reader.ts'

/** A message of gRPC without content: not compressed, of length 0. */
const EMPTY_MESSAGE = Buffer.alloc(5)

/** Megabytes that a session may keep; Node has no smaller measure. */
const SESSION_MEMORY_MAX = 1

export function askHttp2(
  socket: Socket,
  request: ProbeRequest,
  onResult: (result: ProbeResult) => void,
): () => void {
  const session = connect(`${request.protocol.toLowerCase()}://${authorityOf(request)}`, {
    createConnection: () => socket,
    maxSessionMemory: SESSION_MEMORY_MAX,
    settings: { enablePush: false, maxHeaderListSize: HEAD_BYTES_MAX },
  })
  session.on('error', (error) => onResult(resultOfError(error)))
  session.on('close', () => onResult(FAILED))
  const isGrpc = request.protocolVersion === 'GRPC'
  const stream = session.request(isGrpc ? callHead(request) : requestHead(request), { endStream: !isGrpc })
  // What ended it is told by `close`, for which an error needs somebody who hears it.
  stream.on('error', () => undefined)
  boundInterims(session, stream)
  if (isGrpc) awaitGrpcStatus(session, stream, onResult)
  else awaitStatus(session, stream, onResult)
  return () => session.destroy()
}

function requestHead(request: ProbeRequest): OutgoingHttpHeaders {
  return {
    ':method': 'GET',
    ':scheme': request.protocol.toLowerCase(),
    ':authority': authorityOf(request),
    ':path': request.path,
    'user-agent': USER_AGENT,
    'accept-encoding': ACCEPT_ENCODING,
  }
}

function callHead(request: ProbeRequest): OutgoingHttpHeaders {
  return {
    ':method': 'POST',
    ':scheme': request.protocol.toLowerCase(),
    ':authority': authorityOf(request),
    ':path': request.path,
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': USER_AGENT,
  }
}

type ResponseHead = IncomingHttpHeaders & IncomingHttpStatusHeader

function awaitStatus(
  session: ClientHttp2Session,
  stream: ClientHttp2Stream,
  onResult: (result: ProbeResult) => void,
): void {
  stream.on('response', (head: ResponseHead) => {
    onResult(statusResult(head))
    session.close()
  })
  stream.on('close', () => onResult(FAILED))
  boundBody(session, stream)
}

function awaitGrpcStatus(
  session: ClientHttp2Session,
  stream: ClientHttp2Stream,
  onResult: (result: ProbeResult) => void,
): void {
  /** What the head says, which counts where nothing follows it. */
  let ofHead: ProbeResult = FAILED
  let isComplete = false
  const answer = (result: ProbeResult): void => {
    onResult(result)
    session.close()
  }
  stream.on('response', (head: ResponseHead) => {
    if (head[':status'] === 200) ofHead = grpcResult(head)
    else answer(FAILED)
  })
  stream.on('trailers', (trailers: IncomingHttpHeaders) => answer(grpcResult(trailers)))
  const received = boundBody(session, stream)
  stream.on('end', () => (isComplete = true))
  // Not at the end already: Node may tell of trailers later.
  stream.on('close', () => answer(isComplete && received() === 0 ? ofHead : FAILED))
  stream.end(EMPTY_MESSAGE)
}

/** A status is three digits; Node passes others on as numbers that are none. */
function statusResult({ ':status': code }: ResponseHead): ProbeResult {
  return code !== undefined && code >= 200 && code <= 999 ? { type: 'code', code } : FAILED
}

function grpcResult({ 'grpc-status': status }: IncomingHttpHeaders): ProbeResult {
  const isNumber = typeof status === 'string' && /^(?:0|[1-9]\d{0,2})$/.test(status)
  return isNumber ? { type: 'code', code: Number(status) } : FAILED
}

/** Reads the body as far as an honest target sends one; returns what tells how much that was. */
function boundBody(session: ClientHttp2Session, stream: ClientHttp2Stream): () => number {
  let bodyBytes = 0
  stream.on('data', (bytes: Buffer) => {
    bodyBytes += bytes.length
    if (bodyBytes > BODY_BYTES_MAX) session.destroy()
  })
  return () => bodyBytes
}

function boundInterims(session: ClientHttp2Session, stream: ClientHttp2Stream): void {
  let interims = 0
  stream.on('headers', () => {
    if (++interims > INTERIMS_MAX) session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM)
  })
}
