// Security groups from EC2's API to the listener, through the whole program.

import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { EC2 } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { becomes } from '../support/eventually.ts'
import { nodeNetwork } from '../support/network.ts'
import { startProgram } from '../support/program.ts'

const NODE = `${nodeNetwork(0)}.1`

/** `served`, or `cut` for a connection that ends without an answer. */
async function from(localAddress: string, port = 80): Promise<'served' | 'cut'> {
  return await new Promise((resolve) => {
    request({ host: NODE, port, localAddress, agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve('served'))
    })
      .on('error', () => resolve('cut'))
      .end()
  })
}

/** The snapshot is on its way to two workers for some milliseconds: the same must come several times in a row. */
async function clientBecomes(localAddress: string, wanted: 'served' | 'cut', port = 80): Promise<void> {
  await becomes(async () => await from(localAddress, port), wanted, { inARow: 8 })
}

test('a group decides who reaches which port, from the moment a call is answered', async (t) => {
  const program = await startProgram()
  t.after(async () => await program.stop())
  const options = {
    endpoint: program.endpoint,
    region: 'us-east-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  }
  const [ec2, elb] = [new EC2(options), new ElasticLoadBalancingV2(options)]
  t.after(() => {
    ec2.destroy()
    elb.destroy()
  })
  const { GroupId = '' } = await ec2.createSecurityGroup({ GroupName: 'web', Description: 'web' })
  const { LoadBalancers } = await elb.createLoadBalancer({
    Name: 'guarded',
    Subnets: ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE'],
    SecurityGroups: [GroupId],
  })
  for (const Port of [80, 81]) {
    await elb.createListener({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port,
      DefaultActions: [
        { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', MessageBody: 'in' } },
      ],
    })
  }
  await program.outputMatching(/guarded serves at/)
  assert.equal(await from('127.0.0.1'), 'cut')

  const rule = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '127.0.7.0/24' }] }
  await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [rule] })
  await clientBecomes('127.0.7.9', 'served')
  assert.equal(await from('127.0.8.9'), 'cut')
  assert.equal(await from('127.0.7.9', 81), 'cut')

  // A listener that nobody let anyone to.
  await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [{ ...rule, FromPort: 81, ToPort: 81 }] })
  await clientBecomes('127.0.7.9', 'served', 81)

  await ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: [rule] })
  await clientBecomes('127.0.7.9', 'cut')
})
