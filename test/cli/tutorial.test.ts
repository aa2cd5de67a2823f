// The commands of the user guide's CLI tutorial, with the stock aws CLI and nothing set but the endpoint.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { cli, cliError, needsCli } from './aws-cli.ts'
import { INSTANCES, present, SECURITY_GROUP, startApi, SUBNETS, VPC } from '../api/support.ts'

test('ALB-LB-086 the CLI tutorial runs from start to end', needsCli, async (t: TestContext) => {
  const api = await startApi(t)
  const aws = cli(api)
  const create = [
    'create-load-balancer',
    '--name',
    'my-load-balancer',
    '--subnets',
    ...SUBNETS,
    '--security-groups',
    SECURITY_GROUP,
  ]
  let loadBalancerArn = ''
  let groupArn = ''
  let listenerArn = ''

  await t.test('ALB-LB-089, 092 a load balancer', async () => {
    const [loadBalancer] = JSON.parse(await aws(...create)).LoadBalancers
    loadBalancerArn = loadBalancer.LoadBalancerArn
    assert.match(
      loadBalancerArn,
      /^arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer\/app\/my-load-balancer\/[0-9a-f]{16}$/,
    )
    assert.equal(loadBalancer.Type, 'application')
    assert.equal(loadBalancer.Scheme, 'internet-facing')
    assert.equal(loadBalancer.IpAddressType, 'ipv4')
    assert.deepEqual(loadBalancer.SecurityGroups, [SECURITY_GROUP])
    assert.deepEqual(
      loadBalancer.AvailabilityZones.map(({ SubnetId }: { SubnetId: string }) => SubnetId),
      SUBNETS,
    )
  })

  await t.test('ALB-LB-091 with IPv6, under another name', async () => {
    const addressType = ['--ip-address-type', 'dualstack']
    assert.match(await cliError(aws(...create, ...addressType)), /DuplicateLoadBalancerName/)
    const dualstack = create.map((word) => (word === 'my-load-balancer' ? 'my-dualstack' : word))
    const second = JSON.parse(await aws(...dualstack, ...addressType))
    assert.equal(second.LoadBalancers[0].IpAddressType, 'dualstack')
  })

  const createGroup = [
    'create-target-group',
    '--name',
    'my-targets',
    '--protocol',
    'HTTP',
    '--port',
    '80',
    '--vpc-id',
    VPC,
  ]

  await t.test('ALB-LB-096, 097 ALB-TG-183 a target group of either address type', async () => {
    const [group] = JSON.parse(await aws(...createGroup, '--ip-address-type', 'ipv4')).TargetGroups
    groupArn = group.TargetGroupArn
    assert.match(
      groupArn,
      /^arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup\/my-targets\/[0-9a-f]{16}$/,
    )
    assert.equal(group.IpAddressType, 'ipv4')
    const other = createGroup.map((word) => (word === 'my-targets' ? 'my-ipv6-targets' : word))
    const [second] = JSON.parse(await aws(...other, '--ip-address-type', 'ipv6')).TargetGroups
    assert.equal(second.IpAddressType, 'ipv6')
  })

  await t.test('ALB-LB-107 the same target group again, and no other of its name', async () => {
    assert.equal(JSON.parse(await aws(...createGroup)).TargetGroups[0].TargetGroupArn, groupArn)
    const otherPort = createGroup.map((word) => (word === '80' ? '81' : word))
    assert.match(await cliError(aws(...otherPort)), /DuplicateTargetGroupName/)
  })

  await t.test('ALB-LB-098, 101, 108 ALB-TG-185 its targets, twice, and still two', async () => {
    const register = ['register-targets', '--target-group-arn', groupArn, '--targets']
    for (const _ of [1, 2]) assert.equal(await aws(...register, ...INSTANCES.map((id) => `Id=${id}`)), '')
    const health = JSON.parse(await aws('describe-target-health', '--target-group-arn', groupArn))
    assert.deepEqual(
      health.TargetHealthDescriptions.map(
        ({
          Target,
          TargetHealth,
        }: {
          Target: { Id: string; Port: number }
          TargetHealth: { State: string }
        }) => `${Target.Id} ${Target.Port} ${TargetHealth.State}`,
      ),
      INSTANCES.map((id) => `${id} 80 unused`),
    )
  })

  await t.test('ALB-LB-100 a listener', async () => {
    const createListener = [
      'create-listener',
      '--load-balancer-arn',
      loadBalancerArn,
      '--protocol',
      'HTTP',
      '--port',
      '80',
      '--default-actions',
      `Type=forward,TargetGroupArn=${groupArn}`,
    ]
    const [listener] = JSON.parse(await aws(...createListener)).Listeners
    listenerArn = listener.ListenerArn
    assert.equal(listener.DefaultActions[0].Type, 'forward')
    assert.equal(listener.DefaultActions[0].TargetGroupArn, groupArn)
    const loadBalancerId = present(loadBalancerArn.split('/').at(-1))
    assert.match(
      listenerArn,
      new RegExp(
        `^arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/my-load-balancer/${loadBalancerId}/[0-9a-f]{16}$`,
      ),
    )
  })

  await t.test('a rule for a path', async () => {
    const createRule = [
      'create-rule',
      '--listener-arn',
      listenerArn,
      '--priority',
      '10',
      '--conditions',
      'Field=path-pattern,Values=/img/*',
      '--actions',
      `Type=forward,TargetGroupArn=${groupArn}`,
    ]
    const [rule] = JSON.parse(await aws(...createRule)).Rules
    assert.equal(rule.Priority, '10')
    assert.deepEqual(rule.Conditions[0].Values, ['/img/*'])
  })

  await t.test('ALB-LB-110, 111, 431 ALB-TG-447 an end of everything', async () => {
    assert.equal(await aws('delete-load-balancer', '--load-balancer-arn', loadBalancerArn), '')
    assert.equal(await aws('delete-target-group', '--target-group-arn', groupArn), '')
    const describe = ['describe-load-balancers', '--names', 'my-load-balancer']
    assert.match(await cliError(aws(...describe)), /LoadBalancerNotFound/)
  })

  assert.deepEqual(api.errors, [])
})

test('ALB-LB-145 the waiter of the CLI ends when the load balancer is active', needsCli, async (t) => {
  const api = await startApi(t)
  const aws = cli(api)
  const created = await aws('create-load-balancer', '--name', 'awaited', '--subnets', ...SUBNETS)
  const arn = JSON.parse(created).LoadBalancers[0].LoadBalancerArn
  await api.store.markApplied([arn])
  assert.equal(await aws('wait', 'load-balancer-available', '--load-balancer-arns', arn), '')
})
