// What a worker counts between two reports: plain numbers under CloudWatch's metric names, one object per load balancer
// and zone and one per target group and zone (ALB-OBS metrics rows). Control sums them up.

import type { CounterDelta } from '../../snapshot/messages.ts'

/** Counters of a load balancer in one zone. */
class LoadBalancerCounters {
  RequestCount = 0
  ProcessedBytes = 0
  NewConnectionCount = 0
  /** A gauge: connections opened minus connections closed. */
  ActiveConnectionCount = 0
  RejectedConnectionCount = 0
  ClientTLSNegotiationErrorCount = 0
  HTTP_Fixed_Response_Count = 0
  HTTP_Redirect_Count = 0
  HTTP_Redirect_Url_Limit_Exceeded_Count = 0
  HTTPCode_ELB_3XX_Count = 0
  HTTPCode_ELB_4XX_Count = 0
  HTTPCode_ELB_5XX_Count = 0
  HTTPCode_ELB_500_Count = 0
  HTTPCode_ELB_502_Count = 0
  HTTPCode_ELB_503_Count = 0
  HTTPCode_ELB_504_Count = 0
  DesyncMitigationMode_NonCompliant_Request_Count = 0
  DroppedInvalidHeaderRequestCount = 0
  ForwardedInvalidHeaderRequestCount = 0
  AccessLogDroppedLines = 0
  NonStickyRequestCount = 0
}

/** Counters of a target group in one zone. */
class TargetGroupCounters {
  RequestCount = 0
  HTTPCode_Target_2XX_Count = 0
  HTTPCode_Target_3XX_Count = 0
  HTTPCode_Target_4XX_Count = 0
  HTTPCode_Target_5XX_Count = 0
  TargetConnectionErrorCount = 0
  TargetTLSNegotiationErrorCount = 0
  UnhealthyRoutingRequestCount = 0
  LambdaInternalError = 0
  /** Sum of seconds and number of samples, for averages. */
  TargetResponseTimeSum = 0
  TargetResponseTimeCount = 0
}

export type { LoadBalancerCounters, TargetGroupCounters }

interface Entry {
  readonly loadBalancer: string
  readonly targetGroup: string | null
  readonly zone: string
  readonly counters: LoadBalancerCounters | TargetGroupCounters
}

/** All counters of a worker. */
export class Counters {
  readonly #entries = new Map<string, Entry>()

  loadBalancer(arn: string, zone: string): LoadBalancerCounters {
    const key = `${arn} ${zone}`
    const counters = this.#entries.get(key)?.counters
    if (counters instanceof LoadBalancerCounters) return counters
    const created = new LoadBalancerCounters()
    this.#entries.set(key, { loadBalancer: arn, targetGroup: null, zone, counters: created })
    return created
  }

  targetGroup(loadBalancer: string, arn: string, zone: string): TargetGroupCounters {
    const key = `${loadBalancer} ${arn} ${zone}`
    const counters = this.#entries.get(key)?.counters
    if (counters instanceof TargetGroupCounters) return counters
    const created = new TargetGroupCounters()
    this.#entries.set(key, { loadBalancer, targetGroup: arn, zone, counters: created })
    return created
  }

  /** What was counted since the last call. */
  take(): CounterDelta[] {
    const deltas: CounterDelta[] = []
    for (const { loadBalancer, targetGroup, zone, counters } of this.#entries.values()) {
      const metrics: Record<string, number> = {}
      const values = counters as unknown as Record<string, number>
      let isAny = false
      for (const name of Object.keys(values)) {
        const value = values[name] as number
        if (value === 0) continue
        metrics[name] = value
        values[name] = 0
        isAny = true
      }
      if (isAny) deltas.push({ loadBalancer, targetGroup, zone, metrics })
    }
    return deltas
  }
}
