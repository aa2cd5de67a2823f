// One listener of an Application Load Balancer at one node address: what a request needs to be served. Made anew when
// its load balancer changes; connections go on.

import type { ServedListener } from '../listener/binding.ts'
import { CertificateChoice } from '../listener/tls/certificate-choice.ts'
import { servedPolicy } from '../listener/tls/policy.ts'
import type { ServedTls } from '../listener/tls/served-tls.ts'
import { addressSet } from '../model/ip.ts'
import { targetPolicy } from '../model/ssl-policies.ts'
import type { LoadBalancerCounters } from '../recording/application/counters.ts'
import type { RecordSink } from '../recording/sinks.ts'
import type { Router } from '../routing/router.ts'
import type {
  CertificateUnit,
  ListenerUnit,
  LoadBalancerUnit,
  NodeAddress,
} from '../snapshot/application-units.ts'
import type { ResponseHeaderChanges } from '../wire/http1/response-writer.ts'

export interface ApplicationListener extends ServedListener {
  readonly loadBalancer: LoadBalancerUnit
  readonly zone: string
  readonly router: Router
  readonly counters: LoadBalancerCounters
  /** Who is told of every request that is over. */
  readonly sinks: readonly RecordSink[]
}

export interface ApplicationListenerParts {
  readonly unit: LoadBalancerUnit
  readonly node: NodeAddress
  readonly listener: ListenerUnit
  readonly router: Router
  readonly counters: LoadBalancerCounters
  readonly sinks: readonly RecordSink[]
}

export function applicationListener(parts: ApplicationListenerParts): ApplicationListener {
  const { unit, node, listener, router, counters, sinks } = parts
  return {
    loadBalancer: unit,
    dnsName: unit.dnsName,
    traffic: unit.traffic,
    responseHeaders: responseHeaders(listener.responseHeaders),
    zone: node.zone,
    listenerPort: listener.port,
    protocol: listener.protocol === 'HTTPS' ? 'https' : 'http',
    tls: servedTls(unit, listener),
    targetPolicy: targetPolicy(listener.tls?.policy),
    sessionHeaders: listener.sessionHeaders ?? null,
    admits: listener.admitted === undefined ? null : addressSet(listener.admitted),
    router,
    counters,
    sinks,
  }
}

function responseHeaders(unit: ListenerUnit['responseHeaders']): ResponseHeaderChanges | null {
  if (unit === undefined) return null
  const dropped = new Set(unit.values.map(([name]) => name.toLowerCase()))
  if (!unit.hasServer) dropped.add('server')
  return { dropped, lines: unit.values.map(([name, value]) => `${name}: ${value}\r\n`).join('') }
}

/** Null for an HTTP listener, and for a policy that this program does not know: nobody is served then. */
function servedTls({ certificates = [] }: LoadBalancerUnit, { arn, tls }: ListenerUnit): ServedTls | null {
  if (tls === undefined) return null
  const policy = servedPolicy(tls.policy)
  if (policy === undefined) return null
  const named = (wanted: string): CertificateUnit[] =>
    certificates.filter((certificate) => certificate.arn === wanted)
  const [standard = null] = tls.defaultCertificate === null ? [] : named(tls.defaultCertificate)
  const choice = new CertificateChoice(standard, tls.certificates.flatMap(named))
  return { scope: arn, policy, choice, isHttp2Offered: tls.isHttp2Offered, connectionSinks: [] }
}
