// What is measured: one entry per case, the same for every load balancer.

import type { BytesKind } from './bytes-load.ts'
import type { ListenerName } from './contender.ts'
import { RULE_REQUEST } from './rules.ts'

/** A case that loads a listener and counts CPU time, requests and latency. */
export interface LoadCase {
  readonly kind: 'load'
  readonly name: string
  readonly title: string
  readonly listener: ListenerName
  readonly path: string
  readonly method: 'GET' | 'POST'
  readonly bodyBytes: number
  readonly connections: number
  readonly headers: Readonly<Record<string, string>>
  /** Path of a request before the load whose cookies every request of it sends back. */
  readonly cookiesFrom?: string
  /** Name of the case before it whose CPU time it is compared with. */
  readonly against?: string
}

/** The small case at half of nginx's requests per second of the same round. */
export interface PacedCase {
  readonly kind: 'paced'
  readonly name: string
  readonly title: string
  /** Longest think time of a connection. */
  readonly thinkTimeMaxMs: number
}

/** Clients that send many small pieces: CPU time of all of them together counts, not how many come a second. */
export interface BytesCase {
  readonly kind: 'bytes'
  readonly name: string
  readonly title: string
  readonly bytes: BytesKind
  /** Load balancers that cannot carry it. */
  readonly without: readonly string[]
}

/** Memory that idle connections take. */
export interface IdleCase {
  readonly kind: 'idle'
  readonly name: string
  readonly title: string
  readonly connections: number
}

/** A case that gives the workers something to do. */
export type BusyCase = LoadCase | PacedCase | BytesCase

export type BenchCase = BusyCase | IdleCase

const GET: Omit<LoadCase, 'name' | 'title' | 'path'> = {
  kind: 'load',
  listener: 'default',
  method: 'GET',
  bodyBytes: 0,
  connections: 64,
  headers: {},
}
const KIBIBYTE = 1024

export const CASES: readonly BenchCase[] = [
  {
    ...GET,
    name: 'small',
    title: '190-byte answers, 64 keep-alive connections, round robin',
    path: '/small',
  },
  {
    ...GET,
    name: 'small-least',
    against: 'small',
    title: 'the same, least outstanding requests',
    path: '/small',
    listener: 'leastOutstanding',
  },
  {
    ...GET,
    name: 'small-random',
    against: 'small',
    title: 'the same, weighted random',
    path: '/small',
    listener: 'weightedRandom',
  },
  {
    ...GET,
    name: 'small-sticky',
    against: 'small',
    title: 'the same, sticky by a cookie of the load balancer',
    path: '/small',
    listener: 'stickyTarget',
    cookiesFrom: '/small',
  },
  {
    ...GET,
    name: 'small-sticky-app',
    against: 'small',
    title: 'the same, sticky by a cookie of the application',
    path: '/small',
    listener: 'stickyApplication',
    cookiesFrom: '/login',
  },
  {
    ...GET,
    name: 'small-sticky-group',
    against: 'small',
    title: 'the same, sticky by cookies for group and target',
    path: '/small',
    listener: 'stickyGroup',
    cookiesFrom: '/small',
  },
  { ...GET, name: '64k', title: '64 KiB answers, 64 keep-alive connections', path: '/64k' },
  { ...GET, name: '1m', title: '1 MiB answers, 16 keep-alive connections', path: '/1m', connections: 16 },
  {
    ...GET,
    name: 'upload',
    title: '64 KiB uploads, 64 keep-alive connections',
    path: '/upload',
    method: 'POST',
    bodyBytes: 64 * KIBIBYTE,
  },
  { ...GET, ...RULE_REQUEST, name: 'rules-1', title: '1 rule, which is met', listener: 'rules1' },
  {
    ...GET,
    ...RULE_REQUEST,
    name: 'rules-100',
    against: 'rules-1',
    title: '100 rules of mixed conditions, the last is met',
    listener: 'rules100',
  },
  {
    ...GET,
    name: 'close',
    title: 'a new connection for every request, 64 at a time',
    path: '/small',
    headers: { Connection: 'close' },
  },
  {
    kind: 'paced',
    name: 'half-load',
    title: '190-byte answers, half of the requests per second that nginx reached',
    thinkTimeMaxMs: 15,
  },
  {
    kind: 'bytes',
    name: 'tiny-chunks',
    title: 'uploads in chunks of 1 byte, 600 KB on the wire, per upload',
    bytes: 'tinyChunks',
    without: [],
  },
  {
    kind: 'bytes',
    name: 'pipelined',
    title: '10,000 pipelined requests on a connection, per request',
    bytes: 'pipelined',
    without: [],
  },
  {
    kind: 'bytes',
    name: 'slow-head',
    title: 'a head of 60 KB that comes byte by byte, per head',
    bytes: 'slowHead',
    // Its heads have to fit into a buffer, and larger buffers would change all its other figures.
    without: ['haproxy'],
  },
  { kind: 'idle', name: 'idle', title: '5,000 idle connections', connections: 5_000 },
]
