// Target groups and their targets under traffic, through the whole program: registration, ports, health per group,
// zones, and what becomes of requests while a target leaves.

import assert from 'node:assert/strict'
import { createServer, type AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { EC2 } from '@aws-sdk/client-ec2'
import {
  type Action,
  type CreateTargetGroupCommandInput,
  ElasticLoadBalancingV2,
  type TargetDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2'

import { RawClient } from '../support/client.ts'
import { becomes, eventually } from '../support/eventually.ts'
import { nodeNetwork } from '../support/network.ts'
import { startProgram, type Program } from '../support/program.ts'
import { answer, startTarget, type Behaviour, type Target } from '../support/target.ts'

const SUBNETS = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']
const SUBNET_C = 'subnet-0c92d4b61aEXAMPLE'
const ZONE_A = `${nodeNetwork(0)}.1`
/** Intervals of health checks become a second. */
const TIME_SCALE = 5
const GET = 'GET /work HTTP/1.1\r\nHost: a.example\r\n\r\n'

let program: Program
let elb: ElasticLoadBalancingV2
let loadBalancer = ''
let groups = 0
let ports = 80
const targets: Target[] = []

before(async () => {
  program = await startProgram({ timeScale: TIME_SCALE })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  elb = new ElasticLoadBalancingV2({ endpoint: program.endpoint, region: 'us-east-2', credentials })
  const made = await elb.createLoadBalancer({ Name: 'targets', Subnets: SUBNETS })
  loadBalancer = made.LoadBalancers?.[0]?.LoadBalancerArn ?? ''
})

after(async () => {
  elb.destroy()
  await program.stop()
  for (const target of targets) target.close()
})

/** A target that answers health checks with 200 and requests as told: with its name unless said otherwise. */
async function target(name: string, behave?: Behaviour): Promise<Target> {
  const made = await startTarget((request) => {
    if (isCheck(request.head)) request.socket.write(answer('', checkStatus(request.head)))
    else if (behave === undefined) request.socket.write(answer(name))
    else behave(request)
  })
  targets.push(made)
  return made
}

function isCheck(head: string): boolean {
  return head.includes('User-Agent: ELB-HealthChecker/2.0')
}

/** Health check path `/down` finds no target well. */
function checkStatus(head: string): string {
  return head.startsWith('GET /down ') ? '500 Internal Server Error' : '200 OK'
}

/** Paths of the health checks that a target got. */
function checks({ requests }: Target): string[] {
  return requests.filter(({ head }) => isCheck(head)).map(({ head }) => head.split(' ')[1] ?? '')
}

async function group(input: Partial<CreateTargetGroupCommandInput> = {}): Promise<string> {
  const made = await elb.createTargetGroup({
    Name: `targets-${++groups}`,
    Protocol: 'HTTP',
    Port: 80,
    TargetType: 'ip',
    VpcId: 'vpc-0598c7d356EXAMPLE',
    HealthCheckIntervalSeconds: 5,
    HealthCheckTimeoutSeconds: 4,
    ...input,
  })
  return made.TargetGroups?.[0]?.TargetGroupArn ?? ''
}

const at = ({ port }: Target): TargetDescription => ({ Id: '127.0.0.1', Port: port })

async function register(arn: string, ...Targets: TargetDescription[]): Promise<void> {
  await elb.registerTargets({ TargetGroupArn: arn, Targets })
}

async function deregister(arn: string, ...Targets: TargetDescription[]): Promise<void> {
  await elb.deregisterTargets({ TargetGroupArn: arn, Targets })
}

/** A listener that forwards to the group, on a port of its own. */
async function serve(arn: string): Promise<{ port: number; listener: string }> {
  const port = ports++
  const made = await elb.createListener({
    LoadBalancerArn: loadBalancer,
    Protocol: 'HTTP',
    Port: port,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: arn }],
  })
  return { port, listener: made.Listeners?.[0]?.ListenerArn ?? '' }
}

/** State of each target in order of registration. */
async function states(arn: string): Promise<string> {
  const { TargetHealthDescriptions = [] } = await elb.describeTargetHealth({ TargetGroupArn: arn })
  return TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State).join(' ')
}

/** Bodies, or statuses other than 200, of so many requests. */
async function answers(port: number, count: number): Promise<string[]> {
  const client = await RawClient.connect(port, { host: ZONE_A })
  const bodies: string[] = []
  for (let sent = 0; sent < count; sent++) {
    client.send(GET)
    const { status, body } = await client.response()
    bodies.push(status === 200 ? body : String(status))
  }
  client.close()
  return bodies
}

async function distinct(port: number, count = 12): Promise<string> {
  return [...new Set(await answers(port, count))].toSorted().join(' ')
}

test('ALB-TG-001, 011, 041, 063, 065 ALB-LB-002, 009 requests go to all healthy targets, on the port of the group or their own', async () => {
  const [first, second, third] = [await target('first'), await target('second'), await target('third')]
  const arn = await group({ Port: first.port })
  const { port } = await serve(arn)
  await register(arn, { Id: '127.0.0.1' }, at(second))
  await becomes(async () => await states(arn), 'healthy healthy')
  await becomes(async () => await distinct(port), 'first second')
  await register(arn, at(third))
  await becomes(async () => await distinct(port), 'first second third')
  const { TargetHealthDescriptions } = await elb.describeTargetHealth({ TargetGroupArn: arn })
  assert.deepEqual(
    TargetHealthDescriptions?.map(({ Target: described }) => described?.Port),
    [first.port, second.port, third.port],
  )
  for (const { head } of first.requests) assert.match(head, /^GET \S+ HTTP\/1\.1\r\n/)
})

test('ALB-TG-003, 004, 186, 201 ALB-LB-011, 012 each group in use checks its targets by its own settings', async () => {
  const shared = await target('shared')
  const [up, down, idle] = [
    await group({ HealthCheckPath: '/up' }),
    await group({ HealthCheckPath: '/down' }),
    await group({ HealthCheckPath: '/idle' }),
  ]
  for (const arn of [up, down, idle]) await register(arn, at(shared))
  const { port, listener } = await serve(up)
  const Actions: Action[] = [{ Type: 'forward', TargetGroupArn: down }]
  await elb.createRule({
    ListenerArn: listener,
    Priority: 1,
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/never'] } }],
    Actions,
  })
  await becomes(async () => [await states(up), await states(down)], ['healthy', 'unhealthy'])
  assert.equal(await states(idle), 'unused')
  await eventually('it is checked three times', () => {
    assert.ok(checks(shared).filter((path) => path === '/up').length >= 3, checks(shared).join(' '))
  })
  assert.equal(checks(shared).includes('/idle'), false)
  assert.equal(await distinct(port), 'shared')
  assert.equal(
    shared.requests.some(({ head }) => head.startsWith('GET /never')),
    false,
  )
})

test('ALB-LB-020 ALB-TG-010 all requests go to the healthy target', async () => {
  const well = await target('well')
  const arn = await group({ HealthCheckPath: '/up' })
  const { port } = await serve(arn)
  // Nothing listens on port 1, so that its check fails.
  await register(arn, at(well), { Id: '127.0.0.1', Port: 1 })
  await becomes(async () => await states(arn), 'healthy unhealthy')
  assert.deepEqual([...new Set(await answers(port, 100))], ['well'])
})

test('ALB-TG-067, 068, 134, 136, 293 a target that leaves finishes what runs and gets nothing new', async () => {
  const asked = Promise.withResolvers<void>()
  let finish = (): void => {}
  const leaving = await target('leaving', ({ socket }) => {
    finish = () => socket.write(answer('leaving'))
    asked.resolve()
  })
  const staying = await target('staying')
  const arn = await group()
  const { port } = await serve(arn)
  await register(arn, at(leaving))
  await becomes(async () => await states(arn), 'healthy')
  const client = await RawClient.connect(port, { host: ZONE_A })
  client.send(GET)
  await asked.promise
  await register(arn, at(staying))
  await becomes(async () => await states(arn), 'healthy healthy')
  await deregister(arn, at(leaving))
  assert.equal(await states(arn), 'draining healthy')
  const before = leaving.requests.filter(({ head }) => !isCheck(head)).length
  await becomes(async () => (await answers(port, 1))[0], 'staying')
  assert.deepEqual([...new Set(await answers(port, 100))], ['staying'])
  assert.equal(leaving.requests.filter(({ head }) => !isCheck(head)).length, before)
  assert.equal(await states(arn), 'draining healthy')
  finish()
  const response = await client.response()
  assert.deepEqual([response.status, response.body], [200, 'leaving'])
  await becomes(async () => await states(arn), 'healthy')
  client.close()
})

test('ALB-TG-141, 142 requests on a target that leaves get 502 when it closes, or when the delay is over', async () => {
  let running = 0
  let cut = (): void => {}
  const leaving = await target('leaving', ({ socket }) => {
    running++
    cut = () => socket.destroy()
  })
  const arn = await group()
  const { port } = await serve(arn)
  await elb.modifyTargetGroupAttributes({
    TargetGroupArn: arn,
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '5' }],
  })
  await register(arn, at(leaving))
  await becomes(async () => await states(arn), 'healthy')
  const send = async (): Promise<RawClient> => {
    const client = await RawClient.connect(port, { host: ZONE_A })
    const before = running
    client.send(GET)
    await eventually('the target has the request', () => running > before)
    return client
  }
  const [late, closed] = [await send(), await send()]
  const start = performance.now()
  await deregister(arn, at(leaving))
  cut()
  assert.equal((await closed.response()).status, 502)
  assert.equal((await late.response()).status, 502)
  const passedMs = (performance.now() - start) * TIME_SCALE
  assert.ok(passedMs >= 4900, `${passedMs} ms`)
  await becomes(async () => await states(arn), '')
  for (const client of [late, closed]) client.close()
})

test('ALB-TG-066, 069, 139 an idle target leaves at once, is as it was, and can come back', async () => {
  const leaving = await target('leaving')
  const arn = await group()
  const { port } = await serve(arn)
  const other = await group()
  const { port: portOfOther } = await serve(other)
  for (const each of [arn, other]) {
    await register(each, at(leaving))
    await becomes(async () => await states(each), 'healthy')
  }
  assert.equal(await distinct(port, 1), 'leaving')
  // The delay is 300 seconds, and connections that nobody uses are closed before.
  await deregister(arn, at(leaving))
  await becomes(async () => [await states(arn), leaving.open()], ['', 0])
  assert.deepEqual(await answers(port, 1), ['503'])
  const direct = await RawClient.connect(leaving.port)
  direct.send(GET)
  assert.equal((await direct.response()).body, 'leaving')
  direct.close()
  assert.equal(await states(other), 'healthy')
  assert.equal(await distinct(portOfOther, 1), 'leaving')
  await register(arn, at(leaving))
  await becomes(async () => await states(arn), 'healthy')
  await becomes(async () => await distinct(port, 1), 'leaving')
})

test('ALB-LB-113, 377, 378, 379 ALB-TG-188, 201 targets of a zone serve while the zone is enabled', async () => {
  const [ofA, ofC] = [await target('a'), await target('c')]
  const arn = await group()
  const { port } = await serve(arn)
  await register(
    arn,
    { ...at(ofA), AvailabilityZone: 'us-east-2a' },
    { ...at(ofC), AvailabilityZone: 'us-east-2c' },
  )
  await becomes(async () => await states(arn), 'healthy unused')
  assert.equal(await distinct(port), 'a')
  assert.deepEqual(checks(ofC), [])
  const over = new AbortController()
  const traffic = (async () => {
    const seen = new Set<string>()
    while (!over.signal.aborted) for (const body of await answers(port, 2)) seen.add(body)
    return [...seen].toSorted()
  })()
  const enable = async (...Subnets: string[]): Promise<unknown> =>
    await elb.setSubnets({ LoadBalancerArn: loadBalancer, Subnets })
  await enable(...SUBNETS, SUBNET_C)
  await becomes(async () => await states(arn), 'healthy healthy')
  await becomes(async () => await distinct(port), 'a c')
  await enable(...SUBNETS)
  await becomes(async () => await states(arn), 'healthy unused')
  await becomes(async () => await distinct(port), 'a')
  over.abort()
  assert.deepEqual(await traffic, ['a', 'c'])
})

test('ALB-TG-035 ALB-LB-094, 095, 188 the group decides the IP version of traffic and checks, not the client', async (t) => {
  const families = new Set<string | undefined>()
  const server = createServer((socket) => {
    families.add(socket.remoteFamily)
    socket.on('error', () => {})
    socket.on('data', () => socket.write(answer('six')))
  })
  const isListening = await new Promise<boolean>((resolve) => {
    server.on('error', () => resolve(false))
    server.listen(0, '::1', () => resolve(true))
  })
  if (!isListening) {
    t.skip('this machine has no IPv6')
    return
  }
  t.after(() => server.close())
  await elb.setIpAddressType({ LoadBalancerArn: loadBalancer, IpAddressType: 'dualstack' })
  const [six, four] = [await group({ IpAddressType: 'ipv6' }), await group()]
  const { port: portOfSix } = await serve(six)
  const { port: portOfFour } = await serve(four)
  await register(six, { Id: '::1', Port: (server.address() as AddressInfo).port })
  await register(four, at(await target('four')))
  await becomes(async () => [await states(six), await states(four)], ['healthy', 'healthy'])
  // The client speaks IPv4 to the node's address.
  assert.deepEqual(await answers(portOfSix, 2), ['six', 'six'])
  assert.deepEqual(await answers(portOfFour, 2), ['four', 'four'])
  assert.deepEqual([...families], ['IPv6'])
})

test('ALB-TG-219, 231 an instance that is stopped gets neither requests nor checks, and comes back when it is started', async (t) => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const ec2 = new EC2({ endpoint: program.endpoint, region: 'us-east-2', credentials })
  t.after(() => ec2.destroy())
  const address = '127.0.30.7'
  const behave: Behaviour = ({ head, socket }) => socket.write(answer(isCheck(head) ? '' : 'instance'))
  const running = await startTarget(behave, address)
  targets.push(running)
  const other = await target('other')
  const run = { ImageId: 'ami-0', MinCount: 1, MaxCount: 1, PrivateIpAddress: address }
  const { Instances: [instance] = [] } = await ec2.runInstances(run)
  const InstanceIds = [instance?.InstanceId ?? '']
  const arn = await group({ TargetType: 'instance' })
  const { port } = await serve(arn)
  await register(arn, { Id: InstanceIds[0], Port: running.port })
  await becomes(async () => await states(arn), 'healthy')
  assert.equal(await distinct(port), 'instance')

  await ec2.stopInstances({ InstanceIds })
  assert.equal(await states(arn), 'unused')
  await becomes(async () => await distinct(port), '503')
  const checked = checks(running).length
  const { TargetHealthDescriptions } = await elb.describeTargetHealth({ TargetGroupArn: arn })
  assert.deepEqual(TargetHealthDescriptions?.[0]?.TargetHealth, {
    State: 'unused',
    Reason: 'Target.InvalidState',
    Description: 'Target is in the stopped state',
  })
  // As many checks as this takes to come would have come to the instance too.
  const byAddress = await group()
  await register(byAddress, at(other))
  await serve(byAddress)
  await eventually('the other is checked three times', () => checks(other).length >= 3)
  assert.equal(checks(running).length, checked)

  await ec2.startInstances({ InstanceIds })
  await becomes(async () => await states(arn), 'healthy')
  await becomes(async () => await distinct(port), 'instance')
})
