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
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2'
import { OTHER_CORE, WORKER_CORE, freePort, startProgram, waitFor, waitForPort } from './contender.ts'
import type { Contender, ListenerName, Setup } from './contender.ts'
import { childrenOf, commandLine, pinToCore } from './process-usage.ts'
import { awsConditions, benchRules } from './rules.ts'

const LISTENERS: readonly { readonly name: ListenerName; readonly port: number; readonly rules: number }[] = [
  { name: 'default', port: 8080, rules: 0 },
  { name: 'rules1', port: 8081, rules: 1 },
  { name: 'rules100', port: 8082, rules: 100 },
]
const START_TIMEOUT_MS = 30_000

/** Starts evenkeel. Supervisor and control process run on the other core; their CPU time is counted apart. */
export async function startEvenkeel({ folder, targetPorts }: Setup): Promise<Contender> {
  const apiPort = await freePort()
  const command = [process.execPath, 'src/main.ts', '--workers', '1', '--data-dir', join(folder, 'data')]
  const program = startProgram(folder, 'evenkeel', OTHER_CORE, [...command, '--api-port', String(apiPort)])
  try {
    await waitForPort(program, '127.0.0.1', apiPort)
    const client = new ElasticLoadBalancingV2Client({
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${apiPort}`,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    })
    const address = await configure(client, targetPorts)
    client.destroy()
    const children = childrenOf(program.pid)
    const workerPids = children.filter((pid) => /worker/.test(commandLine(pid)))
    if (workerPids.length !== 1)
      throw new Error(
        `evenkeel has ${workerPids.length} workers among ${children.map(commandLine).join('; ')}`,
      )
    for (const pid of workerPids) pinToCore(pid, WORKER_CORE)
    const url = (name: ListenerName) =>
      `http://${address}:${LISTENERS.find((each) => each.name === name)?.port ?? 0}`
    return {
      name: 'evenkeel',
      version: `evenkeel ${packageVersion()}, Node ${process.version}`,
      urls: { default: url('default'), rules1: url('rules1'), rules100: url('rules100') },
      workerPids,
      otherPids: [program.pid, ...children.filter((pid) => !workerPids.includes(pid))],
      stop: () => program.stop(),
    }
  } catch (error) {
    await program.stop()
    throw error
  }
}

/** Makes the load balancer; resolves with the address of its first node when both targets are healthy. */
async function configure(
  client: ElasticLoadBalancingV2Client,
  targetPorts: readonly number[],
): Promise<string> {
  const { TargetGroups } = await client.send(
    new CreateTargetGroupCommand({
      Name: 'bench',
      Protocol: 'HTTP',
      Port: 80,
      TargetType: 'ip',
      VpcId: 'vpc-00000000000000001',
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: 5,
      HealthyThresholdCount: 2,
      HealthCheckTimeoutSeconds: 2,
    }),
  )
  const targetGroupArn = required(TargetGroups?.[0]?.TargetGroupArn, 'TargetGroupArn')
  const targets = targetPorts.map((port) => ({ Id: '127.0.0.1', Port: port }))
  await client.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: targets }))
  const { LoadBalancers } = await client.send(
    new CreateLoadBalancerCommand({
      Name: 'bench',
      Subnets: ['subnet-00000000000000001', 'subnet-00000000000000002'],
    }),
  )
  const loadBalancer = LoadBalancers?.[0]
  const loadBalancerArn = required(loadBalancer?.LoadBalancerArn, 'LoadBalancerArn')
  await client.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerArn: loadBalancerArn,
      Attributes: [
        { Key: 'access_logs.s3.enabled', Value: 'true' },
        { Key: 'access_logs.s3.bucket', Value: 'bench' },
        { Key: 'idle_timeout.timeout_seconds', Value: '600' },
      ],
    }),
  )
  const forward = [{ Type: 'forward' as const, TargetGroupArn: targetGroupArn }]
  const refuse = [{ Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '503' } }]
  for (const { port, rules } of LISTENERS) {
    const { Listeners } = await client.send(
      new CreateListenerCommand({
        LoadBalancerArn: loadBalancerArn,
        Protocol: 'HTTP',
        Port: port,
        DefaultActions: rules === 0 ? forward : refuse,
      }),
    )
    const listenerArn = required(Listeners?.[0]?.ListenerArn, 'ListenerArn')
    for (const [index, rule] of (rules === 0 ? [] : benchRules(rules)).entries()) {
      await client.send(
        new CreateRuleCommand({
          ListenerArn: listenerArn,
          Priority: index + 1,
          Conditions: awsConditions(rule),
          Actions: forward,
        }),
      )
    }
  }
  await waitFor(
    async () => {
      const health = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }))
      const states = health.TargetHealthDescriptions?.map((each) => each.TargetHealth?.State) ?? []
      return states.length === targetPorts.length && states.every((state) => state === 'healthy')
    },
    'The targets of evenkeel are not healthy',
    START_TIMEOUT_MS,
  )
  return nodeAddress(loadBalancer)
}

/** Address of the first node, which stands in DescribeLoadBalancers because there is no DNS between bench and program. */
function nodeAddress(loadBalancer: LoadBalancer | undefined): string {
  const zones = loadBalancer?.AvailabilityZones ?? []
  return required(zones[0]?.LoadBalancerAddresses?.[0]?.IpAddress, 'IpAddress')
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new Error(`The answer of evenkeel has no ${name}`)
  return value
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  return version
}
