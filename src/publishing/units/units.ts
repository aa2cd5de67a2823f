// From stored resources to what crosses to the workers: units of the snapshot, with defaults filled in and settings in
// the units that traffic uses.

import type { TrafficRule } from '../../directory/directory.ts'
import { loadBalancerId } from '../../model/arns.ts'
import { effectiveAttributes, loadBalancerAttributes } from '../../model/attributes.ts'
import type { Rule } from '../../model/resources.ts'
import type {
  AccessLogTarget,
  ListenerUnit,
  LoadBalancerUnit,
  TrafficAttributes,
} from '../../snapshot/application-units.ts'
import type { StoreChange } from '../../store/changes.ts'
import { allOf } from '../../store/page.ts'
import type { RowReader, Store } from '../../store/store.ts'
import { closedNodes, nodeAddresses } from '../node-addresses.ts'
import { permittedBlocks } from '../security-rules.ts'
import { listenerUnit, responseHeaders } from './listeners.ts'
import type { UnitOptions } from './options.ts'
import { PresentedCertificates, sessionHeaders } from './tls.ts'
import { builtTargetGroup, type BuiltTargetGroup } from './target-groups.ts'

/** Resources as they are stored, before anybody was told of them. */
export interface BuiltUnits {
  readonly loadBalancers: readonly LoadBalancerUnit[]
  readonly targetGroups: readonly BuiltTargetGroup[]
  readonly removedLoadBalancers: readonly string[]
  readonly removedTargetGroups: readonly string[]
}

/** Units of the named resources as stored now; those that no longer exist are listed as removed. Changes nothing. */
export async function buildUnits(
  store: Store,
  change: StoreChange,
  options: UnitOptions,
): Promise<BuiltUnits> {
  return await store.read(async (rows) => {
    const loadBalancers: LoadBalancerUnit[] = []
    const targetGroups: BuiltTargetGroup[] = []
    const removedLoadBalancers: string[] = []
    const removedTargetGroups: string[] = []
    for (const arn of change.loadBalancers) {
      const unit = await loadBalancerUnit(rows, arn, options)
      if (unit === undefined) removedLoadBalancers.push(arn)
      else loadBalancers.push(unit)
    }
    for (const arn of change.targetGroups) {
      const built = await builtTargetGroup(rows, arn, options)
      if (built === undefined) removedTargetGroups.push(arn)
      else targetGroups.push(built)
    }
    return { loadBalancers, targetGroups, removedLoadBalancers, removedTargetGroups }
  })
}

async function loadBalancerUnit(
  rows: RowReader,
  arn: string,
  { portOffset, security, zones = [] }: UnitOptions,
): Promise<LoadBalancerUnit | undefined> {
  const loadBalancer = await rows.loadBalancers.find(arn)
  if (loadBalancer === undefined) return undefined
  const set = await rows.attributes.of(arn)
  const attributes = effectiveAttributes(loadBalancerAttributes, set)
  const presented = new PresentedCertificates(rows)
  const listeners: ListenerUnit[] = []
  for (const listener of await allOf(async (page) => await rows.listeners.list(arn, page))) {
    const tls = await presented.of(listener, set)
    // One that cannot be secured stays closed rather than open in clear text.
    if (listener.protocol === 'HTTPS' && tls === null) continue
    const rules = await allRules(rows, listener.arn)
    const listenerSet = await rows.attributes.of(listener.arn)
    listeners.push({
      ...listenerUnit(listener, rules, portOffset),
      ...(tls === null ? {} : { tls }),
      ...sessionHeaders(set, listenerSet),
      ...responseHeaders(listenerSet),
      ...admittedBy(security?.get(arn)?.inbound, listener.port),
    })
  }
  return {
    kind: loadBalancer.kind,
    arn,
    id: loadBalancerId(arn),
    dnsName: loadBalancer.dnsName,
    accountId: loadBalancer.accountId,
    region: loadBalancer.region,
    traffic: trafficAttributes(attributes),
    accessLog: accessLog(attributes),
    nodes: nodeAddresses(loadBalancer, zones),
    ...closedNodes(loadBalancer),
    listeners,
    ...(presented.units.length === 0 ? {} : { certificates: presented.units }),
    ...(presented.problems.length === 0 ? {} : { problems: presented.problems }),
    ...(presented.notices.length === 0 ? {} : { notices: presented.notices }),
  }
}

async function allRules(rows: RowReader, listenerArn: string): Promise<readonly Rule[]> {
  return await allOf(async (page) => await rows.rules.list(listenerArn, page))
}

function trafficAttributes(attributes: ReadonlyMap<string, string>): TrafficAttributes {
  const text = (key: string): string => attributes.get(key) ?? ''
  const seconds = (key: string): number => Number(text(key)) * 1000
  return {
    idleTimeoutMs: seconds('idle_timeout.timeout_seconds'),
    clientKeepAliveMs: seconds('client_keep_alive.seconds'),
    desyncMitigationMode: text(
      'routing.http.desync_mitigation_mode',
    ) as TrafficAttributes['desyncMitigationMode'],
    dropInvalidHeaderFields: text('routing.http.drop_invalid_header_fields.enabled') === 'true',
    preserveHostHeader: text('routing.http.preserve_host_header.enabled') === 'true',
    xffHeaderProcessingMode: text(
      'routing.http.xff_header_processing.mode',
    ) as TrafficAttributes['xffHeaderProcessingMode'],
    xffClientPort: text('routing.http.xff_client_port.enabled') === 'true',
  }
}

function accessLog(attributes: ReadonlyMap<string, string>): AccessLogTarget | null {
  const bucket = attributes.get('access_logs.s3.bucket') ?? ''
  if (attributes.get('access_logs.s3.enabled') !== 'true' || bucket === '') return null
  return { bucket, prefix: attributes.get('access_logs.s3.prefix') ?? '' }
}

function admittedBy(rules: readonly TrafficRule[] | undefined, port: number): Pick<ListenerUnit, 'admitted'> {
  const admitted = rules === undefined ? null : permittedBlocks(rules, port)
  return admitted === null ? {} : { admitted }
}
