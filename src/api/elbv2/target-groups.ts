// Target groups: create, describe, modify, delete.

import type { TargetGroup as TargetGroupOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { newId, targetGroupArn } from '../../model/arns.ts'
import type { Scope, TargetGroup } from '../../model/resources.ts'
import type { PageOf, Page } from '../../store/page.ts'
import type { RowReader } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError, validationError } from '../errors.ts'
import { addTags, checkTags } from '../load-balancing/tags.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { nextMarker, pageOf, slicePage } from '../pagination.ts'
import { changedHealthCheck, healthCheckKind } from './health-check-settings.ts'
import { checkArn, checkListLength, notFoundError, theLoadBalancer, theTargetGroup } from './resources.ts'
import { wantedTargetGroup, type WantedGroup } from './target-group-settings.ts'

/** Most names or ARNs that Describe takes. */
const NAMED_MAX = 20

export function targetGroupHandlers({
  store,
  directory,
  clock,
  settings,
}: ApiEnvironment): Pick<
  Elbv2Handlers,
  'CreateTargetGroup' | 'DescribeTargetGroups' | 'ModifyTargetGroup' | 'DeleteTargetGroup'
> {
  const { quotas } = settings
  return {
    async CreateTargetGroup(input, call) {
      const wanted = wantedTargetGroup(input)
      if (wanted.targetType !== 'lambda') {
        if ((await directory.vpc(call.region, wanted.vpcId)) === undefined) {
          throw validationError(`The VPC ID '${wanted.vpcId}' is not found`)
        }
      }
      checkTags(input.Tags)
      return await store.write(async (rows) => {
        const existing = await rows.targetGroups.findByName(call, input.Name)
        if (existing !== undefined) {
          if (isSame(existing, wanted)) return { TargetGroups: [await describe(rows, existing)] }
          throw new ApiError(
            'DuplicateTargetGroupName',
            `A target group with the same name '${input.Name}' exists, but with different settings`,
          )
        }
        if ((await rows.targetGroups.count(call)) >= quotas.targetGroups) {
          throw new ApiError(
            'TooManyTargetGroups',
            `The maximum number of target groups, '${quotas.targetGroups}', has been reached`,
          )
        }
        const group: TargetGroup = {
          ...wanted,
          accountId: call.accountId,
          region: call.region,
          arn: targetGroupArn(call, input.Name, newId()),
          createdAt: Math.floor(clock.date()),
        }
        await rows.targetGroups.insert(group)
        await addTags(rows, group.arn, input.Tags)
        return { TargetGroups: [await describe(rows, group)] }
      })
    },

    async DescribeTargetGroups(input, call) {
      const page = pageOf('target-groups', input)
      const { TargetGroupArns: arns = [], Names: names = [], LoadBalancerArn: loadBalancerArn } = input
      const filters = [arns.length > 0, names.length > 0, loadBalancerArn !== undefined].filter(Boolean)
      if (filters.length > 1) {
        throw validationError(
          'Only one of target group ARNs, target group names and load balancer ARN can be specified',
        )
      }
      checkListLength('target groups', arns, NAMED_MAX)
      checkListLength('target groups', names, NAMED_MAX)
      return await store.read(async (rows) => {
        const { items, next } = await chosen(rows, call, page, arns, names, loadBalancerArn)
        const TargetGroups = []
        for (const group of items) TargetGroups.push(await describe(rows, group))
        return { TargetGroups, ...nextMarker('target-groups', next) }
      })
    },

    async ModifyTargetGroup(input) {
      return await store.write(async (rows) => {
        const group = await theTargetGroup(rows, input.TargetGroupArn)
        const healthCheck = changedHealthCheck(group.healthCheck, healthCheckKind(group), input)
        await rows.targetGroups.updateHealthCheck(group.arn, healthCheck)
        return { TargetGroups: [await describe(rows, { ...group, healthCheck })] }
      })
    },

    async DeleteTargetGroup(input) {
      const arn = input.TargetGroupArn
      checkArn('target-group', arn)
      await store.write(async (rows) => {
        // What is not there counts as deleted, as with load balancers.
        if ((await rows.targetGroups.find(arn)) === undefined) return
        if ((await rows.targetGroups.use(arn)) !== undefined) {
          throw new ApiError(
            'ResourceInUse',
            `Target group '${arn}' is currently in use by a listener or a rule`,
          )
        }
        await rows.targetGroups.delete(arn)
      })
      return {}
    },
  }
}

function isSame(existing: TargetGroup, wanted: WantedGroup): boolean {
  return (Object.keys(wanted) as (keyof WantedGroup)[]).every(
    (key) => JSON.stringify(existing[key]) === JSON.stringify(wanted[key]),
  )
}

async function chosen(
  rows: RowReader,
  call: Scope,
  page: Page,
  arns: readonly string[],
  names: readonly string[],
  loadBalancerArn: string | undefined,
): Promise<PageOf<TargetGroup>> {
  if (arns.length + names.length === 0 && loadBalancerArn === undefined) {
    return await rows.targetGroups.list(call, page)
  }
  const groups = new Map<string, TargetGroup>()
  for (const arn of arns) groups.set(arn, await theTargetGroup(rows, arn))
  for (const name of names) {
    const group = await rows.targetGroups.findByName(call, name)
    if (group === undefined) throw notFoundError('target-group')
    groups.set(group.arn, group)
  }
  if (loadBalancerArn !== undefined) {
    const { arn } = await theLoadBalancer(rows, loadBalancerArn)
    for (const groupArn of await rows.targetGroups.ofLoadBalancer(arn)) {
      groups.set(groupArn, await theTargetGroup(rows, groupArn))
    }
  }
  return slicePage([...groups.values()], page)
}

async function describe(rows: RowReader, group: TargetGroup): Promise<TargetGroupOutput> {
  const { healthCheck } = group
  const use = await rows.targetGroups.use(group.arn)
  const described = {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    HealthCheckEnabled: healthCheck.enabled,
    HealthCheckIntervalSeconds: healthCheck.intervalSeconds,
    HealthCheckTimeoutSeconds: healthCheck.timeoutSeconds,
    HealthyThresholdCount: healthCheck.healthyThreshold,
    UnhealthyThresholdCount: healthCheck.unhealthyThreshold,
    HealthCheckPath: healthCheck.path,
    LoadBalancerArns: use === undefined ? [] : [use.loadBalancerArn],
    TargetType: group.targetType,
    IpAddressType: group.ipAddressType,
  }
  if (group.targetType === 'lambda') return { ...described, Matcher: { HttpCode: healthCheck.matcher } }
  return {
    ...described,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: healthCheck.protocol,
    HealthCheckPort: healthCheck.port,
    Matcher:
      group.protocolVersion === 'GRPC'
        ? { GrpcCode: healthCheck.matcher }
        : { HttpCode: healthCheck.matcher },
    ProtocolVersion: group.protocolVersion,
  }
}
