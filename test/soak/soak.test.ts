// The running program under traffic and configuration changes for minutes: what it holds must not grow, and nobody may
// notice the changes. EVENKEEL_SOAK_SECONDS says for how long; 180 unless told.

import { ModifyLoadBalancerAttributesCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

import { Configuration } from '../chaos/configuration.ts'
import { startEchoTargets } from '../chaos/echo-targets.ts'
import { Traffic } from '../chaos/traffic.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { listeningAddresses } from '../support/processes.ts'
import { startProgram } from '../support/program.ts'
import { Random } from '../support/random.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { growth, openDescriptors, privateBytes, summary } from './usage.ts'

const SECONDS = Number(process.env['EVENKEEL_SOAK_SECONDS'] ?? 180)
const SAMPLES = 60
/** Log files and audit records are delivered every 15 s in place of 5 minutes, so that many are during the run. */
const TIME_SCALE = 20
const TARGETS = 8
const CHANGE_PAUSE_MS = 20
/** A hundred bytes kept for each request, or a thousand for each change, are more than this after a minute. */
const LIVE_BYTES_MORE = 1024 * 1024
/** Heaps that are not collected yet, and the thread that compresses logs: this sees what V8 knows nothing of. */
const PRIVATE_BYTES_MORE = 80 * 1024 * 1024
/** Once nobody sends anything any more, and the targets, whose connections are kept for ever, have ended. */
const DESCRIPTORS_MORE = 4

test('minutes of traffic and changes lose nothing, and leave no memory or descriptor behind', async (t) => {
  const random = new Random(1)
  const targets = await startEchoTargets(TARGETS)
  t.after(async () => await targets.close())
  const folder = temporaryFolder()
  const program = await withLiveHeap(folder, async () => await startProgram({ timeScale: TIME_SCALE }))
  t.after(async () => void (await program.stop()))
  const port = await freePort()
  const configuration = new Configuration(program.client, random, targets.ports)
  await configuration.create(port)
  await program.client.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerArn: configuration.loadBalancerArn,
      Attributes: [
        { Key: 'access_logs.s3.enabled', Value: 'true' },
        { Key: 'access_logs.s3.bucket', Value: 'soak' },
      ],
    }),
  )
  const pids = new Map(program.pids)
  const opened = new Map([...pids].map(([name, pid]) => [name, openDescriptors(pid)]))
  const traffic = new Traffic({ addresses: listeningAddresses(port), port })
  traffic.start()
  const over = new AbortController()
  const changing = changeUntil(over.signal, configuration)
  const held = new Map<string, number[]>()
  try {
    for (let round = 0; round < SAMPLES; round++) {
      await pause((SECONDS * 1000) / SAMPLES)
      for (const [name, pid] of pids) held.set(name, [...(held.get(name) ?? []), privateBytes(pid)])
    }
  } finally {
    over.abort()
    await traffic.stop()
  }
  const changes = await changing
  t.diagnostic(`${traffic.count.answered} requests and ${changes} changes in ${SECONDS} s`)
  const alive = new Map([...pids].map(([name, pid]) => [name, liveBytes(join(folder, String(pid)))]))
  for (const [name, samples] of alive) t.diagnostic(`${name} has alive ${summary(samples)}`)
  for (const [name, samples] of held) t.diagnostic(`${name} has for itself ${summary(samples)}`)
  assert.deepEqual(traffic.failures, [])
  assert.equal(traffic.count.failed, 0)
  assert.doesNotMatch(program.errors(), /"level":[456]0/)
  assert.deepEqual(program.pids, pids, 'none of them was started again')
  assert.deepEqual(grown(alive, LIVE_BYTES_MORE), [])
  assert.deepEqual(grown(held, PRIVATE_BYTES_MORE), [])
  await targets.close()
  await eventually('as many descriptors are open as before', () => {
    const open = [...pids].map(([name, pid]) => [name, openDescriptors(pid)] as const)
    const more = open.filter(([name, count]) => count > (opened.get(name) ?? 0) + DESCRIPTORS_MORE)
    assert.deepEqual(more, [], `before: ${JSON.stringify([...opened])}`)
  })
})

/** What a start gives whose processes write down in the folder what is alive in them. */
async function withLiveHeap<T>(folder: string, start: () => Promise<T>): Promise<T> {
  process.env['NODE_OPTIONS'] = `--import=${pathToFileURL(join(import.meta.dirname, 'live-heap.ts')).href}`
  process.env['EVENKEEL_SOAK_FOLDER'] = folder
  process.env['EVENKEEL_SOAK_PERIOD_MS'] = String((SECONDS * 1000) / SAMPLES)
  try {
    return await start()
  } finally {
    delete process.env['NODE_OPTIONS']
    delete process.env['EVENKEEL_SOAK_FOLDER']
    delete process.env['EVENKEEL_SOAK_PERIOD_MS']
  }
}

function liveBytes(file: string): number[] {
  return readFileSync(file, 'utf8').trim().split('\n').map(Number)
}

function grown(samples: ReadonlyMap<string, readonly number[]>, allowance: number): string[] {
  return [...samples]
    .filter(([, ofProcess]) => growth(ofProcess) > allowance)
    .map(([name, ofProcess]) => `${name}: ${summary(ofProcess)}`)
}

/** Number of changes made. */
async function changeUntil(over: AbortSignal, configuration: Configuration): Promise<number> {
  let changes = 0
  for (; !over.aborted; changes++) {
    await configuration.change()
    await pause(CHANGE_PAUSE_MS)
  }
  return changes
}
