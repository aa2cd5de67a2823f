// What the processes say to each other. All messages pass through the supervisor, so that control and workers may die
// and come back one by one. Plain JSON over the child processes' IPC channel.

import type { SnapshotUpdate } from './update.ts'

/** Start values that the supervisor gives a worker in its first message. */
export interface WorkerSettings {
  /** Stable index of the worker: 0 … workers-1; a worker that is started again keeps it. */
  readonly index: number
  /** Folder for access log spool files. */
  readonly spoolFolder: string
  /** How many times faster than real time every duration runs; 1 outside tests. */
  readonly timeScale: number
  /** How long running requests may go on after a drain begins. */
  readonly drainTimeoutMs: number
  /** How many files the process may have open; null: as many as it likes. */
  readonly openFilesMax: number | null
  /** Whether connections to targets come from the addresses of nodes. */
  readonly connectsFromNodes: boolean
}

export type SupervisorToWorker =
  | { readonly type: 'start'; readonly settings: WorkerSettings }
  | { readonly type: 'snapshot'; readonly update: SnapshotUpdate }
  /** Comes with the bound socket as the message's handle; the worker calls listen on it. */
  | { readonly type: 'listen'; readonly key: string }
  | { readonly type: 'unlisten'; readonly key: string }
  /** Close what spool files are open and say `flushed`. */
  | { readonly type: 'flush'; readonly request: number }
  /** Accept nothing more, finish what runs, then exit. */
  | { readonly type: 'drain' }

export type WorkerToSupervisor =
  | { readonly type: 'ready' }
  | { readonly type: 'applied'; readonly version: number }
  | { readonly type: 'listening'; readonly key: string }
  | { readonly type: 'listen-failed'; readonly key: string; readonly reason: string }
  | { readonly type: 'flushed'; readonly request: number }
  | CountersMessage
  /** No request and no upgraded connection uses this draining target any more in this worker. */
  | { readonly type: 'target-idle'; readonly targetGroup: string; readonly target: string }
  /** For the process log: what this worker cannot do, and what becomes of it. */
  | { readonly type: 'problem'; readonly message: string }

/** What one worker counted since its last such message. */
export interface CountersMessage {
  readonly type: 'counters'
  readonly counters: readonly CounterDelta[]
  readonly outcomes: readonly TargetOutcomes[]
}

/** How the requests to a target ended that ended since the last message. */
export interface TargetOutcomes {
  readonly targetGroup: string
  /** Its `targetKey`. */
  readonly target: string
  readonly requests: number
  /** Those of them with a 5xx answer of the target, or a connection that failed (ALB-TG-108). */
  readonly errors: number
}

/** What one worker counted since its last message, for one set of dimensions. Names are CloudWatch's. */
export interface CounterDelta {
  readonly loadBalancer: string
  /** ARN of the target group, or `null` for counters of the load balancer itself. */
  readonly targetGroup: string | null
  readonly zone: string
  readonly metrics: Readonly<Record<string, number>>
}

export interface DnsPlace {
  readonly host: string
  readonly port: number
}

export type ControlToSupervisor =
  /** `dns`: where the DNS server listens; null if there is none. */
  | { readonly type: 'ready'; readonly endpoint: string; readonly dns: DnsPlace | null }
  | { readonly type: 'snapshot'; readonly update: SnapshotUpdate }
  | { readonly type: 'fatal'; readonly message: string }

export type SupervisorToControl =
  /** First message: how to run, and the snapshot in force (`null` at the first start), with its target states. */
  | { readonly type: 'start'; readonly settings: unknown; readonly snapshot: SnapshotUpdate | null }
  /** Every worker serves this version and every socket it needs is listening, or failed as told. */
  | {
      readonly type: 'applied'
      readonly version: number
      readonly failedBindings: Readonly<Record<string, string>>
    }
  /** Every worker has closed its spool files. */
  | { readonly type: 'flushed' }
  | CountersMessage
  /** No worker uses this draining target any more. */
  | { readonly type: 'target-idle'; readonly targetGroup: string; readonly target: string }
  | { readonly type: 'drain' }
