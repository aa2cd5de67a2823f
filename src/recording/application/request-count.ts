// What a finished request adds to the counters of its load balancer and, if it got that far, of its target group.

import type { Failure, FailureMetric } from '../../exchange/failure.ts'
import type { RequestRecord } from '../../exchange/record.ts'
import { Tier } from '../../wire/classification.ts'
import type { RecordedExchange, RecordSink } from '../sinks.ts'
import type { LoadBalancerCounters, TargetGroupCounters } from './counters.ts'

/** Counters of a target group in a zone; null for one that is gone. */
export type GroupCounters = (targetGroupArn: string, zone: string) => TargetGroupCounters | null

/** Counts the requests of one listener at one node. */
export class RequestCount implements RecordSink {
  readonly #loadBalancer: LoadBalancerCounters
  /** Zone of the node, for requests that got to no target. */
  readonly #zone: string
  readonly #groupCounters: GroupCounters

  constructor(loadBalancer: LoadBalancerCounters, zone: string, groupCounters: GroupCounters) {
    this.#loadBalancer = loadBalancer
    this.#zone = zone
    this.#groupCounters = groupCounters
  }

  add({ record }: RecordedExchange): void {
    const { targetGroupArn, targetZone } = record
    const zone = targetZone === '' ? this.#zone : targetZone
    const counters = targetGroupArn === null ? null : this.#groupCounters(targetGroupArn, zone)
    countRequest(record, this.#loadBalancer, counters)
  }
}

function countRequest(
  record: RequestRecord,
  loadBalancer: LoadBalancerCounters,
  targetGroup: TargetGroupCounters | null,
): void {
  loadBalancer.RequestCount++
  loadBalancer.ProcessedBytes += record.receivedBytes + record.sentBytes
  if (record.tier !== Tier.compliant) loadBalancer.DesyncMitigationMode_NonCompliant_Request_Count++
  if (record.droppedInvalidHeader) loadBalancer.DroppedInvalidHeaderRequestCount++
  if (record.forwardedInvalidHeader) loadBalancer.ForwardedInvalidHeaderRequestCount++
  if (record.failure !== null) countFailure(record, record.failure, loadBalancer)
  else if (record.action === 'redirect') {
    loadBalancer.HTTP_Redirect_Count++
    loadBalancer.HTTPCode_ELB_3XX_Count++
  } else if (record.action === 'fixed-response') loadBalancer.HTTP_Fixed_Response_Count++
  if (targetGroup !== null) countTarget(record, targetGroup)
}

function countFailure(record: RequestRecord, { metric }: Failure, counters: LoadBalancerCounters): void {
  if (metric === 'HTTP_Redirect_Url_Limit_Exceeded_Count') counters[metric]++
  if (record.status < 500) counters.HTTPCode_ELB_4XX_Count++
  else counters.HTTPCode_ELB_5XX_Count++
  switch (record.status) {
    case 500:
      counters.HTTPCode_ELB_500_Count++
      break
    case 502:
      counters.HTTPCode_ELB_502_Count++
      break
    case 503:
      counters.HTTPCode_ELB_503_Count++
      break
    case 504:
      counters.HTTPCode_ELB_504_Count++
  }
}

function countTarget(record: RequestRecord, counters: TargetGroupCounters): void {
  counters.RequestCount++
  const status = record.targetStatus
  if (status >= 500) counters.HTTPCode_Target_5XX_Count++
  else if (status >= 400) counters.HTTPCode_Target_4XX_Count++
  else if (status >= 300) counters.HTTPCode_Target_3XX_Count++
  else if (status >= 200) counters.HTTPCode_Target_2XX_Count++
  if (record.responseAt !== -1) {
    counters.TargetResponseTimeSum += (record.responseAt - record.dispatchedAt) / 1000
    counters.TargetResponseTimeCount++
  }
  const metric = record.failure === null ? null : record.failure.metric
  if (metric !== null) countOfGroup(metric, counters)
}

function countOfGroup(metric: FailureMetric, counters: TargetGroupCounters): void {
  switch (metric) {
    case 'TargetConnectionErrorCount':
    case 'TargetTLSNegotiationErrorCount':
    case 'LambdaInternalError':
      counters[metric]++
      return
    case 'HTTP_Redirect_Url_Limit_Exceeded_Count':
    // The load balancer's.
  }
}
