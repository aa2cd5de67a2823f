// Where connections to targets come from.

import { isLoopbackAddress } from './ip.ts'

/**
 * The node's address, as targets see it in AWS (ALB-LB-122); null, which is whatever the system takes, where nothing
 * leads from it to the target: from loopback to other machines, or from one family to the other.
 */
export function sourceAddress(node: string, target: string): string | null {
  if (node.includes(':') !== target.includes(':')) return null
  return isLoopbackAddress(node) === isLoopbackAddress(target) ? node : null
}
