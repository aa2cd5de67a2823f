import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'

import { Compressor } from './compressor.ts'

test('a thread without orders ends, and the next order starts another', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-'))
  t.after(async () => await rm(folder, { recursive: true, force: true }))
  const source = join(folder, 'source')
  await writeFile(source, 'a line\n')
  const compressor = new Compressor(20)
  for (const name of ['one.gz', 'two.gz']) {
    const target = join(folder, name)
    await compressor.join({ sources: [source], target, isCompressed: true })
    assert.equal(gunzipSync(await readFile(target)).toString(), 'a line\n')
    await t.waitFor(() => assert.ok(!compressor.isRunning), { timeout: 30_000 })
  }
  await compressor.close()
})
