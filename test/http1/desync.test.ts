// Desync mitigation: what each mode does with each class of request.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { RawClient } from '../support/client.ts'
import { becomes } from '../support/eventually.ts'
import { startTarget, type Target } from '../support/target.ts'
import { WorkerProcess } from '../support/worker.ts'

const modes = ['monitor', 'defensive', 'strictest'] as const
type Mode = (typeof modes)[number]

/** One request of each class, with the reason that the log gives. */
const requests = {
  Compliant: { text: 'GET /c HTTP/1.1\r\nHost: a.example\r\n\r\n', reason: '-' },
  Acceptable: {
    text: 'GET /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n',
    reason: 'GetHeadZeroContentLength',
  },
  Ambiguous: {
    text: 'POST /m HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    reason: 'BothTeClPresent',
  },
  Severe: {
    text: 'POST /s HTTP/1.1\r\nHost: a.example\r\nX-A: a\0b\r\nContent-Length: 2\r\n\r\nhi',
    reason: 'BadHeader',
  },
} as const
type Class = keyof typeof requests

/** Passes and the connection stays open; passes and both connections are closed; does not pass. */
type Outcome = 'allowed' | 'once' | 'blocked'

/** The table of the guide: what becomes of a request. */
const table: readonly (readonly [title: string, name: Class, mode: Mode, outcome: Outcome])[] = [
  ['ALB-LB-268 compliant requests pass', 'Compliant', 'monitor', 'allowed'],
  ['ALB-LB-269 compliant requests pass', 'Compliant', 'defensive', 'allowed'],
  ['ALB-LB-270 compliant requests pass', 'Compliant', 'strictest', 'allowed'],
  ['ALB-LB-271 acceptable requests pass', 'Acceptable', 'monitor', 'allowed'],
  ['ALB-LB-272 acceptable requests pass', 'Acceptable', 'defensive', 'allowed'],
  ['ALB-LB-273 acceptable requests are blocked', 'Acceptable', 'strictest', 'blocked'],
  ['ALB-LB-274 ambiguous requests pass', 'Ambiguous', 'monitor', 'allowed'],
  ['ALB-LB-275 ambiguous requests pass, and nothing after them', 'Ambiguous', 'defensive', 'once'],
  ['ALB-LB-276 ambiguous requests are blocked', 'Ambiguous', 'strictest', 'blocked'],
  ['ALB-LB-277 severe requests pass', 'Severe', 'monitor', 'allowed'],
  ['ALB-LB-264, 278 severe requests are blocked', 'Severe', 'defensive', 'blocked'],
  ['ALB-LB-279 severe requests are blocked', 'Severe', 'strictest', 'blocked'],
]

describe('desync mitigation modes', () => {
  let target: Target

  before(async () => {
    target = await startTarget()
  })

  after(() => target.close())

  for (const mode of modes) {
    describe(mode, () => {
      let worker: WorkerProcess

      before(async () => {
        worker = await WorkerProcess.start({
          targets: [target.port],
          traffic: { desyncMitigationMode: mode },
        })
      })

      after(() => worker.close())

      for (const [title, name, , outcome] of table.filter(([, , of]) => of === mode)) {
        test(title, async () => {
          const served = target.requests.length
          const client = await RawClient.connect(worker.port)
          client.send(requests[name].text)
          const response = await client.response()
          assert.equal(response.status, outcome === 'blocked' ? 400 : 200)
          assert.equal(target.requests.length - served, outcome === 'blocked' ? 0 : 1)
          if (outcome === 'allowed') {
            client.send(requests.Compliant.text)
            assert.equal((await client.response()).status, 200)
          } else {
            assert.equal(response.headers['connection'], 'close')
            await client.end()
            const { socket } = target.requests.at(-1) ?? {}
            if (outcome === 'once') await becomes(() => socket?.destroyed, true)
          }
          client.close()
        })
      }

      test('ALB-LB-256, 266, 267 ALB-OBS-191, 192 the log has class and reason, whether blocked or not', async () => {
        for (const name of Object.keys(requests) as Class[]) {
          const { text, reason } = requests[name]
          const before = (await worker.logLines()).length
          const client = await RawClient.connect(worker.port)
          client.send(text)
          await client.response()
          client.close()
          const [line = '', ...more] = (await worker.logLines()).slice(before)
          assert.deepEqual(more, [])
          const logged = name === 'Compliant' ? '"-" "-"' : `"${name}" "${reason}"`
          assert.ok(line.endsWith(logged), `${line} ends in ${logged}`)
        }
      })

      test('ALB-LB-265 every request that does not comply is counted, blocked or not', async () => {
        const before = await worker.metric('DesyncMitigationMode_NonCompliant_Request_Count')
        for (const name of Object.keys(requests) as Class[]) {
          const client = await RawClient.connect(worker.port)
          client.send(requests[name].text)
          await client.response()
          client.close()
        }
        assert.equal((await worker.metric('DesyncMitigationMode_NonCompliant_Request_Count')) - before, 3)
      })
    })
  }

  test('ALB-LB-258 in strictest mode the target gets the requests that comply alone', async () => {
    const worker = await WorkerProcess.start({
      targets: [target.port],
      traffic: { desyncMitigationMode: 'strictest' },
    })
    const served = target.requests.length
    for (const { text } of Object.values(requests)) {
      const client = await RawClient.connect(worker.port)
      client.send(text)
      await client.response()
      client.close()
    }
    worker.close()
    const heads = target.requests.slice(served).map(({ head }) => head.split(' ')[1])
    assert.deepEqual(heads, ['/c'])
  })

  test('ALB-LB-280, 281 after an ambiguous request neither connection is used again, in monitor mode the client’s is', async () => {
    for (const mode of ['defensive', 'monitor'] as const) {
      const worker = await WorkerProcess.start({
        targets: [target.port],
        traffic: { desyncMitigationMode: mode },
      })
      const first = await RawClient.connect(worker.port)
      first.send(requests.Ambiguous.text)
      await first.response()
      if (mode === 'defensive') await first.end()
      const before = target.connections()
      const next = mode === 'monitor' ? first : await RawClient.connect(worker.port)
      next.send(requests.Compliant.text)
      await next.response()
      assert.equal(target.connections() - before, 1, `${mode}: a new connection to the target`)
      assert.equal(await worker.metric('NewConnectionCount'), mode === 'monitor' ? 1 : 2)
      first.close()
      next.close()
      worker.close()
    }
  })
})
