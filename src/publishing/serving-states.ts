// Which load balancers serve, as the workers report it: a load balancer is active when all of its nodes listen, and
// impaired or failed when some or all of them do not (ALB-LB-143).

import type { LoadBalancerUnit } from '../snapshot/application-units.ts'
import { bindingKey } from '../snapshot/binding-key.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'

/** State that is to be stored for a load balancer; the reason of `active` is `null` or says, for the log, what is not offered. */
export interface ServingState {
  readonly arn: string
  readonly code: 'active' | 'active_impaired' | 'failed'
  readonly reason: string | null
  /** Nodes that do not listen on every port. */
  readonly failedAddresses: ReadonlySet<string>
}

export class ServingStates {
  readonly #loadBalancers = new Map<string, { readonly unit: LoadBalancerUnit; readonly version: number }>()
  /** Sent since they were judged last. */
  readonly #unjudged = new Set<string>()
  /** What was stored last, by ARN. */
  readonly #known = new Map<string, string>()
  #hadFailures = false

  /** Notes an update that was sent. */
  sent(update: SnapshotUpdate): void {
    if (update.full) this.#loadBalancers.clear()
    for (const arn of update.removedLoadBalancers) {
      this.#loadBalancers.delete(arn)
      this.#known.delete(arn)
    }
    for (const unit of update.loadBalancers) {
      this.#loadBalancers.set(unit.arn, { unit, version: update.version })
      this.#unjudged.add(unit.arn)
    }
  }

  /** What changed, now that the workers serve `version` with these bindings failing. */
  applied(version: number, failedBindings: Readonly<Record<string, string>>): ServingState[] {
    const changes: ServingState[] = []
    // Without failures nothing can have changed but for what was sent.
    const hasFailures = Object.keys(failedBindings).length > 0
    const candidates =
      hasFailures || this.#hadFailures ? [...this.#loadBalancers.keys()] : [...this.#unjudged]
    this.#hadFailures = hasFailures
    for (const arn of candidates) {
      const entry = this.#loadBalancers.get(arn)
      if (entry !== undefined && entry.version > version) continue
      this.#unjudged.delete(arn)
      if (entry === undefined) continue
      const state = stateOf(entry.unit, failedBindings)
      const text = `${state.code} ${state.reason ?? ''}`
      if (this.#known.get(arn) === text) continue
      this.#known.set(arn, text)
      changes.push(state)
    }
    return changes
  }
}

function stateOf(unit: LoadBalancerUnit, failedBindings: Readonly<Record<string, string>>): ServingState {
  const reasons: string[] = []
  const failedAddresses = new Set<string>()
  let failedNodes = 0
  for (const { address } of unit.nodes) {
    const failures = unit.listeners.flatMap(
      ({ bindPort }) => failedBindings[bindingKey(address, bindPort)] ?? [],
    )
    if (failures.length > 0) {
      failedNodes++
      failedAddresses.add(address)
    }
    reasons.push(...failures)
  }
  reasons.push(...(unit.problems ?? []))
  const { arn, notices = [] } = unit
  if (reasons.length === 0) {
    // Terraform waits for `active`, and what it applied is as it wanted it.
    const reason = notices.length === 0 ? null : notices.join('; ')
    return { arn, code: 'active', reason, failedAddresses }
  }
  const code = failedNodes > 0 && failedNodes === unit.nodes.length ? 'failed' : 'active_impaired'
  return { arn, code, reason: [...new Set([...reasons, ...notices])].join('; '), failedAddresses }
}
