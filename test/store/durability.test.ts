// What happens to the store when a process dies or two want the same folder.

import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { StartError } from '../../src/model/start-error.ts'
import { openStore } from '../../src/store/sqlite/sqlite-store.ts'
import { eventually } from '../support/eventually.ts'

/** A process that writes tags for ever and says on its output which write was answered. */
const WRITER = `
  import { openStore } from ${JSON.stringify(new URL('../../src/store/sqlite/sqlite-store.ts', import.meta.url).href)}
  const store = await openStore({ folder: process.argv[1] })
  for (let index = 1; ; index++) {
    await store.write(async (rows) => {
      await rows.tags.put('arn:1', [{ key: 'written', value: String(index) }])
      await rows.tags.put('arn:2', [{ key: 'written', value: String(index) }])
    })
    process.stdout.write(index + '\\n')
  }
`

async function startWriter(
  t: TestContext,
): Promise<{ folder: string; writer: ChildProcess; lines: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-'))
  const writer = spawn(process.execPath, ['--input-type=module', '-e', WRITER, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(async () => {
    writer.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })
  const lines: string[] = []
  assert.ok(writer.stdout)
  const reader = createInterface(writer.stdout)
  reader.on('line', (line) => lines.push(line))
  await eventually('it has written twenty times', () => assert.ok(lines.length >= 20, `${lines.length}`))
  return { folder, writer, lines }
}

test('a write that was answered survives SIGKILL, whole', async (t) => {
  const { folder, writer, lines } = await startWriter(t)
  const ended = once(writer, 'close')
  writer.kill('SIGKILL')
  await ended
  const store = await openStore({ folder })
  t.after(async () => await store.close())
  const [first, second] = await store.read(async (rows) => [
    await rows.tags.of('arn:1'),
    await rows.tags.of('arn:2'),
  ])
  assert.deepEqual(first, second)
  assert.ok(Number(first[0]?.value) >= Number(lines.at(-1)), `${first[0]?.value} after ${lines.at(-1)}`)
})

test('a second process on the same folder is refused, and the first goes on', async (t) => {
  const { folder, lines, writer } = await startWriter(t)
  await assert.rejects(openStore({ folder }), (error: unknown) => {
    assert.ok(error instanceof StartError)
    assert.match(error.message, /another process holds it/)
    return true
  })
  const before = lines.length
  assert.equal(writer.exitCode, null)
  await eventually('it writes again', () => lines.length > before)
})
