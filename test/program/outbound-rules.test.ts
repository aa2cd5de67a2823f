// Outbound rules of security groups: which targets a load balancer can reach, for requests and for health checks.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { EC2, type IpPermission } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'

import { RawClient } from '../support/client.ts'
import { becomes } from '../support/eventually.ts'
import { nodeNetwork } from '../support/network.ts'
import { type Program, startProgram } from '../support/program.ts'
import { answer, startTarget, type Target } from '../support/target.ts'

const Subnets = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']
const GET = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'
const EVERYTHING: IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }

let program: Program
let elb: ElasticLoadBalancingV2
let ec2: EC2
let target: Target
let checked: Target

before(async () => {
  program = await startProgram({ timeScale: 20, workers: 1 })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const options = { endpoint: program.endpoint, region: 'us-east-2', credentials }
  elb = new ElasticLoadBalancingV2(options)
  ec2 = new EC2(options)
  target = await startTarget(({ socket }) => socket.write(answer('reached')))
  checked = await startTarget(({ socket }) => socket.write(answer('well')))
})

after(async () => {
  elb.destroy()
  ec2.destroy()
  await program.stop()
  target.close()
  checked.close()
})

/** A group that admits every client, and lets nothing out. */
async function closedGroup(GroupName: string): Promise<string> {
  const { GroupId = '' } = await ec2.createSecurityGroup({ GroupName, Description: GroupName })
  await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [EVERYTHING] })
  const { SecurityGroups } = await ec2.describeSecurityGroups({ GroupIds: [GroupId] })
  const atFirst = SecurityGroups?.[0]?.IpPermissionsEgress ?? []
  assert.deepEqual(
    atFirst.map(({ IpProtocol, IpRanges, Ipv6Ranges }) => [
      IpProtocol,
      IpRanges?.[0]?.CidrIp,
      Ipv6Ranges?.[0]?.CidrIpv6,
    ]),
    [['-1', '0.0.0.0/0', '::/0']],
  )
  await ec2.revokeSecurityGroupEgress({ GroupId, IpPermissions: atFirst })
  return GroupId
}

interface Served {
  readonly node: string
  readonly targetGroup: string
}

/** A load balancer behind a security group, with the one target, whose health is asked at its other port. */
async function served(Name: string, SecurityGroup: string, index: number): Promise<Served> {
  const made = await elb.createLoadBalancer({ Name, Subnets, SecurityGroups: [SecurityGroup] })
  const { TargetGroups } = await elb.createTargetGroup({
    Name,
    TargetType: 'ip',
    Protocol: 'HTTP',
    Port: target.port,
    VpcId: 'vpc-0598c7d356EXAMPLE',
    HealthCheckPort: String(checked.port),
    HealthyThresholdCount: 2,
    HealthCheckIntervalSeconds: 5,
    HealthCheckTimeoutSeconds: 2,
  })
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  await elb.registerTargets({ TargetGroupArn, Targets: [{ Id: '127.0.0.1' }] })
  await elb.createListener({
    LoadBalancerArn: made.LoadBalancers?.[0]?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 8080,
    DefaultActions: [{ Type: 'forward', TargetGroupArn }],
  })
  await program.outputMatching(new RegExp(`${Name} serves at`))
  return { node: `${nodeNetwork(0)}.${index}`, targetGroup: TargetGroupArn }
}

async function ask({ node }: Served): Promise<number> {
  const client = await RawClient.connect(8080, { host: node })
  client.send(GET)
  const { status } = await client.response()
  client.close()
  return status
}

async function healthBecomes({ targetGroup }: Served, expected: string): Promise<void> {
  await becomes(async () => {
    const { TargetHealthDescriptions } = await elb.describeTargetHealth({ TargetGroupArn: targetGroup })
    const { State = '', Reason = '' } = TargetHealthDescriptions?.[0]?.TargetHealth ?? {}
    return `${State} ${Reason}`.trim()
  }, expected)
}

function tcp(port: number): IpPermission {
  return { IpProtocol: 'tcp', FromPort: port, ToPort: port }
}

test('ALB-LB-067, 386 ALB-OBS-442 connections and checks go where outbound rules let them, and run out of time elsewhere', async () => {
  const GroupId = await closedGroup('closed')
  const balancer = await served('closed', GroupId, 1)
  await healthBecomes(balancer, 'unhealthy Target.Timeout')
  assert.equal(await ask(balancer), 504)
  assert.equal(checked.connections() + target.connections(), 0)

  const toChecked = { ...tcp(checked.port), IpRanges: [{ CidrIp: '127.0.0.1/32' }] }
  await ec2.authorizeSecurityGroupEgress({ GroupId, IpPermissions: [toChecked] })
  await healthBecomes(balancer, 'healthy')
  assert.equal(await ask(balancer), 504)
  assert.equal(target.connections(), 0)

  // A rule that names the group of the targets, as many stacks have it.
  const { GroupId: ofTargets } = await ec2.createSecurityGroup({
    GroupName: 'targets',
    Description: 'targets',
  })
  const toTargets = { ...tcp(target.port), UserIdGroupPairs: [{ GroupId: ofTargets }] }
  await ec2.authorizeSecurityGroupEgress({ GroupId, IpPermissions: [toTargets] })
  assert.equal(await ask(balancer), 504)
  await ec2.runInstances({
    ImageId: 'ami-00000000000000000',
    MinCount: 1,
    MaxCount: 1,
    PrivateIpAddress: '127.0.0.1',
    SecurityGroupIds: [ofTargets ?? ''],
  })
  await becomes(async () => await ask(balancer), 200)
  const connections = target.connections()

  await ec2.revokeSecurityGroupEgress({ GroupId, IpPermissions: [toChecked, toTargets] })
  await healthBecomes(balancer, 'unhealthy Target.Timeout')
  // The connection that is there goes on, as connection tracking has it.
  assert.equal(await ask(balancer), 200)
  assert.equal(target.connections(), connections)
})

test('another security group lets the load balancer out at once', async () => {
  const balancer = await served('changed', await closedGroup('narrow'), 2)
  await healthBecomes(balancer, 'unhealthy Target.Timeout')
  const { LoadBalancers } = await elb.describeLoadBalancers({ Names: ['changed'] })
  const open = await ec2.createSecurityGroup({ GroupName: 'open', Description: 'open' })
  await ec2.authorizeSecurityGroupIngress({ GroupId: open.GroupId, IpPermissions: [EVERYTHING] })
  await elb.setSecurityGroups({
    LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
    SecurityGroups: [open.GroupId ?? ''],
  })
  await healthBecomes(balancer, 'healthy')
  assert.equal(await ask(balancer), 200)
})
