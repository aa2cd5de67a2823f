// Types of instances and images: what stacks look up before they ask for instances.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { EC2, EC2ServiceException } from '@aws-sdk/client-ec2'
import fc from 'fast-check'
import { instanceType } from '../../src/api/ec2/instance-types.ts'
import { startApi, type Api } from '../api/support.ts'

function ec2(t: TestContext, api: Api): EC2 {
  const client = new EC2({
    endpoint: api.endpoint,
    region: 'us-east-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  t.after(() => client.destroy())
  return client
}

function ec2Error(code: string, message?: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof EC2ServiceException, String(error))
    assert.equal(error.name, code, error.message)
    if (message !== undefined) assert.match(error.message, message)
    return true
  }
}

test('types of instances follow from their names', async (t) => {
  const client = ec2(t, await startApi(t))
  const { InstanceTypes } = await client.describeInstanceTypes({
    InstanceTypes: ['t3.micro', 't2.micro', 'c7gn.16xlarge', 'r5.large'],
  })
  assert.deepEqual(
    InstanceTypes?.map(({ VCpuInfo, MemoryInfo, ProcessorInfo, BurstablePerformanceSupported }) => [
      VCpuInfo?.DefaultVCpus,
      MemoryInfo?.SizeInMiB,
      ProcessorInfo?.SupportedArchitectures?.[0],
      BurstablePerformanceSupported,
    ]),
    [
      [2, 1024, 'x86_64', true],
      [1, 1024, 'x86_64', true],
      [64, 131_072, 'arm64', false],
      [2, 16_384, 'x86_64', false],
    ],
  )
  await assert.rejects(
    client.describeInstanceTypes({ InstanceTypes: ['t3.micro', 't3.huge' as 't3.micro'] }),
    ec2Error('InvalidInstanceType', /do not exist: \[t3\.huge\]/),
  )
  const { InstanceTypes: small } = await client.describeInstanceTypes({
    Filters: [
      { Name: 'instance-type', Values: ['t3.*'] },
      { Name: 'memory-info.size-in-mib', Values: ['512'] },
    ],
  })
  assert.deepEqual(
    small?.map(({ InstanceType }) => InstanceType),
    ['t3.nano'],
  )
  const offered = async (LocationType: 'region' | 'availability-zone') => {
    const Filters = [{ Name: 'instance-type', Values: ['t3.micro'] }]
    const { InstanceTypeOfferings } = await client.describeInstanceTypeOfferings({ LocationType, Filters })
    return InstanceTypeOfferings?.map(({ Location }) => Location)
  }
  assert.deepEqual(await offered('region'), ['us-east-2'])
  assert.deepEqual(await offered('availability-zone'), ['us-east-2a', 'us-east-2b', 'us-east-2c'])
})

test('property: whatever the name of a type is, it is known whole or not at all', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc
          .tuple(
            fc.constantFrom('t', 'm', 'c', 'r', 'x', 'i', 'g', 'a', 'q'),
            fc.nat(9),
            fc.constantFrom('', 'g', 'gd', 'a', 'i', 'n', 'flex-'),
            fc.constantFrom(
              'nano',
              'small',
              'medium',
              'large',
              'xlarge',
              '2xlarge',
              '0xlarge',
              'metal',
              '3large',
            ),
          )
          .map(([series, generation, flags, size]) => `${series}${generation}${flags}.${size}`),
      ),
      (name) => {
        const facts = instanceType(name)
        if (facts === undefined) return
        assert.ok(facts.vcpus >= 1 && facts.memoryMib >= 512, name)
        assert.ok(Number.isInteger(facts.vcpus) && Number.isInteger(facts.memoryMib), name)
      },
    ),
  )
})

test('images are found by what stacks look for, and any ID is one', async (t) => {
  const client = ec2(t, await startApi(t))
  const found = async (owner: string, name: string, architecture: string): Promise<number | undefined> => {
    const { Images } = await client.describeImages({
      Owners: [owner],
      Filters: [
        { Name: 'name', Values: [name] },
        { Name: 'architecture', Values: [architecture] },
      ],
    })
    return Images?.length
  }
  assert.equal(await found('amazon', 'al2023-ami-2023.*-x86_64', 'x86_64'), 1)
  assert.equal(await found('amazon', 'amzn2-ami-hvm-*-x86_64-gp2', 'x86_64'), 1)
  const noble = 'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-*'
  assert.equal(await found('099720109477', noble, 'arm64'), 1)
  assert.equal((await found('self', '*', 'x86_64')) ?? 0, 0)
  const { Images } = await client.describeImages({ ImageIds: ['ami-0abcdef1234567890'] })
  assert.deepEqual(
    Images?.map(({ ImageId, RootDeviceName }) => [ImageId, RootDeviceName]),
    [['ami-0abcdef1234567890', '/dev/xvda']],
  )
  await assert.rejects(client.describeImages({ ImageIds: ['x'] }), ec2Error('InvalidAMIID.Malformed'))
  await client.runInstances({ MinCount: 1, MaxCount: 1, ImageId: 'ami-mine' })
  const all = await client.describeImages({})
  assert.ok(all.Images?.some(({ ImageId }) => ImageId === 'ami-mine'))
})
