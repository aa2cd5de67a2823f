import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { SpoolLog } from './spool.ts'

const DATE = Date.UTC(2026, 10, 20, 22, 37)
const INTERVAL_MS = 300_000

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

function spoolLog(folder: string, onLost: (lines: number) => void = () => assert.fail('lost')): SpoolLog {
  const target = {
    accountId: '123456789012',
    region: 'us-east-2',
    loadBalancerId: 'app/lb/1234567890abcdef',
    nodeAddress: '127.1.0.1',
    bucket: 'logs',
    prefix: '',
  }
  return new SpoolLog(folder, target, 0, onLost)
}

async function completed(log: SpoolLog): Promise<void> {
  await new Promise<void>((resolve) => log.complete(resolve))
}

/** Resolves when no file is being written, and there are so many at least. */
async function allClosed(t: TestContext, folder: string, atLeast = 1): Promise<void> {
  await t.waitFor(
    () => {
      const names = readdirSync(join(folder, 'logs', '-'))
      assert.ok(names.length >= atLeast && !names.some((name) => name.endsWith('.open')), names.join(' '))
    },
    { interval: 1, timeout: 30_000 },
  )
}

test('ALB-OBS-279 a large interval becomes several files, and little of it is held in memory', async (t) => {
  const folder = temporaryFolder(t)
  let lost = 0
  const log = spoolLog(folder, (lines) => void (lost += lines))
  const line = `${'x'.repeat(999)}\n`
  const count = 70_000
  for (let accepted = 0; accepted < count;) {
    const before = lost
    log.append(line, DATE)
    if (lost === before) accepted++
    // As fast as the disk takes it: faster, and lines are dropped.
    else await new Promise((resolve) => setImmediate(resolve))
  }
  await completed(log)
  // Earlier files are completed while the last one is written.
  await allClosed(t, folder)
  const files = readdirSync(join(folder, 'logs', '-'))
  assert.equal(files.length, 2)
  const bytes = files.reduce((sum, name) => sum + statSync(join(folder, 'logs', '-', name)).size, 0)
  assert.equal(bytes / line.length, count)
})

test('lines of one interval are in one file, named for its end; the next interval has another', async (t) => {
  const folder = temporaryFolder(t)
  const log = spoolLog(folder)
  log.append('one\n', DATE)
  log.append('two\n', DATE + 60_000)
  log.append('three\n', DATE + INTERVAL_MS)
  await completed(log)
  const read = (): string[] =>
    readdirSync(join(folder, 'logs', '-'))
      .toSorted()
      .map(
        (name) =>
          `${/_(\d{8}T\d{4}Z)_/.exec(name)?.[1]} ${readFileSync(join(folder, 'logs', '-', name), 'utf8')}`,
      )
  await allClosed(t, folder)
  assert.deepEqual(read(), ['20261120T2240Z one\ntwo\n', '20261120T2245Z three\n'])
})

test('a request that ends after its log was switched off still has its line delivered', async (t) => {
  const folder = temporaryFolder(t)
  const log = spoolLog(folder)
  log.append('one\n', DATE)
  log.retire()
  log.append('late\n', DATE)
  await allClosed(t, folder, 2)
  const texts = readdirSync(join(folder, 'logs', '-')).map((name) =>
    readFileSync(join(folder, 'logs', '-', name), 'utf8'),
  )
  assert.deepEqual(texts.toSorted(), ['late\n', 'one\n'])
})

test('lines that cannot be written are counted and dropped', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'logs'), 'no folder')
  let lost = 0
  const log = spoolLog(folder, (lines) => void (lost += lines))
  for (let count = 0; count < 3; count++) log.append('lost\n', DATE)
  await completed(log)
  assert.equal(lost, 3)
})

test('ALB-OBS-135 lines in a folder that is deleted are counted as lost; the next ones have it made again', async (t) => {
  const folder = temporaryFolder(t)
  const lost: number[] = []
  const log = spoolLog(folder, (lines) => lost.push(lines))
  const openFile = (): string =>
    join(
      folder,
      'logs',
      '-',
      readdirSync(join(folder, 'logs', '-')).find((name) => name.endsWith('.open')) ?? '',
    )
  log.append('one\ntwo\n', DATE)
  log.tick(DATE)
  const path = openFile()
  while (statSync(path).size === 0) await new Promise((resolve) => setImmediate(resolve))
  rmSync(join(folder, 'logs'), { recursive: true })
  log.tick(DATE)
  while (lost.length === 0) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(lost, [2])
  log.append('three\n', DATE)
  await completed(log)
  const names = readdirSync(join(folder, 'logs', '-'))
  assert.deepEqual(
    names.map((name) => readFileSync(join(folder, 'logs', '-', name), 'utf8')),
    ['three\n'],
  )
})
