// Commands that the guides print beside the tutorial, with the stock aws CLI. One start of the CLI costs more than all
// that it asks for, so that each command stands for several rows, and independent ones run at once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cli, cliError, needsCli, needsRecentCli } from './aws-cli.ts'
import {
  createLoadBalancer,
  createTargetGroup,
  present,
  startApi,
  SUBNET_C,
  SUBNETS,
} from '../api/support.ts'

const FUNCTION = 'arn:aws:lambda:us-east-2:123456789012:function:my-function'

/** `KEY=VALUE` of each attribute in an output. */
function attributesIn(output: string): string[] {
  const { Attributes } = JSON.parse(output) as { Attributes: { Key: string; Value: string }[] }
  return Attributes.map(({ Key, Value }) => `${Key}=${Value}`)
}

function includesAll(actual: readonly string[], expected: readonly string[]): void {
  assert.deepEqual(actual.filter((text) => expected.includes(text)).toSorted(), [...expected].toSorted())
}

function attributeWords(attributes: readonly string[]): string[] {
  return attributes.map((text) => `Key=${text.replace('=', ',Value=')}`)
}

test(
  'ALB-LB-230, 245, 255, 296, 310 ALB-SEC-314, 333 the CLI sets attributes of a load balancer',
  needsCli,
  async (t) => {
    const api = await startApi(t)
    const aws = cli(api)
    const arn = await createLoadBalancer(api)
    const wanted = [
      'idle_timeout.timeout_seconds=4000',
      'client_keep_alive.seconds=60',
      'deletion_protection.enabled=true',
      'routing.http.desync_mitigation_mode=monitor',
      'routing.http.preserve_host_header.enabled=true',
      'routing.http.xff_client_port.enabled=true',
      'routing.http.xff_header_processing.mode=preserve',
      'waf.fail_open.enabled=true',
    ]
    const modify = ['modify-load-balancer-attributes', '--load-balancer-arn', arn, '--attributes']
    includesAll(attributesIn(await aws(...modify, ...attributeWords(wanted))), wanted)
    const [described, refused] = await Promise.all([
      aws('describe-load-balancer-attributes', '--load-balancer-arn', arn),
      cliError(aws(...modify, 'Key=idle_timeout.timeout_seconds,Value=abc')),
    ])
    includesAll(attributesIn(described), wanted)
    assert.match(refused, /\(ValidationError\).*'idle_timeout.timeout_seconds' value 'abc'/)
  },
)

test('ALB-TG-105, 128, 132, 157 the CLI sets the algorithm of a group', needsRecentCli, async (t) => {
  const api = await startApi(t)
  const aws = cli(api)
  const [first, second] = await Promise.all(
    ['one', 'two'].map(async (name) => {
      const arn = await createTargetGroup(api, name, { TargetType: 'ip' })
      const modify = ['modify-target-group-attributes', '--target-group-arn', arn, '--attributes']
      return {
        arn,
        set: async (...attributes: string[]) => await aws(...modify, ...attributeWords(attributes)),
      }
    }),
  )
  assert.ok(first !== undefined && second !== undefined)
  await api.client.registerTargets({ TargetGroupArn: second.arn, Targets: [{ Id: '127.0.0.1' }] })
  api.anomalies.set(`${second.arn} 127.0.0.1|80`, { isAnomalous: true, weight: 0.5 })
  const least = ['load_balancing.algorithm.type=least_outstanding_requests']
  const weighted = 'load_balancing.algorithm.type=weighted_random'
  const mitigation = 'load_balancing.algorithm.anomaly_mitigation'
  const starting = ['slow_start.duration_seconds=30']
  const [chosen, both, health] = await Promise.all([
    first.set(...least),
    second.set(weighted, `${mitigation}=on`),
    aws('describe-target-health', '--target-group-arn', second.arn, '--include', 'AnomalyDetection'),
  ])
  includesAll(attributesIn(chosen), least)
  includesAll(attributesIn(both), [weighted, `${mitigation}=on`])
  assert.deepEqual(JSON.parse(health).TargetHealthDescriptions[0].AnomalyDetection, {
    Result: 'anomalous',
    MitigationInEffect: 'yes',
  })
  const Attributes = [
    { Key: 'load_balancing.algorithm.type', Value: 'round_robin' },
    { Key: 'slow_start.duration_seconds', Value: '0' },
  ]
  await api.client.modifyTargetGroupAttributes({ TargetGroupArn: first.arn, Attributes })
  await second.set(`${mitigation}=off`)
  const [slow, alone] = await Promise.all([first.set(...starting), second.set(`${mitigation}=on`)])
  includesAll(attributesIn(slow), starting)
  includesAll(attributesIn(alone), [weighted, `${mitigation}=on`])
})

test(
  'ALB-TG-144, 243, 258, 259, 261, 262, 312 ALB-OBS-543 the CLI changes a target group and its targets',
  needsCli,
  async (t) => {
    const api = await startApi(t)
    const aws = cli(api)
    const arn = await createTargetGroup(api, 'my-targets', { TargetType: 'ip' })
    const ofGroup = ['--target-group-arn', arn]
    const modify = ['modify-target-group-attributes', ...ofGroup, '--attributes']
    const off = ['load_balancing.cross_zone.enabled=false', 'deregistration_delay.timeout_seconds=60']
    includesAll(attributesIn(await aws(...modify, ...attributeWords(off))), off)
    const health = [
      '--health-check-path',
      '/h',
      '--health-check-interval-seconds',
      '10',
      '--matcher',
      'HttpCode=200-299',
    ]
    const targets = ['Id=127.0.0.1,Port=9001,AvailabilityZone=us-east-2a', 'Id=127.0.0.2']
    const on = ['load_balancing.cross_zone.enabled=true']
    // Before the registration: without cross-zone load balancing a target needs a zone of its own.
    includesAll(attributesIn(await aws(...modify, ...attributeWords(on))), on)
    const [modified, registered, limits] = await Promise.all([
      aws('modify-target-group', ...ofGroup, ...health),
      aws('register-targets', ...ofGroup, '--targets', ...targets),
      aws('describe-account-limits'),
    ])
    const [group] = JSON.parse(modified).TargetGroups
    assert.deepEqual(
      [group.HealthCheckPath, group.HealthCheckIntervalSeconds, group.Matcher],
      ['/h', 10, { HttpCode: '200-299' }],
    )
    assert.equal(registered, '')
    assert.deepEqual(
      JSON.parse(limits).Limits.find(({ Name }: { Name: string }) => Name === 'application-load-balancers'),
      { Name: 'application-load-balancers', Max: '50' },
    )
    assert.equal(await aws('deregister-targets', ...ofGroup, '--targets', 'Id=127.0.0.1,Port=9001'), '')
    const { TargetHealthDescriptions } = await api.client.describeTargetHealth({ TargetGroupArn: arn })
    assert.deepEqual(
      TargetHealthDescriptions?.map(({ Target, TargetHealth }) => [
        Target?.Id,
        Target?.Port,
        Target?.AvailabilityZone,
        TargetHealth?.State,
      ]),
      [
        ['127.0.0.1', 9001, 'us-east-2a', 'draining'],
        ['127.0.0.2', 80, 'all', 'unused'],
      ],
    )
  },
)

test('ALB-TG-341, 342, 364, 365 the CLI turns on each kind of stickiness', needsCli, async (t) => {
  const api = await startApi(t)
  const aws = cli(api)
  const byTime = ['stickiness.enabled=true', 'stickiness.lb_cookie.duration_seconds=86500']
  const byApplication = [
    'stickiness.enabled=true',
    'stickiness.type=app_cookie',
    'stickiness.app_cookie.cookie_name=MyCookie',
    'stickiness.app_cookie.duration_seconds=86500',
  ]
  const [timed, followed] = [await createTargetGroup(api, 'timed'), await createTargetGroup(api, 'followed')]
  const modify = ['modify-target-group-attributes', '--target-group-arn']
  const [first, second] = await Promise.all([
    aws(...modify, timed, '--attributes', ...attributeWords(byTime)),
    aws(...modify, followed, '--attributes', ...attributeWords(byApplication)),
  ])
  includesAll(attributesIn(first), [...byTime, 'stickiness.type=lb_cookie'])
  includesAll(attributesIn(second), byApplication)
})

test('ALB-TG-385, 420, 428, 432 the CLI makes and changes a group of a function', needsCli, async (t) => {
  const api = await startApi(t)
  const aws = cli(api)
  const created = await aws('create-target-group', '--name', 'functions', '--target-type', 'lambda')
  const arn: string = JSON.parse(created).TargetGroups[0].TargetGroupArn
  const ofGroup = ['--target-group-arn', arn]
  const key = 'lambda.multi_value_headers.enabled'
  const [attributes, enabled, registered] = await Promise.all([
    aws('modify-target-group-attributes', ...ofGroup, '--attributes', `Key=${key},Value=true`),
    aws('modify-target-group', ...ofGroup, '--health-check-enabled'),
    aws('register-targets', ...ofGroup, '--targets', `Id=${FUNCTION}`),
  ])
  assert.deepEqual(attributesIn(attributes), [`${key}=true`])
  assert.equal(JSON.parse(enabled).TargetGroups[0].HealthCheckEnabled, true)
  assert.equal(registered, '')
  const health = async (): Promise<unknown> =>
    (await api.client.describeTargetHealth({ TargetGroupArn: arn })).TargetHealthDescriptions?.map(
      ({ Target }) => Target?.Id,
    )
  assert.deepEqual(await health(), [FUNCTION])
  const [disabled, deregistered] = await Promise.all([
    aws('modify-target-group', ...ofGroup, '--no-health-check-enabled'),
    aws('deregister-targets', ...ofGroup, '--targets', `Id=${FUNCTION}`),
  ])
  assert.equal(JSON.parse(disabled).TargetGroups[0].HealthCheckEnabled, false)
  assert.equal(deregistered, '')
  assert.deepEqual(await health(), [])
})

test(
  'ALB-LB-421, 422 ALB-TG-184, 442 the CLI adds tags to a resource and removes them, and asks for those of several',
  needsCli,
  async (t) => {
    const api = await startApi(t)
    const aws = cli(api)
    const arns = [await createLoadBalancer(api), await createTargetGroup(api)]
    const tags = async (): Promise<string[][]> => {
      const { TagDescriptions } = await api.client.describeTags({ ResourceArns: arns })
      return present(TagDescriptions).map(({ Tags }) =>
        present(Tags).map(({ Key, Value }) => `${Key}=${Value}`),
      )
    }
    const added = ['Key=project,Value=lima', 'Key=department,Value=digital-media']
    for (const arn of arns) {
      assert.equal(await aws('add-tags', '--resource-arns', arn, '--tags', ...added), '')
    }
    const expected = ['department=digital-media', 'project=lima']
    assert.deepEqual(await tags(), [expected, expected])
    const keys = ['project', 'department']
    for (const arn of arns) {
      assert.equal(await aws('remove-tags', '--resource-arns', arn, '--tag-keys', ...keys), '')
    }
    assert.deepEqual(await tags(), [[], []])
  },
)

test('ALB-LB-198, 384, 404 the CLI sets subnets, address type and security groups', needsCli, async (t) => {
  const api = await startApi(t, { directory: { securityGroups: ['sg-1', 'sg-2', 'sg-3'] } })
  const aws = cli(api)
  const arn = await createLoadBalancer(api)
  const ofLoadBalancer = ['--load-balancer-arn', arn]
  const all = [...SUBNETS, SUBNET_C]
  const setSubnets = async (...subnets: string[]): Promise<string[]> => {
    const output = JSON.parse(await aws('set-subnets', ...ofLoadBalancer, '--subnets', ...subnets))
    return output.AvailabilityZones.map(({ SubnetId }: { SubnetId: string }) => SubnetId)
  }
  assert.deepEqual(await setSubnets(...all), all)
  assert.deepEqual(await setSubnets(...SUBNETS), SUBNETS)
  const [refused, type, groups] = await Promise.all([
    cliError(aws('set-subnets', ...ofLoadBalancer, '--subnets', SUBNET_C)),
    aws('set-ip-address-type', ...ofLoadBalancer, '--ip-address-type', 'dualstack'),
    aws('set-security-groups', ...ofLoadBalancer, '--security-groups', 'sg-3', 'sg-2'),
  ])
  assert.match(refused, /ValidationError/)
  assert.deepEqual(JSON.parse(type), { IpAddressType: 'dualstack' })
  assert.deepEqual(JSON.parse(groups).SecurityGroupIds, ['sg-3', 'sg-2'])
  const { LoadBalancers } = await api.client.describeLoadBalancers({ LoadBalancerArns: [arn] })
  const [described] = present(LoadBalancers)
  assert.deepEqual(
    described?.AvailabilityZones?.map(({ SubnetId }) => SubnetId),
    SUBNETS,
  )
  assert.deepEqual([described?.IpAddressType, described?.SecurityGroups], ['dualstack', ['sg-3', 'sg-2']])
})

test(
  'ALB-LSN-213, 442 ALB-SEC-376 the CLI makes a listener with a rule, and takes it away',
  needsCli,
  async (t) => {
    const api = await startApi(t)
    const aws = cli(api)
    const loadBalancer = await createLoadBalancer(api)
    const group = await createTargetGroup(api)
    const action = `Type=forward,TargetGroupArn=${group}`
    const where = ['--load-balancer-arn', loadBalancer, '--protocol', 'HTTP', '--port', '80']
    const made = await aws('create-listener', ...where, '--default-actions', action)
    const arn: string = JSON.parse(made).Listeners[0].ListenerArn
    const ofListener = ['--listener-arn', arn]
    const what = ['--priority', '7', '--conditions', 'Field=path-pattern,Values=/a', '--actions', action]
    const [rule] = JSON.parse(await aws('create-rule', ...ofListener, ...what)).Rules
    assert.deepEqual([rule.Priority, rule.IsDefault], ['7', false])
    const { Rules } = JSON.parse(await aws('describe-rules', ...ofListener))
    assert.deepEqual(Rules[0], rule)
    assert.deepEqual(
      Rules.map(({ IsDefault }: { IsDefault: boolean }) => IsDefault),
      [false, true],
    )
    assert.equal(Rules[1].Actions[0].TargetGroupArn, group)
    assert.equal(await aws('delete-listener', ...ofListener), '')
    const [again, left] = await Promise.all([
      cliError(aws('delete-listener', ...ofListener)),
      aws('describe-listeners', '--load-balancer-arn', loadBalancer),
    ])
    assert.match(again, /ListenerNotFound/)
    assert.deepEqual(JSON.parse(left).Listeners, [])
  },
)
