// A health check in HTTP/1.1: GET, wait for the head of the response, close.

import type { Socket } from 'node:net'
import {
  ACCEPT_ENCODING,
  authorityOf,
  FAILED,
  type ProbeRequest,
  type ProbeResult,
  USER_AGENT,
} from './question.ts'
import { StatusReader } from './status-reader.ts'

/** A body that the target still sends is read this far, so that the target sees no reset before its end. */
export const BODY_BYTES_MAX = 64 * 1024

export function askHttp1(
  socket: Socket,
  request: ProbeRequest,
  onResult: (result: ProbeResult) => void,
): () => void {
  const reader = new StatusReader()
  let isAnswered = false
  let bodyBytes = 0
  const fail = (): void => {
    onResult(FAILED)
    socket.destroy()
  }
  socket.on('data', (bytes: Buffer) => {
    if (isAnswered) {
      bodyBytes += bytes.length
      if (bodyBytes > BODY_BYTES_MAX) socket.destroy()
      return
    }
    const result = reader.push(bytes)
    if (result.type === 'malformed') fail()
    if (result.type !== 'status') return
    isAnswered = true
    onResult({ type: 'code', code: result.code })
    socket.end()
  })
  socket.on('end', fail)
  socket.write(requestHead(request))
  return () => socket.destroy()
}

/** The request, byte for byte (OQ-38). */
export function requestHead(request: Pick<ProbeRequest, 'protocol' | 'address' | 'port' | 'path'>): string {
  return [
    `GET ${request.path} HTTP/1.1`,
    `Host: ${authorityOf(request)}`,
    'Connection: close',
    `User-Agent: ${USER_AGENT}`,
    `Accept-Encoding: ${ACCEPT_ENCODING}`,
    '',
    '',
  ].join('\r\n')
}
