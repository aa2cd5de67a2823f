// Answers that tools of others look for, word by word: each was seen in a public report about the real service.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type {
  RedirectActionConfig,
  RuleCondition,
  TargetDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { EC2 } from '@aws-sdk/client-ec2'
import {
  apiError,
  createListener,
  createLoadBalancer,
  createTargetGroup,
  forwardTo,
  INSTANCES,
  present,
  startApi,
  SUBNETS,
  VPC,
} from './support.ts'

test('ALB-TG-302 all instances that do not run, or run in another VPC, are named, as Terraform waits for', async (t) => {
  const api = await startApi(t)
  const TargetGroupArn = await createTargetGroup(api)
  const client = new EC2({
    endpoint: api.endpoint,
    region: 'us-east-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  t.after(() => client.destroy())
  const { Instances } = await client.runInstances({ MinCount: 1, MaxCount: 1 })
  const VpcId = 'vpc-0123456789abcdef0'
  await assert.rejects(
    api.client.registerTargets({
      TargetGroupArn: await createTargetGroup(api, 'elsewhere', { VpcId }),
      Targets: INSTANCES.map((Id) => ({ Id })),
    }),
    apiError(
      'InvalidTargetException',
      `The following targets are not in the target group VPC '${VpcId}': ${INSTANCES.map((id) => `'${id}'`).join(', ')}`,
    ),
  )
  await client.stopInstances({ InstanceIds: INSTANCES })
  // hashicorp/terraform-provider-aws#8537, kubernetes-sigs/aws-load-balancer-controller#87
  const list = INSTANCES.map((id) => `'${id}'`).join(', ')
  const ids = [present(Instances?.[0]?.InstanceId), ...INSTANCES]
  await assert.rejects(
    api.client.registerTargets({
      TargetGroupArn,
      Targets: ids.flatMap((Id) => [{ Id }, { Id, Port: 81 }]),
    }),
    apiError(
      'InvalidTargetException',
      `The following targets are not in a running state and cannot be registered: ${list}`,
    ),
  )
  const { TargetHealthDescriptions } = await api.client.describeTargetHealth({ TargetGroupArn })
  assert.deepEqual(TargetHealthDescriptions, [])
})

test('refusals have the words of the real service', async (t) => {
  const api = await startApi(t)
  const { client } = api
  const LoadBalancerArn = await createLoadBalancer(api)
  const TargetGroupArn = await createTargetGroup(api)
  const ListenerArn = await createListener(api, LoadBalancerArn, 80, TargetGroupArn)
  const group = { Name: 'other', Protocol: 'HTTP', Port: 80, VpcId: VPC } as const
  const sticky = (DurationSeconds: number, Enabled: boolean) => ({
    ListenerArn,
    DefaultActions: [
      {
        Type: 'forward' as const,
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn, Weight: 1 }],
          TargetGroupStickinessConfig: { Enabled, DurationSeconds },
        },
      },
    ],
  })
  const defaultRule = present((await client.describeRules({ ListenerArn })).Rules?.[0]?.RuleArn)
  const rule = { ListenerArn, Priority: 1, Actions: [forwardTo(TargetGroupArn)] }
  const createRule = async (condition: RuleCondition) =>
    await client.createRule({ ...rule, Conditions: [condition] })
  const redirect = async (RedirectConfig: RedirectActionConfig | undefined) =>
    await client.createRule({
      ...rule,
      Conditions: [{ Field: 'path-pattern', Values: ['/a'] }],
      Actions: [{ Type: 'redirect', RedirectConfig }],
    })
  const made = await client.createTargetGroup({ ...group, Name: 'addresses', TargetType: 'ip' })
  const addresses = present(made.TargetGroups?.[0]?.TargetGroupArn)
  const registerAddress = async (target: TargetDescription) =>
    await client.registerTargets({ TargetGroupArn: addresses, Targets: [target] })
  const long = `/${'x'.repeat(128)}`
  const interval = 'Health check interval must be greater than the timeout.'
  const duration = 'Target group stickiness duration must be between 1 and 604800 seconds'
  const cases: [source: string, call: () => Promise<unknown>, code: string, message: string][] = [
    [
      'terraform-linters/tflint-ruleset-aws#404',
      async () => await client.createTargetGroup({ ...group, HealthCheckIntervalSeconds: 5 }),
      'ValidationError',
      interval,
    ],
    [
      'aws/aws-cdk#3703',
      async () => await client.modifyTargetGroup({ TargetGroupArn, HealthCheckTimeoutSeconds: 30 }),
      'ValidationError',
      interval,
    ],
    [
      'pulumi/pulumi-aws#1824',
      async () => await client.modifyListener(sticky(0, false)),
      'ValidationError',
      duration,
    ],
    [
      'app-sre/qontract-reconcile#2089',
      async () => await client.modifyListener(sticky(604_801, true)),
      'ValidationError',
      duration,
    ],
    [
      'cloudposse/terraform-aws-alb-ingress#24',
      async () => await client.deleteTargetGroup({ TargetGroupArn }),
      'ResourceInUseException',
      `Target group '${TargetGroupArn}' is currently in use by a listener or a rule`,
    ],
    [
      'pulumi/pulumi#15712',
      async () =>
        await client.createListener({
          LoadBalancerArn,
          Protocol: 'HTTPS',
          Port: 443,
          DefaultActions: [forwardTo(TargetGroupArn)],
        }),
      'ValidationError',
      'A certificate must be specified for HTTPS listeners',
    ],
    [
      'terraform-aws-modules/terraform-aws-alb#242',
      async () =>
        await client.modifyTargetGroupAttributes({
          TargetGroupArn,
          Attributes: [
            { Key: 'stickiness.enabled', Value: 'true' },
            { Key: 'stickiness.type', Value: 'app_cookie' },
          ],
        }),
      'InvalidConfigurationRequestException',
      "You must set an application cookie name to enable stickiness of type 'app_cookie'",
    ],
    [
      'FeLvi-zzz/tentez#32',
      async () => await client.modifyRule({ RuleArn: defaultRule, Actions: [forwardTo(TargetGroupArn)] }),
      'OperationNotPermittedException',
      `Default rule '${defaultRule}' cannot be modified`,
    ],
    [
      'hashicorp/terraform#13313',
      async () => await client.createTargetGroup({ ...group, Name: 'my-targets', Port: 8000 }),
      'DuplicateTargetGroupNameException',
      "A target group with the same name 'my-targets' exists, but with different settings",
    ],
    [
      'aws-cloudformation/cfn-lint#807',
      async () => await client.createTargetGroup({ ...group, HealthCheckIntervalSeconds: 600 }),
      'ValidationError',
      "1 validation error detected: Value '600' at 'healthCheckIntervalSeconds' failed to satisfy constraint: Member must have value less than or equal to 300",
    ],
    [
      'ansible-collections/amazon.aws#1600',
      async () =>
        await client.describeTargetGroups({
          TargetGroupArns: Array.from({ length: 21 }, () => TargetGroupArn),
        }),
      'ValidationError',
      "You cannot describe more than '20' target groups at a time",
    ],
    [
      'cloud-custodian/cloud-custodian#9379',
      async () => await client.describeLoadBalancers({ LoadBalancerArns: [TargetGroupArn] }),
      'ValidationError',
      `'${TargetGroupArn}' is not a valid load balancer ARN`,
    ],
    [
      'in4it/ecs-deploy#8',
      async () => await client.createLoadBalancer({ Name: 'x', Subnets: SUBNETS, SecurityGroups: ['web'] }),
      'ValidationError',
      "Security group 'web' is not valid",
    ],
    [
      'aws/aws-cli#9792',
      async () => await createRule({ Field: 'path-pattern', Values: ['^/[a-z]{2}(-[A-Z]{2})?/i/'] }),
      'ValidationError',
      "Condition value '^/[a-z]{2}(-[A-Z]{2})?/i/' contains a character that is not valid",
    ],
    [
      'aws/aws-sdk-js#2658',
      async () => await createRule({ HttpRequestMethodConfig: { Values: ['POST'] } }),
      'ValidationError',
      'A condition field must be specified',
    ],
    [
      'terraform-linters/tflint-ruleset-aws#386',
      async () => await redirect({ Host: 'other.example.com', Path: '#{path}', StatusCode: 'HTTP_301' }),
      'InvalidLoadBalancerActionException',
      "The Path parameter must be a valid path, should start with a '/', and may contain up to one of each of these placeholders: '#{path}', '#{host}', '#{port}'.",
    ],
    [
      'aws/aws-sdk-js#2204',
      async () => await redirect(undefined),
      'InvalidLoadBalancerActionException',
      "For actions of type 'redirect', you must specify the following fields: 'RedirectConfig'",
    ],
    [
      'kubernetes-sigs/aws-load-balancer-controller#2396',
      async () => await redirect({ Path: long, StatusCode: 'HTTP_301' }),
      'ValidationError',
      `1 validation error detected: Value '${long}' at 'actions.1.member.redirectConfig.path' failed to satisfy constraint: Member must have length less than or equal to 128`,
    ],
    [
      'hashicorp/terraform-provider-aws#35083',
      async () =>
        await client.modifyTargetGroupAttributes({
          TargetGroupArn,
          Attributes: [
            { Key: 'stickiness.enabled', Value: 'true' },
            { Key: 'load_balancing.algorithm.type', Value: 'weighted_random' },
          ],
        }),
      'InvalidConfigurationRequestException',
      'You cannot have both stickiness and weighted random algorithm enabled on the same target group.',
    ],
    [
      'aws-samples/hostname-as-target-for-elastic-load-balancer#6',
      async () => await registerAddress({ Id: '172.25.18.11', Port: 8080 }),
      'ValidationError',
      "The Availability Zone is required for IP address '172.25.18.11' because it is not in the VPC",
    ],
    [
      'PaloAltoNetworks/terraform-aws-vmseries-modules#340',
      async () => await registerAddress({ Id: '10.0.1.17', AvailabilityZone: 'all' }),
      'ValidationError',
      "The IP address '10.0.1.17' is within the VPC, and cannot have its Availability Zone overridden to 'all' from 'us-east-2a'",
    ],
  ]
  for (const [source, call, code, message] of cases) {
    await assert.rejects(call, apiError(code, message), source)
  }
})
