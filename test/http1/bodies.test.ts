// Bodies in both directions: framing, early and late ends, interim answers, back-pressure.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { after, afterEach, before, describe, test } from 'node:test'

import { exchange, RawClient } from '../support/client.ts'
import { answer, type Behaviour, echo, startTarget, type Target } from '../support/target.ts'
import { WorkerProcess } from '../support/worker.ts'

const HOST = 'Host: a.example\r\n'

let worker: WorkerProcess
let target: Target
let behave: Behaviour = echo

before(async () => {
  target = await startTarget((request) => behave(request))
  worker = await WorkerProcess.start({ targets: [target.port] })
})

after(() => {
  worker.close()
  target.close()
})

afterEach(() => {
  behave = echo
})

describe('requests', () => {
  test('a chunked body arrives whole, in one coding, with its trailers', async () => {
    const body = '5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\nContent-Length: 3\r\n\r\n'
    const { body: got } = await exchange(
      worker.port,
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n${body}`,
    )
    assert.match(got, /\r\nTransfer-Encoding: chunked\r\n\r\nhello world$/)
    assert.doesNotMatch(got, /Content-Length/i)
  })

  test('a large body with a length arrives whole', async () => {
    const body = 'abcdefghij'.repeat(50_000)
    const { body: got } = await exchange(
      worker.port,
      `POST / HTTP/1.1\r\n${HOST}Content-Length: ${body.length}\r\n\r\n${body}`,
    )
    assert.ok(got.endsWith(`\r\n\r\n${body}`))
  })

  test('pipelined requests with bodies keep them apart', async () => {
    const client = await RawClient.connect(worker.port)
    const post = (text: string): string =>
      `POST / HTTP/1.1\r\n${HOST}Content-Length: ${text.length}\r\n\r\n${text}`
    const chunked = (text: string): string =>
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`
    client.send(post('one') + chunked('two') + post('three'))
    for (const text of ['one', 'two', 'three'])
      assert.ok((await client.response()).body.endsWith(`\r\n\r\n${text}`))
    client.close()
  })

  test('OPTIONS * stays what it is, and an absolute target becomes a path', async () => {
    const options = await exchange(worker.port, `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`)
    assert.match(options.body, /^OPTIONS \* HTTP\/1\.1\r\n/)
    const absolute = await exchange(worker.port, `GET http://b.example/p?q=1 HTTP/1.1\r\n${HOST}\r\n`)
    assert.match(absolute.body, /^GET \/p\?q=1 HTTP\/1\.1\r\nHost: b\.example\r\n/)
  })
})

describe('Expect: 100-continue', () => {
  const head = `POST / HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 4\r\n\r\n`

  test('the target’s 100 reaches the client, then the body the target', async () => {
    const server = createServer((socket) => {
      let text = ''
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1')
        if (text.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 100 Continue\r\n\r\n')
        else if (text.endsWith('body')) socket.end(answer('got it'))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await worker.serve({ targets: [(server.address() as AddressInfo).port] })
    const client = await RawClient.connect(worker.port)
    client.send(head)
    await client.until(() => client.received.includes('100 Continue\r\n\r\n'))
    client.send('body')
    await client.until(() => client.received.endsWith('got it'))
    client.close()
    server.close()
    await worker.serve({ targets: [target.port] })
  })

  test('a final answer without 100 ends the connection, as the body may never come', async () => {
    const server = createServer((socket) =>
      socket.once('data', () => socket.write(answer('', '417 Expectation Failed'))),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await worker.serve({ targets: [(server.address() as AddressInfo).port] })
    const client = await RawClient.connect(worker.port)
    client.send(head)
    const response = await client.response()
    assert.equal(response.status, 417)
    assert.equal(response.headers['connection'], 'close')
    await client.end()
    client.close()
    server.close()
    await worker.serve({ targets: [target.port] })
  })
})

describe('answers', () => {
  test('HEAD, 204 and 304 have no body, and the connection goes on', async () => {
    const client = await RawClient.connect(worker.port)
    behave = ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n')
    client.send(`HEAD / HTTP/1.1\r\n${HOST}\r\n`)
    assert.equal((await client.response(true)).headers['content-length'], '100')
    for (const status of ['204 No Content', '304 Not Modified']) {
      behave = ({ socket }) => socket.write(`HTTP/1.1 ${status}\r\nX-A: 1\r\n\r\n`)
      client.send(`GET / HTTP/1.1\r\n${HOST}\r\n`)
      assert.equal((await client.response()).status, Number(status.slice(0, 3)))
    }
    behave = echo
    client.send(`GET /after HTTP/1.1\r\n${HOST}\r\n`)
    assert.match((await client.response()).body, /^GET \/after /)
    client.close()
  })

  test('a chunked answer keeps its body and trailers', async () => {
    behave = ({ socket }) =>
      socket.write(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x\r\ndefg\r\n0\r\nX-Sum: 7\r\n\r\n',
      )
    const client = await RawClient.connect(worker.port)
    client.send(`GET / HTTP/1.1\r\n${HOST}\r\n`)
    const response = await client.response()
    assert.equal(response.body, 'abcdefg')
    assert.ok(client.received.includes('\r\nX-Sum: 7\r\n'))
    client.close()
  })

  test('an answer that ends with its connection becomes chunked, and the client’s goes on', async () => {
    behave = ({ socket }) => socket.end(`HTTP/1.1 200 OK\r\n\r\n${'until the end '.repeat(10_000)}`)
    const client = await RawClient.connect(worker.port)
    client.send(`GET / HTTP/1.1\r\n${HOST}\r\n`)
    const response = await client.response()
    assert.equal(response.headers['transfer-encoding'], 'chunked')
    assert.equal(response.body, 'until the end '.repeat(10_000))
    behave = echo
    client.send(`GET / HTTP/1.1\r\n${HOST}\r\n`)
    assert.equal((await client.response()).status, 200)
    client.close()
  })

  test('HTTP/1.0 clients get no chunks, and keep their connection only if they ask and the length is known', async () => {
    behave = ({ socket }) =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n')
    const first = await RawClient.connect(worker.port)
    first.send(`GET / HTTP/1.0\r\n${HOST}Connection: keep-alive\r\n\r\n`)
    assert.match(
      await first.end(),
      /^HTTP\/1\.1 200 OK\r\n(?![^]*chunked)[^]*\r\nConnection: close\r\n\r\nabc$/,
    )
    first.close()
    behave = ({ socket }) => socket.write(answer('abc'))
    const second = await RawClient.connect(worker.port)
    second.send(`GET / HTTP/1.0\r\n${HOST}Connection: keep-alive\r\n\r\n`)
    assert.equal((await second.response()).headers['connection'], 'keep-alive')
    second.send(`GET / HTTP/1.0\r\n${HOST}\r\n`)
    assert.equal((await second.response()).headers['connection'], 'close')
    await second.end()
    second.close()
  })

  test('interim answers pass', async () => {
    behave = ({ socket }) => socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${answer('final')}`)
    const client = await RawClient.connect(worker.port)
    client.send(`GET / HTTP/1.1\r\n${HOST}\r\n`)
    assert.equal((await client.response()).status, 103)
    assert.equal((await client.response()).body, 'final')
    client.close()
  })

  test('an answer before the end of its request leaves the client’s connection usable and the target’s not', async () => {
    const server = createServer((socket) =>
      socket.once('data', () => socket.write(answer('too much', '413 Content Too Large'))),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    let connections = 0
    server.on('connection', () => connections++)
    await worker.serve({ targets: [(server.address() as AddressInfo).port] })
    const client = await RawClient.connect(worker.port)
    client.send(`POST / HTTP/1.1\r\n${HOST}Content-Length: 100000\r\n\r\n${'x'.repeat(1000)}`)
    assert.equal((await client.response()).status, 413)
    client.send('x'.repeat(99_000))
    client.send(`POST / HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n`)
    assert.equal((await client.response()).status, 413)
    assert.equal(connections, 2)
    client.close()
    server.close()
    await worker.serve({ targets: [target.port] })
  })

  test('a target that closes at any position gives the whole answer, a 502 or a cut connection', async () => {
    const body = 'x'.repeat(40)
    const whole = `HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    for (let cut = 0; cut <= whole.length; cut++) {
      behave = ({ socket }) => socket.end(whole.slice(0, cut))
      const response = await exchange(worker.port, `GET / HTTP/1.1\r\n${HOST}\r\n`)
      assert.equal(response.status, cut === whole.length ? 200 : 502, `cut at ${cut}`)
    }
    const chunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'
    for (let cut = chunks.indexOf('5\r\n'); cut <= chunks.length; cut++) {
      behave = ({ socket }) => socket.end(chunks.slice(0, cut))
      const client = await RawClient.connect(worker.port)
      client.send(`GET / HTTP/1.1\r\n${HOST}\r\n`)
      await client.until(
        () =>
          client.isEnded ||
          client.isClosed ||
          client.received.endsWith('\r\n0\r\n\r\n') ||
          client.received.includes(' 502 '),
      )
      const isWhole = client.received.endsWith('hello\r\n0\r\n\r\n')
      assert.equal(isWhole, cut === chunks.length, `cut at ${cut}: ${client.received}`)
      client.close()
    }
  })
})

/** Resident memory of a process in MiB. */
function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

describe('back-pressure', () => {
  const MIB = 1024 * 1024
  const TOTAL = 300 * MIB

  test('a download to a slow client does not pile up in the worker', async () => {
    const chunk = Buffer.alloc(MIB, 'x')
    const server = createServer((socket) => {
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${TOTAL}\r\n\r\n`)
        let left = TOTAL / MIB
        const more = (): void => {
          while (left > 0) {
            left--
            if (!socket.write(chunk)) return
          }
        }
        socket.on('drain', more)
        more()
      })
      socket.on('error', () => {})
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await worker.serve({ targets: [(server.address() as AddressInfo).port] })
    const client = connect(worker.port, '127.0.0.1')
    client.write(`GET / HTTP/1.1\r\n${HOST}\r\n`)
    const before = residentMiB(worker.pid)
    let received = 0
    let peak = 0
    await new Promise<void>((resolve) => {
      client.on('data', (bytes) => {
        received += bytes.length
        peak = Math.max(peak, residentMiB(worker.pid))
        if (received >= TOTAL) resolve()
        // Reading stops now and then, which a worker that does not wait would have to pay for.
        else if (received % 7 === 0) {
          client.pause()
          setImmediate(() => client.resume())
        }
      })
    })
    client.destroy()
    server.close()
    await worker.serve({ targets: [target.port] })
    assert.ok(peak - before < 100, `${before} MiB before, ${peak} MiB at most`)
  })

  test('an upload to a slow target does not pile up in the worker', async () => {
    let received = 0
    let onEnd = (): void => {}
    const server = createServer((socket) => {
      socket.on('data', (bytes) => {
        const wasWhole = received >= TOTAL
        received += bytes.length
        if (wasWhole) return
        if (received >= TOTAL) {
          socket.end(answer('all of it'))
          onEnd()
        } else if (received % 7 === 0) {
          socket.pause()
          setImmediate(() => socket.resume())
        }
      })
      socket.on('error', () => {})
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await worker.serve({ targets: [(server.address() as AddressInfo).port] })
    const client = connect(worker.port, '127.0.0.1')
    const before = residentMiB(worker.pid)
    let peak = 0
    const ended = new Promise<void>((resolve) => (onEnd = resolve))
    client.write(`POST / HTTP/1.1\r\n${HOST}Content-Length: ${TOTAL}\r\n\r\n`)
    const chunk = Buffer.alloc(MIB, 'x')
    for (let sent = 0; sent < TOTAL; sent += MIB) {
      if (!client.write(chunk)) await new Promise((resolve) => client.once('drain', resolve))
      peak = Math.max(peak, residentMiB(worker.pid))
    }
    await ended
    client.destroy()
    server.close()
    await worker.serve({ targets: [target.port] })
    assert.ok(peak - before < 100, `${before} MiB before, ${peak} MiB at most`)
  })
})
