import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtInDirectory } from '../../directory/built-in.ts'
import type { Directory, Instance } from '../../directory/directory.ts'
import { targetObstacle } from '../../directory/target-obstacles.ts'
import type { AddressTargetGroup, Target } from '../../model/resources.ts'
import type { RowReader } from '../../store/store.ts'
import { ApiError } from '../errors.ts'
import { defaultHealthCheck } from './health-check-settings.ts'
import { checkInstances, placeTarget } from './target-places.ts'

const VPC = 'vpc-0598c7d356EXAMPLE'
const REGION = 'us-east-2'

const group: AddressTargetGroup = {
  accountId: '123456789012',
  region: REGION,
  arn: 'group',
  name: 'group',
  targetType: 'instance',
  protocol: 'HTTP',
  protocolVersion: 'HTTP1',
  port: 80,
  vpcId: VPC,
  ipAddressType: 'ipv4',
  healthCheck: defaultHealthCheck('HTTP1'),
  createdAt: 0,
}

/** The built-in directory with one more instance. */
function directoryWith(state: Instance['state'], vpcId = VPC): Directory {
  const instance = { id: 'i-1', vpcId, zone: 'us-east-2a', address: '10.0.0.7', state }
  return {
    ...builtInDirectory(),
    instance: async (_region, id) => (id === 'i-1' ? instance : undefined),
  }
}

function refusal(pattern: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof ApiError && error.code === 'InvalidTarget' && pattern.test(error.message)
}

test('ALB-TG-176, 301, 302 an instance has to run, in the VPC of the group, with an address of its type', async () => {
  const place = async (directory: Directory, of = group): Promise<unknown> =>
    await placeTarget(directory, REGION, of, 'i-1', undefined)
  assert.deepEqual(await place(directoryWith('running')), { address: '10.0.0.7', zone: 'us-east-2a' })
  for (const state of ['pending', 'stopped', 'terminated'] as const) {
    await assert.rejects(
      checkInstances(directoryWith(state), REGION, group, ['i-1', 'i-2', 'i-1']),
      refusal(/^The following targets are not in a running state and cannot be registered: 'i-1'$/),
    )
  }
  await checkInstances(directoryWith('running'), REGION, group, ['i-1', 'i-2'])
  // kubernetes-sigs/aws-load-balancer-controller#889
  await assert.rejects(
    checkInstances(directoryWith('running', 'vpc-2'), REGION, group, ['i-1', 'i-2', 'i-1']),
    refusal(/^The following targets are not in the target group VPC 'vpc-0598c7d356EXAMPLE': 'i-1'$/),
  )
  await assert.rejects(
    place(directoryWith('running'), { ...group, ipAddressType: 'ipv6' }),
    refusal(/no primary IPv6 address/),
  )
})

test('ALB-TG-231 an instance that no longer runs is in an invalid state', async () => {
  const target: Target = {
    targetGroupArn: group.arn,
    id: 'i-1',
    port: 80,
    address: '10.0.0.7',
    zone: 'us-east-2a',
    drainsUntil: null,
  }
  // Not asked for instances.
  const rows = {} as RowReader
  const description = async (directory: Directory, id = 'i-1'): Promise<string | undefined> =>
    (await targetObstacle(rows, directory, group, { ...target, id }))?.description
  assert.equal(await description(directoryWith('running')), undefined)
  assert.equal(await description(directoryWith('stopped')), 'Target is in the stopped state')
  assert.equal(await description(directoryWith('terminated')), 'Target is in the terminated state')
  assert.equal(await description(directoryWith('running'), 'i-2'), 'Target is in an invalid state')
})
