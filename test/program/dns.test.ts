// The DNS server of the whole program, asked by Node's resolver and by dig: names come and go with load balancers, and
// addresses with the health of their zones.

import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'

import { becomes } from '../support/eventually.ts'
import { nodeNetwork } from '../support/network.ts'
import { failingProgram, type Program, startProgram } from '../support/program.ts'
import { answer, startTarget, type Target } from '../support/target.ts'

const Subnets = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']
const CROSS_ZONE = 'load_balancing.cross_zone.enabled'
const hasDig = spawnSync('dig', ['-v']).status === 0
const needsDig = { skip: hasDig ? false : 'dig is not installed' }

let program: Program
let elb: ElasticLoadBalancingV2
let place = { host: '', port: 0 }
const opened: Target[] = []

before(async () => {
  const dns = {
    port: 0,
    names: {
      'App.example.test': 'zonal',
      'failover.example.test': { primary: 'zonal', secondary: ['192.0.2.1'] },
    },
  }
  program = await startProgram({ timeScale: 20, config: { dns } })
  place = await dnsPlace()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  elb = new ElasticLoadBalancingV2({ endpoint: program.endpoint, region: 'us-east-2', credentials })
})

after(async () => {
  elb.destroy()
  await program.stop()
  for (const target of opened) target.close()
})

async function dnsPlace(): Promise<{ host: string; port: number }> {
  const [, host = '', port = ''] = await program.outputMatching(/dig @(\S+) -p (\d+) NAME/)
  return { host, port: Number(port) }
}

/** Sorted addresses, or the error's code. */
async function resolved(name: string, family: 4 | 6 = 4): Promise<string> {
  const resolver = new Resolver()
  resolver.setServers([`${place.host}:${place.port}`])
  try {
    return (await (family === 4 ? resolver.resolve4(name) : resolver.resolve6(name))).toSorted().join(' ')
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}

async function resolves(name: string, wanted: string, family: 4 | 6 = 4): Promise<void> {
  await becomes(async () => await resolved(name, family), wanted)
}

async function dig(...args: string[]): Promise<string> {
  const all = [`@${place.host}`, '-p', String(place.port), '+tries=1', '+time=5', ...args]
  return (await promisify(execFile)('dig', all)).stdout
}

async function loadBalancer(Name: string, more: object = {}): Promise<{ arn: string; name: string }> {
  const { LoadBalancers: [made] = [] } = await elb.createLoadBalancer({ Name, Subnets, ...more })
  return { arn: made?.LoadBalancerArn ?? '', name: made?.DNSName ?? '' }
}

function node(zone: 'a' | 'b', number: number): string {
  return `${nodeNetwork('ab'.indexOf(zone))}.${number}`
}

function nodes(number: number): string {
  return [node('a', number), node('b', number)].toSorted().join(' ')
}

test('ALB-LB-189, 190, 342 a name has the addresses of its nodes, of the families that clients may use', async () => {
  const { arn, name } = await loadBalancer('families')
  await resolves(name, nodes(1))
  assert.equal(await resolved(`dualstack.${name}`), nodes(1))
  assert.equal(await resolved(name, 6), 'ENODATA')
  await elb.setIpAddressType({ LoadBalancerArn: arn, IpAddressType: 'dualstack' })
  await resolves(name, '::1', 6)
  assert.equal(await resolved(name), nodes(1))
  await elb.setIpAddressType({ LoadBalancerArn: arn, IpAddressType: 'dualstack-without-public-ipv4' })
  await resolves(name, 'ENODATA')
  assert.equal(await resolved(name, 6), '::1')
  await elb.deleteLoadBalancer({ LoadBalancerArn: arn })
  await resolves(name, 'ENOTFOUND')
})

test('ALB-TG-255, 266, 276, 286, 289 a zone leaves when its targets fail, and comes back', async () => {
  const { arn, name } = await loadBalancer('zonal')
  await resolves(name, nodes(2))
  const well = new Map<string, boolean>()
  const targets = await Promise.all(
    ['a', 'b'].map(async (zone) => {
      well.set(zone, true)
      const target = await startTarget(({ socket }) =>
        socket.write(answer('', well.get(zone) === true ? '200 OK' : '503 Service Unavailable')),
      )
      opened.push(target)
      return { Id: '127.0.0.1', Port: target.port, AvailabilityZone: `us-east-2${zone}` }
    }),
  )
  const { TargetGroups } = await elb.createTargetGroup({
    Name: 'zonal',
    TargetType: 'ip',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-0598c7d356EXAMPLE',
    HealthCheckIntervalSeconds: 5,
    HealthCheckTimeoutSeconds: 4,
    HealthyThresholdCount: 2,
  })
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  await elb.modifyTargetGroupAttributes({ TargetGroupArn, Attributes: [{ Key: CROSS_ZONE, Value: 'false' }] })
  await elb.registerTargets({ TargetGroupArn, Targets: targets })
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }]
  await elb.createListener({ LoadBalancerArn: arn, Protocol: 'HTTP', Port: 80, DefaultActions })
  const [a, b] = [node('a', 2), node('b', 2)]
  // The operator's name has the secondary's address until the first target is healthy.
  await resolves('failover.example.test', nodes(2))
  well.set('b', false)
  await resolves(name, a)
  assert.equal(await resolved('app.example.test'), a, 'the operator’s name follows')
  await resolves('failover.example.test', a)
  well.set('a', false)
  await resolves(name, nodes(2))
  assert.equal(await resolved('failover.example.test'), '192.0.2.1')
  well.set('b', true)
  await resolves(name, b)
  well.set('a', true)
  await resolves(name, nodes(2))
  await resolves('failover.example.test', nodes(2))
  await elb.modifyTargetGroupAttributes({ TargetGroupArn, Attributes: [{ Key: CROSS_ZONE, Value: 'true' }] })
  well.set('a', false)
  await becomes(async () => {
    const { TargetHealthDescriptions = [] } = await elb.describeTargetHealth({ TargetGroupArn })
    return TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State)
  }, ['unhealthy', 'healthy'])
  assert.equal(await resolved(name), nodes(2), 'one of two is enough for both zones')
})

test('ALB-TG-274 dig sees TTL, authority and errors as they are to be', needsDig, async () => {
  const { name } = await loadBalancer('dug')
  await resolves(name, nodes(3))
  const [found, tcp, cased, missing, foreign, soa, short] = await Promise.all([
    dig(name),
    dig('+tcp', '+keepopen', name),
    dig(name.toUpperCase()),
    dig(`gone.${name}`),
    dig('example.com'),
    dig('elb.amazonaws.com', 'SOA'),
    dig('+short', `app.example.test`),
  ])
  for (const text of [found, tcp]) {
    assert.match(text, /status: NOERROR/)
    assert.match(text, /flags: qr aa rd;/)
    assert.match(
      text,
      new RegExp(`^${name}\\.\\s+60\\s+IN\\s+A\\s+${nodeNetwork(0).replaceAll('.', '\\.')}\\.`, 'm'),
    )
    assert.match(text, /EDNS: version: 0.* udp: 1232/)
  }
  assert.ok(cased.includes(`${name.toUpperCase()}.`))
  assert.match(missing, /status: NXDOMAIN[^]*AUTHORITY: 1[^]*elb\.amazonaws\.com\.\s+60\s+IN\s+SOA/)
  assert.match(foreign, /status: REFUSED/)
  assert.match(soa, /ANSWER SECTION:\nelb\.amazonaws\.com\.\s+60\s+IN\s+SOA\s+ns\.elb\.amazonaws\.com\./)
  assert.match(short, /^127\./)
})

test('rubbish over UDP and TCP harms nobody; questions on one connection are answered one by one', async () => {
  const { name } = await loadBalancer('tough')
  await resolves(name, nodes(4))
  const socket = createSocket('udp4')
  for (let length = 0; length < 600; length += 7) {
    socket.send(Buffer.alloc(length, length), place.port, place.host)
  }
  const labels = name.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`))
  const question = Buffer.concat([
    Buffer.from('000001000001000000000000', 'hex'),
    ...labels,
    Buffer.from('0000010001', 'hex'),
  ])
  const framed = Buffer.concat([Buffer.from([0, question.length]), question])
  const connection = connect(place.port, place.host)
  connection.write(Buffer.concat([framed, framed.subarray(0, 9)]))
  // The server has had its turn when it answers somebody else: the rest comes apart from the beginning.
  assert.equal(await resolved(name), nodes(4))
  connection.write(Buffer.concat([framed.subarray(9), Buffer.from([0xff, 0xff])]))
  let received = Buffer.alloc(0)
  connection.on('data', (bytes: Buffer) => (received = Buffer.concat([received, bytes])))
  await once(connection, 'close')
  const first = received.readUInt16BE(0)
  assert.equal(
    received.length,
    2 * (2 + first),
    'two answers, and the length that no query has ends the connection',
  )
  socket.close()
  assert.equal(await resolved(name), nodes(4))
})

test('the server is where it was when the control process has come back', async () => {
  const { name } = await loadBalancer('lasting')
  await resolves(name, nodes(5))
  await program.kill('control')
  await resolves(name, nodes(5))
  assert.equal((await program.outputMatching(/dig @(\S+) -p (\d+) NAME/))[2], String(place.port))
})

test('a place that is taken or that cannot be understood is named, with the remedy', async () => {
  const taken = [
    `--data=${program.dataFolder}-other`,
    '--api=127.0.0.1:0',
    `--dns=${place.host}:${place.port}`,
  ]
  const { code, errors } = await failingProgram(taken)
  assert.equal(code, 78)
  assert.match(
    errors,
    /Cannot listen for DNS at 127\.0\.0\.1:\d+: another program listens there; .* --dns IP:PORT, or --dns off/,
  )
  const wrong = await failingProgram(['--dns=localhost:53'])
  assert.match(wrong.errors, /Wanted is IP:PORT/)
})
