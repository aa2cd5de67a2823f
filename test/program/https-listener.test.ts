// A load balancer with an HTTPS listener in the whole program, from certificate to answer.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import tls from 'node:tls'

import { becomes } from '../support/eventually.ts'
import { loadBalancingAndCertificates, SUBNETS } from '../support/api-client.ts'
import { startProgram } from '../support/program.ts'

/** Whether a connection is accepted. */
async function isOpen(address: string, port: number): Promise<boolean> {
  const socket = connect(port, address)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

interface Seen {
  readonly response: string
  readonly subject: string
  readonly serial: string
}

async function ask(host: string, port: number, servername = 'www.example.com'): Promise<Seen> {
  const socket = tls.connect({ host, port, servername, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { subject, serialNumber } = socket.getPeerCertificate()
  socket.write('GET / HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n')
  let response = ''
  for await (const chunk of socket) response += String(chunk)
  return { response, subject: String(subject.CN), serial: serialNumber }
}

test('ALB-LSN-222, 239, 246 an HTTPS listener serves, with the certificates that it is given, and goes on without control', async (t) => {
  const program = await startProgram({ workers: 2, args: ['--port-offset', '8000'] })
  t.after(async () => await program.stop())
  const { elb, acm } = loadBalancingAndCertificates(t, program.endpoint)
  const { CertificateArn } = await acm.requestCertificate({ DomainName: 'www.example.com' })
  const { LoadBalancers } = await elb.createLoadBalancer({ Name: 'secure', Subnets: [...SUBNETS] })
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn
  const DefaultActions = [
    { Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '200', MessageBody: 'secret' } },
  ]
  const { Listeners } = await elb.createListener({
    LoadBalancerArn,
    Protocol: 'HTTPS',
    Port: 443,
    Certificates: [{ CertificateArn }],
    DefaultActions,
  })
  const ListenerArn = Listeners?.[0]?.ListenerArn
  assert.equal(Listeners?.[0]?.SslPolicy, 'ELBSecurityPolicy-2016-08')
  const [, address = ''] = await program.outputMatching(/The load balancer secure serves at ([\d.]+)/)
  await becomes(async () => await isOpen(address, 8443), true)
  const first = await ask(address, 8443)
  assert.match(first.response, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nsecret$/)
  assert.equal(first.subject, 'www.example.com')

  const { CertificateArn: other } = await acm.requestCertificate({ DomainName: 'shop.example.org' })
  await elb.addListenerCertificates({ ListenerArn, Certificates: [{ CertificateArn: other }] })
  await becomes(async () => (await ask(address, 8443, 'shop.example.org')).subject, 'shop.example.org')
  assert.equal((await ask(address, 8443, 'www.example.com')).subject, 'www.example.com')
  await elb.modifyListener({ ListenerArn, Certificates: [{ CertificateArn: other }] })
  await becomes(async () => (await ask(address, 8443, 'any.example.net')).subject, 'shop.example.org')

  await program.kill('control')
  assert.match((await ask(address, 8443)).response, /secret$/)
  assert.doesNotMatch(program.errors(), /"level":[56]0/)
})

test('a listener that asks for certificates of clients stays closed, the log says why, and the load balancer is active', async (t) => {
  const program = await startProgram({ workers: 1, args: ['--port-offset', '8000'], index: 1 })
  t.after(async () => await program.stop())
  const { elb, acm } = loadBalancingAndCertificates(t, program.endpoint)
  const { CertificateArn } = await acm.requestCertificate({ DomainName: 'www.example.com' })
  const { LoadBalancers } = await elb.createLoadBalancer({ Name: 'mutual', Subnets: [...SUBNETS] })
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  await elb.createListener({
    LoadBalancerArn,
    Protocol: 'HTTPS',
    Port: 443,
    Certificates: [{ CertificateArn }],
    MutualAuthentication: { Mode: 'passthrough' },
    DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }],
  })
  await program.errorsMatching(/port 443 is closed: mutual authentication/)
  const [, address = ''] = await program.outputMatching(/The load balancer mutual serves at ([\d.]+)/)
  assert.equal(await isOpen(address, 8443), false)
  const found = await elb.describeLoadBalancers({ LoadBalancerArns: [LoadBalancerArn] })
  assert.equal(found.LoadBalancers?.[0]?.State?.Code, 'active')
})
