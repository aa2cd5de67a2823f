// The demo: the tutorial's load balancer, made through the program's own API as a user would, twice with the same end.

import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2'
import { setTimeout as wait } from 'node:timers/promises'
import { firstSubnets, type ControlSettings } from '../model/settings.ts'

const NAME = 'my-load-balancer'
const GROUP_NAME = 'my-targets'
const PORT = 80
const POLL_MS = 100

export interface DemoOptions {
  readonly endpoint: string
  readonly settings: ControlSettings
  /** Address of the load balancer's node that serves the zone's subnet, as it is bound. */
  readonly nodeAddress: (loadBalancerArn: string) => string | undefined
}

/** Makes the demo and says on standard output what to try, or on standard error why there is none. */
export async function showDemo(options: DemoOptions): Promise<void> {
  try {
    const curlArguments = await prepareDemo(options)
    process.stdout.write(`The demo's load balancer answers:\n\n  curl ${curlArguments}\n\n`)
  } catch (error) {
    process.stderr.write(
      `The demo cannot be shown: ${error instanceof Error ? error.message : String(error)}\n`,
    )
  }
}

/** Makes what is missing, waits until traffic reaches both targets, and returns the address to try. */
async function prepareDemo({ endpoint, settings, nodeAddress }: DemoOptions): Promise<string> {
  const [keyId, key] = Object.entries(settings.accessKeys ?? {})[0] ?? ['demo', undefined]
  const token = key?.sessionToken ?? null
  const client = new ElasticLoadBalancingV2Client({
    endpoint,
    region: settings.region,
    credentials: {
      accessKeyId: keyId,
      secretAccessKey: key?.secret ?? 'demo',
      ...(token === null ? {} : { sessionToken: token }),
    },
  })
  try {
    const loadBalancerArn = await makeLoadBalancer(client, settings)
    const targetGroupArn = await makeTargetGroup(client, settings)
    await makeListener(client, loadBalancerArn, targetGroupArn)
    await waitForTargets(client, targetGroupArn, settings.demoTargets.length)
    const loadBalancer = await waitForLoadBalancer(client, loadBalancerArn)
    const address = nodeAddress(loadBalancerArn) ?? loadBalancer.DNSName ?? ''
    const port = PORT + settings.bindOffset
    const url = `http://${address}${port === 80 ? '' : `:${port}`}/`
    // Where load balancers share an address, the Host header picks one.
    return settings.sharedAddress === null ? url : `-H 'Host: ${loadBalancer.DNSName}' ${url}`
  } finally {
    client.destroy()
  }
}

async function makeLoadBalancer(
  client: ElasticLoadBalancingV2Client,
  settings: ControlSettings,
): Promise<string> {
  const subnets = [...firstSubnets(settings.zones)]
  try {
    const found = await client.send(new DescribeLoadBalancersCommand({ Names: [NAME] }))
    return found.LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  } catch (error) {
    if ((error as Error).name !== 'LoadBalancerNotFoundException') throw error
  }
  const made = await client.send(new CreateLoadBalancerCommand({ Name: NAME, Subnets: subnets }))
  return made.LoadBalancers?.[0]?.LoadBalancerArn ?? ''
}

async function makeTargetGroup(
  client: ElasticLoadBalancingV2Client,
  settings: ControlSettings,
): Promise<string> {
  const vpc = await client.send(new DescribeLoadBalancersCommand({ Names: [NAME] }))
  // The same settings as last time give the same group.
  const made = await client.send(
    new CreateTargetGroupCommand({
      Name: GROUP_NAME,
      Protocol: 'HTTP',
      Port: 80,
      TargetType: 'ip',
      VpcId: vpc.LoadBalancers?.[0]?.VpcId,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
    }),
  )
  const arn = made.TargetGroups?.[0]?.TargetGroupArn ?? ''
  const wanted = settings.demoTargets.map(({ address, port }) => ({ Id: address, Port: port }))
  await client.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: wanted }))
  const { TargetHealthDescriptions = [] } = await client.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
  )
  const old = TargetHealthDescriptions.flatMap(({ Target, TargetHealth }) =>
    Target === undefined ||
    TargetHealth?.State === 'draining' ||
    wanted.some(({ Id, Port }) => Id === Target.Id && Port === Target.Port)
      ? []
      : [Target],
  )
  if (old.length > 0) {
    await client.send(new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets: old }))
  }
  return arn
}

async function makeListener(
  client: ElasticLoadBalancingV2Client,
  loadBalancerArn: string,
  targetGroupArn: string,
): Promise<void> {
  const { Listeners = [] } = await client.send(
    new DescribeListenersCommand({ LoadBalancerArn: loadBalancerArn }),
  )
  if (Listeners.some(({ Port }) => Port === PORT)) return
  await client.send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancerArn,
      Protocol: 'HTTP',
      Port: PORT,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  )
}

async function waitForTargets(
  client: ElasticLoadBalancingV2Client,
  targetGroupArn: string,
  count: number,
): Promise<void> {
  for (;;) {
    const { TargetHealthDescriptions = [] } = await client.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
    )
    const healthy = TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy')
    if (healthy.length >= count) return
    await wait(POLL_MS)
  }
}

/** Until it serves; one that cannot is an error with the reason. */
async function waitForLoadBalancer(client: ElasticLoadBalancingV2Client, arn: string): Promise<LoadBalancer> {
  for (;;) {
    const found = await client.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] }))
    const loadBalancer = found.LoadBalancers?.[0] ?? {}
    const { Code, Reason } = loadBalancer.State ?? {}
    if (Code === 'active') return loadBalancer
    if (Code === 'failed' || Code === 'active_impaired')
      throw new Error(`${NAME} is ${Code}: ${Reason ?? ''}`)
    await wait(POLL_MS)
  }
}
