// The whole program: what the API says and what traffic does, across changes and across the death of processes.

import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Action, TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { becomes, eventually } from '../support/eventually.ts'
import { startProgram, type Program, type ProgramOptions } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SUBNETS = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']
const VPC = 'vpc-0598c7d356EXAMPLE'

class Bench {
  readonly program: Program
  readonly client: ElasticLoadBalancingV2Client

  constructor(program: Program) {
    this.program = program
    this.client = new ElasticLoadBalancingV2Client({
      endpoint: program.endpoint,
      region: 'us-east-2',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    })
  }

  /** Makes a load balancer in two zones with one listener; resolves when it serves. */
  async loadBalancer(
    name: string,
    action: Action,
    port = 80,
  ): Promise<{ arn: string; listener: string; url: string }> {
    const made = await this.client.send(new CreateLoadBalancerCommand({ Name: name, Subnets: SUBNETS }))
    const arn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? ''
    const listener = await this.listener(arn, action, port)
    await becomes(async () => (await this.state(arn)).Code, 'active')
    const match = await this.program.outputMatching(new RegExp(`${name} serves at (\\S+)`))
    return { arn, listener, url: `http://${match[1]}:${port}/` }
  }

  async listener(loadBalancerArn: string, action: Action, port: number): Promise<string> {
    const made = await this.client.send(
      new CreateListenerCommand({
        LoadBalancerArn: loadBalancerArn,
        Protocol: 'HTTP',
        Port: port,
        DefaultActions: [action],
      }),
    )
    return made.Listeners?.[0]?.ListenerArn ?? ''
  }

  async state(arn: string): Promise<{ Code?: string | undefined; Reason?: string | undefined }> {
    const found = await this.client.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] }))
    return found.LoadBalancers?.[0]?.State ?? {}
  }

  async targetGroup(name: string, ...servers: readonly Server[]): Promise<string> {
    const made = await this.client.send(
      new CreateTargetGroupCommand({
        Name: name,
        Protocol: 'HTTP',
        Port: 80,
        TargetType: 'ip',
        VpcId: VPC,
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
      }),
    )
    const arn = made.TargetGroups?.[0]?.TargetGroupArn ?? ''
    await this.client.send(
      new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: servers.map(targetOf) }),
    )
    return arn
  }

  async health(targetGroupArn: string): Promise<TargetHealth[]> {
    const found = await this.client.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }))
    return (found.TargetHealthDescriptions ?? []).map((description) => description.TargetHealth ?? {})
  }
}

async function start(t: TestContext, options: Partial<ProgramOptions> = {}): Promise<Bench> {
  const bench = new Bench(await startProgram({ ...options }))
  t.after(async () => {
    bench.client.destroy()
    await bench.program.stop()
  })
  return bench
}

function says(message: string): Action {
  return { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', MessageBody: message } }
}

async function target(t: TestContext, answer: () => number): Promise<Server> {
  const server = createServer((_request, response) => {
    response.statusCode = answer()
    response.end('target')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return server
}

function targetOf(server: Server): { Id: string; Port: number } {
  return { Id: '127.0.0.1', Port: (server.address() as AddressInfo).port }
}

async function get(url: string): Promise<string> {
  const response = await fetch(url, { headers: { Connection: 'close' } })
  return await response.text()
}

test('a change is live in all workers when it is asked for again', async (t) => {
  const bench = await start(t)
  const { listener, url } = await bench.loadBalancer('changing', says('before'))
  assert.equal(await get(url), 'before')
  await bench.client.send(
    new ModifyListenerCommand({ ListenerArn: listener, DefaultActions: [says('after')] }),
  )
  await becomes(async () => await get(url), 'after')
  // Each connection may get another worker.
  const answers = await Promise.all(Array.from({ length: 20 }, async () => await get(url)))
  assert.deepEqual(new Set(answers), new Set(['after']))
})

test('traffic does not notice that control dies, and the API goes on at the same endpoint', async (t) => {
  const bench = await start(t)
  const server = await target(t, () => 200)
  const group = await bench.targetGroup('steady', server)
  const { arn, url } = await bench.loadBalancer('steady', { Type: 'forward', TargetGroupArn: group })
  await becomes(async () => (await bench.health(group))[0]?.State, 'healthy')
  const over = new AbortController()
  const traffic = (async () => {
    let count = 0
    for (; !over.signal.aborted; count++) assert.equal(await get(url), 'target')
    return count
  })()
  await bench.program.kill('control')
  // The SDK tries again while nobody listens.
  await becomes(async () => await bench.state(arn).then(({ Code }) => Code, String), 'active')
  assert.deepEqual(await bench.health(group), [{ State: 'healthy' }])
  over.abort()
  assert.ok((await traffic) > 0)
})

test('new connections are served while a worker that died is started again', async (t) => {
  const bench = await start(t)
  const { url } = await bench.loadBalancer('robust', says('here'))
  for (const name of ['worker 0', 'worker 1'] as const) {
    await bench.program.kill(name)
    const answers = await Promise.all(Array.from({ length: 10 }, async () => await get(url)))
    assert.deepEqual(new Set(answers), new Set(['here']))
  }
})

test('ALB-TG-235, 241 ALB-OBS-446 health follows what the target answers', async (t) => {
  const bench = await start(t, { timeScale: 50 })
  let code = 200
  const server = await target(t, () => code)
  const group = await bench.targetGroup('checked', server)
  assert.deepEqual((await bench.health(group))[0]?.Reason, 'Target.NotInUse')
  await bench.loadBalancer('checked', { Type: 'forward', TargetGroupArn: group })
  await becomes(async () => (await bench.health(group))[0]?.State, 'healthy')
  code = 404
  await becomes(async () => (await bench.health(group))[0]?.State, 'unhealthy')
  assert.deepEqual(await bench.health(group), [
    {
      State: 'unhealthy',
      Reason: 'Target.ResponseCodeMismatch',
      Description: 'Health checks failed with these codes: [404]',
    },
  ])
  await bench.client.send(
    new ModifyTargetGroupCommand({ TargetGroupArn: group, Matcher: { HttpCode: '404' } }),
  )
  await becomes(async () => (await bench.health(group))[0]?.State, 'healthy')
  server.closeAllConnections()
  server.close()
  await becomes(async () => (await bench.health(group))[0]?.Reason, 'Target.FailedHealthChecks')
})

test('a target that nobody uses leaves before its deregistration delay is over', async (t) => {
  const bench = await start(t)
  const server = await target(t, () => 200)
  const group = await bench.targetGroup('leaving', server)
  const { url } = await bench.loadBalancer('leaving', { Type: 'forward', TargetGroupArn: group })
  await becomes(async () => (await bench.health(group))[0]?.State, 'healthy')
  assert.equal(await get(url), 'target')
  // The delay is 300 seconds.
  await bench.client.send(
    new DeregisterTargetsCommand({ TargetGroupArn: group, Targets: [targetOf(server)] }),
  )
  await becomes(async () => (await bench.health(group)).length, 0)
})

test('ALB-LB-146 a port that another program has shows in the state, with the reason', async (t) => {
  const bench = await start(t)
  const port = 8099
  const { arn, url } = await bench.loadBalancer('impaired', says('x'))
  const { hostname } = new URL(url)
  const other = createTcpServer()
  other.listen(port, hostname)
  await once(other, 'listening')
  t.after(() => other.close())
  await bench.listener(arn, says('y'), port)
  await becomes(async () => (await bench.state(arn)).Code, 'active_impaired')
  assert.equal(
    (await bench.state(arn)).Reason,
    `Cannot bind ${hostname}:${port}: another program listens there`,
  )
  assert.equal(await get(url), 'x')
  other.close()
  await becomes(async () => (await bench.state(arn)).Code, 'active')
  assert.equal(await get(`http://${hostname}:${port}/`), 'y')
})

test('ALB-OBS-110 ALB-OBS-115 access logs come to their bucket, and counters to /metrics', async (t) => {
  const bench = await start(t)
  const { arn, url } = await bench.loadBalancer('logged', says('x'))
  await bench.client.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerArn: arn,
      Attributes: [
        { Key: 'access_logs.s3.enabled', Value: 'true' },
        { Key: 'access_logs.s3.bucket', Value: 'my-bucket' },
        { Key: 'access_logs.s3.prefix', Value: 'my-prefix' },
      ],
    }),
  )
  const folder = join(bench.program.dataFolder, 'logs')
  let files: string[] = []
  await eventually('a log file is delivered', async () => {
    await get(`${url}path`)
    bench.program.flush()
    files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.log.gz'))
    return files.length > 0
  })
  assert.match(
    files[0] ?? '',
    /^my-bucket\/my-prefix\/AWSLogs\/123456789012\/elasticloadbalancing\/us-east-2\/\d{4}\/\d\d\/\d\d\/123456789012_elasticloadbalancing_us-east-2_app\.logged\.[0-9a-f]{16}_\d{8}T\d{4}Z_127\.\d+\.\d+\.\d+_[a-z0-9]{8}\.log\.gz$/,
  )
  assert.match(
    gunzipSync(await readFile(join(folder, files[0] ?? ''))).toString(),
    / app\/logged\/[^\n]+path[^\n]+\n/,
  )
  await eventually('its requests are counted', async () => {
    const metrics = await get(`${bench.program.endpoint}/metrics`)
    assert.match(metrics, /^evenkeel_request_count_total\{load_balancer="app\/logged\/[^}]+\} \d+$/m)
  })
})

test('what was made is there after a stop and a start, and serves', async (t) => {
  const dataFolder = temporaryFolder()
  const first = await start(t, { dataFolder })
  const { arn, url } = await first.loadBalancer('lasting', says('still here'))
  assert.equal(await first.program.stop(), 0)
  const second = await start(t, { dataFolder })
  await becomes(async () => (await second.state(arn)).Code, 'active')
  await becomes(async () => await get(url).catch(String), 'still here')
})

test('a request that runs when the program is told to end gets its answer', async (t) => {
  const bench = await start(t)
  const { promise, resolve } = Promise.withResolvers<() => void>()
  const server = createServer((request, response) => {
    if (request.url === '/slow') resolve(() => response.end('finished'))
    else response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const group = await bench.targetGroup('slow', server)
  const { url } = await bench.loadBalancer('slow', { Type: 'forward', TargetGroupArn: group })
  await becomes(async () => (await bench.health(group))[0]?.State, 'healthy')
  const answer = get(`${url}slow`)
  const finish = await promise
  const stopped = bench.program.stop()
  // New connections are refused from the moment on at which the program drains.
  await eventually('new connections are refused', async () => {
    await assert.rejects(get(url))
  })
  finish()
  assert.equal(await answer, 'finished')
  assert.equal(await stopped, 0)
})

test('a second signal ends the program at once', async (t) => {
  const bench = await start(t)
  const { promise, resolve } = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    if (request.url === '/slow') resolve()
    else response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const group = await bench.targetGroup('hurry', server)
  const { url } = await bench.loadBalancer('hurry', { Type: 'forward', TargetGroupArn: group })
  await becomes(async () => (await bench.health(group))[0]?.State, 'healthy')
  const answer = get(`${url}slow`).catch(() => 'cut')
  await promise
  bench.program.signal('SIGINT')
  await bench.program.errorsMatching(/once more to stop at once/)
  bench.program.signal('SIGINT')
  assert.equal(await bench.program.ended(), 1)
  assert.equal(await answer, 'cut')
})

test('traffic goes on when the store is gone, and control comes back with it', async (t) => {
  const bench = await start(t)
  const { arn, url } = await bench.loadBalancer('orphaned', says('here'))
  const file = join(bench.program.dataFolder, 'evenkeel.sqlite')
  const bytes = await readFile(file)
  const log = await readFile(`${file}-wal`)
  await writeFile(file, 'damaged '.repeat(1000))
  await rm(`${file}-wal`)
  await bench.program.kill('control')
  await bench.program.errorsMatching(/is damaged/)
  assert.equal(await get(url), 'here')
  await writeFile(file, bytes)
  await writeFile(`${file}-wal`, log)
  await becomes(async () => await bench.state(arn).then(({ Code }) => Code, String), 'active')
  assert.equal(await get(url), 'here')
})

test('the demo shows a load balancer that answers, the second time as well', async (t) => {
  const dataFolder = temporaryFolder()
  for (let round = 0; round < 2; round++) {
    const bench = await start(t, { dataFolder, args: ['--demo'] })
    const [, url = ''] = await bench.program.outputMatching(/^ {2}curl (\S+)$/m)
    const answers = await Promise.all(Array.from({ length: 10 }, async () => await get(url)))
    assert.deepEqual(
      new Set(answers),
      new Set(['Hello from target 1: GET /\n', 'Hello from target 2: GET /\n']),
    )
    assert.equal(await bench.program.stop(), 0)
  }
})
