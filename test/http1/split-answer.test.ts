// Answers that reach the load balancer in pieces.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { exchange } from '../support/client.ts'
import { startTarget } from '../support/target.ts'
import { WorkerProcess } from '../support/worker.ts'

/** Turns of the event loop between two pieces, so that they leave apart. */
const TURNS = 20
const REQUESTS = 20

test('a target may send the head of an answer and its body apart', async () => {
  const target = await startTarget(({ socket }) => {
    socket.setNoDelay(true)
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n')
    void turns()
      .then(() => socket.write('hello'))
      .then(turns)
      .then(() => socket.write('world'))
  })
  const worker = await WorkerProcess.start({ targets: [target.port] })
  try {
    for (let index = 0; index < REQUESTS; index++) {
      const response = await exchange(worker.port, 'GET / HTTP/1.1\r\nHost: example.com\r\n\r\n')
      assert.equal(response.body, 'helloworld')
    }
  } finally {
    worker.close()
    target.close()
  }
})

async function turns(): Promise<void> {
  for (let index = 0; index < TURNS; index++) await turn()
}
