// IPv6 on both sides of the load balancer, through the whole program: dualstack nodes and groups of IPv6 targets.

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { EC2 } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2, type IpAddressType } from '@aws-sdk/client-elastic-load-balancing-v2'

import { RawClient } from '../support/client.ts'
import { becomes, eventually } from '../support/eventually.ts'
import { nodeNetwork } from '../support/network.ts'
import { type Program, startProgram } from '../support/program.ts'
import { echo, startTarget } from '../support/target.ts'

const IPV6 = '::1'
const Subnets = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']
const INSTANCE = 'i-00000000000000006'

let program: Program
let elb: ElasticLoadBalancingV2
let ec2: EC2

before(async () => {
  const instances = [
    { id: INSTANCE, address: '127.0.10.6', ipv6Address: IPV6, zone: 'a' },
    { id: 'i-00000000000000004', address: '127.0.10.4', zone: 'a' },
  ]
  program = await startProgram({ timeScale: 10, config: { instances } })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const options = { endpoint: program.endpoint, region: 'us-east-2', credentials }
  elb = new ElasticLoadBalancingV2(options)
  ec2 = new EC2(options)
})

after(async () => {
  elb.destroy()
  ec2.destroy()
  await program.stop()
})

/** The loopback address is everybody's: its ports are taken as the system offers them. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, IPV6, resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

interface Served {
  readonly arn: string
  readonly listener: string
  readonly host: string
  readonly port: number
  /** Its first IPv4 node. */
  readonly ipv4: string
}

async function served(Name: string, more: object = {}): Promise<Served> {
  const { LoadBalancers: [made] = [] } = await elb.createLoadBalancer({ Name, Subnets, ...more })
  const arn = made?.LoadBalancerArn ?? ''
  const port = await freePort()
  const fixed = { StatusCode: '200', ContentType: 'text/plain', MessageBody: Name }
  const { Listeners } = await elb.createListener({
    LoadBalancerArn: arn,
    Protocol: 'HTTP',
    Port: port,
    DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: fixed }],
  })
  const [, ipv4 = ''] = await program.outputMatching(new RegExp(`${Name} serves at (\\S+)`))
  return { arn, port, ipv4, host: made?.DNSName ?? '', listener: Listeners?.[0]?.ListenerArn ?? '' }
}

/** The body of an answer, `refused` where nobody listens, `cut` where a connection ends without an answer. */
async function ask(address: string, { port, host }: Served): Promise<string> {
  try {
    const client = await RawClient.connect(port, { host: address })
    client.send(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    const { body } = await client.response()
    client.close()
    return body
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'refused' : 'cut'
  }
}

/** What clients of both families get, as soon as it is that: for several requests, since there are two workers. */
async function answersBecome(balancer: Served, ipv4: string, ipv6: string): Promise<void> {
  const both = async (): Promise<string[]> => [await ask(balancer.ipv4, balancer), await ask(IPV6, balancer)]
  await becomes(both, [ipv4, ipv6], { inARow: 4 })
}

async function setType({ arn }: Served, type: IpAddressType): Promise<void> {
  const { IpAddressType } = await elb.setIpAddressType({ LoadBalancerArn: arn, IpAddressType: type })
  assert.equal(IpAddressType, type)
}

test('ALB-LB-186, 187, 192 clients of both families, of one, then of the other, as the address type says', async () => {
  const balancer = await served('types')
  await answersBecome(balancer, 'types', 'refused')
  await setType(balancer, 'dualstack')
  await answersBecome(balancer, 'types', 'types')
  const staying = await RawClient.connect(balancer.port, { host: balancer.ipv4 })
  await setType(balancer, 'dualstack-without-public-ipv4')
  await answersBecome(balancer, 'refused', 'types')
  // More than one request: none of them is the last.
  for (const _ of [1, 2]) {
    staying.send(`GET / HTTP/1.1\r\nHost: ${balancer.host}\r\n\r\n`)
    assert.match((await staying.response()).body, /types/)
  }
  await setType(balancer, 'ipv4')
  await answersBecome(balancer, 'types', 'refused')
  await elb.deleteLoadBalancer({ LoadBalancerArn: balancer.arn })
  await staying.until(() => staying.isEnded)
})

test('ALB-LB-195 a group that admits IPv4 addresses admits no IPv6 client', async () => {
  const { GroupId = '' } = await ec2.createSecurityGroup({ GroupName: 'web', Description: 'web' })
  const admit = async (range: object): Promise<void> => {
    const IpPermissions = [{ IpProtocol: '-1', ...range }]
    await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions })
  }
  await admit({ IpRanges: [{ CidrIp: '0.0.0.0/0' }] })
  const balancer = await served('guarded', { IpAddressType: 'dualstack', SecurityGroups: [GroupId] })
  await answersBecome(balancer, 'guarded', 'cut')
  await admit({ Ipv6Ranges: [{ CidrIpv6: '::/0' }] })
  await answersBecome(balancer, 'guarded', 'guarded')
  await elb.deleteLoadBalancer({ LoadBalancerArn: balancer.arn })
})

test('ALB-OBS-576, 582, 610 ALB-TG-035, 301 ALB-LB-088, 188 ALB-SEC-306, 309, 310 IPv6 targets are checked and served, whatever family the client has', async (t) => {
  const target = await startTarget(echo, IPV6)
  t.after(() => target.close())
  const balancer = await served('targets', { IpAddressType: 'dualstack' })
  for (const TargetType of ['ip', 'instance'] as const) {
    const { TargetGroups } = await elb.createTargetGroup({
      Name: TargetType,
      TargetType,
      IpAddressType: 'ipv6',
      Protocol: 'HTTP',
      Port: target.port,
      VpcId: 'vpc-0598c7d356EXAMPLE',
      HealthyThresholdCount: 2,
      HealthCheckIntervalSeconds: 6,
    })
    const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
    const register = async (Id: string): Promise<unknown> => {
      return await elb.registerTargets({ TargetGroupArn, Targets: [{ Id }] })
    }
    if (TargetType === 'instance') {
      const message = /'i-00000000000000004' has no primary IPv6 address/
      await assert.rejects(register('i-00000000000000004'), { name: 'InvalidTargetException', message })
    } else {
      const message = /'2001:db8::1' is not within a valid range/
      await assert.rejects(register('2001:db8::1'), { name: 'InvalidTargetException', message })
    }
    await register(TargetType === 'instance' ? INSTANCE : IPV6)
    const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }]
    await elb.modifyListener({ ListenerArn: balancer.listener, DefaultActions })
    await becomes(async () => {
      const { TargetHealthDescriptions } = await elb.describeTargetHealth({ TargetGroupArn })
      return TargetHealthDescriptions?.[0]?.TargetHealth?.State
    }, 'healthy')
    assert.match(await ask(IPV6, balancer), /X-Forwarded-For: ::1\r\n/)
    assert.match(await ask(balancer.ipv4, balancer), /X-Forwarded-For: 127\.0\.0\.1\r\n/)
  }
  assert.ok(
    target.requests.some(({ head }) => head.includes(`Host: [::1]:${target.port}`)),
    'ALB-TG OQ-38',
  )
  await elb.modifyLoadBalancerAttributes({
    LoadBalancerArn: balancer.arn,
    Attributes: [{ Key: 'routing.http.xff_client_port.enabled', Value: 'true' }],
  })
  const forwarded = async (lines: string): Promise<{ body: string; expected: string }> => {
    const client = await RawClient.connect(balancer.port, { host: IPV6 })
    client.send(`GET / HTTP/1.1\r\nHost: ${balancer.host}\r\n${lines}Connection: close\r\n\r\n`)
    const { body } = await client.response()
    const expected = `[${IPV6}]:${client.socket.localPort}`
    client.close()
    return { body, expected }
  }
  await eventually('the port comes with the address', async () => {
    const { body, expected } = await forwarded('')
    assert.ok(body.includes(`X-Forwarded-For: ${expected}\r\n`), body)
  })
  await eventually('so it does behind other addresses', async () => {
    const { body, expected } = await forwarded('X-Forwarded-For: 1.2.3.4\r\n')
    assert.ok(body.includes(`X-Forwarded-For: 1.2.3.4, ${expected}\r\n`), body)
  })
  const type = elb.setIpAddressType({ LoadBalancerArn: balancer.arn, IpAddressType: 'ipv4' })
  await assert.rejects(type, { name: 'InvalidConfigurationRequestException', message: /must be dualstack/ })
})

test('ALB-LB-194 IPv6 addresses that the machine does not have are named in the state, and IPv4 serves', async () => {
  const second = 1
  const zone = (letter: string, index: number, subnet: string) => ({
    letter,
    subnet,
    pool: `${nodeNetwork(index, second)}.0/22`,
    ipv6Pool: `2001:db8:${letter}::/64`,
  })
  const zones = [zone('a', 0, Subnets[0] ?? ''), zone('b', 1, Subnets[1] ?? '')]
  const without = await startProgram({ index: second, timeScale: 10, config: { zones } })
  const client = new ElasticLoadBalancingV2({
    endpoint: without.endpoint,
    region: 'us-east-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  try {
    const made = await client.createLoadBalancer({ Name: 'both', Subnets, IpAddressType: 'dualstack' })
    const LoadBalancerArn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? ''
    const port = await freePort()
    await client.createListener({
      LoadBalancerArn,
      Protocol: 'HTTP',
      Port: port,
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '204' } }],
    })
    const state = await eventually('the state says so', async () => {
      const { LoadBalancers } = await client.describeLoadBalancers({ LoadBalancerArns: [LoadBalancerArn] })
      assert.equal(LoadBalancers?.[0]?.State?.Code, 'active_impaired')
      return LoadBalancers[0].State
    })
    assert.match(
      state.Reason ?? '',
      /Cannot bind \[2001:db8:a::\S+\]:\d+: this machine does not have the address/,
    )
    const [, ipv4 = ''] = await without.outputMatching(/both serves at (127\S+)/)
    const connection = await RawClient.connect(port, { host: ipv4 })
    connection.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert.equal((await connection.response()).status, 204)
    connection.close()
  } finally {
    client.destroy()
    await without.stop()
  }
})
