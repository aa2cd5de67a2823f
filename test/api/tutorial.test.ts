// The commands of the user guide's CLI tutorial, with the stock aws CLI and nothing set but the endpoint.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { cli, cliError, needsCli } from './aws-cli.ts'
import { INSTANCES, present, SECURITY_GROUP, startApi, SUBNETS, VPC } from './support.ts'

test(
  'ALB-LB-086, 089, 092, 096..101, 107..111 ALB-TG-183, 185, 239, 447 the CLI tutorial runs from start to end',
  needsCli,
  async (t: TestContext) => {
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

    // ALB-LB-089, 092
    const [loadBalancer] = JSON.parse(await aws(...create)).LoadBalancers
    const loadBalancerArn: string = loadBalancer.LoadBalancerArn
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

    // ALB-LB-091: other settings under the same name are refused, under another name made.
    assert.match(
      await cliError(aws(...create, '--ip-address-type', 'dualstack')),
      /DuplicateLoadBalancerName/,
    )
    const dualstack = create.map((word) => (word === 'my-load-balancer' ? 'my-dualstack' : word))
    const second = JSON.parse(await aws(...dualstack, '--ip-address-type', 'dualstack'))
    assert.equal(second.LoadBalancers[0].IpAddressType, 'dualstack')

    // ALB-LB-096, 097, 107
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
    const [group] = JSON.parse(await aws(...createGroup, '--ip-address-type', 'ipv4')).TargetGroups
    const groupArn: string = group.TargetGroupArn
    assert.match(groupArn, /:targetgroup\/my-targets\/[0-9a-f]{16}$/)
    assert.equal(group.IpAddressType, 'ipv4')
    assert.equal(JSON.parse(await aws(...createGroup)).TargetGroups[0].TargetGroupArn, groupArn)
    const otherPort = createGroup.map((word) => (word === '80' ? '81' : word))
    assert.match(await cliError(aws(...otherPort)), /DuplicateTargetGroupName/)

    // ALB-LB-098, 108: twice, and still two targets.
    const register = ['register-targets', '--target-group-arn', groupArn, '--targets']
    for (const _ of [1, 2]) assert.equal(await aws(...register, ...INSTANCES.map((id) => `Id=${id}`)), '')

    // ALB-LB-099, 100
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
    const listenerArn: string = listener.ListenerArn
    assert.equal(listener.DefaultActions[0].Type, 'forward')
    assert.equal(listener.DefaultActions[0].TargetGroupArn, groupArn)
    const loadBalancerId = present(loadBalancerArn.split('/').at(-1))
    assert.match(listenerArn, new RegExp(`:listener/app/my-load-balancer/${loadBalancerId}/[0-9a-f]{16}$`))

    // ALB-LB-101
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
      INSTANCES.map((id) => `${id} 80 initial`),
    )

    // ALB-LB-109
    const createRule = [
      'create-rule',
      '--listener-arn',
      listenerArn,
      '--priority',
      '10',
      '--conditions',
      `Field=path-pattern,Values='/img/*'`.replaceAll(`'`, ''),
      '--actions',
      `Type=forward,TargetGroupArn=${groupArn}`,
    ]
    const [rule] = JSON.parse(await aws(...createRule)).Rules
    assert.equal(rule.Priority, '10')
    assert.deepEqual(rule.Conditions[0].Values, ['/img/*'])

    // ALB-LB-110, 111
    assert.equal(await aws('delete-load-balancer', '--load-balancer-arn', loadBalancerArn), '')
    assert.equal(await aws('delete-target-group', '--target-group-arn', groupArn), '')
    const describe = ['describe-load-balancers', '--names', 'my-load-balancer']
    assert.match(await cliError(aws(...describe)), /LoadBalancerNotFound/)
    assert.deepEqual(api.errors, [])
  },
)

test('ALB-LB-145 the waiter of the CLI ends when the load balancer is active', needsCli, async (t) => {
  const api = await startApi(t)
  const aws = cli(api)
  const created = await aws('create-load-balancer', '--name', 'awaited', '--subnets', ...SUBNETS)
  const arn = JSON.parse(created).LoadBalancers[0].LoadBalancerArn
  await api.store.markApplied([arn])
  assert.equal(await aws('wait', 'load-balancer-available', '--load-balancer-arns', arn), '')
})
