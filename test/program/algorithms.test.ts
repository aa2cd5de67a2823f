// Slow start and Automatic Target Weights through the whole program: what is set by the API, what workers count, what
// control makes of it, and where requests go then.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'

import { RawClient } from '../support/client.ts'
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
  await until(async () => {
    const { TargetHealthDescriptions = [] } = await elb.describeTargetHealth({ TargetGroupArn: arn, Targets })
    return TargetHealthDescriptions.every(({ TargetHealth }) => TargetHealth?.State === 'healthy')
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

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await wait(10)
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
  while (total() < totalBefore + 300) await wait(5)
  return (first.requests - firstBefore) / (total() - totalBefore)
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

test('ALB-TG-106, 107, 109, 115, 116, 120, 123, 129 ALB-OBS-574 a failing target is found, relieved, and comes back', async () => {
  const { arn, port } = await serve()
  const [a, b, c] = [await target('a'), await target('b', '404 Not Found'), await target('c')]
  await register(arn, a, b, c)
  const over = new AbortController()
  const requests = traffic(port, over.signal)
  a.status = '500 Broken'
  await until(async () => (await anomalies(arn)) === 'anomalous no, normal no, normal no')
  // ALB-TG-119; two workers may each be within a round.
  assert.ok(Math.abs((await part(a, b, c)) - 1 / 3) < 0.02, 'round robin goes on as before')
  const gauges = await (await fetch(`${program.endpoint}/metrics`)).text()
  assert.match(gauges, /^evenkeel_anomalous_host_count\{[^}]*algorithms-80[^}]*\} 1$/m)
  assert.match(gauges, /^evenkeel_mitigated_host_count\{[^}]*algorithms-80[^}]*\} 0$/m)

  await set(arn, { [ALGORITHM]: 'weighted_random', [MITIGATION]: 'on' })
  await until(async () => (await anomalies(arn)) === 'anomalous yes, normal no, normal no')
  await until(async () => (await part(a, b, c)) < 0.1)
  // Traffic keeps the weights while nobody detects anything; then detection goes on from them.
  await program.kill('control')
  assert.ok((await part(a, b, c)) < 0.2)
  await until(
    async () =>
      await anomalies(arn).then(
        (told) => told.startsWith('anomalous yes'),
        () => false,
      ),
  )
  a.status = '200 OK'
  await until(async () => (await anomalies(arn)).startsWith('normal'))
  await until(async () => (await anomalies(arn)) === 'normal no, normal no, normal no')
  await until(async () => (await part(a, b, c)) > 0.25)
  over.abort()
  await requests
})

test('ALB-TG-125, 133 mitigation ends with the algorithm that it needs, detection does not', async () => {
  const { arn, port } = await serve()
  await set(arn, { [ALGORITHM]: 'weighted_random', [MITIGATION]: 'on' })
  const [a, b, c] = [await target('a', '503 Busy'), await target('b'), await target('c')]
  await register(arn, a, b, c)
  const over = new AbortController()
  const requests = traffic(port, over.signal)
  await until(async () => (await anomalies(arn)) === 'anomalous yes, normal no, normal no')
  await set(arn, { [ALGORITHM]: 'round_robin' })
  await until(async () => (await anomalies(arn)) === 'anomalous no, normal no, normal no')
  await until(async () => Math.abs((await part(a, b, c)) - 1 / 3) < 0.02)
  over.abort()
  await requests
})

test('ALB-TG-146, 147, 150 ALB-OBS-605 with slow start a new target gets little at first; at 0 it is full at once', async () => {
  const { arn, port } = await serve()
  const [a, b, n] = [await target('a'), await target('b'), await target('n')]
  await register(arn, a, b)
  await until(async () => ((await shares(port, 2))['b'] ?? 0) === 1)
  await set(arn, { 'slow_start.duration_seconds': '900' })
  assert.deepEqual(await shares(port, 100), { a: 50, b: 50 }, 'those that are healthy do not start anew')
  await register(arn, n)
  await until(async () => ((await shares(port, 500))['n'] ?? 0) > 0)
  const before = await shares(port, 300)
  assert.ok((before['n'] ?? 0) < 50, `far from 100 of 300: ${JSON.stringify(before)}`)
  await set(arn, { 'slow_start.duration_seconds': '0' })
  await until(async () => ((await shares(port, 300))['n'] ?? 0) === 100)
})
