// Access logs from the attribute to the file in the bucket, through the whole program.

import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeLoadBalancerAttributesCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
  RegisterTargetsCommand,
  type Action,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { becomes, eventually } from '../support/eventually.ts'
import { nodeNetwork } from '../support/network.ts'
import { startProgram, type Program } from '../support/program.ts'
import { startTarget, type Target } from '../support/target.ts'

const SUBNETS = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']
const ACCOUNT = '123456789012'
const NODES = [`${nodeNetwork(0)}.1`, `${nodeNetwork(1)}.1`] as const

/** The pattern by which Athena reads ALB's logs, from AWS's documentation. */
const ATHENA =
  /^([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*):([0-9]*) ([^ ]*)[:-]([0-9]*) ([-.0-9]*) ([-.0-9]*) ([-.0-9]*) (|[-0-9]*) (-|[-0-9]*) ([-0-9]*) ([-0-9]*) "([^ ]*) (.*) (- |[^ ]*)" "([^"]*)" ([A-Z0-9-_]+) ([A-Za-z0-9.-]*) ([^ ]*) "([^"]*)" "([^"]*)" "([^"]*)" ([-.0-9]*) ([^ ]*) "([^"]*)" "([^"]*)" "([^ ]*)" "([^\s]+?)" "([^\s]+)" "([^ ]*)" "([^ ]*)" ?([^ ]*)?$/

let program: Program
let client: ElasticLoadBalancingV2Client
let target: Target
let loadBalancer: string
let bucketFolder: string

before(async () => {
  program = await startProgram({ workers: 1 })
  client = new ElasticLoadBalancingV2Client({
    endpoint: program.endpoint,
    region: 'us-east-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  target = await startTarget()
  loadBalancer = await makeLoadBalancer('logged')
  bucketFolder = join(program.dataFolder, 'logs', 'my-logs')
})

after(async () => {
  client.destroy()
  target.close()
  await program.stop()
})

async function makeLoadBalancer(name: string): Promise<string> {
  const { LoadBalancers } = await client.send(new CreateLoadBalancerCommand({ Name: name, Subnets: SUBNETS }))
  const arn = LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  const { TargetGroups } = await client.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: 'HTTP',
      Port: 80,
      TargetType: 'ip',
      VpcId: 'vpc-0598c7d356EXAMPLE',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
    }),
  )
  const group = TargetGroups?.[0]?.TargetGroupArn ?? ''
  await client.send(
    new RegisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: '127.0.0.1', Port: target.port }] }),
  )
  const action: Action = { Type: 'forward', TargetGroupArn: group }
  await client.send(
    new CreateListenerCommand({
      LoadBalancerArn: arn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [action],
    }),
  )
  await becomes(async () => await get(NODES[0]), 200)
  return arn
}

async function get(address: string, path = '/'): Promise<number> {
  return await fetch(`http://${address}${path}`).then(
    async (response) => {
      await response.text()
      return response.status
    },
    () => 0,
  )
}

async function attribute(key: string): Promise<string | undefined> {
  const { Attributes } = await client.send(
    new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: loadBalancer }),
  )
  return Attributes?.find((each) => each.Key === key)?.Value
}

async function setLogs(values: Readonly<Record<string, string>>): Promise<void> {
  const Attributes = Object.entries(values).map(([key, Value]) => ({ Key: `access_logs.s3.${key}`, Value }))
  await client.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: loadBalancer, Attributes }))
}

let xff: 'append' | 'remove' = 'append'

/** Resolves when the attributes set so far act: one that shows in requests is set behind them. */
async function inForce(): Promise<void> {
  xff = xff === 'append' ? 'remove' : 'append'
  const attribute = { Key: 'routing.http.xff_header_processing.mode', Value: xff }
  await client.send(
    new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: loadBalancer, Attributes: [attribute] }),
  )
  await eventually(`X-Forwarded-For says ${xff}`, async () => {
    await get(NODES[0], '/in-force')
    const { head = '' } = target.requests.findLast((request) => request.head.includes('/in-force')) ?? {}
    assert.equal(head.includes('X-Forwarded-For:'), xff === 'append', head)
  })
  program.flush()
}

/** Delivered files of the load balancer: paths in the bucket. */
async function logFiles(): Promise<string[]> {
  if (!existsSync(bucketFolder)) return []
  const names = await readdir(bucketFolder, { recursive: true })
  return names.filter((name) => name.endsWith('.log.gz')).toSorted()
}

async function linesOf(file: string): Promise<string[]> {
  return gunzipSync(await readFile(join(bucketFolder, file)))
    .toString()
    .trimEnd()
    .split('\n')
}

test('ALB-OBS-109 logs are off at first, and traffic leaves no file', async () => {
  assert.equal(await attribute('access_logs.s3.enabled'), 'false')
  for (let count = 0; count < 4; count++) assert.equal(await get(NODES[0]), 200)
  program.flush()
  assert.equal((await readdir(join(program.dataFolder, 'spool'))).length, 0)
})

test('ALB-OBS-118, 281 they need a bucket, and a prefix without AWSLogs', async () => {
  for (const [more, message] of [
    [{}, /bucket/],
    [{ bucket: 'my-logs', prefix: 'xAWSLogsy' }, /AWSLogs/],
  ] as const) {
    await assert.rejects(setLogs({ enabled: 'true', ...more }), { message })
  }
  assert.equal(await attribute('access_logs.s3.enabled'), 'false')
  assert.equal(await attribute('access_logs.s3.prefix'), '')
})

test('ALB-OBS-283, 304, 305 a bucket that is in use already gets a test file and keeps what it has', async () => {
  await mkdir(bucketFolder, { recursive: true })
  await writeFile(join(bucketFolder, 'other.txt'), 'other')
  await setLogs({ enabled: 'true', bucket: 'my-logs', prefix: 'p' })
  const text = await readFile(join(bucketFolder, 'p', 'AWSLogs', ACCOUNT, 'ELBAccessLogTestFile'), 'utf8')
  assert.match(text, /^Enable AccessLog for ELB: logged at /)
  assert.doesNotMatch(text.trimEnd(), ATHENA)
  assert.equal(await readFile(join(bucketFolder, 'other.txt'), 'utf8'), 'other')
})

test('ALB-LB-033 ALB-OBS-116, 119, 120, 121, 123, 125, 131, 280 a file per node, found by its key, with the requests alone', async () => {
  await inForce()
  await eventually('a file is there', async () => (await logFiles()).length > 0)
  const before = await logFiles()
  const checks = (): number => target.requests.filter(({ head }) => /ELB-HealthChecker/.test(head)).length
  for (const [index, address] of NODES.entries()) {
    for (let count = 0; count <= index; count++) await get(address, `/node-${index}`)
  }
  const seen = checks()
  await eventually('the target is checked', () => checks() > seen)
  program.flush()
  await becomes(async () => (await logFiles()).length, before.length + 2)
  const id = loadBalancer.split('/').at(-1)
  for (const [index, address] of NODES.entries()) {
    const added = (await logFiles()).filter((name) => !before.includes(name))
    const file = added.find((name) => name.includes(`_${address}_`)) ?? ''
    const pattern = new RegExp(
      `^p/AWSLogs/${ACCOUNT}/elasticloadbalancing/us-east-2/(\\d{4})/(\\d\\d)/(\\d\\d)/` +
        `${ACCOUNT}_elasticloadbalancing_us-east-2_app\\.logged\\.${id}_\\1\\2\\3T\\d{4}Z_` +
        `${address.replaceAll('.', '\\.')}_[0-9a-z]{8}\\.log\\.gz$`,
    )
    assert.match(file, pattern)
    const lines = await linesOf(file)
    assert.equal(lines.length, index + 1)
    for (const line of lines) {
      assert.match(line, ATHENA)
      assert.equal(ATHENA.exec(line)?.[16], `http://${address}:80/node-${index}`)
    }
  }
})

test('ALB-OBS-126 files of one node and interval differ in their random part only', async () => {
  const before = await logFiles()
  await get(NODES[0])
  program.flush()
  await becomes(async () => (await logFiles()).length, before.length + 1)
  const [added = ''] = (await logFiles()).filter((file) => !before.includes(file))
  const parts = (file: string): string => file.replace(/_\d{8}T\d{4}Z/, '').replace(/_[0-9a-z]{8}\.log/, '')
  assert.ok(before.map(parts).includes(parts(added)))
})

test('ALB-OBS-112, 309 off again, no line is written, and what was delivered stays', async () => {
  const before = await logFiles()
  await setLogs({ enabled: 'false' })
  await inForce()
  const reached = target.requests.length
  await get(NODES[0], '/unlogged')
  assert.ok(target.requests.length > reached)
  program.flush()
  const spool = join(program.dataFolder, 'spool')
  const waiting = async (): Promise<string[]> =>
    (await readdir(spool, { recursive: true })).filter((name) => /\.(?:log|open|delivery)$/.test(name))
  await becomes(async () => (await waiting()).length, 0)
  const files = await logFiles()
  assert.deepEqual(
    files.filter((file) => before.includes(file)),
    before,
  )
  for (const file of files) {
    for (const line of await linesOf(file)) assert.ok(!line.includes('/unlogged'), line)
  }
})

test('ALB-OBS-135, 306 without a prefix the key begins with AWSLogs; a spool that is gone fails no request', async () => {
  await program.stop()
  program = await startProgram({ workers: 1 })
  client.destroy()
  client = new ElasticLoadBalancingV2Client({
    endpoint: program.endpoint,
    region: 'us-east-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  bucketFolder = join(program.dataFolder, 'logs', 'my-logs')
  loadBalancer = await makeLoadBalancer('unprefixed')
  await rm(join(program.dataFolder, 'spool'), { recursive: true })
  await writeFile(join(program.dataFolder, 'spool'), 'no folder')
  await setLogs({ enabled: 'true', bucket: 'my-logs' })
  assert.ok(existsSync(join(bucketFolder, 'AWSLogs', ACCOUNT, 'ELBAccessLogTestFile')))
  for (let count = 0; count < 10; count++) assert.equal(await get(NODES[0]), 200)
})
