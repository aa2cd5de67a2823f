// Security groups at the listener: who may connect, and what becomes of those who may not.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { exchange, RawClient } from '../support/client.ts'
import { startTarget, type Target } from '../support/target.ts'
import { WorkerProcess } from '../support/worker.ts'

const REQUEST = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'

for (const publicNodeOnly of [false, true]) {
  test(`connections by ${publicNodeOnly ? 'public Node' : 'handles'}`, async (t) => {
    let target: Target
    let worker: WorkerProcess

    before(async () => {
      target = await startTarget()
      worker = await WorkerProcess.start({ targets: [target.port] }, { publicNodeOnly })
    })

    after(() => {
      worker.close()
      target.close()
    })

    async function statusFrom(localAddress: string): Promise<number | 'cut'> {
      const client = await RawClient.connect(worker.port, { localAddress }).catch(() => null)
      if (client === null) return 'cut'
      client.send(REQUEST)
      await client.until(() => client.received.includes('\r\n\r\n') || client.isClosed)
      client.close()
      return client.received === '' ? 'cut' : Number(client.received.slice(9, 12))
    }

    await t.test(
      'only clients in the admitted blocks are served; others are cut without an answer',
      async () => {
        await worker.serve({ targets: [target.port], admitted: ['127.0.7.0/24', '2001:db8::/32'] })
        assert.equal(await statusFrom('127.0.7.1'), 200)
        assert.equal(await statusFrom('127.0.7.255'), 200)
        assert.equal(await statusFrom('127.0.8.0'), 'cut')
        assert.equal(await statusFrom('127.0.0.1'), 'cut')
      },
    )

    await t.test('without a block nobody is, without a list everyone', async () => {
      await worker.serve({ targets: [target.port], admitted: [] })
      assert.equal(await statusFrom('127.0.7.1'), 'cut')
      await worker.serve({ targets: [target.port] })
      assert.equal(await statusFrom('127.0.8.1'), 200)
    })

    await t.test('a change concerns new connections; those that are open go on', async () => {
      await worker.serve({ targets: [target.port] })
      const client = await RawClient.connect(worker.port)
      client.send(REQUEST)
      assert.equal((await client.response()).status, 200)
      await worker.serve({ targets: [target.port], admitted: ['192.0.2.0/24'] })
      client.send(REQUEST)
      assert.equal((await client.response()).status, 200)
      client.close()
      assert.equal(await statusFrom('127.0.0.1'), 'cut')
    })

    await t.test('a refused connection leaves no line and does the worker no harm', async () => {
      await worker.serve({ targets: [target.port], admitted: ['127.0.7.0/24'] })
      const before = (await worker.logLines()).length
      for (let count = 0; count < 50; count++) assert.equal(await statusFrom('127.0.0.1'), 'cut')
      assert.equal((await worker.logLines()).length, before)
      await worker.serve({ targets: [target.port] })
      assert.equal((await exchange(worker.port, REQUEST)).status, 200)
    })
  })
}
