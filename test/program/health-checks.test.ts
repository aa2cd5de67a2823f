// Health checks of every protocol and protocol version through the whole program, as DescribeTargetHealth shows them.

import { type CreateTargetGroupCommandInput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import http2 from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { test } from 'node:test'

import { listening, target } from '../health/checked-target.ts'
import { TestAuthority } from '../support/certificates.ts'
import { becomes } from '../support/eventually.ts'
import { loadBalancingAndCertificates, SUBNETS } from '../support/api-client.ts'
import { startProgram } from '../support/program.ts'

const HEALTHY = 'healthy'
const FAILED = 'unhealthy Target.FailedHealthChecks Health checks failed'
const TIMED_OUT = 'unhealthy Target.Timeout Request timed out'
const mismatch = (code: number): string =>
  `unhealthy Target.ResponseCodeMismatch Health checks failed with these codes: [${code}]`

test('ALB-TG-057, 202, 215, 217, 229, 235, 236 targets are checked in the protocol and version of their group', async (t) => {
  const program = await startProgram({ workers: 1, timeScale: 5, args: ['--port-offset', '8000'] })
  t.after(async () => await program.stop())
  const { elb, acm } = loadBalancingAndCertificates(t, program.endpoint)
  const expired = await (
    await TestAuthority.make()
  ).issue('expired', { names: ['other.example'], from: -20, until: -10 })
  const keys = { cert: expired.chain, key: expired.privateKey }
  const grpc = new Server()
  new HealthImplementation({ '': 'SERVING' }).addToServer(grpc)
  const grpcPort = await new Promise<number>((resolve, reject) => {
    grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port)
      else reject(error)
    })
  })
  t.after(() => grpc.forceShutdown())
  const ports = {
    http: await listening(
      t,
      createHttpServer((_request, response) => response.end()),
    ),
    https: await listening(
      t,
      createHttpsServer(keys, (_request, response) => response.end()),
    ),
    h2c: await listening(
      t,
      http2.createServer((_request, response) => response.writeHead(404).end()),
    ),
    h2: await listening(
      t,
      http2.createSecureServer(keys, (_request, response) => response.end()),
    ),
    grpc: grpcPort,
    silent: await target(t, (socket) => socket.resume()),
  }
  const HEALTH = '/grpc.health.v1.Health/Check'
  const cases: [keyof typeof ports, Partial<CreateTargetGroupCommandInput>, health: string][] = [
    ['https', { Protocol: 'HTTPS', HealthCheckProtocol: 'HTTPS' }, HEALTHY],
    ['https', { HealthCheckProtocol: 'HTTPS' }, HEALTHY],
    ['https', { Protocol: 'HTTPS' }, FAILED],
    ['http', { Protocol: 'HTTPS' }, HEALTHY],
    ['http', { Protocol: 'HTTPS', HealthCheckProtocol: 'HTTPS' }, FAILED],
    ['silent', { HealthCheckProtocol: 'HTTPS' }, TIMED_OUT],
    ['h2c', { ProtocolVersion: 'HTTP2', Matcher: { HttpCode: '404' } }, HEALTHY],
    ['h2c', { ProtocolVersion: 'HTTP2' }, mismatch(404)],
    ['h2', { ProtocolVersion: 'HTTP2', HealthCheckProtocol: 'HTTPS' }, HEALTHY],
    ['http', { ProtocolVersion: 'HTTP2' }, FAILED],
    ['grpc', { ProtocolVersion: 'GRPC' }, HEALTHY],
    ['grpc', { ProtocolVersion: 'GRPC', Matcher: { GrpcCode: '0' } }, mismatch(12)],
    ['grpc', { ProtocolVersion: 'GRPC', Matcher: { GrpcCode: '0' }, HealthCheckPath: HEALTH }, HEALTHY],
    ['grpc', { ProtocolVersion: 'GRPC', HealthCheckPath: HEALTH }, mismatch(0)],
    ['h2c', { ProtocolVersion: 'GRPC' }, FAILED],
    ['silent', { ProtocolVersion: 'GRPC' }, TIMED_OUT],
  ]
  const { CertificateArn } = await acm.requestCertificate({ DomainName: 'www.example.com' })
  const { LoadBalancers } = await elb.createLoadBalancer({ Name: 'checks', Subnets: [...SUBNETS] })
  const { Listeners } = await elb.createListener({
    LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
    Protocol: 'HTTPS',
    Port: 443,
    Certificates: [{ CertificateArn }],
    DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  })
  const arns: string[] = []
  for (const [index, [name, input]] of cases.entries()) {
    const { TargetGroups } = await elb.createTargetGroup({
      Name: `group-${index}`,
      Protocol: 'HTTP',
      Port: ports[name],
      TargetType: 'ip',
      VpcId: 'vpc-0598c7d356EXAMPLE',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 4,
      ...input,
    })
    const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
    arns.push(TargetGroupArn)
    await elb.registerTargets({ TargetGroupArn, Targets: [{ Id: '127.0.0.1' }] })
    await elb.createRule({
      ListenerArn: Listeners?.[0]?.ListenerArn,
      Priority: index + 1,
      Conditions: [{ Field: 'path-pattern', Values: [`/${index}`] }],
      Actions: [{ Type: 'forward', TargetGroupArn }],
    })
  }
  const healthOf = async (TargetGroupArn: string): Promise<string> => {
    const { TargetHealthDescriptions } = await elb.describeTargetHealth({ TargetGroupArn })
    const { State, Reason, Description } = TargetHealthDescriptions?.[0]?.TargetHealth ?? {}
    return [State, Reason, Description].filter((text) => text !== undefined).join(' ')
  }
  for (const [index, [name, input, health]] of cases.entries()) {
    await becomes(
      async () => `${name} ${JSON.stringify(input)}: ${await healthOf(arns[index] ?? '')}`,
      `${name} ${JSON.stringify(input)}: ${health}`,
    )
  }
  assert.doesNotMatch(program.errors(), /"level":[56]0/)
})
