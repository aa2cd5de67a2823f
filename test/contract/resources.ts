// Resources for the contract of stores, as small as they can be, and what a change names.

import type { LoadBalancer, Rule, TargetGroup } from '../../src/model/resources.ts'
import type { StoreChange } from '../../src/store/changes.ts'
import type { Store } from '../../src/store/store.ts'

export const SCOPE = { accountId: '123456789012', region: 'us-east-2' }
export const POOL = '127.9.0.0/28'

export function loadBalancer(name: string, zones: LoadBalancer['zones'] = []): LoadBalancer {
  return {
    ...SCOPE,
    kind: 'application',
    arn: `lb:${name}`,
    name,
    scheme: 'internet-facing',
    vpcId: 'vpc-1',
    ipAddressType: 'ipv4',
    dnsName: `${name}.test`,
    createdAt: 1,
    state: { code: 'provisioning', reason: null },
    securityGroups: ['sg-2', 'sg-1'],
    zones,
  }
}

export function targetGroup(name: string): TargetGroup {
  return {
    ...SCOPE,
    arn: `arn:targetgroup/${name}`,
    name,
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    port: 80,
    vpcId: 'vpc-1',
    targetType: 'ip',
    ipAddressType: 'ipv4',
    healthCheck: {
      enabled: true,
      protocol: 'HTTP',
      port: 'traffic-port',
      path: '/',
      intervalSeconds: 30,
      timeoutSeconds: 5,
      healthyThreshold: 5,
      unhealthyThreshold: 2,
      matcher: '200',
    },
    createdAt: 1,
  }
}

export function rule(arn: string, priority: number | null, ...groups: string[]): Rule {
  return {
    arn,
    listenerArn: 'l:1',
    loadBalancerArn: 'lb:a',
    priority,
    conditions: [],
    transforms: [],
    actions: [
      {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: groups.map((name) => ({ TargetGroupArn: `arn:targetgroup/${name}` })),
        },
      },
    ],
  }
}

/** One load balancer with a listener whose default rule forwards to group `x`; group `y` is in no rule. */
export async function fill(store: Store): Promise<void> {
  await store.write(async (rows) => {
    await rows.targetGroups.insert(targetGroup('x'))
    await rows.targetGroups.insert(targetGroup('y'))
    const address = (await rows.nodeAddresses.allocate(POOL)) ?? ''
    await rows.loadBalancers.insert(loadBalancer('a', [{ zone: 'z-a', subnetId: 's-1', address }]))
    await rows.listeners.insert(
      { arn: 'l:1', loadBalancerArn: 'lb:a', protocol: 'HTTP', port: 80, tls: null },
      rule('r:0', null, 'x'),
    )
  })
}

export function names(change: StoreChange | undefined): string[] {
  return [...(change?.loadBalancers ?? []), ...(change?.targetGroups ?? [])].toSorted()
}
