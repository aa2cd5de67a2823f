// When a target group has too few healthy targets for one of the two actions of target group health: DNS failover and
// routing failover (ALB-TG-264 … 282).

/** The least that has to be healthy; either condition alone is enough for a breach (ALB-TG-270). */
export interface HealthyMinimum {
  /** Number of targets; 0: off. */
  readonly count: number
  /** Percentage of the targets that there are now (ALB-TG-272); 0: off. */
  readonly percentage: number
}

/** One healthy target (ALB-TG-264), the initial value of both actions. */
export const ONE_HEALTHY: HealthyMinimum = { count: 1, percentage: 0 }

/** `total`: targets that could be healthy, which draining and unused ones cannot (OQ-36 of the target group rows). */
export function isBelow({ count, percentage }: HealthyMinimum, healthy: number, total: number): boolean {
  return healthy < count || healthy * 100 < percentage * total
}
