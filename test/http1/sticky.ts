// Requests to targets that say their names, for tests of sticky sessions.

import assert from 'node:assert/strict'

import { exchange, type RawResponse } from '../support/client.ts'
import type { CookieJar } from '../support/cookie-jar.ts'
import { answer, type Behaviour, startTarget, type Target } from '../support/target.ts'

/** A target that answers with its name, and with the header lines that `lines` gives for a request's head. */
export async function namedTarget(name: string, lines: (head: string) => string = () => ''): Promise<Target> {
  const behave: Behaviour = ({ head, socket }) => {
    const body = head.startsWith('HEAD ') ? '' : name
    socket.write(answer(body, head.includes('/missing') ? '404 Not Found' : '200 OK', lines(head)))
  }
  return await startTarget(behave)
}

/** One request with these header lines on a connection of its own. */
export async function get(port: number, lines = '', path = '/'): Promise<RawResponse> {
  return await exchange(port, `GET ${path} HTTP/1.1\r\nHost: h.example\r\n${lines}\r\n`)
}

/** Requests of one client that sends back what it got; gives the bodies. */
export async function session(port: number, jar: CookieJar, count: number, path = '/'): Promise<string[]> {
  const bodies: string[] = []
  for (let at = 0; at < count; at++) bodies.push(jar.take(await get(port, jar.line(), path)).body)
  return bodies
}

/** The one value that all have. */
export function same(values: readonly string[]): string {
  const [first = ''] = values
  assert.deepEqual(
    values,
    values.map(() => first),
  )
  return first
}

/** Bodies of requests with these header lines, each on a connection of its own. */
export async function bodies(port: number, count: number, lines = '', path = '/'): Promise<string[]> {
  const got: string[] = []
  for (let at = 0; at < count; at++) got.push((await get(port, lines, path)).body)
  return got
}

/** What distinguishes a spread from a session: different names come back. */
export function spread(values: readonly string[]): number {
  return new Set(values).size
}
