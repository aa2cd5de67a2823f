// The life of connections on both sides: reuse, time-outs, keep-alive duration, half-closed clients, draining.

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'

import type { TargetUnit } from '../../src/snapshot/target-group-units.ts'
import { exchange, RawClient } from '../support/client.ts'
import { becomes, eventually } from '../support/eventually.ts'
import { answer, type Behaviour, echo, startTarget, type Target } from '../support/target.ts'
import { forwardTo, groupUnit, targetUnit, WorkerProcess } from '../support/worker.ts'

const TIME_SCALE = 20
const GET = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'

let worker: WorkerProcess
let target: Target
let behave: Behaviour = echo

before(async () => {
  target = await startTarget((request) => behave(request))
  worker = await WorkerProcess.start({ targets: [target.port] }, { timeScale: TIME_SCALE })
})

after(() => {
  worker.close()
  target.close()
})

afterEach(async () => {
  behave = echo
  await worker.serve({ targets: [target.port] })
})

/** Milliseconds of the worker's time since `start`. */
function since(start: number): number {
  return (performance.now() - start) * TIME_SCALE
}

async function untilOpen(count: number): Promise<void> {
  await becomes(() => target.open(), count, { pauseMs: 2 })
}

/**
 * Calls `beat` again and again until a connection that was silent all the while is closed for that; so what lasted longer
 * than the idle time-out was not timed out thanks to its beats.
 */
async function untilSilenceEnds(beat: () => void): Promise<void> {
  const silent = await RawClient.connect(worker.port)
  await eventually('a silent connection is closed', () => {
    beat()
    return silent.isEnded || silent.isClosed
  })
  silent.close()
}

describe('reuse', () => {
  test('ALB-LB-219 requests of one client connection share a connection to the target', async () => {
    const client = await RawClient.connect(worker.port)
    client.send(GET)
    await client.response()
    const before = target.connections()
    for (let count = 0; count < 10; count++) {
      client.send(GET)
      await client.response()
    }
    assert.equal(target.connections(), before)
    assert.notEqual(target.requests.at(-1)?.socket.remotePort, client.socket.localPort)
    client.close()
  })

  test('a target that says close is not used again', async () => {
    behave = ({ socket }) => socket.write(answer('bye', '200 OK', 'Connection: close\r\n'))
    const client = await RawClient.connect(worker.port)
    client.send(GET)
    const first = await client.response()
    assert.equal(first.headers['connection'], 'keep-alive')
    const before = target.connections()
    client.send(GET)
    await client.response()
    assert.equal(target.connections(), before + 1)
    client.close()
  })

  test('a pooled connection that its target closed is replaced without an error', async () => {
    const client = await RawClient.connect(worker.port)
    client.send(GET)
    await client.response()
    for (const { socket } of target.requests) socket.end()
    await untilOpen(0)
    client.send(GET)
    assert.equal((await client.response()).status, 200)
    client.close()
  })
})

describe('idle time-out', () => {
  test('ALB-LB-220 a silent client connection is closed after it, not before, without an answer or a record', async () => {
    await worker.serve({ targets: [target.port], traffic: { idleTimeoutMs: 10_000 } })
    const records = (await worker.logLines()).length
    for (const isUsed of [false, true]) {
      let start = performance.now()
      const client = await RawClient.connect(worker.port)
      if (isUsed) {
        start = performance.now()
        client.send(GET)
        await client.response()
      }
      const length = client.received.length
      await client.end()
      assert.ok(since(start) >= 9900, `${since(start)} ms`)
      assert.equal(client.received.length, length)
      client.close()
    }
    assert.equal((await worker.logLines()).length, records + 1)
  })

  test('ALB-LB-221, 227 an idle connection to a target is closed after it, before a patient target would', async () => {
    await worker.serve({ targets: [target.port], traffic: { idleTimeoutMs: 10_000 } })
    for (let count = 0; count < 2; count++) {
      const client = await RawClient.connect(worker.port)
      const start = performance.now()
      client.send(GET)
      assert.equal((await client.response()).status, 200)
      await untilOpen(0)
      assert.ok(since(start) >= 9900, `${since(start)} ms`)
      client.close()
    }
  })

  test('ALB-LB-226 a target that is gone from a connection which is used again gives 502', async () => {
    const client = await RawClient.connect(worker.port)
    client.send(GET)
    assert.equal((await client.response()).status, 200)
    const before = target.connections()
    behave = ({ socket }) => socket.resetAndDestroy()
    client.send(GET)
    assert.equal((await client.response()).status, 502)
    assert.equal(target.connections(), before)
    client.close()
  })

  test('ALB-LB-225 a longer time-out allows a longer pause', async () => {
    const idle = async (idleTimeoutMs: number): Promise<RawClient> => {
      await worker.serve({ targets: [target.port], traffic: { idleTimeoutMs } })
      const client = await RawClient.connect(worker.port)
      client.send(GET)
      await client.response()
      return client
    }
    const patient = await idle(4_000_000)
    const hasty = await idle(10_000)
    await hasty.end()
    assert.equal(patient.isEnded, false)
    patient.send(GET)
    assert.equal((await patient.response()).status, 200)
    for (const client of [hasty, patient]) client.close()
  })

  test('ALB-LB-222 a byte now and then keeps a slow upload alive', async () => {
    await worker.serve({ targets: [target.port], traffic: { idleTimeoutMs: 20_000 } })
    const client = await RawClient.connect(worker.port)
    let left = 10_000
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${left}\r\n\r\n`)
    await untilSilenceEnds(() => {
      client.send('x')
      left--
    })
    client.send('x'.repeat(left))
    assert.equal((await client.response()).status, 200)
    client.close()
  })

  test('ALB-LB-223 bytes of the target count likewise', async () => {
    await worker.serve({ targets: [target.port], traffic: { idleTimeoutMs: 20_000 } })
    let sent = 0
    behave = async ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      await untilSilenceEnds(() => {
        socket.write('1\r\nx\r\n')
        sent++
      })
      socket.write('0\r\n\r\n')
    }
    const client = await RawClient.connect(worker.port)
    client.send(GET)
    const { body } = await client.response()
    assert.equal(body, 'x'.repeat(sent))
    client.close()
  })

  test('a client that does not read is cut', async () => {
    await worker.serve({ targets: [target.port], traffic: { idleTimeoutMs: 2000 } })
    behave = ({ socket }) => socket.write(answer('x'.repeat(30_000_000)))
    const client = await RawClient.connect(worker.port)
    client.socket.pause()
    client.send(GET)
    const lines = (await worker.logLines()).length
    await eventually('its request ends', async () => (await worker.logLines()).length > lines)
    client.close()
  })
})

describe('client keep-alive duration', () => {
  test('ALB-LB-231, 232, 233, 240 after it one more request is answered, with Connection: close', async () => {
    await worker.serve({ targets: [target.port], traffic: { clientKeepAliveMs: 3000 } })
    const start = performance.now()
    const client = await RawClient.connect(worker.port)
    const statuses = new Set<number>()
    await eventually('a response says close', async () => {
      client.send(GET)
      const { status, headers } = await client.response()
      statuses.add(status)
      assert.equal(headers['connection'], 'close')
    })
    assert.deepEqual([...statuses], [200])
    assert.ok(since(start) >= 2900, `${since(start)} ms`)
    await client.end()
    client.close()
  })

  test('ALB-LB-238, 239 it begins with the connection and goes on in silence', async () => {
    await worker.serve({ targets: [target.port], traffic: { clientKeepAliveMs: 3000 } })
    const silent = await RawClient.connect(worker.port)
    const later = await RawClient.connect(worker.port)
    const stateAfter = async (client: RawClient): Promise<string | undefined> => {
      client.send(GET)
      return (await client.response()).headers['connection']
    }
    await becomes(async () => await stateAfter(later), 'close')
    assert.equal(await stateAfter(silent), 'close')
    for (const client of [silent, later]) client.close()
  })

  test('ALB-LB-241, 242 a connection keeps the duration of its beginning', async () => {
    const old = await RawClient.connect(worker.port)
    old.send(GET)
    await old.response()
    await worker.serve({ targets: [target.port], traffic: { clientKeepAliveMs: 1 } })
    const fresh = await RawClient.connect(worker.port)
    await becomes(async () => {
      fresh.send(GET)
      return (await fresh.response()).headers['connection']
    }, 'close')
    old.send(GET)
    assert.equal((await old.response()).headers['connection'], 'keep-alive')
    old.close()
    fresh.close()
  })
})

describe('clients that end', () => {
  test('a client that sends its FIN with the request gets its answer', async () => {
    behave = async ({ head, socket }) => {
      // Another request's answer shows that the worker has had its turn, in which the FIN was there.
      if (head.startsWith('GET /meanwhile ')) socket.write(answer('meanwhile'))
      else {
        await exchange(worker.port, 'GET /meanwhile HTTP/1.1\r\nHost: a\r\n\r\n')
        socket.write(answer('late'))
      }
    }
    const client = await RawClient.connect(worker.port)
    client.socket.end(GET)
    assert.equal((await client.response()).body, 'late')
    await client.end()
    assert.match((await worker.logLines()).at(-1) ?? '', / 200 200 /)
    client.close()
  })

  test('requests that were pipelined before the FIN are all answered', async () => {
    const client = await RawClient.connect(worker.port)
    client.socket.end(GET.repeat(5))
    for (let count = 0; count < 5; count++) assert.equal((await client.response()).status, 200)
    await client.end()
    client.close()
  })

  test('Connection: close of the client ends the connection after the answer', async () => {
    const client = await RawClient.connect(worker.port)
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    assert.equal((await client.response()).headers['connection'], 'close')
    await client.end()
    client.close()
  })

  test('a client that is reset during its answer ends the target’s work', async () => {
    const closed = Promise.withResolvers<void>()
    behave = ({ socket }) => {
      socket.on('close', () => closed.resolve())
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n')
    }
    const client = await RawClient.connect(worker.port)
    client.send(GET)
    await client.until(() => client.received.includes('\r\nx\r\n'))
    client.socket.resetAndDestroy()
    await closed.promise
    assert.match((await worker.logLines()).at(-1) ?? '', / 460 200 /)
  })
})

describe('changes under traffic', () => {
  const draining = (): TargetUnit => targetUnit(target.port, 'draining')

  test('ALB-TG-191, 193 traffic goes to healthy targets, and to all that may get well when there is none', async () => {
    const other = await startTarget(({ socket }) => socket.write(answer('other')))
    behave = ({ socket }) => socket.write(answer('first'))
    const client = await RawClient.connect(worker.port)
    const bodies = async (states: readonly TargetUnit['state'][]): Promise<string[]> => {
      const [first = 'unused', second = 'unused'] = states
      await worker.serve({
        groups: [groupUnit('default', [targetUnit(target.port, first), targetUnit(other.port, second)])],
      })
      const seen = new Set<string>()
      for (let count = 0; count < 10; count++) {
        client.send(GET)
        const response = await client.response()
        seen.add(response.status === 200 ? response.body : String(response.status))
      }
      return [...seen].toSorted()
    }
    assert.deepEqual(await bodies(['healthy', 'healthy']), ['first', 'other'])
    assert.deepEqual(await bodies(['healthy', 'unhealthy']), ['first'])
    assert.deepEqual(await bodies(['unhealthy', 'unhealthy']), ['first', 'other'])
    assert.deepEqual(await bodies(['initial', 'healthy']), ['other'])
    assert.deepEqual(await bodies(['draining', 'unhealthy']), ['other'])
    assert.deepEqual(await bodies(['draining', 'unused']), ['503'])
    client.close()
    other.close()
  })

  test('a draining target finishes what runs, gets nothing new, and is reported when idle', async () => {
    let finish = (): void => {}
    const asked = new Promise<void>((resolve) => {
      behave = ({ socket }) => {
        finish = () => socket.write(answer('done'))
        resolve()
      }
    })
    const other = await startTarget(({ socket }) => socket.write(answer('other')))
    const client = await RawClient.connect(worker.port)
    client.send(GET)
    await asked
    await worker.serve({ groups: [groupUnit('default', [draining(), targetUnit(other.port)])] })
    const second = await RawClient.connect(worker.port)
    second.send(GET)
    assert.equal((await second.response()).body, 'other')
    finish()
    assert.equal((await client.response()).body, 'done')
    await worker.message((message) => message.type === 'target-idle')
    client.close()
    second.close()
    other.close()
  })

  test('ALB-LB-153 a change of attributes acts on the next request of a live connection', async () => {
    const client = await RawClient.connect(worker.port)
    client.send(GET)
    await client.response()
    await worker.serve({ targets: [target.port], traffic: { desyncMitigationMode: 'strictest' } })
    client.send('GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')
    assert.equal((await client.response()).status, 400)
    client.close()
  })

  test('ALB-LSN-447 a request that runs while rules change is completed by the rules that it began with', async () => {
    const other = await startTarget(({ socket }) => socket.write(answer('new')))
    const asked = new Promise<() => void>((resolve) => {
      behave = ({ socket }) => resolve(() => socket.write(answer('old')))
    })
    const groups = [
      groupUnit('default', [targetUnit(target.port)]),
      groupUnit('other', [targetUnit(other.port)]),
    ]
    await worker.serve({ groups })
    const client = await RawClient.connect(worker.port)
    client.send(GET)
    const finish = await asked
    await worker.serve({ groups, actions: [forwardTo('other')] })
    finish()
    assert.equal((await client.response()).body, 'old')
    client.send(GET)
    assert.equal((await client.response()).body, 'new')
    client.close()
    other.close()
    await worker.serve({ targets: [target.port] })
  })

  test('a worker that drains finishes what runs and closes idle connections', async () => {
    const own = await WorkerProcess.start({ targets: [target.port] })
    let finish = (): void => {}
    const asked = new Promise<void>((resolve) => {
      behave = ({ socket }) => {
        finish = () => socket.write(answer('done'))
        resolve()
      }
    })
    const idle = await RawClient.connect(own.port)
    const busy = await RawClient.connect(own.port)
    busy.send(GET)
    await asked
    const start = performance.now()
    const exited = own.drain()
    await idle.end()
    finish()
    const response = await busy.response()
    assert.deepEqual([response.body, response.headers['connection']], ['done', 'close'])
    await busy.end()
    assert.equal(await exited, 0)
    assert.ok(performance.now() - start < 4000, 'it ends with its last connection, not with its time')
    idle.close()
    busy.close()
    own.close()
  })

  test('ALB-OBS-132 what still runs when the time to drain is over is answered or cut, and recorded', async () => {
    const own = await WorkerProcess.start({ targets: [target.port] }, { timeScale: 20 })
    let asked = 0
    behave = ({ head, socket }) => {
      asked++
      if (head.includes('/meanwhile')) socket.write(answer(''))
      if (head.includes('/half')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\nhalf')
      if (head.includes('/socket')) {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
      }
    }
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
    const clients: RawClient[] = []
    for (const [path, lines] of [
      ['/none', ''],
      ['/half', ''],
      ['/socket', upgrade],
    ] as const) {
      const client = await RawClient.connect(own.port)
      client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`)
      clients.push(client)
    }
    await eventually('all are at the target', () => asked === 3)
    const head = await RawClient.connect(own.port)
    head.send('GET /head HTTP/1.1\r\nHo')
    clients.push(head)
    // Its answer shows that the worker has had its turn, in which the half head was there.
    await exchange(own.port, 'GET /meanwhile HTTP/1.1\r\nHost: a\r\n\r\n')
    const [none, , socket] = clients
    await eventually('the tunnel is there', async () => (await own.metric('ActiveConnectionCount')) === 4)
    assert.equal((await socket?.response())?.status, 101)
    assert.equal(await own.drain(), 0)
    assert.equal((await none?.response())?.status, 503)
    const lines = own.linesLeft()
    const statusOf = (text: string): string | undefined =>
      lines.find((line) => line.includes(text))?.split(' ')[8]
    assert.deepEqual([statusOf('/none '), statusOf('/half '), statusOf('/socket ')], ['503', '503', '101'])
    assert.equal(lines.length, 5)
    for (const client of clients) client.close()
    own.close()
  })

  test('requests that wait when a worker begins to drain are served, and the last answer says that it is the last', async () => {
    const own = await WorkerProcess.start({ targets: [target.port] })
    let finish = (): void => {}
    const asked = new Promise<void>((resolve) => {
      behave = ({ head, socket }) => {
        const text = answer(/GET (\S+)/.exec(head)?.[1] ?? '')
        if (!head.includes('/1 ')) socket.write(text)
        else {
          finish = () => socket.write(text)
          resolve()
        }
      }
    })
    const client = await RawClient.connect(own.port)
    const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`
    client.send(get('/1'))
    await asked
    client.send(get('/2') + get('/3'))
    const other = await RawClient.connect(own.port)
    other.send(get('/4'))
    assert.equal((await other.response()).body, '/4')
    const exited = own.drain()
    await other.end()
    finish()
    const seen: (string | undefined)[] = []
    for (let count = 0; count < 3; count++) {
      const response = await client.response()
      seen.push(response.body, response.headers['connection'])
    }
    assert.deepEqual(seen, ['/1', 'keep-alive', '/2', 'keep-alive', '/3', 'close'])
    assert.equal(await exited, 0)
    client.close()
    other.close()
    own.close()
  })
})
