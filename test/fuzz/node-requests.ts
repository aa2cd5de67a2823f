// Reads a connection with Node's own strict parser, for comparison. No socket: a pair of duplex streams.

import { createServer } from 'node:http'
import { duplexPair } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'

/** One request as Node understood it. */
export interface NodeRequest {
  readonly method: string
  readonly target: string
  readonly rawHeaders: readonly string[]
  /** Bytes of the body. */
  readonly body: string
  readonly isComplete: boolean
}

const LIMITS = { maxHeaderSize: 256 * 1024, insecureHTTPParser: false, requireHostHeader: false }

/**
 * Requests that Node reads before it refuses, or the pieces end. One request per piece, because Node drops those it has
 * just read together with one that it refuses.
 */
export async function nodeRequests(pieces: readonly Buffer[]): Promise<NodeRequest[]> {
  const server = createServer(LIMITS)
  server.maxHeadersCount = 0
  const requests: { -readonly [Key in keyof NodeRequest]: NodeRequest[Key] }[] = []
  server.on('request', (incoming, response) => {
    const request = {
      method: incoming.method ?? '',
      target: incoming.url ?? '',
      rawHeaders: incoming.rawHeaders,
      body: '',
      isComplete: false,
    }
    requests.push(request)
    incoming.setEncoding('latin1')
    incoming.on('data', (text: string) => (request.body += text))
    incoming.on('end', () => (request.isComplete = incoming.complete))
    incoming.on('error', () => undefined)
    incoming.on('close', () => response.end())
  })
  server.on('checkExpectation', (incoming, response) => server.emit('request', incoming, response))
  server.on('clientError', (_error, socket) => socket.destroy())
  const [client, connection] = duplexPair()
  client.on('error', () => undefined)
  connection.on('error', () => undefined)
  server.emit('connection', connection)
  const closed = new Promise<void>((resolve) => connection.once('close', resolve))
  client.resume()
  for (const piece of pieces) {
    client.write(piece)
    await turn()
    await turn()
  }
  client.end()
  await closed
  server.close()
  return requests
}
