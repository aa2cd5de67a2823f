// A load balancer with an HTTPS listener in the whole program, from certificate to closed port.

import { ACM } from '@aws-sdk/client-acm'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'

import { becomes } from '../support/eventually.ts'
import { startProgram } from '../support/program.ts'

const SUBNETS = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']

/** Whether a connection is accepted. */
async function isOpen(address: string, port: number): Promise<boolean> {
  const socket = connect(port, address)
  try {
    await once(socket, 'connect')
    return true
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ECONNREFUSED')
    return false
  } finally {
    socket.destroy()
  }
}

test('an HTTPS listener leaves its port closed and all else as it is, also after a new start of control', async (t) => {
  const program = await startProgram({ workers: 1, args: ['--port-offset', '8000'] })
  t.after(async () => await program.stop())
  const settings = {
    endpoint: program.endpoint,
    region: 'us-east-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  }
  const elb = new ElasticLoadBalancingV2(settings)
  const acm = new ACM(settings)
  t.after(() => {
    elb.destroy()
    acm.destroy()
  })
  const { CertificateArn } = await acm.requestCertificate({ DomainName: 'www.example.com' })
  const { LoadBalancers } = await elb.createLoadBalancer({ Name: 'secure', Subnets: SUBNETS })
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn
  const DefaultActions = [
    { Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '200', MessageBody: 'plain' } },
  ]
  const { Listeners } = await elb.createListener({
    LoadBalancerArn,
    Protocol: 'HTTPS',
    Port: 443,
    Certificates: [{ CertificateArn }],
    DefaultActions,
  })
  await elb.createListener({ LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions })
  const [, address = ''] = await program.outputMatching(/The load balancer secure serves at ([\d.]+)/)
  for (const round of ['at first', 'again']) {
    await becomes(async () => await isOpen(address, 8080), true)
    assert.equal(await (await fetch(`http://${address}:8080/`)).text(), 'plain', round)
    assert.equal(await isOpen(address, 8443), false, round)
    if (round === 'again') continue
    assert.doesNotMatch(program.errors(), /"level":[456]0/)
    await program.kill('control')
  }
  assert.equal(Listeners?.[0]?.SslPolicy, 'ELBSecurityPolicy-2016-08')
})
