// evenkeel as a contender: starts the real program with one worker, configures it through its API with the AWS SDK as
// any user would, and pins the worker to its core. Everything about how evenkeel is started is in this file.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { LISTENER_NAMES, OTHER_CORE, WORKER_CORE, startProgram, waitFor, waitForPort } from './contender.ts'
import type { Contender, ListenerName, Setup } from './contender.ts'
import { OURS } from './measured.ts'
import { APPLICATION_COOKIE } from './targets.ts'
import { pinToCore } from './process-usage.ts'
import { awsConditions, benchRules } from './rules.ts'
import { SUBNETS, VPC, apiClient } from '../test/support/api-client.ts'
import { freePort } from '../test/support/free-port.ts'
import { childrenOf, listeningAddresses, roleOf } from '../test/support/processes.ts'

const RULE_COUNTS: Readonly<Partial<Record<ListenerName, number>>> = { rules1: 1, rules100: 100 }
/** Attributes of the target groups that do not keep the defaults. */
const ATTRIBUTES: Readonly<Partial<Record<ListenerName, Readonly<Record<string, string>>>>> = {
  leastOutstanding: { 'load_balancing.algorithm.type': 'least_outstanding_requests' },
  weightedRandom: { 'load_balancing.algorithm.type': 'weighted_random' },
  stickyTarget: { 'stickiness.enabled': 'true' },
  stickyApplication: {
    'stickiness.enabled': 'true',
    'stickiness.type': 'app_cookie',
    'stickiness.app_cookie.cookie_name': APPLICATION_COOKIE,
  },
  stickyGroup: { 'stickiness.enabled': 'true' },
}
const GROUP_STICKINESS = { Enabled: true, DurationSeconds: 86_400 }
const HEALTHY_TIMEOUT_MS = 30_000

/** A checkout of this project. */
export interface Checkout {
  /** What its figures are called. */
  readonly name: string
  readonly root: string
}

/** The checkout that the benchmark itself is part of. */
export const THIS_CHECKOUT: Checkout = { name: OURS, root: process.cwd() }

/** Starts evenkeel. Supervisor and control process run on the other core; their CPU time is counted apart. */
export async function startEvenkeel(
  { folder, targetPorts, listeners }: Setup,
  { name, root }: Checkout = THIS_CHECKOUT,
): Promise<Contender> {
  const apiPort = await freePort()
  const ports = new Map<ListenerName, number>()
  for (const listener of LISTENER_NAMES) if (listeners.has(listener)) ports.set(listener, await freePort())
  const command = commandOf(root, join(folder, 'data'), apiPort)
  const program = startProgram(folder, 'evenkeel', OTHER_CORE, command, root)
  await waitForPort(program, '127.0.0.1', apiPort)
  try {
    const client = apiClient(`http://127.0.0.1:${apiPort}`)
    await configure(client, targetPorts, ports)
    client.destroy()
    const children = childrenOf(program.pid)
    const workerPids = children.filter((pid) => roleOf(pid) === 'worker')
    if (workerPids.length !== 1) throw new Error(`evenkeel has ${workerPids.length} workers`)
    for (const pid of workerPids) pinToCore(pid, WORKER_CORE)
    const urls = new Map<ListenerName, string>()
    for (const [listener, port] of ports) urls.set(listener, await urlOf(port))
    return {
      name,
      version: `${name} ${packageVersion(root)}`,
      urls,
      workerPids,
      otherPids: [program.pid, ...children.filter((pid) => !workerPids.includes(pid))],
      stop: () => program.stop(),
    }
  } catch (error) {
    await program.stop()
    throw new Error(`Cannot set up ${name}, its output:\n${readFileSync(program.outputFile, 'utf8')}`, {
      cause: error,
    })
  }
}

/** Command and arguments that start the program of the checkout in `root`. */
export function commandOf(root: string, dataFolder: string, apiPort: number): string[] {
  return [
    process.execPath,
    join(root, 'src/main.ts'),
    `--data=${dataFolder}`,
    `--api=127.0.0.1:${apiPort}`,
    '--workers=1',
    '--port-offset=0',
    '--dns=off',
    '--log-level=warn',
  ]
}

/** The listener at its first node address, taken from the kernel: there is no DNS between the two programs. */
async function urlOf(port: number): Promise<string> {
  await waitFor(() => listeningAddresses(port).length > 0, `evenkeel does not listen on port ${port}`)
  return `http://${listeningAddresses(port)[0]}:${port}`
}

/**
 * Makes a load balancer with a target group for each listener, because a load balancer may have 100 rules and a target
 * group one load balancer; resolves when all targets are healthy.
 */
async function configure(
  client: ElasticLoadBalancingV2Client,
  targetPorts: readonly number[],
  ports: ReadonlyMap<ListenerName, number>,
): Promise<void> {
  const targetGroupArns: string[] = []
  for (const [name, port] of ports) {
    const targetGroupArn = await createTargetGroup(client, `bench-${name}`, targetPorts)
    targetGroupArns.push(targetGroupArn)
    await setAttributes(client, targetGroupArn, ATTRIBUTES[name] ?? {})
    const loadBalancerArn = await createLoadBalancer(client, `bench-${name}`)
    const forward = [
      {
        Type: 'forward' as const,
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: targetGroupArn, Weight: 1 }],
          ...(name === 'stickyGroup' ? { TargetGroupStickinessConfig: GROUP_STICKINESS } : {}),
        },
      },
    ]
    const refuse = [{ Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '503' } }]
    const ruleCount = RULE_COUNTS[name] ?? 0
    const rules = ruleCount === 0 ? [] : benchRules(ruleCount)
    const { Listeners } = await client.send(
      new CreateListenerCommand({
        LoadBalancerArn: loadBalancerArn,
        Protocol: 'HTTP',
        Port: port,
        DefaultActions: rules.length === 0 ? forward : refuse,
      }),
    )
    const listenerArn = required(Listeners?.[0]?.ListenerArn, 'ListenerArn')
    for (const [index, rule] of rules.entries()) {
      await client.send(
        new CreateRuleCommand({
          ListenerArn: listenerArn,
          Priority: index + 1,
          Conditions: awsConditions(rule),
          Actions: index === rules.length - 1 ? forward : refuse,
        }),
      )
    }
  }
  for (const arn of targetGroupArns) await untilHealthy(client, arn, targetPorts.length)
}

async function createTargetGroup(
  client: ElasticLoadBalancingV2Client,
  name: string,
  targetPorts: readonly number[],
): Promise<string> {
  const { TargetGroups } = await client.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: 'HTTP',
      Port: 80,
      TargetType: 'ip',
      VpcId: VPC,
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
    }),
  )
  const arn = required(TargetGroups?.[0]?.TargetGroupArn, 'TargetGroupArn')
  const targets = targetPorts.map((port) => ({ Id: '127.0.0.1', Port: port }))
  await client.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: targets }))
  return arn
}

async function setAttributes(
  client: ElasticLoadBalancingV2Client,
  arn: string,
  attributes: Readonly<Record<string, string>>,
): Promise<void> {
  const Attributes = Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }))
  if (Attributes.length === 0) return
  await client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes }))
}

async function createLoadBalancer(client: ElasticLoadBalancingV2Client, name: string): Promise<string> {
  const { LoadBalancers } = await client.send(
    new CreateLoadBalancerCommand({ Name: name, Subnets: [...SUBNETS] }),
  )
  const arn = required(LoadBalancers?.[0]?.LoadBalancerArn, 'LoadBalancerArn')
  const Attributes = [
    { Key: 'access_logs.s3.enabled', Value: 'true' },
    { Key: 'access_logs.s3.bucket', Value: 'bench' },
    { Key: 'idle_timeout.timeout_seconds', Value: '600' },
  ]
  await client.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: arn, Attributes }))
  return arn
}

async function untilHealthy(client: ElasticLoadBalancingV2Client, arn: string, count: number): Promise<void> {
  await waitFor(
    async () => {
      const health = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }))
      const states = health.TargetHealthDescriptions?.map((each) => each.TargetHealth?.State) ?? []
      return states.length === count && states.every((state) => state === 'healthy')
    },
    'The targets of evenkeel are not healthy',
    HEALTHY_TIMEOUT_MS,
  )
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new Error(`The answer of evenkeel has no ${name}`)
  return value
}

function packageVersion(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return version
}
