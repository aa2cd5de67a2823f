// Load from real clients of several kinds that notices every request which did not get its own answer: keep-alive
// connections of node:http with bodies, raw keep-alive sockets, and a new connection for every request.

import assert from 'node:assert/strict'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'

import { eventually } from '../support/eventually.ts'

/** Where requests go: the addresses of the load balancer's nodes and the listener's port. */
export interface Destination {
  readonly addresses: readonly string[]
  readonly port: number
}

/** What has happened so far. */
export interface TrafficCount {
  readonly answered: number
  readonly failed: number
}

type Send = (id: number) => Promise<void>

const LOOPS_PER_KIND = 8
const ANSWER_TIMEOUT_MS = 15_000
const FAILURES_KEPT = 10
const BODY_BYTES = 3000

export class Traffic {
  readonly #destination: Destination
  readonly #agent = new Agent({ keepAlive: true, maxSockets: LOOPS_PER_KIND })
  readonly #loops: Promise<void>[] = []
  readonly #failures: string[] = []
  #nextId = 0
  #answered = 0
  #failed = 0
  #running = false

  constructor(destination: Destination) {
    this.#destination = destination
  }

  get count(): TrafficCount {
    return { answered: this.#answered, failed: this.#failed }
  }

  /** The first failures, for the report. */
  get failures(): readonly string[] {
    return this.#failures
  }

  start(): void {
    this.#running = true
    for (let index = 0; index < LOOPS_PER_KIND; index++) {
      const raw = new RawClient(this.#destination, index)
      this.#loops.push(this.#loop('keep-alive agent', (id) => this.#sendByAgent(id, this.#agent)))
      this.#loops.push(this.#loop('short connection', (id) => this.#sendByAgent(id, false)))
      this.#loops.push(this.#loop('raw socket', (id) => raw.send(id)).then(() => raw.close()))
    }
  }

  /** Resolves when every request that was begun has ended. */
  async stop(): Promise<void> {
    this.#running = false
    await Promise.all(this.#loops)
    this.#agent.destroy()
  }

  /** Resolves when this many more requests were answered; rejects when that takes longer than `deadlineMs`. */
  async answeredMore(count: number, deadlineMs = 30_000): Promise<void> {
    const goal = this.#answered + count
    const isReached = (): void => assert.ok(this.#answered >= goal, JSON.stringify(this.count))
    await eventually(`${goal} requests are answered`, isReached, { deadlineMs })
  }

  async #loop(kind: string, send: Send): Promise<void> {
    while (this.#running) {
      const id = this.#nextId++
      try {
        await send(id)
        this.#answered++
      } catch (error) {
        this.#failed++
        const message = error instanceof Error ? error.message : String(error)
        if (this.#failures.length < FAILURES_KEPT) this.#failures.push(`${kind}, request ${id}: ${message}`)
        // Nothing may be listening for a moment; a client that hammers then counts one loss many times.
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  }

  #sendByAgent(id: number, agent: Agent | false): Promise<void> {
    const { addresses, port } = this.#destination
    const body = id % 3 === 0 ? String(id).padEnd(BODY_BYTES, '.') : ''
    const path = `/a/${id}`
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        host: addresses[id % addresses.length],
        port,
        path,
        agent,
        method: body === '' ? 'GET' : 'POST',
        headers: body === '' ? {} : { 'Content-Length': body.length },
        timeout: ANSWER_TIMEOUT_MS,
      })
      request.on('timeout', () => request.destroy(new Error('no answer in time')))
      request.on('error', reject)
      request.on('response', (response) => {
        let text = ''
        response.setEncoding('latin1')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('error', reject)
        response.on('end', () => {
          if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`))
          else if (text !== `${path}\n${body}`) reject(new Error(`wrong answer ${text.slice(0, 40)}`))
          else resolve()
        })
      })
      request.end(body)
    })
  }
}

/** One raw connection that is kept for many requests and opened again when the load balancer closed it. */
class RawClient {
  readonly #host: string
  readonly #port: number
  #socket: Socket | null = null

  constructor({ addresses, port }: Destination, index: number) {
    this.#host = addresses[index % addresses.length] ?? '127.0.0.1'
    this.#port = port
  }

  send(id: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = this.#open()
      const path = `/r/${id}`
      let text = ''
      const end = (problem: string | null) => {
        clearTimeout(timer)
        socket.off('data', onData)
        socket.off('close', onClose)
        if (problem === null) resolve()
        else {
          this.close()
          reject(new Error(problem))
        }
      }
      const onClose = () => end(`connection closed after ${text.length} bytes of the answer`)
      const onData = (chunk: string) => {
        text += chunk
        const head = text.indexOf('\r\n\r\n')
        if (head === -1 || !text.endsWith(`${path}\n`)) return
        if (/^connection: *close/im.test(text.slice(0, head))) this.close()
        end(text.startsWith('HTTP/1.1 200 ') ? null : text.slice(0, 40))
      }
      const timer = setTimeout(() => end(`no answer in time: ${text.slice(0, 40)}`), ANSWER_TIMEOUT_MS)
      socket.on('data', onData)
      socket.on('close', onClose)
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n\r\n`)
    })
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = null
  }

  #open(): Socket {
    if (this.#socket !== null && !this.#socket.destroyed && this.#socket.writable) return this.#socket
    const socket = connect(this.#port, this.#host)
    socket.setEncoding('latin1')
    // The error is told by the close that follows.
    socket.on('error', () => undefined)
    this.#socket = socket
    return socket
  }
}
