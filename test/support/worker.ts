// A real worker process, driven the way the supervisor drives it: units in, bytes through its sockets, log lines and
// counters out. For tests of the data plane that need no API.

import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { CookieKey } from '../../src/model/cookie-key.ts'
import type {
  CounterDelta,
  SupervisorToWorker,
  WorkerSettings,
  WorkerToSupervisor,
} from '../../src/snapshot/messages.ts'
import type {
  ActionUnit,
  CertificateUnit,
  ListenerTlsUnit,
  LoadBalancerUnit,
  ResponseHeadersUnit,
  RuleUnit,
  SessionHeadersUnit,
  TrafficAttributes,
} from '../../src/snapshot/application-units.ts'
import type { TargetGroupUnit, TargetUnit } from '../../src/snapshot/target-group-units.ts'
import { Watchers } from './watchers.ts'

/** What a test wants the worker to serve; everything has AWS's default. */
export interface Served {
  readonly traffic?: Partial<TrafficAttributes>
  /** Port that the API would show; the socket itself gets any free port. */
  readonly listenerPort?: number
  readonly rules?: readonly RuleUnit[]
  readonly actions?: readonly ActionUnit[]
  /** Ports of targets on 127.0.0.1 in the group `default`, all healthy. */
  readonly targets?: readonly number[]
  readonly groups?: readonly TargetGroupUnit[]
  readonly accessLog?: boolean
  /** Keys for cookies of sticky sessions; the same one in all workers unless said otherwise. */
  readonly cookieKeys?: readonly CookieKey[]
  readonly responseHeaders?: ResponseHeadersUnit
  /** Makes the listener an HTTPS one. */
  readonly tls?: ServedTls
  readonly sessionHeaders?: SessionHeadersUnit
  /** Address blocks that may connect; everyone unless told. */
  readonly admitted?: readonly string[]
}

/** What an HTTPS listener presents; the first certificate is the default one, and the others are in its list. */
export interface ServedTls {
  readonly certificates: readonly CertificateUnit[]
  readonly policy?: string
  readonly isHttp2Offered?: boolean
}

/** For what the worker is to say, in real milliseconds. */
const DEADLINE_MS = 60_000

export const defaultTraffic: TrafficAttributes = {
  idleTimeoutMs: 60_000,
  clientKeepAliveMs: 3_600_000,
  desyncMitigationMode: 'defensive',
  dropInvalidHeaderFields: false,
  preserveHostHeader: false,
  xffHeaderProcessingMode: 'append',
  xffClientPort: false,
}

/** A key for cookies, the same for the same number. */
export function cookieKey(id: number, usedFrom = 0): CookieKey {
  return { id, secret: Buffer.alloc(32, id).toString('base64'), usedFrom }
}

/** ARN of the load balancer in all tests. */
export const loadBalancerArn =
  'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/test/1234567890abcdef'

/** ARN of the target group called `name`. */
export function groupArn(name: string): string {
  return `arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/${name}/1234567890abcdef`
}

export function forwardTo(name: string): ActionUnit {
  return { type: 'forward', targetGroups: [{ arn: groupArn(name), weight: 1 }] }
}

export function targetUnit(port: number, state: TargetUnit['state'] = 'healthy'): TargetUnit {
  return { id: `127.0.0.1`, address: '127.0.0.1', port, zone: 'us-east-2a', state }
}

export function groupUnit(name: string, targets: readonly TargetUnit[]): TargetGroupUnit {
  return { arn: groupArn(name), name, protocol: 'HTTP', protocolVersion: 'HTTP1', targets }
}

export interface WorkerOptions {
  /** How many times faster than real time every duration of the worker runs. */
  readonly timeScale?: number
  /** Takes away what of Node is not documented. */
  readonly publicNodeOnly?: boolean
  /** Makes what the worker draws by chance the same every time. */
  readonly randomSeed?: number
}

const WITHOUT_BINDINGS = `data:text/javascript,${encodeURIComponent(
  `process.binding = (name) => { throw new Error('There is no ' + name) }`,
)}`

/** A module that replaces chance by numbers that follow from a seed (mulberry32). */
function withSeed(seed: number): string {
  return `data:text/javascript,${encodeURIComponent(`
    let state = ${seed >>> 0}
    Math.random = () => {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
    }`)}`
}

export class WorkerProcess {
  readonly port: number
  readonly messages: WorkerToSupervisor[] = []
  readonly #child: ChildProcess
  readonly #spoolFolder: string
  readonly #watchers = new Watchers()
  readonly #readFiles = new Set<string>()
  readonly #lines: string[] = []
  #version = 0
  #flushes = 0

  static async start(served: Served, options: WorkerOptions = {}): Promise<WorkerProcess> {
    const socket = bindAnyPort()
    const worker = new WorkerProcess(socket.port, options)
    const settings: WorkerSettings = {
      index: 0,
      spoolFolder: worker.#spoolFolder,
      timeScale: options.timeScale ?? 1,
      drainTimeoutMs: 5000,
      connectsFromNodes: false,
      openFilesMax: null,
    }
    await worker.#until((message) => message.type === 'ready')
    worker.#send({ type: 'start', settings })
    await worker.serve(served)
    worker.#child.send({ type: 'listen', key: `127.0.0.1:${worker.port}` }, socket.handle, { keepOpen: true })
    await worker.#until((message) => message.type === 'listening')
    return worker
  }

  private constructor(port: number, options: WorkerOptions) {
    this.port = port
    this.#spoolFolder = mkdtempSync(join(tmpdir(), 'evenkeel-worker-'))
    this.#child = fork(join(import.meta.dirname, 'worker-process.ts'), [], {
      execArgv: [
        ...(options.publicNodeOnly === true ? ['--import', WITHOUT_BINDINGS] : []),
        ...(options.randomSeed === undefined ? [] : ['--import', withSeed(options.randomSeed)]),
      ],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child.on('message', (message: WorkerToSupervisor) => {
      this.messages.push(message)
      this.#watchers.wake()
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Replaces everything the worker serves; resolves when it is in force. */
  async serve(served: Served): Promise<void> {
    const version = ++this.#version
    const targetGroups = served.groups ?? [
      groupUnit(
        'default',
        (served.targets ?? []).map((port) => targetUnit(port)),
      ),
    ]
    this.#send({
      type: 'snapshot',
      update: {
        version,
        full: true,
        loadBalancers: [loadBalancerUnit(this.port, served)],
        targetGroups,
        removedLoadBalancers: [],
        removedTargetGroups: [],
        cookieKeys: served.cookieKeys ?? [cookieKey(1)],
      },
    })
    await this.#until((message) => message.type === 'applied' && message.version === version)
  }

  /** Lines of the access log so far; every finished request has one. */
  async logLines(): Promise<string[]> {
    const request = ++this.#flushes
    this.#send({ type: 'flush', request })
    await this.#until((message) => message.type === 'flushed' && message.request === request)
    return this.linesLeft()
  }

  /** Lines that are in the spool, also after the end of the worker. */
  linesLeft(): string[] {
    // Each flush completes at most one file; the names themselves do not tell their order.
    for (const name of readdirSync(this.#spoolFolder, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.log') || this.#readFiles.has(name)) continue
      this.#readFiles.add(name)
      this.#lines.push(...readFileSync(join(this.#spoolFolder, name), 'latin1').split('\n').slice(0, -1))
    }
    return [...this.#lines]
  }

  /** Sum of a metric over all reports so far, of the load balancer or of a target group. */
  async metric(name: string, targetGroup: string | null = null): Promise<number> {
    await this.logLines()
    const deltas = this.messages.flatMap((message): readonly CounterDelta[] =>
      message.type === 'counters' ? message.counters : [],
    )
    return deltas
      .filter((delta) => delta.targetGroup === targetGroup)
      .reduce((sum, delta) => sum + (delta.metrics[name] ?? 0), 0)
  }

  /** Resolves with the first message, past or future, that `matches`. */
  async message(matches: (message: WorkerToSupervisor) => boolean): Promise<WorkerToSupervisor> {
    await this.#until(matches)
    return this.messages.find(matches) as WorkerToSupervisor
  }

  /** Asks the worker to drain; resolves with its exit code. */
  async drain(): Promise<number | null> {
    const exited = new Promise<number | null>((resolve) => this.#child.once('exit', (code) => resolve(code)))
    this.#send({ type: 'drain' })
    return await exited
  }

  /** Ends the worker and removes its files. */
  close(): void {
    this.#child.kill('SIGKILL')
    rmSync(this.#spoolFolder, { recursive: true, force: true })
  }

  #send(message: SupervisorToWorker): void {
    this.#child.send(message)
  }

  async #until(matches: (message: WorkerToSupervisor) => boolean): Promise<void> {
    await this.#watchers.until(
      () => this.messages.some(matches),
      DEADLINE_MS,
      () => `the worker's last messages: ${JSON.stringify(this.messages.slice(-3))}`,
    )
  }
}

/** A load balancer with one listener, at a bound port. */
export function loadBalancerUnit(port: number, served: Served): LoadBalancerUnit {
  return {
    kind: 'application',
    arn: loadBalancerArn,
    id: 'app/test/1234567890abcdef',
    dnsName: 'test-123456789.us-east-2.elb.amazonaws.com',
    accountId: '123456789012',
    region: 'us-east-2',
    traffic: { ...defaultTraffic, ...served.traffic },
    accessLog: served.accessLog === false ? null : { bucket: 'logs', prefix: '' },
    nodes: [{ zone: 'us-east-2a', address: '127.0.0.1' }],
    listeners: [
      {
        arn: 'arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/test/1234567890abcdef/1111111111111111',
        protocol: served.tls === undefined ? 'HTTP' : 'HTTPS',
        port: served.listenerPort ?? 80,
        bindPort: port,
        rules: served.rules ?? [],
        defaultRule: { arn: 'default', actions: served.actions ?? [forwardTo('default')] },
        ...(served.admitted === undefined ? {} : { admitted: served.admitted }),
        ...(served.responseHeaders === undefined ? {} : { responseHeaders: served.responseHeaders }),
        ...(served.sessionHeaders === undefined ? {} : { sessionHeaders: served.sessionHeaders }),
        ...(served.tls === undefined ? {} : { tls: tlsUnit(served.tls) }),
      },
    ],
    ...(served.tls === undefined ? {} : { certificates: served.tls.certificates }),
  }
}

function tlsUnit({ certificates, policy, isHttp2Offered }: ServedTls): ListenerTlsUnit {
  const [standard, ...list] = certificates
  return {
    policy: policy ?? 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    defaultCertificate: standard?.arn ?? null,
    certificates: list.map(({ arn }) => arn),
    isHttp2Offered: isHttp2Offered ?? true,
  }
}

interface BoundHandle {
  getsockname(result: { port?: number }): number
}

/** A socket on any free port that does not listen yet, as the supervisor makes them. */
export function bindAnyPort(): { readonly port: number; readonly handle: net.Server } {
  const internals = net as unknown as {
    _createServerHandle(address: string, port: number, family: 4, fd: undefined, flags: number): BoundHandle
  }
  // oxlint-disable-next-line no-underscore-dangle -- the name is Node's
  const handle = internals._createServerHandle('127.0.0.1', 0, 4, undefined, 0)
  const name: { port?: number } = {}
  handle.getsockname(name)
  return { port: name.port ?? 0, handle: handle as unknown as net.Server }
}
