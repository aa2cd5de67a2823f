import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtInDirectory } from './built-in.ts'

test('ALB-LB OQ-63 the IDs of the guides are there, one subnet in each of three zones', async () => {
  const directory = builtInDirectory()
  assert.deepEqual(await directory.zones('us-east-2'), ['us-east-2a', 'us-east-2b', 'us-east-2c'])
  const subnet = await directory.subnet('us-east-2', 'subnet-081ec835f3EXAMPLE')
  assert.deepEqual(
    [subnet?.zone, subnet?.pool, subnet?.vpcId],
    ['us-east-2b', '127.2.0.0/16', 'vpc-0598c7d356EXAMPLE'],
  )
  assert.equal((await directory.defaultVpc('us-east-2'))?.defaultSecurityGroup, 'sg-07e8ffd50fEXAMPLE')
  const instance = await directory.instance('us-east-2', 'i-0abcdef1234567890')
  assert.deepEqual([instance?.zone, instance?.address], ['us-east-2a', '127.0.10.1'])
  assert.equal((await directory.subnet('eu-west-1', 'subnet-0e3f5cac72EXAMPLE'))?.zone, 'eu-west-1a')
  for (const id of ['subnet-1', 'constructor', ''])
    assert.equal(await directory.subnet('us-east-2', id), undefined)
})

test('ALB-TG OQ-24 unknown VPCs are accepted unless the operator is strict', async () => {
  const vpc = await builtInDirectory().vpc('us-east-2', 'vpc-0123456789abcdef0')
  assert.equal(vpc?.declared, false)
  assert.equal(await builtInDirectory().vpc('us-east-2', 'nonsense'), undefined)
  const strict = builtInDirectory({ strictVpcs: true })
  assert.equal(await strict.vpc('us-east-2', 'vpc-0123456789abcdef0'), undefined)
  assert.equal((await strict.vpc('us-east-2', 'vpc-0598c7d356EXAMPLE'))?.declared, true)
})

test('the operator can declare other pools, subnets and instances', async () => {
  const directory = builtInDirectory({
    zonePools: { x: '10.9.0.0/24' },
    subnets: [
      { id: 'subnet-x', zone: 'x' },
      { id: 'subnet-without-pool', zone: 'y' },
    ],
    instances: [{ id: 'i-1', zone: 'x', address: '10.9.1.1' }],
  })
  assert.equal((await directory.subnet('r', 'subnet-x'))?.pool, '10.9.0.0/24')
  assert.equal(await directory.subnet('r', 'subnet-without-pool'), undefined)
  assert.equal((await directory.instance('r', 'i-1'))?.address, '10.9.1.1')
  assert.deepEqual(await directory.zones('r'), ['rx'])
})
