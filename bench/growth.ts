// npm run bench:growth: what a write, a look-up and a start cost as the number of resources grows. Makes load balancers
// with 10 listeners, 100 rules and 10 targets each through the API of the real program, and measures at several sizes.
// Writes a Markdown table to standard output and bench/results/growth.md.
//
//   --sizes a,b    numbers of load balancers to measure at, 10,100,1000 unless told
//   --workers N    2 unless told

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { SUBNETS, VPC } from '../test/support/api-client.ts'
import { listeningAddresses } from '../test/support/processes.ts'
import { type Program, startProgram } from '../test/support/program.ts'
import { memoryUse } from './process-usage.ts'

const LISTENERS = 10
const RULES = 100
const TARGETS = 10
const FIRST_PORT = 8001
/** The load balancer that is measured is the first one, and has ports that no other has. */
const PROBED = 'growth-probed'
const PROBED_PORT = 9001
const SAMPLES = 40
/** Load balancers that are filled at once: the API has a queue to work on, as with many clients. */
const PARALLEL = 4
const RESULTS_FOLDER = 'bench/results'
const WRITES: ReadonlySet<string> = new Set([
  'CreateRule',
  'ModifyRule',
  'RegisterTargets',
  'CreateLoadBalancer',
])
const GOALS = { writeMs: 5, liveMs: 50, startMs: 3000 }

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10,100,1000' },
    workers: { type: 'string', default: '2' },
  },
})
const sizes = options.sizes.split(',').map(Number)
const workers = Number(options.workers)

interface Measured {
  readonly size: number
  /** Median milliseconds by what was measured. */
  readonly times: ReadonlyMap<string, number>
  readonly memoryMb: Readonly<Record<'control' | 'worker' | 'supervisor', number>>
}

/** A call of the API, unsigned, over kept connections: an SDK would take longer than the call. */
class Api {
  readonly #port: number
  readonly #agent = new Agent({ keepAlive: true })

  constructor(port: number) {
    this.#port = port
  }

  async call(action: string, parameters: Readonly<Record<string, string | number>>): Promise<string> {
    const form = new URLSearchParams({ Action: action, Version: '2015-12-01' })
    for (const [name, value] of Object.entries(parameters)) form.set(name, String(value))
    const { status, text } = await exchange({
      agent: this.#agent,
      address: '127.0.0.1',
      host: '',
      port: this.#port,
      path: '/',
      body: form.toString(),
    })
    if (status !== 200) throw new Error(`${action} gave ${status}: ${text}`)
    return text
  }

  close(): void {
    this.#agent.destroy()
  }
}

interface Sent {
  readonly agent: Agent
  readonly address: string
  /** Value of the Host header; empty for the address. */
  readonly host: string
  readonly port: number
  readonly path: string
  readonly body?: string
}

function exchange({
  agent,
  address,
  host,
  port,
  path,
  body,
}: Sent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const headers = host === '' ? {} : { host }
    const sent = request({ agent, host: address, port, path, method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The text of the first element of that name. */
function element(xml: string, name: string): string {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
  if (found === undefined) throw new Error(`No ${name} in ${xml.slice(0, 300)}`)
  return found
}

/** A load balancer with all that belongs to it, listening from `firstPort` on. */
async function makeLoadBalancer(api: Api, name: string, index: number, firstPort: number): Promise<void> {
  const created = await api.call('CreateLoadBalancer', {
    Name: name,
    'Subnets.member.1': SUBNETS[0] ?? '',
    'Subnets.member.2': SUBNETS[1] ?? '',
  })
  const arn = element(created, 'LoadBalancerArn')
  const group = element(
    await api.call('CreateTargetGroup', {
      Name: name,
      Protocol: 'HTTP',
      Port: 80,
      VpcId: VPC,
      TargetType: 'ip',
      HealthCheckIntervalSeconds: 300,
    }),
    'TargetGroupArn',
  )
  const targets: Record<string, string | number> = {}
  for (let target = 1; target <= TARGETS; target++) {
    targets[`Targets.member.${target}.Id`] = `10.0.${index % 16}.${target}`
    targets[`Targets.member.${target}.Port`] = 1000 + Math.floor(index / 16)
  }
  await api.call('RegisterTargets', { TargetGroupArn: group, ...targets })
  for (let at = 0; at < LISTENERS; at++) {
    const listener = element(
      await api.call('CreateListener', {
        LoadBalancerArn: arn,
        Protocol: 'HTTP',
        Port: firstPort + at,
        'DefaultActions.member.1.Type': 'forward',
        'DefaultActions.member.1.TargetGroupArn': group,
      }),
      'ListenerArn',
    )
    for (let rule = 1; rule <= RULES / LISTENERS; rule++) {
      // One place is left for the rule that is made while measuring.
      if (at === 0 && rule === RULES / LISTENERS) continue
      await api.call('CreateRule', {
        ListenerArn: listener,
        Priority: rule,
        'Conditions.member.1.Field': 'path-pattern',
        'Conditions.member.1.Values.member.1': `/part-${rule}/*`,
        'Conditions.member.2.Field': 'host-header',
        'Conditions.member.2.Values.member.1': `*.host-${rule}.example.com`,
        'Actions.member.1.Type': 'forward',
        'Actions.member.1.TargetGroupArn': group,
      })
    }
  }
}

async function grow(api: Api, from: number, to: number): Promise<void> {
  let next = from
  const fill = async (): Promise<void> => {
    for (let index = next++; index < to; index = next++) {
      await makeLoadBalancer(api, `growth-${index}`, index, FIRST_PORT)
      if (index % 50 === 0) console.error(`${index} load balancers`)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, fill))
}

/** Median of the milliseconds that `work` takes. */
async function median(work: (sample: number) => Promise<number | void>): Promise<number> {
  const times: number[] = []
  for (let sample = 0; sample < SAMPLES; sample++) {
    const started = performance.now()
    const own = await work(sample)
    times.push(own ?? performance.now() - started)
  }
  return times.toSorted((a, b) => a - b)[SAMPLES / 2] ?? 0
}

async function measure(program: Program, api: Api, size: number): Promise<Measured> {
  const found = await api.call('DescribeLoadBalancers', { 'Names.member.1': PROBED })
  const arn = element(found, 'LoadBalancerArn')
  const listener = element(await api.call('DescribeListeners', { LoadBalancerArn: arn }), 'ListenerArn')
  const group = element(await api.call('DescribeTargetGroups', { LoadBalancerArn: arn }), 'TargetGroupArn')
  const times = new Map<string, number>()
  await measureRules(times, api, listener, element(found, 'DNSName'))
  const registered = await median(async (sample) => {
    await api.call('RegisterTargets', {
      TargetGroupArn: group,
      'Targets.member.1.Id': '10.0.0.1',
      'Targets.member.1.Port': 20_000 + (size % 997) * SAMPLES + sample,
    })
  })
  times.set('RegisterTargets', registered)
  const created = await median(async (sample) => {
    const started = performance.now()
    const made = await api.call('CreateLoadBalancer', {
      Name: `sample-${sample}`,
      'Subnets.member.1': SUBNETS[0] ?? '',
      'Subnets.member.2': SUBNETS[1] ?? '',
    })
    const took = performance.now() - started
    await api.call('DeleteLoadBalancer', { LoadBalancerArn: element(made, 'LoadBalancerArn') })
    return took
  })
  times.set('CreateLoadBalancer', created)
  const described: readonly [string, Readonly<Record<string, string | number>>][] = [
    ['DescribeLoadBalancers', { 'Names.member.1': PROBED }],
    ['DescribeListeners', { LoadBalancerArn: arn }],
    ['DescribeRules', { ListenerArn: listener }],
    ['DescribeTargetHealth', { TargetGroupArn: group }],
    ['DescribeTags', { 'ResourceArns.member.1': arn }],
  ]
  for (const [action, parameters] of described) {
    times.set(action, await median(async () => void (await api.call(action, parameters))))
  }
  return { size, times, memoryMb: memory(program) }
}

/** Makes a rule and changes it; after each change waits until every worker answers by it. */
async function measureRules(
  times: Map<string, number>,
  api: Api,
  listener: string,
  host: string,
): Promise<void> {
  const probes = new Probes(host)
  const live: number[] = []
  let arn = ''
  const created = await median(async (sample) => {
    if (arn !== '') await api.call('DeleteRule', { RuleArn: arn })
    const started = performance.now()
    const made = await api.call('CreateRule', {
      ListenerArn: listener,
      Priority: 1000,
      'Conditions.member.1.Field': 'path-pattern',
      'Conditions.member.1.Values.member.1': '/version',
      ...fixed(`made ${sample}`),
    })
    const answered = performance.now()
    arn = element(made, 'RuleArn')
    live.push(await probes.untilAll(`made ${sample}`, answered))
    return answered - started
  })
  times.set('CreateRule', created)
  const modified = await median(async (sample) => {
    const started = performance.now()
    await api.call('ModifyRule', { RuleArn: arn, ...fixed(`changed ${sample}`) })
    const answered = performance.now()
    live.push(await probes.untilAll(`changed ${sample}`, answered))
    return answered - started
  })
  times.set('ModifyRule', modified)
  await api.call('DeleteRule', { RuleArn: arn })
  probes.close()
  live.sort((a, b) => a - b)
  times.set('live in all workers', live[live.length >> 1] ?? 0)
  times.set('live in all workers, the slowest', live.at(-1) ?? 0)
}

function fixed(text: string): Record<string, string> {
  return {
    'Actions.member.1.Type': 'fixed-response',
    'Actions.member.1.FixedResponseConfig.StatusCode': '200',
    'Actions.member.1.FixedResponseConfig.ContentType': 'text/plain',
    'Actions.member.1.FixedResponseConfig.MessageBody': text,
  }
}

/** Kept connections to the listener that is measured, so many that each worker has some. */
class Probes {
  readonly #agents = Array.from({ length: 16 }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  readonly #address: string
  readonly #host: string

  constructor(host: string) {
    this.#host = host
    this.#address = listeningAddresses(PROBED_PORT)[0] ?? '127.0.0.1'
  }

  /** Milliseconds from `since` until every connection has given this body. */
  async untilAll(body: string, since: number): Promise<number> {
    await Promise.all(this.#agents.map(async (agent) => await this.#until(agent, body, since)))
    return performance.now() - since
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy()
  }

  async #until(agent: Agent, body: string, since: number): Promise<void> {
    const place = { agent, address: this.#address, host: this.#host, port: PROBED_PORT, path: '/version' }
    for (let text = ''; text !== body; { text } = await exchange(place)) {
      if (performance.now() - since > 10_000) throw new Error(`'${body}' never came, but '${text}'`)
    }
  }
}

/** Milliseconds from the command to the first answer of the last load balancer made, all processes new. */
async function measureStart(program: Program): Promise<number> {
  await program.stop()
  const started = performance.now()
  await program.startAgain()
  const place = { agent: new Agent(), address: listenerAddress(), host: '', port: PROBED_PORT, path: '/' }
  while (performance.now() - started < 60_000) {
    const answer = await exchange({ ...place, address: listenerAddress() }).catch(() => null)
    if (answer !== null) break
    await pause(5)
  }
  return performance.now() - started
}

function listenerAddress(): string {
  return listeningAddresses(PROBED_PORT)[0] ?? '127.0.0.1'
}

function memory(program: Program): Measured['memoryMb'] {
  return {
    control: megabytes(program.pidsOf('control')),
    worker: megabytes(program.pidsOf('worker')),
    supervisor: megabytes([program.supervisorPid]),
  }
}

/** Resident memory of the first of these processes. */
function megabytes(pids: readonly number[]): number {
  return Math.round(memoryUse(pids.slice(0, 1)).rssBytes / 1024 / 1024)
}

function table(results: readonly Measured[], startMs: number): string {
  const names = [...(results[0]?.times.keys() ?? [])]
  const last = results.length - 1
  return [
    `Measured ${new Date().toISOString().slice(0, 10)} on ${cpus()[0]?.model ?? 'an unknown processor'}, ${availableParallelism()} cores, ${workers} workers.`,
    `Every load balancer has ${LISTENERS} listeners, ${RULES} rules and ${TARGETS} targets. Medians of ${SAMPLES} calls in milliseconds, resident memory in MB.`,
    isShared
      ? 'All load balancers share one address: a socket for each of their listeners would be more than a process may have here.'
      : 'Every load balancer has addresses of its own.',
    '',
    row(
      'load balancers',
      results.map(({ size }) => String(size)),
      'goal',
    ),
    row(
      '---',
      results.map(() => '---'),
      '---',
    ),
    ...names.map((name) => {
      const cells = results.map(({ times }) => milliseconds(times.get(name) ?? 0))
      return row(name, cells, goalOf(name))
    }),
    ...(['control', 'worker', 'supervisor'] as const).map((role) => {
      const cells = results.map(({ memoryMb }) => String(memoryMb[role]))
      return row(`memory of ${role}`, cells, '')
    }),
    row(
      'start until traffic',
      results.map((_, at) => (at === last ? milliseconds(startMs) : '')),
      `${GOALS.startMs} ms`,
    ),
    '',
  ].join('\n')
}

function row(name: string, cells: readonly string[], goal: string): string {
  return `| ${name} | ${cells.join(' | ')} | ${goal} |`
}

function milliseconds(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1)
}

function goalOf(name: string): string {
  if (WRITES.has(name)) return `${GOALS.writeMs} ms`
  return name.startsWith('live') ? `${GOALS.liveMs} ms` : ''
}

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-growth-'))
const largest = Math.max(...sizes)
const isShared = socketsNeeded() > socketsAllowed()
const program = await startProgram({
  dataFolder: join(folder, 'data'),
  workers,
  config: configuration(),
  args: ['--port-offset=0', '--dns=off', '--log-level=warn'],
})
const api = new Api(Number(new URL(program.endpoint).port))
try {
  await makeLoadBalancer(api, PROBED, 0, PROBED_PORT)
  const results: Measured[] = []
  let made = 1
  for (const size of sizes.toSorted((a, b) => a - b)) {
    await grow(api, made, size)
    made = size
    results.push(await measure(program, api, size))
    console.error(results.at(-1))
  }
  const text = table(results, await measureStart(program))
  mkdirSync(RESULTS_FOLDER, { recursive: true })
  writeFileSync(join(RESULTS_FOLDER, 'growth.md'), text)
  process.stdout.write(text)
} finally {
  api.close()
  await program.stop()
  rmSync(folder, { recursive: true, force: true })
}

/** Quotas above what is made, and no more sockets than a process may have here. */
function configuration(): Readonly<Record<string, unknown>> {
  return {
    // Those of the program: a test's zones are too small for this.
    zones: undefined,
    quotas: { loadBalancers: largest + 100, targetGroups: largest + 100 },
    ...(isShared ? { sharedAddress: '127.0.0.1' } : {}),
  }
}

/** Descriptors of the supervisor, which holds one for each worker. */
function socketsNeeded(): number {
  return largest * LISTENERS * SUBNETS.length * workers + 1000
}

function socketsAllowed(): number {
  return Number(
    execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).replace('unlimited', 'Infinity'),
  )
}
