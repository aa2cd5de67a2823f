// What ends the program: a signal to what the user started, whatever stands between the user and the program.

import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test, type TestContext } from 'node:test'

const ROOT = resolve(import.meta.dirname, '../..')
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** The program with two workers, as a shell starts it; resolves when its API answers. */
async function start(t: TestContext, command: string, ...args: readonly string[]): Promise<ChildProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-signals-'))
  const env = { ...process.env }
  delete env['NODE_TEST_CONTEXT']
  const settings = ['--data', folder, '--api', '127.0.0.1:0', '--dns', 'off', '--workers', '2']
  const child = spawn(command, [...args, ...settings], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that nothing is left of a test that fails.
    detached: true,
  })
  t.after(async () => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      // All of it has ended.
    }
    await rm(folder, { recursive: true, force: true })
  })
  let output = ''
  for await (const bytes of child.stdout.iterator({ destroyOnReturn: false })) {
    output += String(bytes)
    if (output.includes('API endpoint')) return child
  }
  throw new Error(`The program ended:\n${output}`)
}

/** Resolves when all processes have ended: each has the same stdout and stderr, which close with the last one. */
async function allEnded(child: ChildProcess): Promise<void> {
  child.stdout?.resume()
  child.stderr?.resume()
  await once(child, 'close')
}

for (const signal of SIGNALS) {
  test(`${signal} to npm, which started the program, ends every process`, async (t) => {
    const npm = await start(t, 'npm', 'start', '--silent', '--')
    npm.kill(signal)
    await allEnded(npm)
  })

  test(`${signal} to the program ends every process in good order`, async (t) => {
    const program = await start(t, process.execPath, 'bin/evenkeel.js')
    program.kill(signal)
    await allEnded(program)
    assert.equal(program.exitCode, 0)
  })
}

test('the program ends when npm was killed', async (t) => {
  const npm = await start(t, 'npm', 'start', '--silent', '--')
  npm.kill('SIGKILL')
  await allEnded(npm)
})
