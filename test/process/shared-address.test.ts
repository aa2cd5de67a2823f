// All load balancers at one address: what a container, or a machine without addresses to spare, is started with.

import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  ElasticLoadBalancingV2,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { becomes } from '../support/eventually.ts'
import { nodeNetwork } from '../support/network.ts'
import { startProgram } from '../support/program.ts'
import { answer, startTarget } from '../support/target.ts'

const ADDRESS = `${nodeNetwork(3)}.1`

test('the Host header picks among load balancers at one address; other names go to the first', async (t) => {
  const program = await startProgram({ args: ['--shared-address', ADDRESS] })
  t.after(async () => await program.stop())
  const client = new ElasticLoadBalancingV2Client({
    endpoint: program.endpoint,
    region: 'us-east-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  t.after(() => client.destroy())
  const [one, two] = [await make(client, 'one'), await make(client, 'two')]
  await becomes(async () => await get(one.host).catch(String), 'one')
  await becomes(async () => await get(two.host).catch(String), 'two')
  assert.equal(await get(two.host.toUpperCase()), 'two')
  assert.equal(await get(`${two.host}:80`), 'two')
  assert.equal(await get('www.example.com'), 'one')
  await client.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: one.arn }))
  await becomes(async () => await get('www.example.com').catch(String), 'two')
})

test('ALB-TG OQ-64 where nodes have no address of their own, all targets are within reach of requests', async (t) => {
  const program = await startProgram({ args: ['--shared-address', ADDRESS], timeScale: 10 })
  t.after(async () => await program.stop())
  const targets = await Promise.all(
    ['a', 'b'].map(async (name) => await startTarget(({ socket }) => socket.write(answer(name)))),
  )
  t.after(() => targets.map((target) => target.close()))
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const elb = new ElasticLoadBalancingV2({ endpoint: program.endpoint, region: 'us-east-2', credentials })
  t.after(() => elb.destroy())
  const { listener, host } = await make(elb, 'zones')
  const { TargetGroups } = await elb.createTargetGroup({
    Name: 'zones',
    TargetType: 'ip',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-0598c7d356EXAMPLE',
  })
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  const Attributes = [{ Key: 'load_balancing.cross_zone.enabled', Value: 'false' }]
  await elb.modifyTargetGroupAttributes({ TargetGroupArn, Attributes })
  const Targets = targets.map(({ port }, index) => {
    return { Id: '127.0.0.1', Port: port, AvailabilityZone: `us-east-2${'ab'.charAt(index)}` }
  })
  await elb.registerTargets({ TargetGroupArn, Targets })
  await elb.modifyListener({ ListenerArn: listener, DefaultActions: [{ Type: 'forward', TargetGroupArn }] })
  await Promise.all(
    ['a', 'b'].map(async (name) => await becomes(async () => await get(host).catch(String), name)),
  )
})

async function make(
  client: ElasticLoadBalancingV2Client,
  name: string,
): Promise<{ arn: string; listener: string; host: string }> {
  const { LoadBalancers } = await client.send(
    new CreateLoadBalancerCommand({
      Name: name,
      Subnets: ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE'],
    }),
  )
  const arn = LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  const { Listeners } = await client.send(
    new CreateListenerCommand({
      LoadBalancerArn: arn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [
        {
          Type: 'fixed-response',
          FixedResponseConfig: { StatusCode: '200', ContentType: 'text/plain', MessageBody: name },
        },
      ],
    }),
  )
  const listener = Listeners?.[0]?.ListenerArn ?? ''
  return { arn, listener, host: LoadBalancers?.[0]?.DNSName ?? '' }
}

function get(host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ host: ADDRESS, port: 80, headers: { host }, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(text))
    })
      .on('error', reject)
      .end()
  })
}
