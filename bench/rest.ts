// What the program takes while nobody needs it: the time until its API answers, and the memory of each process when all
// is quiet. `npm run bench:rest`; `-- --cold` as it is before Node's compile cache is filled.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../test/support/free-port.ts'
import { childrenOf, roleOf } from '../test/support/processes.ts'

const ROUNDS = 5
const QUIET_MS = 3000
const KB_PER_MB = 1024

interface Figures {
  readonly startMs: number
  /** In MB, by process. */
  readonly resident: ReadonlyMap<string, number>
  readonly private: ReadonlyMap<string, number>
}

const isCold = process.argv.includes('--cold')
const rounds: Figures[] = []
if (!isCold) await measure()
for (let round = 0; round < ROUNDS; round++) rounds.push(await measure())

console.log(
  `API answers after ${median(rounds.map(({ startMs }) => startMs))} ms (median of ${ROUNDS} starts)`,
)
const last = rounds.at(-1)
for (const [name, megabytes] of last?.private ?? []) {
  console.log(`${name}: ${megabytes} MB private, ${last?.resident.get(name)} MB resident`)
}
console.log(`together: ${sum(last?.private)} MB private, ${sum(last?.resident)} MB resident`)

async function measure(): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-rest-'))
  const port = await freePort()
  const args = ['bin/evenkeel.js', `--data=${folder}`, `--api=127.0.0.1:${port}`, '--dns=off', '--workers=2']
  const env = isCold ? { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' } : process.env
  const startedAt = performance.now()
  const child = spawn(process.execPath, args, { stdio: 'ignore', env })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  while (!(await answers(port))) await pause(5)
  const startMs = Math.round(performance.now() - startedAt)
  await pause(QUIET_MS)
  const supervisor = child.pid ?? 0
  const processes = new Map([['supervisor', supervisor]])
  for (const pid of childrenOf(supervisor)) processes.set(`${roleOf(pid)} ${pid}`, pid)
  const resident = new Map([...processes].map(([name, pid]) => [name, megabytesOf(pid, /^Rss/)]))
  const own = new Map(
    [...processes].map(([name, pid]) => [name, megabytesOf(pid, /^Private_(?:Clean|Dirty)/)]),
  )
  child.kill('SIGTERM')
  await ended
  rmSync(folder, { recursive: true })
  return { startMs, resident, private: own }
}

async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'))
    socket.once('error', () => resolve(false))
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

function megabytesOf(pid: number, line: RegExp): number {
  const lines = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').split('\n')
  const kilobytes = lines.filter((text) => line.test(text)).map((text) => Number(/\d+/.exec(text)?.[0] ?? 0))
  return Math.round(kilobytes.reduce((total, each) => total + each, 0) / KB_PER_MB)
}

function sum(parts: ReadonlyMap<string, number> | undefined): number {
  return [...(parts?.values() ?? [])].reduce((total, each) => total + each, 0)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
