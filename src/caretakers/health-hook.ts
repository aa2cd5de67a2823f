// Tells an endpoint of the operator's of targets that become healthy or unhealthy, as an alarm on UnHealthyHostCount with
// a function behind it does in AWS (ALB-TG-240). One JSON event per change, in order, each sent until it is taken or
// three tries have failed: traffic never waits for it.

import type { TargetHealth } from '../model/target-health.ts'
import { targetKey } from '../model/target-key.ts'
import type { Store } from '../store/store.ts'
import { Rounds } from './rounds.ts'

/** Events that wait at most; with a hook that is away the oldest are given up. */
const WAITING_MAX = 1000
const TIMEOUT_MS = 5000
const RETRY_AFTER_MS = [1000, 4000] as const
/** After an error of this program. */
const SEND_AGAIN_MS = 1000

export interface HealthHookOptions {
  readonly url: string
  readonly store: Store
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** For the process log: once when the hook cannot be told, and again after it could. */
  readonly warn: (message: string) => void
  readonly reportError: (error: unknown) => void
  /** How long to wait before each further try; its length is their number. */
  readonly retryAfterMs?: readonly number[]
}

/** What is sent; the names are those of DescribeTargetHealth. */
interface HealthEvent {
  readonly Time: string
  readonly TargetGroupArn: string
  readonly LoadBalancerArn: string | null
  readonly Target: { readonly Id: string; readonly Port: number; readonly AvailabilityZone: string }
  readonly TargetHealth: { readonly State: string; readonly Reason?: string; readonly Description?: string }
}

export class HealthHook {
  readonly #options: HealthHookOptions
  readonly #rounds: Rounds
  #waiting: HealthEvent[] = []
  #isAway = false
  #lost = 0

  constructor(options: HealthHookOptions) {
    this.#options = options
    const { reportError } = options
    this.#rounds = new Rounds({
      work: async () => await this.#send(),
      retryMs: SEND_AGAIN_MS,
      reportError,
    })
  }

  /** The state of a registration is another one than before. */
  changed(targetGroupArn: string, key: string, health: TargetHealth): void {
    const time = new Date(this.#options.now()).toISOString()
    this.#enqueue(targetGroupArn, key, health, time).catch(this.#options.reportError)
  }

  async #enqueue(
    targetGroupArn: string,
    key: string,
    { state, reason, description }: TargetHealth,
    time: string,
  ): Promise<void> {
    const event = await this.#options.store.read(async (rows): Promise<HealthEvent | undefined> => {
      const targets = await rows.targets.list(targetGroupArn)
      const target = targets.find(({ id, port }) => targetKey(id, port) === key)
      if (target === undefined) return undefined
      const use = await rows.targetGroups.use(targetGroupArn)
      return {
        Time: time,
        TargetGroupArn: targetGroupArn,
        LoadBalancerArn: use?.loadBalancerArn ?? null,
        Target: { Id: target.id, Port: target.port, AvailabilityZone: target.zone },
        TargetHealth: {
          State: state,
          ...(reason === undefined ? {} : { Reason: reason }),
          ...(description === undefined ? {} : { Description: description }),
        },
      }
    })
    if (event === undefined) return
    if (this.#waiting.push(event) > WAITING_MAX) this.#giveUp(this.#waiting.shift())
    await this.#rounds.now()
  }

  async #send(): Promise<null> {
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
      if (await this.#isTaken(event)) this.#noteBack()
      else this.#giveUp(event)
    }
    return null
  }

  async #isTaken(event: HealthEvent): Promise<boolean> {
    for (const pauseMs of [...(this.#options.retryAfterMs ?? RETRY_AFTER_MS), null]) {
      const problem = await this.#problemOf(event)
      if (problem === null) return true
      if (!this.#isAway) this.#options.warn(`The target health hook ${this.#options.url} ${problem}`)
      this.#isAway = true
      if (pauseMs !== null) await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
    return false
  }

  /** Null where the hook took the event. */
  async #problemOf(event: HealthEvent): Promise<string | null> {
    try {
      const response = await fetch(this.#options.url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(event),
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      await response.body?.cancel()
      return response.ok ? null : `answered ${response.status}`
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      return `cannot be told: ${cause instanceof Error ? cause.message : String(cause)}`
    }
  }

  #giveUp(event: HealthEvent | undefined): void {
    if (event !== undefined) this.#lost++
  }

  #noteBack(): void {
    if (!this.#isAway) return
    this.#isAway = false
    this.#options.warn(`The target health hook is back; ${this.#lost} events were lost`)
    this.#lost = 0
  }
}
