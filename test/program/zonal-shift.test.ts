// A zonal shift through the whole program: traffic and DNS leave a zone and come back.

import assert from 'node:assert/strict'
import { Resolver } from 'node:dns/promises'
import { after, before, test } from 'node:test'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'

import { RawClient } from '../support/client.ts'
import { becomes } from '../support/eventually.ts'
import { nodeNetwork } from '../support/network.ts'
import { type Program, startProgram } from '../support/program.ts'
import { answer, startTarget, type Target } from '../support/target.ts'

/** A minute, the shortest shift, becomes a second and a half. */
const TIME_SCALE = 40
const SCOPE = 'Credential=test/20261120/us-east-2/arc-zonal-shift/aws4_request'
const AUTHORIZATION = `AWS4-HMAC-SHA256 ${SCOPE}, SignedHeaders=host, Signature=${'0'.repeat(64)}`
const GET = 'GET /work HTTP/1.1\r\nHost: a.example\r\n\r\n'

let program: Program
let elb: ElasticLoadBalancingV2
let loadBalancer = ''
let name = ''
const opened: Target[] = []

before(async () => {
  program = await startProgram({ timeScale: TIME_SCALE })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  elb = new ElasticLoadBalancingV2({ endpoint: program.endpoint, region: 'us-east-2', credentials })
  const Subnets = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']
  const { LoadBalancers: [made] = [] } = await elb.createLoadBalancer({ Name: 'shifted', Subnets })
  loadBalancer = made?.LoadBalancerArn ?? ''
  name = made?.DNSName ?? ''
  const Attributes = [{ Key: 'zonal_shift.config.enabled', Value: 'true' }]
  await elb.modifyLoadBalancerAttributes({ LoadBalancerArn: loadBalancer, Attributes })
  const { TargetGroups: [group] = [] } = await elb.createTargetGroup({
    Name: 'shifted',
    TargetType: 'ip',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-0598c7d356EXAMPLE',
  })
  const TargetGroupArn = group?.TargetGroupArn ?? ''
  for (const zone of ['a', 'b']) {
    const target = await startTarget(({ socket }) => socket.write(answer(zone)))
    opened.push(target)
    const Targets = [{ Id: '127.0.0.1', Port: target.port, AvailabilityZone: `us-east-2${zone}` }]
    await elb.registerTargets({ TargetGroupArn, Targets })
  }
  await elb.createListener({
    LoadBalancerArn: loadBalancer,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [{ Type: 'forward', TargetGroupArn }],
  })
})

after(async () => {
  elb.destroy()
  await program.stop()
  for (const target of opened) target.close()
})

async function shift(method: string, path: string, input: object): Promise<string> {
  const response = await fetch(`${program.endpoint}${path}`, {
    method,
    headers: { authorization: AUTHORIZATION },
    body: JSON.stringify(input),
  })
  const body = (await response.json()) as { zonalShiftId?: string; message?: string }
  assert.ok(response.ok, String(body.message))
  return body.zonalShiftId ?? ''
}

async function start(expiresIn: string): Promise<string> {
  const input = { resourceIdentifier: loadBalancer, awayFrom: 'use2-az1', expiresIn, comment: '' }
  return await shift('POST', '/zonalshifts', input)
}

/** Zones that DNS names, and those whose targets answer requests to either node. */
async function inUse(): Promise<{ dns: string; targets: string }> {
  const [, server = '', port = ''] = await program.outputMatching(/dig @(\S+) -p (\d+) NAME/)
  const resolver = new Resolver()
  resolver.setServers([`${server}:${port}`])
  const nodes = ['a', 'b'].map((zone, index) => ({ zone, host: `${nodeNetwork(index)}.1` }))
  const addresses = await resolver.resolve4(name)
  const answered = new Set<string>()
  for (const node of nodes) {
    const client = await RawClient.connect(80, { host: node.host })
    for (let sent = 0; sent < 4; sent++) {
      client.send(GET)
      answered.add((await client.response()).body)
    }
    client.close()
  }
  const dns = nodes.filter((node) => addresses.includes(node.host)).map(({ zone }) => zone)
  return { dns: dns.join(' '), targets: [...answered].toSorted().join(' ') }
}

async function zonesBecome(dns: string, targets: string): Promise<void> {
  await becomes(async () => await inUse().catch(String), { dns, targets }, { inARow: 3 })
}

test('ALB-LB-243, 433, 434 a shift empties the zone, cuts nobody off, and its end fills the zone again', async () => {
  await zonesBecome('a b', 'a b')
  const held = await RawClient.connect(80, { host: `${nodeNetwork(0)}.1` })
  held.send(GET)
  await held.response()
  const id = await start('72h')
  await zonesBecome('b', 'b')
  held.send(GET)
  assert.equal((await held.response()).body, 'b', 'the node goes on serving who is connected')
  held.close()
  await shift('DELETE', `/zonalshifts/${id}`, {})
  await zonesBecome('a b', 'a b')
})

test('ALB-LB-439, 444 a shift lasts when control dies, and ends by itself', async () => {
  const id = await start('72h')
  await zonesBecome('b', 'b')
  await program.kill('control')
  await zonesBecome('b', 'b')
  await shift('PATCH', `/zonalshifts/${id}`, { expiresIn: '1m' })
  await zonesBecome('a b', 'a b')
})
