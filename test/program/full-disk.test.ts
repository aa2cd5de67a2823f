// The whole program on a disk that fills up: what its API, its traffic and its logs do, and that all of it goes on when
// there is room again.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { eventually } from '../support/eventually.ts'
import { nodeNetwork } from '../support/network.ts'
import { startProgram, type Program } from '../support/program.ts'
import { smallDisk } from '../support/small-disk.ts'

const ELBV2 = 'elasticloadbalancing'
/** More than what a worker keeps in memory of one log. */
const LOST_REQUESTS = 200
const LONG_PATH = `/${'x'.repeat(4000)}`

interface Call {
  readonly service: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

async function call({ endpoint }: Program, { service, path = '/', headers, body }: Call): Promise<Response> {
  return await fetch(`${endpoint}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `AWS4-HMAC-SHA256 Credential=test/20261120/us-east-2/${service}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      ...headers,
    },
    body,
  })
}

async function elbv2(program: Program, action: string, members: Record<string, string>): Promise<string> {
  const body = new URLSearchParams({ Action: action, Version: '2015-12-01', ...members }).toString()
  const response = await call(program, { service: ELBV2, body })
  const text = await response.text()
  assert.equal(response.status, 200, text)
  return text
}

function arnIn(text: string, member: string): string {
  return new RegExp(`<${member}>([^<]+)<`).exec(text)?.[1] ?? ''
}

function loadBalancerInput(name: string): Record<string, string> {
  return {
    Name: name,
    'Subnets.member.1': 'subnet-0e3f5cac72EXAMPLE',
    'Subnets.member.2': 'subnet-081ec835f3EXAMPLE',
  }
}

/** A load balancer that answers 200 by itself and logs; gives its ARN and port. */
async function serve(program: Program): Promise<string> {
  const arn = arnIn(
    await elbv2(program, 'CreateLoadBalancer', loadBalancerInput('logged')),
    'LoadBalancerArn',
  )
  await elbv2(program, 'ModifyLoadBalancerAttributes', {
    LoadBalancerArn: arn,
    'Attributes.member.1.Key': 'access_logs.s3.enabled',
    'Attributes.member.1.Value': 'true',
    'Attributes.member.2.Key': 'access_logs.s3.bucket',
    'Attributes.member.2.Value': 'my-logs',
    'Attributes.member.3.Key': 'zonal_shift.config.enabled',
    'Attributes.member.3.Value': 'true',
  })
  await elbv2(program, 'CreateListener', {
    LoadBalancerArn: arn,
    Protocol: 'HTTP',
    Port: '80',
    'DefaultActions.member.1.Type': 'fixed-response',
    'DefaultActions.member.1.FixedResponseConfig.StatusCode': '200',
  })
  return arn
}

/** Calls that change something, one in each protocol. */
function changes(loadBalancerArn: string): readonly Call[] {
  const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString()
  const json = { 'content-type': 'application/x-amz-json-1.1' }
  return [
    {
      service: ELBV2,
      body: form({
        Action: 'CreateTargetGroup',
        Version: '2015-12-01',
        Name: 'x',
        Protocol: 'HTTP',
        Port: '80',
        VpcId: 'vpc-0598c7d356EXAMPLE',
        ...Object.fromEntries(
          Array.from({ length: 40 }, (_, at) => [
            [`Tags.member.${at + 1}.Key`, `k${at}`],
            [`Tags.member.${at + 1}.Value`, 'x'.repeat(250)],
          ]).flat(),
        ),
      }),
    },
    { service: 'ec2', body: form({ Action: 'CreateVpc', Version: '2016-11-15', CidrBlock: '10.7.0.0/16' }) },
    {
      service: 'acm',
      headers: { ...json, 'x-amz-target': 'CertificateManager.RequestCertificate' },
      body: JSON.stringify({ DomainName: 'a.example.com' }),
    },
    {
      service: 'arc-zonal-shift',
      path: '/zonalshifts',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceIdentifier: loadBalancerArn,
        awayFrom: 'use2-az1',
        expiresIn: '2h',
        comment: 'c',
      }),
    },
  ]
}

/** Status of a request to the load balancer. */
async function request(path: string): Promise<string> {
  const socket = connect({ host: `${nodeNetwork(0)}.1`, port: 80 })
  socket.end(`GET ${path} HTTP/1.1\r\nHost: h.test\r\nConnection: close\r\n\r\n`)
  const pieces: Buffer[] = []
  socket.on('data', (piece: Buffer) => pieces.push(piece))
  await once(socket, 'close')
  return Buffer.concat(pieces).toString('latin1').slice(9, 12)
}

async function droppedLines({ endpoint }: Program): Promise<number> {
  const text = await (await fetch(`${endpoint}/metrics`)).text()
  const found = text.matchAll(/^evenkeel_access_log_dropped_lines_total\{.*\} (\d+)$/gm)
  return [...found].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** Lines of all log files that were delivered. */
function deliveredLines(program: Program): number {
  const root = join(program.dataFolder, 'logs', 'my-logs')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.gz'),
  )
  const texts = files.map((name) => gunzipSync(readFileSync(join(root, name))).toString())
  return texts.reduce((sum, text) => sum + text.split('\n').length - 1, 0)
}

function countIn(text: string, pattern: RegExp): number {
  return [...text.matchAll(new RegExp(pattern, 'g'))].length
}

test('a full disk: the API says so, traffic goes on, lost log lines are counted, and room ends it', async (t) => {
  const disk = smallDisk(t, 16)
  if (disk === null) return
  const program = await startProgram({ workers: 1, dataFolder: disk.folder })
  t.after(async () => await program.stop())
  const arn = await serve(program)
  await eventually(
    'the new listener answers',
    async () => (await request('/before').catch(() => '')) === '200',
  )

  disk.fill()
  for (const each of changes(arn)) {
    const response = await call(program, each)
    const text = await response.text()
    assert.equal(response.status, 503, `${each.service}: ${text}`)
    assert.match(text, /ServiceUnavailable/)
    assert.match(text, /evenkeel\.sqlite: its disk is full/)
  }
  assert.equal(countIn(program.errors(), /evenkeel\.sqlite: its disk is full/), 1, program.errors())
  assert.doesNotMatch(program.errors(), /rollback/)
  for (let sent = 0; sent < LOST_REQUESTS; sent++) assert.equal(await request(LONG_PATH), '200')
  await program.errorsMatching(/Access log lines are lost: .*KiB free/)
  const described = await elbv2(program, 'DescribeLoadBalancers', {})
  assert.match(described, /<LoadBalancerName>logged</)

  disk.makeRoom()
  await program.errorsMatching(/lines of access logs were lost; no more are/)
  for (const each of changes(arn)) {
    const response = await call(program, each)
    assert.ok(response.ok, `${each.service}: ${response.status} ${await response.text()}`)
  }
  assert.match(program.errors(), /evenkeel\.sqlite can be written to again/)
  program.flush()
  const dropped = await droppedLines(program)
  assert.ok(dropped > 0 && dropped < LOST_REQUESTS, String(dropped))
  await eventually('every line is delivered or counted as lost', () => {
    assert.equal(deliveredLines(program) + dropped, LOST_REQUESTS + 1)
  })
})
