// What attackers send to make two parsers disagree. In every mode: what leaves has one framing, the target sees no
// request that was not admitted as one, and no connection to it is used again after anything doubtful.

import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'

import { RawClient } from '../support/client.ts'
import { startTarget } from '../support/target.ts'
import { WorkerProcess } from '../support/worker.ts'

const HOST = 'Host: a.example\r\n'
/** A request that must never be seen as one: it is only ever sent as part of a body. */
const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: evil.example\r\n\r\n'

/** Request heads with a body that hides a request from a parser that frames it in another way. */
const attacks: Readonly<Record<string, string>> = {
  'CL.TE': `POST /a HTTP/1.1\r\n${HOST}Content-Length: ${5 + HIDDEN.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'TE.CL': `POST /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
  'space before the colon': `POST /a HTTP/1.1\r\n${HOST}Content-Length: ${5 + HIDDEN.length}\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'tab before the value': `POST /a HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'vertical tab': `POST /a HTTP/1.1\r\n${HOST}Content-Length: ${5 + HIDDEN.length}\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'quoted coding': `POST /a HTTP/1.1\r\n${HOST}Content-Length: ${5 + HIDDEN.length}\r\nTransfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'x prefix': `POST /a HTTP/1.1\r\n${HOST}Content-Length: ${5 + HIDDEN.length}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'two codings': `POST /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\nContent-Length: ${5 + HIDDEN.length}\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'chunked twice': `POST /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'underscore name': `POST /a HTTP/1.1\r\n${HOST}Content-Length: ${5 + HIDDEN.length}\r\nTransfer_Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'folded coding': `POST /a HTTP/1.1\r\n${HOST}X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: ${5 + HIDDEN.length}\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'folded value': `POST /a HTTP/1.1\r\n${HOST}Content-Length: ${5 + HIDDEN.length}\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'bare CR hides a field': `POST /a HTTP/1.1\r\n${HOST}X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: ${5 + HIDDEN.length}\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'bare LF ends a field': `POST /a HTTP/1.1\r\n${HOST}X-A: b\nTransfer-Encoding: chunked\r\nContent-Length: ${5 + HIDDEN.length}\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'NUL in a field': `POST /a HTTP/1.1\r\n${HOST}Content-Length: ${5 + HIDDEN.length}\r\nTransfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'lengths that differ': `POST /a HTTP/1.1\r\n${HOST}Content-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'length list': `POST /a HTTP/1.1\r\n${HOST}Content-Length: 0, ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'signed length': `POST /a HTTP/1.1\r\n${HOST}Content-Length: +${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'hexadecimal length': `POST /a HTTP/1.1\r\n${HOST}Content-Length: 0x${HIDDEN.length.toString(16)}\r\n\r\n${HIDDEN}`,
  'huge length': `POST /a HTTP/1.1\r\n${HOST}Content-Length: 18446744073709551616\r\n\r\n${HIDDEN}`,
  'leading zeros': `POST /a HTTP/1.1\r\n${HOST}Content-Length: 000${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'length on GET': `GET /a HTTP/1.1\r\n${HOST}Content-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'chunked on GET': `GET /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`,
  'HTTP/1.0 with a coding': `POST /a HTTP/1.0\r\n${HOST}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: ${5 + HIDDEN.length}\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'Connection names the length': `POST /a HTTP/1.1\r\n${HOST}Connection: Content-Length\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'upgrade with a body': `POST /a HTTP/1.1\r\n${HOST}Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'upgrade to h2c': `GET /a HTTP/1.1\r\n${HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n`,
  'chunk size overflow': `POST /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${HIDDEN}`,
  'line feed in an extension': `POST /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\nX\r\n0\r\n\r\n${HIDDEN}`,
  'framing in trailers': `POST /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n1\r\nX\r\n0\r\nContent-Length: 9\r\nHost: evil.example\r\n\r\n`,
  'target with a version inside': `GET /a HTTP/1.1\r\nX: HTTP/1.1\r\n${HOST}\r\n`,
  'header in the target': `GET /a\x0bHTTP/1.1 HTTP/1.1\r\n${HOST}\r\n`,
  'user in an absolute target': `GET http://evil@a.example/a HTTP/1.1\r\n${HOST}\r\n`,
  'empty length beside one': `POST /a HTTP/1.1\r\n${HOST}Content-Length:\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'no length beside a coding': `POST /a HTTP/1.1\r\n${HOST}Content-Length: none\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'CR before the coding': `POST /a HTTP/1.1\r\n${HOST}Content-Length: ${5 + HIDDEN.length}\r\nTransfer-Encoding: \rchunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'CR before another field': `POST /a HTTP/1.1\r\n${HOST}X-Abc: \rxTransfer-Encoding: chunked\r\nContent-Length: ${5 + HIDDEN.length}\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'value on a line of its own': `POST /a HTTP/1.1\r\n${HOST}Content-Length: 0\r\nContent-Length:\r\n${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'CR and more behind the host': `POST /a HTTP/1.1\r\nHost: a.example\rX\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'empty name before the length': `POST /a HTTP/1.1\r\n${HOST}:\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'empty name with a value': `POST /a HTTP/1.1\r\n${HOST}: x\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'length with an underscore': `POST /a HTTP/1.1\r\n${HOST}Content-Length: 1_0\r\n\r\n${HIDDEN}`,
  'length with a parameter': `POST /a HTTP/1.1\r\n${HOST}Content-Length: 0;${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'coding with a parameter': `POST /a HTTP/1.1\r\n${HOST}Content-Length: ${5 + HIDDEN.length}\r\nTransfer-Encoding: chunked;x=y\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'chunked, then identity': `POST /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'no-break space around the coding': `POST /a HTTP/1.1\r\n${HOST}Content-Length: ${5 + HIDDEN.length}\r\nTransfer-Encoding: chunked\xa0\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'coding in full-width letters': `POST /a HTTP/1.1\r\n${HOST}Content-Length: ${5 + HIDDEN.length}\r\n\xef\xbc\xb4ransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  'two lengths, one with a blank': `POST /a HTTP/1.1\r\n${HOST}Content-Length: 0\r\nContent-Length : ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  'a request in the method': `GET\rX / HTTP/1.1\r\n${HOST}\r\n`,
  'a user in Host': `GET /a HTTP/1.1\r\nHost: a.example:80@evil.example\r\n\r\n`,
}

const modes = ['monitor', 'defensive', 'strictest'] as const

for (const mode of modes) {
  describe(`smuggling in mode ${mode}`, () => {
    let strict: Server
    let worker: WorkerProcess
    let seen: string[] = []

    before(async () => {
      strict = createServer({ insecureHTTPParser: false }, (request, response) => {
        seen.push(`${request.method} ${request.url}`)
        request.resume()
        request.on('end', () => response.end('ok'))
      })
      strict.on('clientError', (_error, socket) => socket.destroy())
      await new Promise<void>((resolve) => strict.listen(0, '127.0.0.1', resolve))
      const { port } = strict.address() as AddressInfo
      worker = await WorkerProcess.start(
        { targets: [port], traffic: { desyncMitigationMode: mode } },
        { timeScale: 20 },
      )
    })

    after(() => {
      worker.close()
      strict.closeAllConnections()
      strict.close()
    })

    for (const [name, text] of Object.entries(attacks)) {
      test(`${name}: a strict target never sees the hidden request`, async () => {
        seen = []
        const client = await RawClient.connect(worker.port)
        client.send(text)
        await client.response()
        client.socket.end()
        await client.end()
        client.close()
        // What stands behind a request that ended may be a request of this client's own; then its Host says so, and
        // it was admitted as one. Inside a body it must stay a body.
        const logged = (await worker.logLines()).filter((line) =>
          line.includes('evil.example:80/hidden'),
        ).length
        assert.ok(seen.filter((request) => request === 'GET /hidden').length <= logged, seen.join(', '))
      })
    }
  })
}

test('one framing leaves, and doubtful requests get a connection to the target of their own', async () => {
  const target = await startTarget()
  for (const mode of modes) {
    const worker = await WorkerProcess.start(
      { targets: [target.port], traffic: { desyncMitigationMode: mode } },
      { timeScale: 20 },
    )
    for (const [name, text] of Object.entries(attacks)) {
      const from = target.requests.length
      const client = await RawClient.connect(worker.port)
      client.send(text)
      await client.response()
      client.close()
      for (const { head } of target.requests.slice(from)) {
        const framing = head
          .split('\r\n')
          .filter((line) => /^\s*(content.?length|transfer.?encoding|.{1,3}ransfer-encoding)\b/i.test(line))
        assert.ok(framing.length <= 1, `${name} in ${mode} leaves with ${framing.join(' and ')}`)
        assert.doesNotMatch(head, /\0|\r(?!\n)|(?<!\r)\n/, `${name} in ${mode}`)
      }
    }
    worker.close()
  }
  target.close()
})

test('an answer with more behind it never reaches the next request', async () => {
  const target = await startTarget(({ head, socket }) => {
    const path = head.split(' ')[1] ?? ''
    const body = `for ${path}`
    const extra = path === '/first' ? 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison' : ''
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}${extra}`)
  })
  const worker = await WorkerProcess.start({ targets: [target.port] })
  const client = await RawClient.connect(worker.port)
  client.send(
    `GET /first HTTP/1.1\r\n${HOST}\r\nGET /second HTTP/1.1\r\n${HOST}\r\nGET /third HTTP/1.1\r\n${HOST}\r\n`,
  )
  for (const path of ['/first', '/second', '/third'])
    assert.equal((await client.response()).body, `for ${path}`)
  assert.equal(target.connections(), 2)
  client.close()
  worker.close()
  target.close()
})

test('a target cannot split its answer through a header value', async () => {
  const target = await startTarget(({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nX-A: b\rSet-Cookie: evil\r\nContent-Length: 0\r\n\r\n')
  })
  const worker = await WorkerProcess.start({ targets: [target.port] })
  const client = await RawClient.connect(worker.port)
  client.send(`GET / HTTP/1.1\r\n${HOST}\r\n`)
  assert.equal((await client.response()).status, 502)
  client.close()
  worker.close()
  target.close()
})
