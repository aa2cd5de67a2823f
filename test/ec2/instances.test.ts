// Instances as Terraform and scripts ask for them: what is asked for is told again, and nothing else comes of it but
// targets.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { EC2, EC2ServiceException, type RunInstancesCommandInput } from '@aws-sdk/client-ec2'
import { createTargetGroup, INSTANCES, present, startApi, SUBNETS, VPC, type Api } from '../api/support.ts'

interface Setting {
  readonly api: Api
  readonly client: EC2
  /** Makes an instance; gives its ID. */
  readonly run: (input?: Partial<RunInstancesCommandInput>) => Promise<string>
}

async function start(t: TestContext): Promise<Setting> {
  const api = await startApi(t)
  const client = new EC2({
    endpoint: api.endpoint,
    region: 'us-east-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  t.after(() => client.destroy())
  const run: Setting['run'] = async (input) => {
    const { Instances } = await client.runInstances({ MinCount: 1, MaxCount: 1, ...input })
    return present(Instances?.[0]?.InstanceId)
  }
  return { api, client, run }
}

function ec2Error(code: string, message?: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof EC2ServiceException, String(error))
    assert.equal(error.name, code, error.message)
    if (message !== undefined) assert.match(error.message, message)
    return true
  }
}

async function described(client: EC2, id: string) {
  const { Reservations } = await client.describeInstances({ InstanceIds: [id] })
  return present(Reservations?.[0]?.Instances?.[0])
}

test('an instance is told as it was asked for', async (t) => {
  const { client, run } = await start(t)
  const plain = await described(client, await run())
  assert.deepEqual(
    [
      plain.InstanceType,
      plain.Monitoring?.State,
      plain.KeyName,
      plain.IamInstanceProfile,
      plain.EbsOptimized,
    ],
    ['t3.micro', 'disabled', undefined, undefined, false],
  )
  assert.deepEqual(plain.CpuOptions, { CoreCount: 1, ThreadsPerCore: 2 })
  assert.equal(plain.PublicIpAddress, plain.PrivateIpAddress)
  assert.equal(plain.NetworkInterfaces?.[0]?.Association?.PublicIp, plain.PublicIpAddress)
  assert.deepEqual(
    plain.BlockDeviceMappings?.map(({ DeviceName }) => DeviceName),
    [plain.RootDeviceName],
  )

  const id = await run({
    ImageId: 'ami-0abcdef1234567890',
    InstanceType: 'm7g.xlarge',
    KeyName: 'mine',
    UserData: Buffer.from('#!/bin/sh').toString('base64'),
    IamInstanceProfile: { Name: 'web' },
    Monitoring: { Enabled: true },
    EbsOptimized: true,
    DisableApiStop: true,
    InstanceInitiatedShutdownBehavior: 'terminate',
    Placement: { AvailabilityZone: 'us-east-2c', Tenancy: 'dedicated' },
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
    MaintenanceOptions: { AutoRecovery: 'disabled' },
    BlockDeviceMappings: [
      { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 30, VolumeType: 'gp2' } },
      { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 100, VolumeType: 'io1', Iops: 500, Encrypted: true } },
      { DeviceName: '/dev/sdg', NoDevice: '' },
    ],
    NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: false }],
    TagSpecifications: [
      { ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] },
      { ResourceType: 'volume', Tags: [{ Key: 'Name', Value: 'disk' }] },
      { ResourceType: 'network-interface', Tags: [{ Key: 'Name', Value: 'eth0' }] },
    ],
  })
  const full = await described(client, id)
  assert.deepEqual(
    [full.KeyName, full.Architecture, full.Monitoring?.State, full.EbsOptimized, full.PublicIpAddress],
    ['mine', 'arm64', 'enabled', true, undefined],
  )
  assert.equal(full.IamInstanceProfile?.Arn, 'arn:aws:iam::123456789012:instance-profile/web')
  assert.deepEqual([full.Placement?.AvailabilityZone, full.Placement?.Tenancy], ['us-east-2c', 'dedicated'])
  assert.deepEqual(
    [full.MetadataOptions?.HttpTokens, full.MetadataOptions?.HttpPutResponseHopLimit],
    ['required', 2],
  )
  assert.deepEqual(full.CpuOptions, { CoreCount: 4, ThreadsPerCore: 1 })
  const { Volumes } = await client.describeVolumes({
    Filters: [{ Name: 'attachment.instance-id', Values: [id] }],
  })
  assert.deepEqual(
    Volumes?.map(({ Attachments, Size, VolumeType, Iops, Encrypted, Tags }) => [
      Attachments?.[0]?.Device,
      Size,
      VolumeType,
      Iops,
      Encrypted,
      Tags?.[0]?.Value,
    ]),
    [
      ['/dev/xvda', 30, 'gp2', 100, false, 'disk'],
      ['/dev/sdf', 100, 'io1', 500, true, 'disk'],
    ],
  )
  assert.deepEqual(
    full.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.VolumeId),
    Volumes?.map(({ VolumeId }) => VolumeId),
  )
  const { NetworkInterfaces } = await client.describeNetworkInterfaces({
    Filters: [{ Name: 'attachment.instance-id', Values: [id] }],
  })
  assert.deepEqual(NetworkInterfaces?.[0]?.TagSet, [{ Key: 'Name', Value: 'eth0' }])
  const { Tags } = await client.describeTags({ Filters: [{ Name: 'key', Values: ['Name'] }] })
  assert.deepEqual(Tags?.map(({ ResourceType }) => ResourceType).toSorted(), [
    'instance',
    'network-interface',
    'volume',
    'volume',
  ])
})

test('attributes of an instance are asked for and changed one by one', async (t) => {
  const { client, run } = await start(t)
  const InstanceId = await run({ UserData: Buffer.from('first').toString('base64') })
  const attribute = async (Attribute: 'userData' | 'instanceType' | 'disableApiStop' | 'sourceDestCheck') => {
    const { UserData, InstanceType, DisableApiStop, SourceDestCheck } =
      await client.describeInstanceAttribute({ InstanceId, Attribute })
    return (UserData ?? InstanceType ?? DisableApiStop ?? SourceDestCheck)?.Value
  }
  assert.equal(await attribute('userData'), Buffer.from('first').toString('base64'))
  const running = ec2Error('IncorrectInstanceState', /not in the 'stopped' state/)
  const change = { InstanceId, UserData: { Value: Buffer.from('second') } }
  await assert.rejects(client.modifyInstanceAttribute(change), running)
  await assert.rejects(
    client.modifyInstanceAttribute({ InstanceId, InstanceType: { Value: 't3.small' } }),
    running,
  )
  await client.stopInstances({ InstanceIds: [InstanceId] })
  await client.modifyInstanceAttribute(change)
  await client.modifyInstanceAttribute({ InstanceId, Attribute: 'instanceType', Value: 't3.small' })
  assert.equal(await attribute('userData'), Buffer.from('second').toString('base64'))
  assert.equal(await attribute('instanceType'), 't3.small')
  await assert.rejects(
    client.modifyInstanceAttribute({ InstanceId, InstanceType: { Value: 'nothing' } }),
    ec2Error('InvalidParameterValue'),
  )
  await client.startInstances({ InstanceIds: [InstanceId] })

  await client.modifyInstanceAttribute({ InstanceId, SourceDestCheck: { Value: false } })
  assert.equal(await attribute('sourceDestCheck'), false)
  const { GroupId } = await client.createSecurityGroup({ GroupName: 'g', Description: 'g', VpcId: VPC })
  const NetworkInterfaceId = present(
    (await described(client, InstanceId)).NetworkInterfaces?.[0]?.NetworkInterfaceId,
  )
  await client.modifyNetworkInterfaceAttribute({ NetworkInterfaceId, Groups: [GroupId ?? ''] })
  await client.monitorInstances({ InstanceIds: [InstanceId] })
  await client.modifyInstanceMetadataOptions({ InstanceId, HttpTokens: 'required' })
  await client.modifyInstanceMaintenanceOptions({ InstanceId, AutoRecovery: 'disabled' })
  const now = await described(client, InstanceId)
  assert.deepEqual(now.SecurityGroups, [{ GroupId, GroupName: 'g' }])
  assert.equal(now.MaintenanceOptions?.AutoRecovery, 'disabled')
  assert.deepEqual([now.Monitoring?.State, now.MetadataOptions?.HttpTokens], ['enabled', 'required'])
  assert.equal(
    (await client.unmonitorInstances({ InstanceIds: [InstanceId] })).InstanceMonitorings?.length,
    1,
  )
  await assert.rejects(
    client.describeInstanceAttribute({ InstanceId: 'i-0', Attribute: 'userData' }),
    ec2Error('InvalidInstanceID.NotFound'),
  )
  await assert.rejects(
    client.modifyNetworkInterfaceAttribute({ NetworkInterfaceId: 'eni-0', Groups: [] }),
    ec2Error('InvalidNetworkInterfaceID.NotFound'),
  )
})

test('credits are those of burstable instances, and unlimited but for the oldest', async (t) => {
  const { client, run } = await start(t)
  const ids = [
    await run({ InstanceType: 't3.micro' }),
    await run({ InstanceType: 't2.micro' }),
    await run({ InstanceType: 'm5.large' }),
    await run({ InstanceType: 't3.nano', CreditSpecification: { CpuCredits: 'standard' } }),
  ]
  const credits = async (): Promise<unknown> => {
    const found = await client.describeInstanceCreditSpecifications({ InstanceIds: ids })
    return found.InstanceCreditSpecifications?.map(({ CpuCredits }) => CpuCredits)
  }
  assert.deepEqual(await credits(), ['unlimited', 'standard', 'standard'])
  await client.modifyInstanceCreditSpecification({
    InstanceCreditSpecifications: [{ InstanceId: ids[1], CpuCredits: 'unlimited' }],
  })
  assert.deepEqual(await credits(), ['unlimited', 'unlimited', 'standard'])
  for (const change of [
    { InstanceId: ids[2], CpuCredits: 'standard' },
    { InstanceId: ids[0], CpuCredits: 'x' },
  ]) {
    const InstanceCreditSpecifications = [change]
    await assert.rejects(
      client.modifyInstanceCreditSpecification({ InstanceCreditSpecifications }),
      ec2Error('InvalidParameterValue'),
    )
  }
})

test('a volume grows with its instance, and goes with it', async (t) => {
  const { client, run } = await start(t)
  const id = await run({ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeType: 'gp2' } }] })
  const VolumeId = present((await described(client, id)).BlockDeviceMappings?.[0]?.Ebs?.VolumeId)
  const { VolumeModification } = await client.modifyVolume({ VolumeId, Size: 100 })
  assert.deepEqual(
    [VolumeModification?.ModificationState, VolumeModification?.OriginalSize, VolumeModification?.TargetSize],
    ['completed', 8, 100],
  )
  const [volume] = (await client.describeVolumes({ VolumeIds: [VolumeId] })).Volumes ?? []
  assert.deepEqual([volume?.Size, volume?.Iops, volume?.VolumeType], [100, 300, 'gp2'])
  await assert.rejects(client.modifyVolume({ VolumeId, Size: 50 }), ec2Error('InvalidParameterValue'))
  await client.modifyVolume({ VolumeId, VolumeType: 'gp3', Throughput: 250 })
  const [changed] = (await client.describeVolumes({ VolumeIds: [VolumeId] })).Volumes ?? []
  assert.deepEqual([changed?.Iops, changed?.Throughput], [3000, 250])
  const { VolumesModifications } = await client.describeVolumesModifications({ VolumeIds: [VolumeId] })
  assert.equal(VolumesModifications?.[0]?.ModificationState, 'completed')
  const { VolumeStatuses } = await client.describeVolumeStatus({ VolumeIds: [VolumeId] })
  assert.equal(VolumeStatuses?.[0]?.VolumeStatus?.Status, 'ok')
  await client.terminateInstances({ InstanceIds: [id] })
  await assert.rejects(client.describeVolumes({ VolumeIds: [VolumeId] }), ec2Error('InvalidVolume.NotFound'))
})

test('what a repeated call made is found by its token, and contradictions are refused', async (t) => {
  const { run } = await start(t)
  const id = await run({ ClientToken: 'once' })
  assert.equal(await run({ ClientToken: 'once' }), id)
  assert.notEqual(await run({ ClientToken: 'twice' }), id)
  assert.notEqual(await run(), await run())
  const refused: [Partial<RunInstancesCommandInput>, string][] = [
    [{ InstanceType: 'large' as 't3.micro' }, 'InvalidParameterValue'],
    [{ Placement: { AvailabilityZone: 'us-east-2x' } }, 'InvalidParameterValue'],
    [{ SubnetId: SUBNETS[0], NetworkInterfaces: [{ DeviceIndex: 0 }] }, 'InvalidParameterCombination'],
    [{ NetworkInterfaces: [{ NetworkInterfaceId: 'eni-0' }] }, 'InvalidNetworkInterfaceID.NotFound'],
    [{ UserData: Buffer.alloc(16_385).toString('base64') }, 'InvalidParameterValue'],
    [{ BlockDeviceMappings: [{ Ebs: { VolumeSize: 9 } }] }, 'MissingParameter'],
  ]
  for (const [input, code] of refused) {
    await assert.rejects(run(input), ec2Error(code), JSON.stringify(input).slice(0, 200))
  }
  // What SDKs send for a value that nobody set says nothing.
  assert.ok(await run({ KeyName: '', SubnetId: '', Placement: { AvailabilityZone: '', Tenancy: undefined } }))
})

test('protected instances neither stop nor end', async (t) => {
  const { client, run } = await start(t)
  const InstanceId = await run({ DisableApiTermination: true, DisableApiStop: true })
  const refused = ec2Error('OperationNotPermitted', /Modify its 'disableApi(Stop|Termination)'/)
  await assert.rejects(client.stopInstances({ InstanceIds: [InstanceId] }), refused)
  const other = await run()
  await assert.rejects(client.terminateInstances({ InstanceIds: [other, InstanceId] }), refused)
  assert.equal((await described(client, other)).State?.Name, 'running')
  await client.modifyInstanceAttribute({ InstanceId, DisableApiTermination: { Value: false } })
  await client.terminateInstances({ InstanceIds: [other, InstanceId] })
  const gone = await described(client, InstanceId)
  assert.deepEqual(
    [gone.State?.Name, gone.SecurityGroups ?? [], gone.VpcId, gone.PrivateIpAddress],
    ['terminated', [], undefined, undefined],
  )
})

test('ALB-TG OQ-66 a terminated instance leaves its target groups after their delay, a stopped one stays', async (t) => {
  const { api, client, run } = await start(t)
  const ids = [await run(), await run(), ...INSTANCES]
  const [slow, fast] = [await createTargetGroup(api, 'slow'), await createTargetGroup(api, 'fast')]
  const set = async (TargetGroupArn: string, Value: string): Promise<void> => {
    const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value }]
    await api.client.modifyTargetGroupAttributes({ TargetGroupArn, Attributes })
  }
  await set(slow, '60')
  await set(fast, '0')
  for (const TargetGroupArn of [slow, fast]) {
    const Targets = ids.flatMap((Id) => [{ Id }, { Id, Port: 8080 }])
    await api.client.registerTargets({ TargetGroupArn, Targets })
  }
  // In another Region the instances of the configuration have the same IDs.
  const elsewhere = await api.store.write(async (rows) => {
    const group = present(await rows.targetGroups.find(fast))
    const arn = group.arn.replace('us-east-2', 'eu-west-1')
    await rows.targetGroups.insert({ ...group, arn, region: 'eu-west-1' })
    const [target] = (await rows.targets.list(fast)).filter(({ id }) => id === INSTANCES[0])
    await rows.targets.put({ ...present(target), targetGroupArn: arn })
    return arn
  })
  const states = async (TargetGroupArn: string): Promise<string[]> => {
    const found = await api.client.describeTargetHealth({ TargetGroupArn })
    return present(found.TargetHealthDescriptions).map(
      ({ Target, TargetHealth }) => `${ids.indexOf(Target?.Id ?? '')} ${Target?.Port} ${TargetHealth?.State}`,
    )
  }
  await client.stopInstances({ InstanceIds: [ids[1] ?? ''] })
  await client.terminateInstances({ InstanceIds: [ids[0] ?? '', ids[2] ?? ''] })
  const staying = ['1 80 unused', '1 8080 unused', '3 80 unused', '3 8080 unused']
  assert.deepEqual(await states(fast), staying)
  assert.deepEqual(
    await states(slow),
    [...staying, '0 80 draining', '0 8080 draining', '2 80 draining', '2 8080 draining'].toSorted(),
  )
  assert.equal((await api.store.read(async (rows) => await rows.targets.list(elsewhere))).length, 1)
  api.setDate(Date.now() + 61_000)
  assert.deepEqual(await states(slow), staying)
})

test('a terminated instance is told of for an hour', async (t) => {
  const { api, client, run } = await start(t)
  const id = await run()
  await client.createTags({ Resources: [id], Tags: [{ Key: 'a', Value: 'b' }] })
  await client.terminateInstances({ InstanceIds: [id] })
  api.setDate(Date.now() + 3_500_000)
  await run()
  assert.equal((await described(client, id)).State?.Name, 'terminated')
  api.setDate(Date.now() + 3_700_000)
  const { Reservations } = await client.describeInstances({})
  assert.ok(!present(Reservations).some(({ Instances }) => Instances?.[0]?.InstanceId === id))
  await assert.rejects(
    client.describeInstances({ InstanceIds: [id] }),
    ec2Error('InvalidInstanceID.NotFound'),
  )
  await run()
  const tags = await api.store.read(
    async (rows) => await rows.tags.of(`arn:aws:ec2:us-east-2:123456789012:instance/${id}`),
  )
  assert.deepEqual(tags, [])
})
