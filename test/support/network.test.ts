import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { nodeNetwork } from './network.ts'

/** A process that claims a network under the same name as all others here; tells which, and how to end it. */
async function claimant(t: TestContext): Promise<{ network: string; end: () => Promise<void> }> {
  const script = `import { nodeNetwork } from ${JSON.stringify(join(import.meta.dirname, 'network.ts'))}
    process.stdout.write(nodeNetwork(0))
    process.stdin.resume()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(() => child.kill())
  const [bytes] = (await once(child.stdout, 'data')) as [Buffer]
  const end = async (): Promise<void> => {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  return { network: bytes.toString(), end }
}

test('a network belongs to one process, and to the next of that name when it has ended, however', async (t) => {
  const [first, second] = [await claimant(t), await claimant(t)]
  assert.match(first.network, /^127\.\d+\.0$/)
  assert.notEqual(second.network, first.network)
  await first.end()
  const third = await claimant(t)
  assert.equal(third.network, first.network)
})

test('zones and programs of one file have addresses apart', () => {
  const all = [0, 1, 2, 3].flatMap((zone) => [0, 1, 15].map((index) => nodeNetwork(zone, index)))
  assert.equal(new Set(all).size, all.length)
  assert.equal(new Set(all.map((network) => network.split('.')[1])).size, 1)
  assert.throws(() => nodeNetwork(4), RangeError)
  assert.throws(() => nodeNetwork(0, 16), RangeError)
})
