// The target group of a forward action, drawn by weight for each request (ALB-LSN-063 … 066).

import type { ForwardUnit } from '../snapshot/application-units.ts'

/** A number from 0 (included) to 1 (excluded), as `Math.random` gives. */
export type RandomSource = () => number

/**
 * The ARN of the group for the next request; `null` where all weights are 0, which is answered with 503 (Q37). Health
 * plays no part: a group without healthy targets still gets its share.
 */
export function chooseTargetGroup(groups: ForwardUnit['targetGroups'], random: RandomSource): string | null {
  if (groups.length === 1) {
    const only = groups[0]
    return only !== undefined && only.weight > 0 ? only.arn : null
  }
  let total = 0
  for (const group of groups) total += group.weight
  if (total === 0) return null
  let left = random() * total
  for (const group of groups) {
    left -= group.weight
    if (left < 0) return group.arn
  }
  // Rounding may leave nothing below zero for a number next to 1.
  return groups.findLast((group) => group.weight > 0)?.arn ?? null
}
