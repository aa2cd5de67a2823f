// Load balancers in Availability Zones, in Local Zones and on Outposts: where they can be, and what they cannot use.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { settingsOf } from '../../src/cli/config.ts'
import {
  apiError,
  createListener,
  createTargetGroup,
  present,
  startApi,
  temporaryFolder,
  type Api,
} from './support.ts'

const INVALID = 'InvalidConfigurationRequestException'

/** Zones a and b are Availability Zones, l and m Local Zones, o and p Outposts; subnet-X is in zone X. */
async function startWithZones(t: TestContext): Promise<Api> {
  const letters = ['a', 'b', 'l', 'm', 'o', 'p']
  return await startApi(t, {
    directory: {
      zonePools: Object.fromEntries(letters.map((letter, index) => [letter, `127.${index + 1}.0.0/16`])),
      zoneTypes: { l: 'local-zone', m: 'local-zone', o: 'outpost', p: 'outpost' },
      subnets: letters.map((letter) => ({ id: `subnet-${letter}`, zone: letter })),
    },
  })
}

async function create(api: Api, letters: string): Promise<string> {
  const { LoadBalancers } = await api.client.createLoadBalancer({
    Name: `in-${letters}`,
    Subnets: letters.split('').map((letter) => `subnet-${letter}`),
  })
  return present(LoadBalancers?.[0]?.LoadBalancerArn)
}

async function setStickiness(api: Api, arn: string, Value: 'true' | 'false'): Promise<void> {
  await api.client.modifyTargetGroupAttributes({
    TargetGroupArn: arn,
    Attributes: [{ Key: 'stickiness.enabled', Value }],
  })
}

test('ALB-LB-115, 117, 125, 129 each type of zone alone, as many as the type allows', async (t) => {
  const api = await startWithZones(t)
  for (const letters of ['ab', 'l', 'lm', 'o']) await create(api, letters)
  for (const letters of ['al', 'lo', 'abo']) {
    await assert.rejects(create(api, letters), apiError(INVALID, /zones of the same type/), letters)
  }
  await assert.rejects(create(api, 'op'), apiError(INVALID, /Outpost/))
  await assert.rejects(create(api, 'a'), apiError('ValidationError', /At least two subnets/))
  assert.equal((await api.client.describeLoadBalancers({})).LoadBalancers?.length, 4)
})

test('ALB-LB-117 the operator says which type a zone has', async (t) => {
  const config = join(await temporaryFolder(t), 'config.json')
  const zones = ['availability-zone', 'local-zone', 'outpost', undefined].map((type, index) => ({
    letter: 'abcd'.charAt(index),
    subnet: `subnet-${index}`,
    pool: `127.${index + 1}.0.0/16`,
    type,
  }))
  await writeFile(config, JSON.stringify({ zones }))
  assert.deepEqual(
    settingsOf({ config }).zones.map(({ type }) => type),
    ['availability-zone', 'local-zone', 'outpost', 'availability-zone'],
  )
  await writeFile(config, JSON.stringify({ zones: [{ ...zones[0], type: 'moon' }] }))
  assert.throws(() => settingsOf({ config }), /zones\[0\]\.type/)
})

test('a load balancer stays in zones of its type', async (t) => {
  const api = await startWithZones(t)
  const LoadBalancerArn = await create(api, 'l')
  await api.client.setSubnets({ LoadBalancerArn, Subnets: ['subnet-m'] })
  for (const Subnets of [['subnet-a', 'subnet-b'], ['subnet-o']]) {
    await assert.rejects(
      api.client.setSubnets({ LoadBalancerArn, Subnets }),
      apiError(INVALID, /type that the load balancer is in/),
    )
  }
})

test('ALB-LB-127, 128, 134 ALB-TG-373 functions and stickiness are for Availability Zones', async (t) => {
  const api = await startWithZones(t)
  const { TargetGroups } = await api.client.createTargetGroup({ Name: 'f', TargetType: 'lambda' })
  const ofFunction = present(TargetGroups?.[0]?.TargetGroupArn)
  for (const letters of ['l', 'o']) {
    const loadBalancer = await create(api, letters)
    const instances = await createTargetGroup(api, `instances-${letters}`)
    const addresses = await createTargetGroup(api, `addresses-${letters}`, { TargetType: 'ip' })
    await createListener(api, loadBalancer, 80, addresses)
    await assert.rejects(setStickiness(api, addresses, 'true'), apiError(INVALID, /Stickiness/))
    await setStickiness(api, instances, 'true')
    await assert.rejects(createListener(api, loadBalancer, 81, instances), apiError(INVALID, /stickiness/))
    await setStickiness(api, instances, 'false')
    await createListener(api, loadBalancer, 81, instances)
    await assert.rejects(
      createListener(api, loadBalancer, 82, ofFunction),
      apiError(INVALID, /Lambda function.*zones do not support/),
    )
  }
  const loadBalancer = await create(api, 'ab')
  const sticky = await createTargetGroup(api, 'sticky')
  await setStickiness(api, sticky, 'true')
  await createListener(api, loadBalancer, 80, sticky)
})

test('ALB-LB-135 ALB-TG-029 targets in zones of another type are not used', async (t) => {
  const api = await startWithZones(t)
  for (const letters of ['l', 'o']) {
    const arn = await createTargetGroup(api, `group-${letters}`, { TargetType: 'ip' })
    await createListener(api, await create(api, letters), 80, arn)
    await api.client.registerTargets({
      TargetGroupArn: arn,
      Targets: [letters, 'a'].map((letter, index) => ({
        Id: `127.0.0.${index + 1}`,
        AvailabilityZone: `us-east-2${letter}`,
      })),
    })
    const { TargetHealthDescriptions } = await api.client.describeTargetHealth({ TargetGroupArn: arn })
    assert.deepEqual(
      TargetHealthDescriptions?.map(({ TargetHealth }) => [TargetHealth?.State, TargetHealth?.Reason]),
      [
        ['initial', 'Elb.RegistrationInProgress'],
        ['unused', 'Target.NotInUse'],
      ],
    )
  }
})
