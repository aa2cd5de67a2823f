// Slow start and Automatic Target Weights through the whole program: what is set by the API, what workers count, what
// control makes of it, and where requests go then.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'

import { RawClient } from '../support/client.ts'
import { becomes, eventually } from '../support/eventually.ts'
import { nodeNetwork } from '../support/network.ts'
import { startProgram, type Program } from '../support/program.ts'
import { answer, startTarget, type Target } from '../support/target.ts'

const NODE = `${nodeNetwork(0)}.1`
/** The period of Automatic Target Weights becomes an eighth of a second. */
const TIME_SCALE = 40
const GET = 'GET /work HTTP/1.1\r\nHost: a.example\r\n\r\n'
const ALGORITHM = 'load_balancing.algorithm.type'
const MITIGATION = 'load_balancing.algorithm.anomaly_mitigation'

let program: Program
let elb: ElasticLoadBalancingV2
let loadBalancer = ''
let groups = 0
const targets: Target[] = []

before(async () => {
  program = await startProgram({ timeScale: TIME_SCALE })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  elb = new ElasticLoadBalancingV2({ endpoint: program.endpoint, region: 'us-east-2', credentials })
  const Subnets = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']
  const made = await elb.createLoadBalancer({ Name: 'algorithms', Subnets })
  loadBalancer = made.LoadBalancers?.[0]?.LoadBalancerArn ?? ''
})

after(async () => {
  elb.destroy()
  await program.stop()
  for (const target of targets) target.close()
})

/** What a target answers to requests that are no health checks; a test changes it. */
interface Named {
  readonly name: string
  readonly port: number
  status: string
  /** Requests that it got. */
  requests: number
}

async function target(name: string, status = '200 OK'): Promise<Named> {
  const named = { name, port: 0, status, requests: 0 }
  const made = await startTarget(({ head, socket }) => {
    const isCheck = head.includes('ELB-HealthChecker')
    if (!isCheck) named.requests++
    socket.write(answer(name, isCheck ? '200 OK' : named.status))
  })
  targets.push(made)
  return Object.assign(named, { port: made.port })
}

/** A group in use, on a port of its own. */
async function serve(): Promise<{ arn: string; port: number }> {
  const port = 80 + groups++
  const made = await elb.createTargetGroup({
    Name: `algorithms-${port}`,
    Protocol: 'HTTP',
    Port: 80,
    TargetType: 'ip',
    VpcId: 'vpc-0598c7d356EXAMPLE',
    HealthCheckIntervalSeconds: 100,
    HealthCheckTimeoutSeconds: 60,
  })
  const arn = made.TargetGroups?.[0]?.TargetGroupArn ?? ''
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: arn }]
  await elb.createListener({ LoadBalancerArn: loadBalancer, Protocol: 'HTTP', Port: port, DefaultActions })
  return { arn, port }
}

async function register(arn: string, ...added: readonly Named[]): Promise<void> {
  const Targets = added.map(({ port }) => ({ Id: '127.0.0.1', Port: port }))
  await elb.registerTargets({ TargetGroupArn: arn, Targets })
  await eventually('all are healthy', async () => {
    const { TargetHealthDescriptions = [] } = await elb.describeTargetHealth({ TargetGroupArn: arn, Targets })
    for (const { TargetHealth } of TargetHealthDescriptions) assert.equal(TargetHealth?.State, 'healthy')
  })
}

async function set(arn: string, attributes: Readonly<Record<string, string>>): Promise<void> {
  const Attributes = Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }))
  await elb.modifyTargetGroupAttributes({ TargetGroupArn: arn, Attributes })
}

/** Result and mitigation of each target in order of registration, as `anomalous yes`. */
async function anomalies(arn: string): Promise<string> {
  const { TargetHealthDescriptions = [] } = await elb.describeTargetHealth({
    TargetGroupArn: arn,
    Include: ['AnomalyDetection'],
  })
  return TargetHealthDescriptions.map(({ TargetHealth, AnomalyDetection }) => {
    assert.equal(TargetHealth?.State, 'healthy')
    return `${AnomalyDetection?.Result} ${AnomalyDetection?.MitigationInEffect}`
  }).join(', ')
}

/** How often each target answers so many requests on one connection. */
async function shares(port: number, count: number): Promise<Record<string, number>> {
  const client = await RawClient.connect(port, { host: NODE })
  const counts: Record<string, number> = {}
  for (let sent = 0; sent < count; sent++) {
    client.send(GET)
    const { body } = await client.response()
    counts[body] = (counts[body] ?? 0) + 1
  }
  client.close()
  return counts
}

/** The part of the first target in the next 300 requests or more of a group that has traffic. */
async function part(...all: readonly [Named, ...Named[]]): Promise<number> {
  const [first] = all
  const total = (): number => all.reduce((sum, { requests }) => sum + requests, 0)
  const [firstBefore, totalBefore] = [first.requests, total()]
  await eventually('300 more requests have come', () => {
    assert.ok(total() >= totalBefore + 300, `${total() - totalBefore}`)
  })
  return (first.requests - firstBefore) / (total() - totalBefore)
}

/** Resolves when the part of the first target is between these. */
async function partBecomes(from: number, to: number, ...all: readonly [Named, ...Named[]]): Promise<void> {
  await eventually(`the part of ${all[0].name} is between ${from} and ${to}`, async () => {
    const seen = await part(...all)
    assert.ok(seen > from && seen < to, String(seen))
  })
}

/** Requests on several connections until it is ended. */
async function traffic(port: number, ended: AbortSignal): Promise<void> {
  const clients = Array.from({ length: 4 }, async () => {
    const client = await RawClient.connect(port, { host: NODE })
    while (!ended.aborted) {
      client.send(GET)
      await client.response()
      await wait(1)
    }
    client.close()
  })
  await Promise.all(clients)
}

test('ALB-TG-106, 107, 115, 120, 123 ALB-OBS-574 a failing target is found, relieved, and comes back', async () => {
  const { arn, port } = await serve()
  const [a, b, c] = [await target('a'), await target('b', '404 Not Found'), await target('c')]
  await register(arn, a, b, c)
  const over = new AbortController()
  const requests = traffic(port, over.signal)
  a.status = '500 Broken'
  await becomes(async () => await anomalies(arn), 'anomalous no, normal no, normal no')
  // ALB-TG-119; two workers may each be within a round.
  assert.ok(Math.abs((await part(a, b, c)) - 1 / 3) < 0.02, 'round robin goes on as before')
  const gauges = await (await fetch(`${program.endpoint}/metrics`)).text()
  assert.match(gauges, /^evenkeel_anomalous_host_count\{[^}]*algorithms-80[^}]*\} 1$/m)
  assert.match(gauges, /^evenkeel_mitigated_host_count\{[^}]*algorithms-80[^}]*\} 0$/m)

  await set(arn, { [ALGORITHM]: 'weighted_random', [MITIGATION]: 'on' })
  await becomes(async () => await anomalies(arn), 'anomalous yes, normal no, normal no')
  await partBecomes(0, 0.1, a, b, c)
  // Traffic keeps the weights while nobody detects anything; then detection goes on from them.
  await program.kill('control')
  assert.ok((await part(a, b, c)) < 0.2)
  await eventually('detection goes on', async () => {
    assert.match(await anomalies(arn).catch(String), /^anomalous yes/)
  })
  a.status = '200 OK'
  await eventually('it is normal again', async () => assert.match(await anomalies(arn), /^normal/))
  await becomes(async () => await anomalies(arn), 'normal no, normal no, normal no')
  await partBecomes(0.25, 1, a, b, c)
  over.abort()
  await requests
})

test('ALB-TG-133 mitigation ends with the algorithm that it needs, detection does not', async () => {
  const { arn, port } = await serve()
  await set(arn, { [ALGORITHM]: 'weighted_random', [MITIGATION]: 'on' })
  const [a, b, c] = [await target('a', '503 Busy'), await target('b'), await target('c')]
  await register(arn, a, b, c)
  const over = new AbortController()
  const requests = traffic(port, over.signal)
  await becomes(async () => await anomalies(arn), 'anomalous yes, normal no, normal no')
  await set(arn, { [ALGORITHM]: 'round_robin' })
  await becomes(async () => await anomalies(arn), 'anomalous no, normal no, normal no')
  await partBecomes(1 / 3 - 0.02, 1 / 3 + 0.02, a, b, c)
  over.abort()
  await requests
})

test('ALB-TG-146, 150 ALB-OBS-605 with slow start a new target gets little at first; at 0 it is full at once', async () => {
  const { arn, port } = await serve()
  const [a, b, n] = [await target('a'), await target('b'), await target('n')]
  await register(arn, a, b)
  await becomes(async () => (await shares(port, 2))['b'] ?? 0, 1)
  await set(arn, { 'slow_start.duration_seconds': '900' })
  assert.deepEqual(await shares(port, 100), { a: 50, b: 50 }, 'those that are healthy do not start anew')
  await register(arn, n)
  await eventually('the new one gets something', async () => ((await shares(port, 500))['n'] ?? 0) > 0)
  const before = await shares(port, 300)
  assert.ok((before['n'] ?? 0) < 50, `far from 100 of 300: ${JSON.stringify(before)}`)
  await set(arn, { 'slow_start.duration_seconds': '0' })
  await becomes(async () => (await shares(port, 300))['n'] ?? 0, 100)
})
