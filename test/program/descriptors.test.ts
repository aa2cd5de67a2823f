// A machine that gives few file descriptors: requests that run go on, and who is too many is refused.

import { CreateListenerCommand, CreateLoadBalancerCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { apiClient, SUBNETS, VPC } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { startProgram, type Program } from '../support/program.ts'
import { answer, startTarget } from '../support/target.ts'

const main = 'test/support/program-with-few-descriptors.ts'
const CLIENTS = 400

/** Makes a load balancer before one target; resolves with its node's address and the group. */
async function serve(program: Program, port: number): Promise<{ address: string; group: string }> {
  const { client } = program
  const made = await client.send(
    new CreateTargetGroupCommand({
      Name: 'group',
      Protocol: 'HTTP',
      Port: port,
      VpcId: VPC,
      TargetType: 'ip',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
    }),
  )
  const group = made.TargetGroups?.[0]?.TargetGroupArn ?? ''
  await client.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: '127.0.0.1' }] }))
  const { LoadBalancers } = await client.send(
    new CreateLoadBalancerCommand({ Name: 'few', Subnets: [...SUBNETS] }),
  )
  await client.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: group }],
    }),
  )
  const [, address = ''] = await program.outputMatching(/few serves at (\S+) /)
  await eventually('the target is healthy', async () => (await stateOf(program, group)) === 'healthy')
  return { address, group }
}

async function stateOf(program: Program, group: string): Promise<string | undefined> {
  const command = new DescribeTargetHealthCommand({ TargetGroupArn: group })
  const { TargetHealthDescriptions } = await program.client.send(command)
  return TargetHealthDescriptions?.[0]?.TargetHealth?.State
}

/** All that a connection receives until it is closed or reset. */
function received(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('latin1').on('data', (part: string) => (text += part))
  socket.on('error', () => undefined)
  return new Promise((resolve) => socket.once('close', () => resolve(text)))
}

test('ALB-OBS-063 clients that are too many are refused, none of those that are let in fails, and it is said once', async (t) => {
  const program = await startProgram({ main, workers: 1 })
  t.after(async () => await program.stop())
  const held: (() => void)[] = []
  let isHeld = false
  const target = await startTarget(({ socket }) => {
    if (isHeld) held.push(() => socket.write(answer('served')))
    else socket.write(answer('served'))
  })
  t.after(() => target.close())
  const { address } = await serve(program, target.port)
  isHeld = true
  const sockets = Array.from({ length: CLIENTS }, () => {
    const socket = connect(80, address)
    socket.write('GET / HTTP/1.1\r\nHost: few.test\r\nConnection: close\r\n\r\n')
    return socket
  })
  const texts = sockets.map(received)
  let refused = 0
  for (const text of texts) void text.then((bytes) => (refused += bytes === '' ? 1 : 0))
  await eventually('everyone is at the target or refused', () => held.length + refused === CLIENTS)
  for (const respond of held) respond()
  const outcomes = await Promise.all(texts)
  const served = outcomes.filter((text) => /^HTTP\/1\.1 200 .*served$/s.test(text)).length
  assert.equal(served + refused, CLIENTS)
  assert.ok(served > 80, `${served} were served`)
  assert.equal(served, held.length)
  const findings = program.errors().match(/New clients are refused[^"]*ulimit -n/g)
  assert.equal(findings?.length, 1)
  isHeld = false
  assert.equal(await (await fetch(`http://${address}/`)).text(), 'served')
  await eventually('the refused are counted', async () => {
    const text = await (await fetch(`${program.endpoint}/metrics`)).text()
    const counts = text.matchAll(/^\w*rejected_connection_count\w*\{[^}]*\} (\d+)/gm)
    return [...counts].some(([, count]) => Number(count) === refused)
  })
})

test('a flood of the API’s port is bounded by client, and touches neither other clients nor health checks', async (t) => {
  const program = await startProgram({ main, workers: 1, timeScale: 5 })
  t.after(async () => await program.stop())
  let checks = 0
  const target = await startTarget(({ socket }) => {
    checks++
    socket.write(answer('served'))
  })
  t.after(() => target.close())
  const { group } = await serve(program, target.port)
  const { port } = new URL(program.endpoint)
  // The flood comes from another address than the calls of this test.
  const flood = Array.from({ length: CLIENTS }, () => {
    return connect({ host: '127.0.0.1', port: Number(port), localAddress: '127.0.0.9' })
  })
  t.after(() => flood.forEach((socket) => socket.destroy()))
  const ended = flood.map(received)
  await program.errorsMatching(/Connections to the API are refused: .*ulimit -n/)
  const before = checks
  await eventually('three more checks are made', () => checks >= before + 3)
  assert.equal(await stateOf(program, group), 'healthy')
  const other = apiClient(program.endpoint)
  t.after(() => other.destroy())
  await other.send(new DescribeTargetHealthCommand({ TargetGroupArn: group }))
  // Those that were let in and say nothing are closed after a while.
  await Promise.all(ended)
})
