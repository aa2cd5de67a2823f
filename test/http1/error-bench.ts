// What tests of generated errors share: a worker with one target, and the look at what an error leaves behind.

import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach } from 'node:test'
import { answer, type Behaviour, startTarget, type Target } from '../support/target.ts'
import { type Served, WorkerProcess } from '../support/worker.ts'

/** How many times faster than real time the worker's durations run. */
export const TIME_SCALE = 20
export const GET = 'GET /x HTTP/1.1\r\nHost: www.example.com\r\n\r\n'

interface Counted {
  readonly four: number
  readonly five: number
}

/** A worker and a target for all tests of a file; each test begins with a target that answers. */
export class ErrorBench {
  /** What the target does with a request. */
  behave: Behaviour = () => {}
  #worker: WorkerProcess | undefined
  #target: Target | undefined
  #lines = 0
  #counted: Counted = { four: 0, five: 0 }

  constructor() {
    before(async () => {
      this.#target = await startTarget((request) => this.behave(request))
      this.#worker = await WorkerProcess.start({ targets: [this.target.port] }, { timeScale: TIME_SCALE })
    })
    after(() => {
      this.worker.close()
      this.target.close()
    })
    beforeEach(async () => {
      this.behave = ({ socket }) => socket.write(answer('fine'))
      await this.serve()
      this.#lines = (await this.worker.logLines()).length
      this.#counted = await this.#counters()
    })
    afterEach(() => {
      this.behave = () => {}
    })
  }

  get worker(): WorkerProcess {
    assert.ok(this.#worker)
    return this.#worker
  }

  get target(): Target {
    assert.ok(this.#target)
    return this.#target
  }

  get port(): number {
    return this.worker.port
  }

  /** Serves the one target, with these differences. */
  async serve(served: Served = {}): Promise<void> {
    await this.worker.serve({ targets: [this.target.port], ...served })
  }

  /** The one line that was written since the test began, and that it was counted (ALB-OBS-461). */
  async recorded(status: number): Promise<string> {
    const written = (await this.worker.logLines()).slice(this.#lines)
    assert.equal(written.length, 1, written.join('\n'))
    const line = written[0] ?? ''
    assert.equal(line.split(' ')[8], String(status), line)
    await this.counted(status < 500 ? { four: 1, five: 0 } : { four: 0, five: 1 })
    return line
  }

  /** Checks how many errors of the load balancer were counted since the test began. */
  async counted(expected: Counted): Promise<void> {
    const now = await this.#counters()
    const { four, five } = this.#counted
    assert.deepEqual({ four: now.four - four, five: now.five - five }, expected)
  }

  async #counters(): Promise<Counted> {
    return {
      four: await this.worker.metric('HTTPCode_ELB_4XX_Count'),
      five: await this.worker.metric('HTTPCode_ELB_5XX_Count'),
    }
  }
}
