// Zones through the whole program: which targets the node of a zone uses, and what becomes of requests when too few of
// them are healthy.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ElasticLoadBalancingV2, type TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2'

import { RawClient } from '../support/client.ts'
import { becomes, eventually } from '../support/eventually.ts'
import { nodeNetwork } from '../support/network.ts'
import { type Program, startProgram } from '../support/program.ts'
import { answer, startTarget, type Target } from '../support/target.ts'

const SUBNETS = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']
const NODES: Readonly<Record<string, string>> = {
  a: `${nodeNetwork(0)}.1`,
  b: `${nodeNetwork(1)}.1`,
}
/** Intervals of health checks become a quarter of a second. */
const TIME_SCALE = 20
const CROSS_ZONE = 'load_balancing.cross_zone.enabled'
const GET = 'GET /work HTTP/1.1\r\nHost: a.example\r\n\r\n'

/** Named by its zone and a number; whether health checks find it well is up to the test. */
interface ZonalTarget {
  readonly name: string
  readonly description: TargetDescription
  isWell: boolean
}

let program: Program
let elb: ElasticLoadBalancingV2
let loadBalancer = ''
let made = 0
const opened: Target[] = []

before(async () => {
  const config = { connectFromNodes: true }
  program = await startProgram({ timeScale: TIME_SCALE, config })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  elb = new ElasticLoadBalancingV2({ endpoint: program.endpoint, region: 'us-east-2', credentials })
  const created = await elb.createLoadBalancer({ Name: 'zones', Subnets: SUBNETS })
  loadBalancer = created.LoadBalancers?.[0]?.LoadBalancerArn ?? ''
})

after(async () => {
  elb.destroy()
  await program.stop()
  for (const target of opened) target.close()
})

async function zonalTarget(name: string): Promise<ZonalTarget> {
  const zonal = { name, description: {}, isWell: true }
  const target = await startTarget(({ head, socket }) => {
    const isCheck = head.includes('ELB-HealthChecker')
    socket.write(answer(name, !isCheck || zonal.isWell ? '200 OK' : '500 Internal Server Error'))
  })
  opened.push(target)
  const zone = `us-east-2${name.charAt(0)}`
  return Object.assign(zonal, { description: { Id: '127.0.0.1', Port: target.port, AvailabilityZone: zone } })
}

interface Group {
  readonly arn: string
  readonly port: number
  readonly targets: readonly ZonalTarget[]
}

/** A group behind a listener of its own, with these targets, all healthy. */
async function served(
  names: readonly string[],
  attributes: Readonly<Record<string, string>>,
): Promise<Group> {
  const targets = await Promise.all(names.map(zonalTarget))
  const port = 8000 + ++made
  const { TargetGroups: [group] = [] } = await elb.createTargetGroup({
    Name: `zones-${made}`,
    Protocol: 'HTTP',
    Port: 80,
    TargetType: 'ip',
    VpcId: 'vpc-0598c7d356EXAMPLE',
    HealthCheckIntervalSeconds: 5,
    HealthCheckTimeoutSeconds: 4,
    HealthyThresholdCount: 2,
    UnhealthyThresholdCount: 2,
  })
  const arn = group?.TargetGroupArn ?? ''
  if (Object.keys(attributes).length > 0) await set(arn, attributes)
  await elb.registerTargets({ TargetGroupArn: arn, Targets: targets.map(({ description }) => description) })
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: arn }]
  await elb.createListener({ LoadBalancerArn: loadBalancer, Protocol: 'HTTP', Port: port, DefaultActions })
  await untilHealthy(arn, names.length)
  const served = { arn, port, targets }
  // The first check can pass before a worker listens.
  for (const zone of ['a', 'b'] as const) {
    await eventually(`the node of zone ${zone} listens`, async () => {
      return await answers(zone, served).then(Boolean, () => false)
    })
  }
  return served
}

async function set(arn: string, attributes: Readonly<Record<string, string>>): Promise<void> {
  const Attributes = Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }))
  await elb.modifyTargetGroupAttributes({ TargetGroupArn: arn, Attributes })
}

async function untilHealthy(arn: string, count: number): Promise<void> {
  await eventually(`${count} targets are healthy, and the others are not`, async () => {
    const { TargetHealthDescriptions = [] } = await elb.describeTargetHealth({ TargetGroupArn: arn })
    const states = TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State)
    const healthy = states.filter((state) => state === 'healthy').length
    assert.ok(healthy === count && !states.includes('initial'), states.join(' '))
  })
}

/** Names of the targets that answered, or statuses, of two rounds of requests to the node of a zone. */
async function answers(zone: 'a' | 'b', { port, targets }: Group): Promise<string> {
  const client = await RawClient.connect(port, { host: NODES[zone] ?? '' })
  const names = new Set<string>()
  // Two workers, each with a round of its own: a connection is with one of them.
  for (let sent = 0; sent < 2 * targets.length; sent++) {
    client.send(GET)
    const { status, body } = await client.response()
    names.add(status === 200 ? body : String(status))
  }
  client.close()
  return [...names].toSorted().join(' ')
}

/** Answers of both nodes, as soon as they are these: a change takes some milliseconds to all workers. */
async function answersBecome(group: Group, a: string, b: string): Promise<void> {
  await becomes(async () => [await answers('a', group), await answers('b', group)], [a, b])
}

async function metric(name: string, arn: string, zone: string): Promise<number> {
  const text = await (await fetch(`${program.endpoint}/metrics`)).text()
  const group = arn.split(':').at(-1) ?? ''
  const line = text
    .split('\n')
    .find(
      (each) => each.startsWith(`evenkeel_${name}{`) && each.includes(group) && each.includes(`"${zone}"`),
    )
  return Number(line?.split(' ')[1] ?? Number.NaN)
}

test('ALB-OBS-579, 581 ALB-TG-244, 245, 247, 248, 253, 263 ALB-LB-247, 248 a node uses all zones, or its own only, switched while it serves', async () => {
  const group = await served(['a1', 'b1', 'b2'], {})
  assert.equal(await answers('a', group), 'a1 b1 b2')
  assert.equal(await answers('b', group), 'a1 b1 b2')
  await set(group.arn, { [CROSS_ZONE]: 'false' })
  await answersBecome(group, 'a1', 'b1 b2')
  await elb.deregisterTargets({
    TargetGroupArn: group.arn,
    Targets: [group.targets[0]?.description ?? {}] as TargetDescription[],
  })
  await answersBecome(group, '503', 'b1 b2')
  for (const on of ['true', 'use_load_balancer_configuration']) {
    await set(group.arn, { [CROSS_ZONE]: on })
    await answersBecome(group, 'b1 b2', 'b1 b2')
    await set(group.arn, { [CROSS_ZONE]: 'false' })
    await answersBecome(group, '503', 'b1 b2')
  }
})

test('without cross-zone load balancing a target needs a zone of its own', async () => {
  const { arn } = await served(['a1'], { [CROSS_ZONE]: 'false' })
  const register = async (zone?: string): Promise<unknown> => {
    const target = { Id: '127.0.0.1', Port: 9, ...(zone === undefined ? {} : { AvailabilityZone: zone }) }
    return await elb.registerTargets({ TargetGroupArn: arn, Targets: [target] })
  }
  const refused = { name: 'InvalidTargetException', message: /'127\.0\.0\.1'.* not 'all'/ }
  await assert.rejects(register(), refused)
  await assert.rejects(register('all'), refused)
  await register('us-east-2b')
})

test('ALB-OBS-580 ALB-TG-267, 273, 278, 279, 281 ALB-OBS-082, 084 below the threshold of its zone a node uses unhealthy targets too', async () => {
  const names = ['a1', 'a2', 'b1', 'b2', 'b3']
  const group = await served(names, {
    [CROSS_ZONE]: 'false',
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': '50',
    'target_group_health.dns_failover.minimum_healthy_targets.percentage': '50',
  })
  await answersBecome(group, 'a1 a2', 'b1 b2 b3')
  const [first, , third, fourth] = group.targets
  assert.ok(first !== undefined && third !== undefined && fourth !== undefined)
  first.isWell = false
  third.isWell = false
  await untilHealthy(group.arn, 3)
  // One of two and two of three are enough.
  await answersBecome(group, 'a2', 'b2 b3')
  assert.equal(await metric('unhealthy_state_routing', group.arn, 'us-east-2b'), 0)
  fourth.isWell = false
  await untilHealthy(group.arn, 2)
  await answersBecome(group, 'a2', 'b1 b2 b3')
  assert.equal(await metric('unhealthy_state_routing', group.arn, 'us-east-2b'), 1)
  assert.equal(await metric('healthy_state_routing', group.arn, 'us-east-2a'), 1)
  assert.equal(await metric('unhealthy_state_dns', group.arn, 'us-east-2b'), 1)
  assert.equal(await metric('healthy_state_dns', group.arn, 'us-east-2a'), 1)
  assert.equal(await metric('healthy_host_count', group.arn, 'us-east-2b'), 1)
  assert.equal(await metric('un_healthy_host_count', group.arn, 'us-east-2b'), 2)
  await eventually('three requests are counted', async () => {
    const count = await metric('unhealthy_routing_request_count_total', group.arn, 'us-east-2b')
    assert.ok(count >= 3, String(count))
  })
  // Over both zones together two of five are too few as well.
  await set(group.arn, { [CROSS_ZONE]: 'true' })
  await answersBecome(group, names.join(' '), names.join(' '))
  third.isWell = true
  await untilHealthy(group.arn, 3)
  await answersBecome(group, 'a2 b1 b3', 'a2 b1 b3')
})

test('ALB-TG-192 fail-open covers the targets of all enabled zones', async () => {
  const group = await served(['a1', 'b1'], {})
  for (const target of group.targets) target.isWell = false
  await untilHealthy(group.arn, 0)
  await answersBecome(group, 'a1 b1', 'a1 b1')
})

test('ALB-TG-321 a session goes on by the node of a zone that has no target of its own', async () => {
  const { port } = await served(['a1', 'a2', 'a3'], { 'stickiness.enabled': 'true' })
  const client = await RawClient.connect(port, { host: NODES.b ?? '' })
  client.send(GET)
  const first = await client.response()
  const cookie = /\r\nset-cookie: (AWSALB=[^;]+)/i.exec(client.received)?.[1] ?? ''
  for (let count = 0; count < 6; count++) {
    client.send(`GET / HTTP/1.1\r\nHost: a.example\r\nCookie: ${cookie}\r\n\r\n`)
    assert.equal((await client.response()).body, first.body)
  }
  client.close()
})

test('ALB-LB-122 ALB-SEC-294 targets see the addresses of nodes, in requests and checks', async () => {
  const group = await served(['a1'], {})
  const target = opened.at(-1)
  for (const zone of ['a', 'b'] as const) assert.equal(await answers(zone, group), 'a1')
  const sources = (isCheck: boolean): Set<string> => {
    const asked = target?.requests.filter(({ head }) => head.includes('ELB-HealthChecker') === isCheck) ?? []
    return new Set(asked.map(({ from }) => from))
  }
  assert.deepEqual(sources(true), new Set([NODES.a ?? '']))
  // Connections are used again, whichever node they were made for.
  assert.ok(sources(false).size > 0)
  assert.ok(sources(false).isSubsetOf(new Set([NODES.a ?? '', NODES.b ?? ''])))
})
