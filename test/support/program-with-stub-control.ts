// The program with another control process: one that a test tells over HTTP what to send to the supervisor, and asks
// what it received.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { SupervisorToControl } from '../../src/snapshot/messages.ts'

const role = process.env['EVENKEEL_PROCESS']

if (role === 'control') runStubControl()
else {
  const { main } = await import('../../src/main.ts')
  await main()
}

/** `POST /` sends its body as a message; `GET /?type=applied&n=0` answers with the nth message of the type. */
function runStubControl(): void {
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => undefined)
  process.on('disconnect', () => process.exit(1))
  const received: SupervisorToControl[] = []
  let waiting: (() => boolean)[] = []
  process.on('message', (message: SupervisorToControl) => {
    received.push(message)
    waiting = waiting.filter((isAnswered) => !isAnswered())
    if (message.type === 'drain') process.exit(0)
    if (message.type !== 'start') return
    const { port } = (message.settings as { readonly api: { readonly port: number } }).api
    server.listen(port, '127.0.0.1', () => {
      const address = server.address() as AddressInfo
      process.send?.({ type: 'ready', endpoint: `http://127.0.0.1:${address.port}`, dns: null })
    })
  })
  const server = createServer((request, response) => {
    response.setHeader('Connection', 'close')
    if (request.method === 'POST') {
      void text(request).then((body) => {
        process.send?.(JSON.parse(body))
        response.end()
      })
      return
    }
    const url = new URL(request.url ?? '/', 'http://stub')
    const answer = (): boolean => {
      const messages = received.filter(({ type }) => type === url.searchParams.get('type'))
      const message = messages[Number(url.searchParams.get('n') ?? 0)]
      if (message === undefined) return false
      response.end(JSON.stringify(message))
      return true
    }
    if (!answer()) waiting.push(answer)
  })
}
