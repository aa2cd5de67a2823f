// Sticky sessions through the whole program: turned on by the API, the same in all workers, and through the deaths of
// processes.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'

import { RawClient, type RawResponse } from '../support/client.ts'
import { CookieJar } from '../support/cookie-jar.ts'
import { becomes, eventually } from '../support/eventually.ts'
import { nodeNetwork } from '../support/network.ts'
import { startProgram, type Program } from '../support/program.ts'
import { answer, startTarget, type Target } from '../support/target.ts'

const SUBNETS = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']
const ZONES = [`${nodeNetwork(0)}.1`, `${nodeNetwork(1)}.1`]

let program: Program
let elb: ElasticLoadBalancingV2
let targets: Target[]
const groups: string[] = []
let listener = ''

before(async () => {
  program = await startProgram({ workers: 2, timeScale: 5 })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  elb = new ElasticLoadBalancingV2({ endpoint: program.endpoint, region: 'us-east-2', credentials })
  targets = await Promise.all(['a', 'b', 'c'].map(async (name) => await namedTarget(name)))
  const made = await elb.createLoadBalancer({ Name: 'sticky', Subnets: SUBNETS })
  for (const Name of ['blue', 'green']) {
    const group = await elb.createTargetGroup({
      Name,
      Protocol: 'HTTP',
      Port: 80,
      TargetType: 'ip',
      VpcId: 'vpc-0598c7d356EXAMPLE',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 4,
    })
    const arn = group.TargetGroups?.[0]?.TargetGroupArn ?? ''
    await elb.registerTargets({
      TargetGroupArn: arn,
      Targets: targets.map(({ port }) => ({ Id: '127.0.0.1', Port: port })),
    })
    groups.push(arn)
  }
  const listening = await elb.createListener({
    LoadBalancerArn: made.LoadBalancers?.[0]?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: groups[0] }],
  })
  listener = listening.Listeners?.[0]?.ListenerArn ?? ''
  await becomes(async () => new Set(await bodies()).size, 3)
})

after(async () => {
  elb.destroy()
  await program.stop()
  for (const target of targets) target.close()
})

/** Answers with its name; `/login` sets a cookie. */
async function namedTarget(name: string): Promise<Target> {
  return await startTarget(({ head, socket }) => {
    socket.write(answer(name, '200 OK', head.startsWith('GET /login') ? 'Set-Cookie: MyCookie=1\r\n' : ''))
  })
}

/** A request on a connection of its own, at one zone's node; kernel and zones spread them over both workers. */
async function get(lines: string, path: string, zone: number): Promise<RawResponse> {
  return await eventually('a request is answered', async () => {
    try {
      const client = await RawClient.connect(80, { host: ZONES[zone % ZONES.length] })
      client.send(`GET ${path} HTTP/1.1\r\nHost: a.example\r\n${lines}\r\n`)
      const response = await client.response()
      client.close()
      return response
    } catch (error) {
      // The listener comes up, or a worker was killed with the connection.
      assert.fail(String(error))
    }
  })
}

async function bodies(lines = '', count = 12): Promise<string[]> {
  const got: string[] = []
  for (let zone = 0; zone < count; zone++) got.push((await get(lines, '/', zone)).body)
  return got
}

async function begun(path = '/'): Promise<{ jar: CookieJar; name: string }> {
  const jar = new CookieJar()
  const { body } = jar.take(await get('', path, 0))
  return { jar, name: body }
}

async function set(arn: string | undefined, attributes: Readonly<Record<string, string>>): Promise<void> {
  const Attributes = Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }))
  await elb.modifyTargetGroupAttributes({ TargetGroupArn: arn, Attributes })
}

/** Asks until answers have these cookies. */
async function untilCookies(path: string, ...names: readonly string[]): Promise<void> {
  await becomes(async () => [...(await begun(path)).jar.values.keys()], [...names], { inARow: 4 })
}

test('ALB-TG-314, 340 a session is the same in every zone and worker, and outlives them', async () => {
  await set(groups[0], { 'stickiness.enabled': 'true', 'stickiness.lb_cookie.duration_seconds': '604800' })
  await untilCookies('/', 'AWSALB', 'AWSALBCORS')
  const { jar, name } = await begun()
  const stays = async (): Promise<void> =>
    assert.deepEqual(new Set(await bodies(jar.line())), new Set([name]))
  await stays()
  await program.kill('worker 0')
  await program.kill('worker 1')
  await stays()
  await program.kill('control')
  await stays()
  await program.untilApiAnswers()
  await set(groups[0], { 'stickiness.lb_cookie.duration_seconds': '604799' })
  await stays()
})

test('ALB-TG-363, ALB-OBS-588 a session of an application is turned on by one call', async () => {
  await set(groups[0], {
    'stickiness.enabled': 'true',
    'stickiness.type': 'app_cookie',
    'stickiness.app_cookie.cookie_name': 'MyCookie',
    'stickiness.app_cookie.duration_seconds': '604800',
  })
  const shards = [0, 1, 2, 3].map((number) => `AWSALBAPP-${number}`)
  await untilCookies('/login', 'MyCookie', ...shards)
  const { jar, name } = await begun('/login')
  assert.deepEqual(new Set(await bodies(jar.line())), new Set([name]))
  await set(groups[0], { 'stickiness.enabled': 'false' })
  await untilCookies('/login', 'MyCookie')
})

test('ALB-LSN-073 clients get a cookie of their group, from the call on', async () => {
  await elb.modifyListener({
    ListenerArn: listener,
    DefaultActions: [
      {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: groups.map((TargetGroupArn, Weight) => ({ TargetGroupArn, Weight })),
          TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 604800 },
        },
      },
    ],
  })
  await untilCookies('/', 'AWSALBTG', 'AWSALBTGCORS')
  const { Listeners } = await elb.describeListeners({ ListenerArns: [listener] })
  const config = Listeners?.[0]?.DefaultActions?.[0]?.ForwardConfig?.TargetGroupStickinessConfig
  assert.deepEqual(config, { Enabled: true, DurationSeconds: 604800 })
})
