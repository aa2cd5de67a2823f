// Runs wrk against one URL and reads its result.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { OTHER_CORE } from './contender.ts'

/** One run of the load generator. */
export interface Load {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  readonly method: 'GET' | 'POST'
  readonly bodyBytes: number
  /** Longest pause of a connection before each request; the mean is two thirds of it. 0 sends without pause. */
  readonly thinkTimeMaxMs: number
  readonly headers: Readonly<Record<string, string>>
}

/** What wrk counted. */
export interface LoadResult {
  readonly requests: number
  readonly durationUs: number
  readonly bytes: number
  readonly p50Us: number
  readonly p99Us: number
  /** Answers with a status above 399. */
  readonly badStatus: number
  /** Connections that failed to connect, read or write. */
  readonly socketErrors: number
  readonly timeouts: number
}

const SCRIPT = fileURLToPath(new URL('load.lua', import.meta.url))

/** Loads a URL; fails when wrk does. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const command =
    `-c ${OTHER_CORE} wrk -t 1 -c ${load.connections} -d ${load.seconds}s --timeout 10s --latency ` +
    `-s ${SCRIPT} ${load.url} -- ${load.method} ${load.bodyBytes} ${load.thinkTimeMaxMs}`
  const args = [...command.split(' '), ...Object.entries(load.headers).flat()]
  const output = await outputOf('taskset', args)
  const json = /^RESULT (.*)$/m.exec(output)?.[1]
  if (json === undefined) throw new Error(`wrk gave no result:\n${output}`)
  return JSON.parse(json) as LoadResult
}

function outputOf(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.once('error', reject)
    child.once('close', () => resolve(output))
  })
}
