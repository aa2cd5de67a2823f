// Joins files, compressed or as they are, in a thread of its own that runs when nothing else wants the processor: logs
// are the largest work of the control process, and neither traffic nor the API may wait for them.

import { Worker } from 'node:worker_threads'

/** What the thread is asked to do: the files, one after the other, into one file. */
export interface CompressionOrder {
  readonly sources: readonly string[]
  readonly target: string
  readonly isCompressed: boolean
}

/** The thread's answer to one order: null, or what went wrong. */
export type CompressionResult = { readonly message: string; readonly code?: string | undefined } | null

interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** How long a thread waits for another order: what it holds is as large as all else of a process at rest. */
const IDLE_MS = 60_000

export class Compressor {
  #thread: Worker | null = null
  /** Orders that the thread has not answered yet; it answers in turn. */
  readonly #waiting: Waiting[] = []
  readonly #idleMs: number
  #idle: NodeJS.Timeout | null = null

  /** `idleMs`: how long the thread stays without an order, in real milliseconds. */
  constructor(idleMs = IDLE_MS) {
    this.#idleMs = idleMs
  }

  /** Whether there is a thread at present. */
  get isRunning(): boolean {
    return this.#thread !== null
  }

  /** Writes `target` anew. */
  async join(order: CompressionOrder): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#stopIdling()
      this.#thread ??= this.#start()
      this.#thread.ref()
      this.#thread.postMessage(order)
    })
  }

  /** Ends the thread; orders must have been answered. */
  async close(): Promise<void> {
    this.#stopIdling()
    const thread = this.#thread
    this.#thread = null
    await thread?.terminate()
  }

  #start(): Worker {
    const thread = new Worker(new URL('compressor-thread.ts', import.meta.url))
    thread.on('message', (result: CompressionResult) => {
      const waiting = this.#waiting.shift()
      if (result === null) waiting?.resolve()
      else waiting?.reject(Object.assign(new Error(result.message), { code: result.code }))
      if (this.#waiting.length === 0) this.#startIdling(thread)
    })
    thread.on('error', (error) => this.#fail(thread, error))
    thread.on('exit', () => this.#fail(thread, new Error('The thread that compresses logs has ended')))
    return thread
  }

  #startIdling(thread: Worker): void {
    // An idle thread is no reason for the process to stay.
    thread.unref()
    this.#idle = setTimeout(() => void this.close(), this.#idleMs).unref()
  }

  #stopIdling(): void {
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#idle = null
  }

  /** The next order starts a new thread. */
  #fail(thread: Worker, error: unknown): void {
    if (this.#thread !== thread) return
    this.#thread = null
    const reason = error instanceof Error ? error : new Error(String(error))
    for (const { reject } of this.#waiting.splice(0)) reject(reason)
  }
}
