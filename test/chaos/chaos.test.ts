// The chaos run in small: enough to notice when a change of the program begins to cost requests or writes.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runDurableWrites } from './durable-writes.ts'
import { runLostRequests } from './lost-requests.ts'
import { Random } from '../support/random.ts'

const options = { timeout: 120_000 }

test(
  'configuration changes and the death of processes lose no request but those in flight',
  options,
  async (t) => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'evenkeel-chaos-'))
    t.after(() => rmSync(dataFolder, { recursive: true, force: true }))
    const verdicts = runLostRequests({
      dataFolder,
      random: new Random(1),
      changes: 40,
      controlKills: 1,
      workerKills: 1,
    })
    for await (const { isGood, text, details } of verdicts) assert.ok(isGood, [text, ...details].join('\n'))
  },
)

test('a SIGKILL during API writes loses no write that was answered', options, async (t) => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'evenkeel-chaos-'))
  t.after(() => rmSync(dataFolder, { recursive: true, force: true }))
  const { isGood, text, details } = await runDurableWrites({ dataFolder, random: new Random(1), kills: 4 })
  assert.ok(isGood, [text, ...details].join('\n'))
})
