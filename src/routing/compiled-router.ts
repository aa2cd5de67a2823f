import type { ListenerUnit } from '../snapshot/snapshot.ts'
import type { Router } from './router.ts'
export function compileRouter(l: ListenerUnit): Router {
  const d = { arn: l.defaultRule.arn, priority: 0, actions: l.defaultRule.actions }
  return { match: () => d }
}
