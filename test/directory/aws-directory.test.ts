// The directory at an EC2 endpoint: another instance of our own API, which may go away.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { EC2 } from '@aws-sdk/client-ec2'
import { scaledClock } from '../../src/clock/clock.ts'
import { AwsDirectory } from '../../src/directory/aws-directory.ts'
import { DirectoryUnavailable, LookupNeeded, withLookups } from '../../src/directory/lookups.ts'
import { startApi, temporaryFolder } from '../api/support.ts'
import { startRelay, type Relay } from '../support/relay.ts'

const REGION = 'eu-west-1'
const ELSEWHERE = {
  vpcId: 'vpc-elsewhere',
  subnets: [
    { id: 'subnet-first', zone: 'a' },
    { id: 'subnet-second', zone: 'b' },
  ],
  securityGroups: ['sg-elsewhere'],
  instances: [{ id: 'i-elsewhere', zone: 'b', address: '10.0.20.1' }],
}

interface Setting {
  readonly ec2: EC2
  readonly relay: Relay
  readonly directory: AwsDirectory
  /** Groups and instances that the directory told of, by Region. */
  readonly changes: string[]
  readonly reports: string[]
  /** Lets time pass after a failure, so that the endpoint is asked again. */
  readonly wait: () => void
  /** Another directory that takes up what the first one has seen. */
  readonly again: () => Promise<AwsDirectory>
}

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' }

async function start(t: TestContext, url?: string): Promise<Setting> {
  const api = await startApi(t, { directory: ELSEWHERE })
  const relay = await startRelay(t, api.endpoint)
  const ec2 = new EC2({ endpoint: api.endpoint, region: REGION, credentials: { ...CREDENTIALS } })
  t.after(() => ec2.destroy())
  const made: AwsDirectory[] = []
  // Before the folder that they write to is removed.
  t.after(async () => await Promise.all(made.map(async (directory) => await directory.close())))
  const file = join(await temporaryFolder(t), 'seen.json')
  const changes: string[] = []
  const reports: string[] = []
  let date = Date.now()
  const make = async (): Promise<AwsDirectory> => {
    const directory = new AwsDirectory({
      url: url ?? relay.url,
      settings: {
        ec2: url ?? relay.url,
        acm: null,
        iam: null,
        credentials: CREDENTIALS,
        refreshMs: 3_600_000,
      },
      region: REGION,
      zonePools: { a: '127.1.0.0/16' },
      ipv6Pools: {},
      isStrict: false,
      certificate: async () => undefined,
      file,
      clock: { ...scaledClock(), date: () => date },
      onChange: (region, { groups, instances }) =>
        changes.push(...[...groups, ...instances].map((id) => `${region} ${id}`)),
      report: (message) => reports.push(message),
    })
    made.push(directory)
    await directory.load()
    return directory
  }
  const wait = (): void => void (date += 5000)
  return { ec2, relay, directory: await make(), changes, reports, wait, again: make }
}

test('what EC2 has elsewhere is looked up outside of the work that needs it', async (t) => {
  const { directory } = await start(t)
  await assert.rejects(directory.subnet(REGION, 'subnet-first'), LookupNeeded)
  const [first, second] = await withLookups(async () => [
    await directory.subnet(REGION, 'subnet-first'),
    await directory.subnet(REGION, 'subnet-second'),
  ])
  assert.deepEqual(first, {
    id: 'subnet-first',
    vpcId: 'vpc-elsewhere',
    zone: 'eu-west-1a',
    pool: '127.1.0.0/16',
    hasIpv6: false,
    zoneType: 'availability-zone',
    isTooSmall: false,
  })
  assert.equal(second?.pool, null)
  // With a subnet its VPC is known, and all in it.
  const vpc = await directory.vpc(REGION, 'vpc-elsewhere')
  assert.equal(vpc?.defaultSecurityGroup, 'sg-elsewhere')
  assert.equal(vpc?.hasInternetGateway, true)
  assert.deepEqual(
    vpc?.blocks.filter(({ zone }) => zone === 'eu-west-1a').map(({ cidr }) => cidr),
    ['127.1.0.0/16'],
  )
  assert.deepEqual(vpc?.cidrs, ['172.31.0.0/16'])
  assert.ok(!vpc.blocks.some(({ cidr }) => cidr === '172.31.0.0/16'), 'not all of it is in a subnet')
  assert.equal((await directory.defaultVpc(REGION))?.id, 'vpc-elsewhere')
  assert.deepEqual(await directory.zones(REGION), ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'])
  const group = await directory.securityGroup(REGION, 'sg-elsewhere')
  assert.deepEqual([group?.vpcId, group?.inbound[0]?.cidrs], ['vpc-elsewhere', ['0.0.0.0/0', '::/0']])
  const instance = await withLookups(async () => await directory.instance(REGION, 'i-elsewhere'))
  assert.deepEqual(instance, {
    id: 'i-elsewhere',
    vpcId: 'vpc-elsewhere',
    zone: 'eu-west-1b',
    address: '10.0.20.1',
    state: 'running',
  })
})

test('what is not there is not there, and is found once it is made', async (t) => {
  const { directory, ec2 } = await start(t)
  for (const id of ['subnet-0', 'sg-0', 'vpc-0', 'i-0', 'constructor', '']) {
    assert.equal(await withLookups(async () => await directory.subnet(REGION, id)), undefined)
    assert.equal(await withLookups(async () => await directory.securityGroup(REGION, id)), undefined)
    assert.equal(await withLookups(async () => await directory.vpc(REGION, id)), undefined)
    assert.equal(await withLookups(async () => await directory.instance(REGION, id)), undefined)
  }
  await withLookups(async () => await directory.vpc(REGION, 'vpc-elsewhere'))
  const { GroupId = '' } = await ec2.createSecurityGroup({ GroupName: 'new', Description: 'new' })
  const group = await withLookups(async () => await directory.securityGroup(REGION, GroupId))
  assert.deepEqual([group?.vpcId, group?.inbound], ['vpc-elsewhere', []])
})

test('groups that admit others than before are told of', async (t) => {
  const { directory, ec2, changes } = await start(t)
  const { GroupId = '' } = await ec2.createSecurityGroup({ GroupName: 'web', Description: 'web' })
  const { GroupId: clients = '' } = await ec2.createSecurityGroup({
    GroupName: 'clients',
    Description: 'clients',
  })
  await withLookups(async () => await directory.securityGroup(REGION, GroupId))
  changes.length = 0
  await directory.refresh()
  assert.deepEqual(changes, [])
  await ec2.authorizeSecurityGroupIngress({
    GroupId,
    IpPermissions: [
      { IpProtocol: 'tcp', FromPort: 80, ToPort: 81, UserIdGroupPairs: [{ GroupId: clients }] },
    ],
  })
  await directory.refresh()
  assert.deepEqual(changes.splice(0), [`${REGION} ${GroupId}`])
  assert.deepEqual((await directory.securityGroup(REGION, GroupId))?.inbound, [
    { protocol: 'tcp', fromPort: 80, toPort: 81, cidrs: [], groups: [clients] },
  ])
  const members = async (): Promise<readonly string[]> =>
    await withLookups(async () => await directory.addressesInGroup(REGION, clients))
  assert.deepEqual(await members(), [])
  const { Instances } = await ec2.runInstances({
    ImageId: 'ami-0',
    MinCount: 1,
    MaxCount: 1,
    PrivateIpAddress: '10.0.0.77',
    SecurityGroupIds: [clients],
  })
  await directory.refresh()
  assert.deepEqual(await members(), ['10.0.0.77'])
  assert.deepEqual(changes.splice(0), [`${REGION} ${GroupId}`])
  const id = Instances?.[0]?.InstanceId ?? ''
  await directory.expectInstances(REGION, [id, 'i-0'])
  assert.equal((await directory.instance(REGION, id))?.state, 'running')
  assert.equal(await directory.instance(REGION, 'i-0'), undefined)
  await ec2.terminateInstances({ InstanceIds: [id] })
  changes.length = 0
  await directory.refresh()
  assert.deepEqual(changes, [`${REGION} ${GroupId}`, `${REGION} ${id}`])
  assert.equal((await directory.instance(REGION, id))?.state, 'terminated')
  assert.deepEqual(await members(), [])
  changes.length = 0
  await ec2.revokeSecurityGroupIngress({
    GroupId,
    IpPermissions: [
      { IpProtocol: 'tcp', FromPort: 80, ToPort: 81, UserIdGroupPairs: [{ GroupId: clients }] },
    ],
  })
  await ec2.deleteSecurityGroup({ GroupId })
  await directory.refresh()
  assert.deepEqual(changes, [`${REGION} ${GroupId}`])
  assert.equal(await withLookups(async () => await directory.securityGroup(REGION, GroupId)), undefined)
})

test('while the endpoint is away what was seen counts, also after a start', async (t) => {
  const { directory, relay, reports, wait, again, ec2, changes } = await start(t)
  const { GroupId = '' } = await ec2.createSecurityGroup({ GroupName: 'web', Description: 'web' })
  await withLookups(async () => await directory.subnet(REGION, 'subnet-first'))
  await directory.refresh()
  assert.deepEqual(reports, [])
  relay.cut()
  await directory.refresh()
  assert.equal(reports.length, 1)
  assert.match(reports[0] ?? '', /^EC2 at http:\/\/127\.0\.0\.1:\d+, .* cannot be asked: .*goes on to count$/)
  assert.equal((await directory.subnet(REGION, 'subnet-first'))?.zone, 'eu-west-1a')
  const unknown = async (): Promise<unknown> => await directory.instance(REGION, 'i-elsewhere')
  await assert.rejects(withLookups(unknown), DirectoryUnavailable)
  await directory.close()

  const second = await again()
  assert.equal((await second.subnet(REGION, 'subnet-first'))?.zone, 'eu-west-1a')
  await second.refresh()
  assert.equal((await second.securityGroup(REGION, GroupId))?.vpcId, 'vpc-elsewhere')
  // It is back: what could not be looked up is, and what changed meanwhile is told.
  await assert.rejects(withLookups(async () => await second.instance(REGION, 'i-elsewhere')))
  await ec2.authorizeSecurityGroupIngress({ GroupId, IpProtocol: '-1', CidrIp: '192.0.2.0/24' })
  relay.serve()
  reports.length = 0
  changes.length = 0
  await second.refresh()
  assert.deepEqual(reports, [])
  wait()
  await second.refresh()
  assert.deepEqual(reports, [`EC2 answers for ${REGION} again`])
  assert.deepEqual(changes, [`${REGION} ${GroupId}`, `${REGION} i-elsewhere`])
  assert.equal((await second.instance(REGION, 'i-elsewhere'))?.address, '10.0.20.1')
})

test('an endpoint that is no EC2 is told apart from one where nothing is', async (t) => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end('<!doctype html><html><body>Welcome</body></html>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { directory } = await start(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await assert.rejects(
    withLookups(async () => await directory.subnet(REGION, 'subnet-first')),
    (error) => error instanceof DirectoryUnavailable && /names no zones|cannot be asked/.test(error.message),
  )
})

test('a Region that cannot be one never becomes a part of a URL', async (t) => {
  const { directory } = await start(t)
  for (const region of ['evil.example/', 'a', '']) {
    await assert.rejects(directory.zones(region), DirectoryUnavailable)
    await directory.expectInstances(region, ['i-1'])
  }
})
