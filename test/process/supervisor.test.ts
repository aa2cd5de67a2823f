// The supervisor with real workers, and a control process in the hands of the test.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { SupervisorToControl } from '../../src/snapshot/messages.ts'
import type { LoadBalancerUnit } from '../../src/snapshot/application-units.ts'
import type { SnapshotUpdate } from '../../src/snapshot/update.ts'
import { nodeNetwork } from '../support/network.ts'
import { failingProgram, startProgram, type Program } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PORT = 80

async function start(t: TestContext, args: readonly string[] = []): Promise<Program> {
  const main = 'test/support/program-with-stub-control.ts'
  const program = await startProgram({ main, args })
  t.after(async () => await program.stop())
  return program
}

function unit(name: string, address: string, message = name): LoadBalancerUnit {
  return {
    kind: 'application',
    arn: `arn:${name}`,
    id: `app/${name}/0123456789abcdef`,
    dnsName: `${name}-1.us-east-2.elb.amazonaws.com`,
    accountId: '123456789012',
    region: 'us-east-2',
    traffic: {
      idleTimeoutMs: 60_000,
      clientKeepAliveMs: 3_600_000,
      desyncMitigationMode: 'defensive',
      dropInvalidHeaderFields: false,
      preserveHostHeader: false,
      xffHeaderProcessingMode: 'append',
      xffClientPort: false,
    },
    accessLog: null,
    nodes: [{ zone: 'us-east-2a', address }],
    listeners: [
      {
        arn: `arn:${name}/listener`,
        protocol: 'HTTP',
        port: PORT,
        bindPort: PORT,
        rules: [],
        defaultRule: {
          arn: `arn:${name}/rule`,
          actions: [
            { type: 'fixed-response', statusCode: 200, contentType: 'text/plain', messageBody: message },
          ],
        },
      },
    ],
  }
}

function update(version: number, ...loadBalancers: readonly LoadBalancerUnit[]): SnapshotUpdate {
  return {
    version,
    full: version === 1,
    loadBalancers,
    targetGroups: [],
    removedLoadBalancers: [],
    removedTargetGroups: [],
  }
}

async function send(program: Program, message: unknown): Promise<void> {
  await fetch(program.endpoint, { method: 'POST', body: JSON.stringify(message) })
}

/** The nth message of a type that control received, as soon as it has. */
async function received<Type extends SupervisorToControl['type']>(
  program: Program,
  type: Type,
  n = 0,
): Promise<Extract<SupervisorToControl, { type: Type }>> {
  const response = await fetch(`${program.endpoint}/?type=${type}&n=${n}`)
  return (await response.json()) as Extract<SupervisorToControl, { type: Type }>
}

async function get(address: string): Promise<string> {
  const response = await fetch(`http://${address}:${PORT}/`, { headers: { Connection: 'close' } })
  return await response.text()
}

test('traffic goes on while control is gone, and control takes up where it was', async (t) => {
  const program = await start(t)
  const address = `${nodeNetwork(0)}.1`
  await send(program, { type: 'snapshot', update: update(1, unit('one', address)) })
  assert.deepEqual(await received(program, 'applied'), { type: 'applied', version: 1, failedBindings: {} })
  assert.equal(await get(address), 'one')
  await program.kill('control')
  assert.equal(await get(address), 'one')
  await program.untilApiAnswers()
  const { snapshot } = await received(program, 'start')
  assert.equal(snapshot?.version, 1)
  assert.deepEqual(snapshot?.loadBalancers, [unit('one', address)])
})

test('a change replaces what it names and leaves the rest', async (t) => {
  const program = await start(t)
  const [first, second] = [`${nodeNetwork(0)}.1`, `${nodeNetwork(0)}.2`]
  await send(program, { type: 'snapshot', update: update(1, unit('one', first), unit('two', second)) })
  await received(program, 'applied')
  await send(program, { type: 'snapshot', update: update(2, unit('two', second, 'changed')) })
  assert.equal((await received(program, 'applied', 1)).version, 2)
  assert.equal(await get(first), 'one')
  assert.equal(await get(second), 'changed')
  await send(program, {
    type: 'snapshot',
    update: { ...update(3), removedLoadBalancers: ['arn:one'] },
  })
  assert.equal((await received(program, 'applied', 2)).version, 3)
  await assert.rejects(get(first))
  assert.equal(await get(second), 'changed')
})

test('a worker that is killed is started again and no connection is refused or lost in between', async (t) => {
  const program = await start(t)
  const address = `${nodeNetwork(0)}.4`
  await send(program, { type: 'snapshot', update: update(1, unit('one', address)) })
  await received(program, 'applied')
  // Stopped workers accept nothing: connections wait in the kernel's queues of both.
  for (const name of ['worker 0', 'worker 1'] as const) process.kill(program.pids.get(name) ?? 0, 'SIGSTOP')
  const clients = await Promise.all(Array.from({ length: 20 }, async () => await connected(address)))
  await Promise.all([program.kill('worker 0'), program.kill('worker 1')])
  for (const client of clients) client.end(`GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  for (const answer of await Promise.all(clients.map(async (client) => await textOf(client)))) {
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
  }
})

test('a port that another program has fails its load balancer alone, and is taken when it is free', async (t) => {
  const program = await start(t)
  const [taken, free] = [`${nodeNetwork(0)}.5`, `${nodeNetwork(0)}.6`]
  const other = await listening(taken)
  await send(program, { type: 'snapshot', update: update(1, unit('one', taken), unit('two', free)) })
  const { failedBindings } = await received(program, 'applied')
  assert.deepEqual(failedBindings, {
    [`${taken}:${PORT}`]: `Cannot bind ${taken}:${PORT}: another program listens there`,
  })
  assert.equal(await get(free), 'two')
  other.close()
  assert.deepEqual((await received(program, 'applied', 1)).failedBindings, {})
  assert.equal(await get(taken), 'one')
})

test('SIGTERM ends all processes, and the program with code 0', async (t) => {
  const program = await start(t)
  const address = `${nodeNetwork(0)}.7`
  await send(program, { type: 'snapshot', update: update(1, unit('one', address)) })
  await received(program, 'applied')
  const pids = [...program.pids.values()]
  assert.equal(pids.length, 4)
  assert.equal(await program.stop(), 0)
  for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

test('the other processes end when the supervisor is killed', async (t) => {
  const program = await start(t)
  program.signal('SIGKILL')
  // The output pipes close with the last process that has them.
  assert.equal(await program.ended(), 'SIGKILL')
})

test('a fixed port offset is said to control', async (t) => {
  const program = await start(t, ['--port-offset', '8000'])
  const { settings } = await received(program, 'start')
  assert.equal((settings as { bindOffset: number }).bindOffset, 8000)
})

async function connected(address: string): Promise<Socket> {
  const socket = connect(PORT, address)
  await once(socket, 'connect')
  return socket
}

async function textOf(socket: Socket): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

async function listening(address: string): Promise<Server> {
  const server = createServer()
  server.listen(PORT, address)
  await once(server, 'listening')
  return server
}

test('a control process that cannot start ends the program, which says so', async () => {
  const folder = temporaryFolder()
  const { code, errors } = await failingProgram(
    [`--data=${folder}`, '--api=127.0.0.1:0', '--dns=off', '--workers=1'],
    'test/support/program-without-control.ts',
  )
  assert.notEqual(code, 0)
  assert.match(
    errors,
    /control process ended 3 times before the API answered \(the last time with exit code 7\)/,
  )
})
