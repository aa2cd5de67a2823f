// The API of zonal shifts, over plain HTTP in its own protocol, and with the aws CLI.

import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import {
  createLoadBalancer,
  createTargetGroup,
  present,
  startApi,
  SUBNETS,
  type Api,
} from '../api/support.ts'
import { ROOT } from '../../src/model/access-keys.ts'

const run = promisify(execFile)
const CREDENTIALS = 'AWS4-HMAC-SHA256 Credential=test/20261120/us-east-2/arc-zonal-shift/aws4_request'
const AUTHORIZATION = `${CREDENTIALS}, SignedHeaders=host, Signature=${'0'.repeat(64)}`
const hasCli = spawnSync('aws', ['arc-zonal-shift', 'list-zonal-shifts', 'help']).status === 0
const needsCli = { skip: hasCli ? false : 'the aws CLI is not installed, or too old' }
const CROSS_ZONE = 'load_balancing.cross_zone.enabled'
const HOUR_MS = 3_600_000

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

async function call({ endpoint }: Api, method: string, path: string, input?: object): Promise<Answer> {
  const response = await fetch(`${endpoint}${path}`, {
    method,
    headers: { authorization: AUTHORIZATION, 'content-type': 'application/json' },
    ...(input === undefined ? {} : { body: JSON.stringify(input) }),
  })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

async function start(api: Api, resourceIdentifier: string, more: object = {}): Promise<Answer> {
  const input = { resourceIdentifier, awayFrom: 'use2-az1', expiresIn: '2h', comment: 'flood', ...more }
  return await call(api, 'POST', '/zonalshifts', input)
}

/** A load balancer that allows shifts with cross-zone load balancing. */
async function shiftable(api: Api, name?: string): Promise<string> {
  const arn = await createLoadBalancer(api, name)
  const Attributes = [{ Key: 'zonal_shift.config.enabled', Value: 'true' }]
  await api.client.modifyLoadBalancerAttributes({ LoadBalancerArn: arn, Attributes })
  return arn
}

test('ALB-LB-432, 445, 446, 453 a shift is started, changed, listed and canceled', async (t) => {
  const api = await startApi(t)
  const now = Date.UTC(2026, 10, 20, 12)
  api.setDate(now)
  const arn = await shiftable(api)
  const started = await start(api, arn)
  const id = String(started.body['zonalShiftId'])
  const expected = {
    zonalShiftId: id,
    resourceIdentifier: arn,
    awayFrom: 'use2-az1',
    expiryTime: (now + 2 * HOUR_MS) / 1000,
    startTime: now / 1000,
    status: 'ACTIVE',
    comment: 'flood',
  }
  assert.deepEqual(started, { status: 201, body: expected })

  api.setDate(now + HOUR_MS)
  const updated = await call(api, 'PATCH', `/zonalshifts/${id}`, { expiresIn: '3h', comment: 'still' })
  const changed = { ...expected, expiryTime: (now + 4 * HOUR_MS) / 1000, comment: 'still' }
  assert.deepEqual(updated, { status: 200, body: changed })
  const comment = await call(api, 'PATCH', `/zonalshifts/${id}`, { comment: 'new' })
  assert.deepEqual(comment.body, { ...changed, comment: 'new' })

  const path = `/zonalshifts?status=ACTIVE&resourceIdentifier=${encodeURIComponent(arn)}&maxResults=5`
  const items = [{ ...changed, comment: 'new', shiftType: 'ZONAL_SHIFT' }]
  assert.deepEqual(await call(api, 'GET', path), { status: 200, body: { items } })

  const canceled = await call(api, 'DELETE', `/zonalshifts/${id}`)
  assert.deepEqual([canceled.status, canceled.body['status']], [200, 'CANCELED'])
  assert.deepEqual((await call(api, 'GET', path)).body, { items: [] })
  for (const again of [
    call(api, 'DELETE', `/zonalshifts/${id}`),
    call(api, 'PATCH', `/zonalshifts/${id}`, {}),
  ]) {
    const { status, body } = await again
    assert.equal(status, 409)
    assert.deepEqual([body['__type'], body['reason']], ['ConflictException', 'ZonalShiftStatusNotActive'])
  }
  assert.deepEqual(api.errors, [])
})

test('managed resources show their zones, and what is shifted', async (t) => {
  const api = await startApi(t)
  const [one, two] = [await shiftable(api, 'one'), await shiftable(api, 'two')]
  const { body } = await start(api, two, { awayFrom: 'us-east-2b' })
  const path = `/managedresources/${encodeURIComponent(two)}`
  const { zonalShifts, ...resource } = (await call(api, 'GET', path)).body
  assert.deepEqual(resource, {
    arn: two,
    name: 'two',
    appliedWeights: { 'use2-az1': 1, 'use2-az2': 0 },
    autoshifts: [],
    zonalAutoshiftStatus: 'DISABLED',
  })
  const { status: _, ...shift } = body
  assert.deepEqual(zonalShifts, [{ ...shift, appliedStatus: 'APPLIED', shiftType: 'ZONAL_SHIFT' }])

  const first = await call(api, 'GET', '/managedresources?maxResults=1')
  const second = await call(api, 'GET', `/managedresources?nextToken=${String(first.body['nextToken'])}`)
  const arns = [first, second].map((page) => (page.body['items'] as { arn: string }[]).map(({ arn }) => arn))
  assert.deepEqual(arns, [[one], [two]])
  assert.equal(second.body['nextToken'], undefined)
})

test('ALB-LB-437, 443 what AWS refuses is refused, with the reason', async (t) => {
  const api = await startApi(t)
  const arn = await shiftable(api)
  const refusals: [more: object, status: number, reason: string | undefined][] = [
    [{ expiresIn: '73h' }, 400, 'InvalidExpiresIn'],
    [{ expiresIn: '4321m' }, 400, 'InvalidExpiresIn'],
    [{ expiresIn: '0m' }, 400, 'InvalidExpiresIn'],
    [{ expiresIn: 'soon' }, 400, 'InvalidExpiresIn'],
    [{ expiresIn: undefined }, 400, undefined],
    [{ comment: undefined }, 400, undefined],
    [{ comment: 'x'.repeat(129) }, 400, undefined],
    [{ awayFrom: 'use2-az3' }, 400, 'InvalidAz'],
    [{ awayFrom: 'nowhere' }, 400, 'InvalidAz'],
    [{ resourceIdentifier: `${arn}0` }, 404, undefined],
  ]
  for (const [more, status, reason] of refusals) {
    const refused = await start(api, arn, more)
    assert.deepEqual([refused.status, refused.body['reason']], [status, reason], JSON.stringify(more))
  }
  assert.equal((await call(api, 'GET', '/zonalshifts?status=GONE')).status, 400)
  assert.equal((await call(api, 'GET', '/zonalshifts?maxResults=many')).status, 400)
  assert.equal((await call(api, 'GET', '/zonalshifts?nextToken=bogus')).body['reason'], 'InvalidToken')
  assert.equal((await call(api, 'PATCH', '/zonalshifts/00000000', {})).status, 404)
  assert.equal((await call(api, 'GET', `/managedresources/${encodeURIComponent(arn)}0`)).status, 404)
  assert.equal((await call(api, 'GET', '/managedresources/%')).status, 400)

  for (const expiresIn of ['1m', '72h']) {
    const { status, body } = await start(api, arn, { expiresIn })
    assert.equal(status, 201, expiresIn)
    const other = await start(api, arn, { awayFrom: 'use2-az2' })
    assert.deepEqual([other.status, other.body['reason']], [409, 'ZonalShiftAlreadyExists'])
    assert.equal(other.body['zonalShiftId'], body['zonalShiftId'])
    await call(api, 'DELETE', `/zonalshifts/${String(body['zonalShiftId'])}`)
  }
  assert.deepEqual(api.errors, [])
})

test('autoshift and practice runs are refused plainly, and so is what is no operation', async (t) => {
  const api = await startApi(t)
  const requests: [method: string, path: string][] = [
    ['POST', '/practiceruns'],
    ['PUT', '/managedresources/arn'],
    ['GET', '/autoshifts'],
    ['GET', '/nothing'],
    ['PUT', '/zonalshifts'],
  ]
  for (const [method, path] of requests) {
    const { status, body } = await call(api, method, path, method === 'GET' ? undefined : {})
    assert.deepEqual([status, body['__type']], [400, 'UnknownOperationException'], path)
  }
})

test('ALB-LB-435 unless the load balancer allows it, shifts and cross-zone load balancing exclude each other', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  const group = await createTargetGroup(api, 'group')
  await api.client.createListener({
    LoadBalancerArn: arn,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: group }],
  })
  const setCrossZone = async (Value: string): Promise<unknown> => {
    const Attributes = [{ Key: CROSS_ZONE, Value }]
    return await api.client.modifyTargetGroupAttributes({ TargetGroupArn: group, Attributes })
  }
  const refused = await start(api, arn)
  assert.equal(refused.status, 400)
  assert.match(String(refused.body['message']), /cross-zone load balancing is on for target group/)
  await setCrossZone('false')
  const { status, body } = await start(api, arn)
  assert.equal(status, 201)
  const conflict = { name: 'InvalidConfigurationRequestException', message: /has an active zonal shift/ }
  await assert.rejects(setCrossZone('true'), conflict)
  await assert.rejects(setCrossZone('use_load_balancer_configuration'), conflict)
  await setCrossZone('false')
  await call(api, 'DELETE', `/zonalshifts/${String(body['zonalShiftId'])}`)
  await setCrossZone('true')

  const allow = async (Value: string): Promise<unknown> => {
    const Attributes = [{ Key: 'zonal_shift.config.enabled', Value }]
    return await api.client.modifyLoadBalancerAttributes({ LoadBalancerArn: arn, Attributes })
  }
  await allow('true')
  assert.equal((await start(api, arn)).status, 201)
  await assert.rejects(allow('false'), { message: /while there is an active zonal shift/ })
})

test('a web page cannot read through a signature of its own', async (t) => {
  const api = await startApi(t)
  const { port } = new URL(api.endpoint)
  const { stdout } = await run('curl', [
    '-s',
    '-H',
    `Authorization: ${AUTHORIZATION}`,
    '--resolve',
    `rebound.example:${port}:127.0.0.1`,
    `http://rebound.example:${port}/zonalshifts`,
  ])
  assert.match(stdout, /AccessDeniedException/)
})

test('a shift ends with its load balancer, and only the latest are remembered', async (t) => {
  const api = await startApi(t)
  const arn = await shiftable(api)
  for (let count = 0; count < 103; count++) {
    const { body } = await start(api, arn)
    await call(api, 'DELETE', `/zonalshifts/${String(body['zonalShiftId'])}`)
  }
  const pages = [await call(api, 'GET', '/zonalshifts?maxResults=60')]
  pages.push(await call(api, 'GET', `/zonalshifts?nextToken=${String(pages[0]?.body['nextToken'])}`))
  assert.deepEqual(
    pages.map(({ body }) => (body['items'] as unknown[]).length),
    [60, 40],
  )
  await api.client.deleteLoadBalancer({ LoadBalancerArn: arn })
  assert.deepEqual((await call(api, 'GET', '/zonalshifts')).body, { items: [] })
})

test(
  'ALB-LB-448, 451, 454 aws arc-zonal-shift starts, updates, lists and cancels, signed',
  needsCli,
  async (t) => {
    const secret = 'wJalrXUtnFEMI'
    const key = { secret, identity: ROOT, sessionToken: null }
    const api = await startApi(t, {
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: secret },
      settings: { accessKeys: new Map([['AKIDEXAMPLE', key]]) },
    })
    api.setDate(Date.now())
    const aws = async (...words: string[]): Promise<Readonly<Record<string, unknown>>> => {
      const env = {
        ...process.env,
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: secret,
        AWS_DEFAULT_REGION: 'us-east-2',
        AWS_DEFAULT_OUTPUT: 'json',
        AWS_PAGER: '',
      }
      const { stdout } = await run('aws', ['arc-zonal-shift', '--endpoint-url', api.endpoint, ...words], {
        env,
      })
      return JSON.parse(stdout) as Readonly<Record<string, unknown>>
    }
    const { LoadBalancers } = await api.client.createLoadBalancer({ Name: 'signed', Subnets: SUBNETS })
    const arn = present(LoadBalancers?.[0]?.LoadBalancerArn)
    const what = ['--resource-identifier', arn, '--away-from', 'use2-az1']
    const started = await aws('start-zonal-shift', ...what, '--expires-in', '12h', '--comment', 'moving')
    const id = String(started['zonalShiftId'])
    assert.deepEqual(
      [started['resourceIdentifier'], started['awayFrom'], started['status'], started['comment']],
      [arn, 'use2-az1', 'ACTIVE', 'moving'],
    )
    for (const time of ['startTime', 'expiryTime']) assert.ok(time in started, time)
    const [updated, listed, managed, resource] = await Promise.all([
      aws('update-zonal-shift', '--zonal-shift-id', id, '--expires-in', '4h', '--comment', 'longer'),
      aws('list-zonal-shifts', '--status', 'ACTIVE', '--max-items', '10'),
      aws('list-managed-resources'),
      aws('get-managed-resource', '--resource-identifier', arn),
    ])
    assert.equal(updated['comment'], 'longer')
    assert.notEqual(updated['expiryTime'], started['expiryTime'])
    assert.equal((listed['items'] as unknown[]).length, 1)
    assert.equal((managed['items'] as unknown[]).length, 1)
    assert.deepEqual(resource['appliedWeights'], { 'use2-az1': 0, 'use2-az2': 1 })
    assert.equal((await aws('cancel-zonal-shift', '--zonal-shift-id', id))['status'], 'CANCELED')
    await assert.rejects(
      aws('cancel-zonal-shift', '--zonal-shift-id', id),
      /\(ConflictException\) .* is not active/,
    )
    assert.deepEqual(api.errors, [])
  },
)

test('of two shifts that are started at once for a load balancer one is refused', async (t) => {
  const api = await startApi(t)
  const arn = await shiftable(api)
  const answers = await Promise.all([start(api, arn), start(api, arn)])
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201, 409]))
})
