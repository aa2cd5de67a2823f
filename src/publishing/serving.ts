// What becomes of load balancers in the workers: takes what was sent and what the workers say of it, and tells it to who
// stores it, to those who answer for names, and to who reads the output.

import type { LoadBalancerUnit } from '../snapshot/application-units.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'
import type { Introductions } from './introductions.ts'
import { ServingStates, type ServingState } from './serving-states.ts'

/** Who answers for the addresses of load balancers. */
export interface ServedNames {
  /** A load balancer as it is now. */
  put(unit: LoadBalancerUnit): void
  remove(arn: string): void
  /** It serves, but for nodes with these addresses. */
  serves(arn: string, failedAddresses: ReadonlySet<string>): void
}

export interface ServingOptions {
  /** Stores it, now or later. */
  readonly states: { readonly put: (states: readonly ServingState[]) => void }
  readonly names: ServedNames
  readonly introductions: Introductions
  /** For the process log. */
  readonly warn: (facts: object, message: string) => void
}

export class Serving {
  readonly #options: ServingOptions
  readonly #states = new ServingStates()

  constructor(options: ServingOptions) {
    this.#options = options
  }

  /** Notes an update that is sent. */
  sent(update: SnapshotUpdate): void {
    const { names, introductions } = this.#options
    this.#states.sent(update)
    introductions.sent(update)
    for (const unit of update.loadBalancers) names.put(unit)
    for (const arn of update.removedLoadBalancers) names.remove(arn)
  }

  /** The workers serve this version; these bindings failed, with their reasons. */
  applied(version: number, failedBindings: Readonly<Record<string, string>>): void {
    const { states, names, introductions, warn } = this.#options
    const changes = this.#states.applied(version, failedBindings)
    for (const { arn, failedAddresses } of changes) names.serves(arn, failedAddresses)
    states.put(changes)
    for (const { arn, code, reason, failedAddresses } of changes) {
      if (code !== 'failed') introductions.serves(arn, failedAddresses)
      if (code !== 'active' || reason !== null) warn({ loadBalancer: arn, state: code }, reason ?? code)
    }
  }
}
