import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { AuditRecord } from '../api/audit-record.ts'
import { AuditTrail } from './audit-trail.ts'
import { DELIVERED_NAME } from './names.ts'

const DATE = Date.UTC(2026, 10, 20, 22, 40, 59)

function record(eventID: string, awsRegion = 'us-east-2'): AuditRecord {
  return {
    eventVersion: '1.03',
    userIdentity: { type: 'Root' },
    eventTime: '2026-11-20T22:40:59Z',
    eventSource: 'elasticloadbalancing.amazonaws.com',
    eventName: 'CreateRule',
    awsRegion,
    sourceIPAddress: '127.0.0.1',
    userAgent: 'ü',
    requestParameters: null,
    responseElements: null,
    requestID: 'r',
    eventID,
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    eventCategory: 'Management',
    recipientAccountId: '123456789012',
  }
}

class Bench {
  readonly errors: unknown[] = []
  readonly #trails: AuditTrail[] = []
  readonly folder: string
  readonly spoolFolder: string
  readonly logRoot: string

  constructor(folder: string) {
    this.folder = folder
    this.spoolFolder = join(folder, 'audit')
    this.logRoot = join(folder, 'logs')
  }

  async trail(): Promise<AuditTrail> {
    const trail = new AuditTrail({
      spoolFolder: this.spoolFolder,
      logRoot: this.logRoot,
      bucket: 'my-audit-log',
      clock: { now: () => 0, date: () => DATE, dateAt: (ms) => ms, realMs: (ms) => ms },
      tell: () => undefined,
      reportError: (error) => this.errors.push(error),
    })
    this.#trails.push(trail)
    await trail.start()
    return trail
  }

  /** IDs of the events in each delivered file, by path below the log root. */
  async delivered(): Promise<Map<string, string[]>> {
    const entries = await readdir(this.logRoot, { recursive: true, withFileTypes: true }).catch(() => [])
    const files = new Map<string, string[]>()
    for (const entry of entries.filter((found) => found.isFile())) {
      const path = join(entry.parentPath, entry.name)
      const { Records } = JSON.parse(gunzipSync(await readFile(path)).toString()) as {
        Records: AuditRecord[]
      }
      files.set(
        path.slice(this.logRoot.length + 1),
        Records.map(({ eventID }) => eventID),
      )
    }
    return files
  }

  async close(): Promise<void> {
    for (const trail of this.#trails) await trail.close()
    await rm(this.folder, { recursive: true })
  }

  async events(): Promise<string[]> {
    return [...(await this.delivered()).values()].flat().toSorted()
  }
}

async function bench(t: TestContext): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-audit-'))
  const files = new Bench(folder)
  t.after(async () => await files.close())
  return files
}

test('ALB-OBS-419 ALB-OBS-429 records are delivered in compressed files under names as CloudTrail gives them', async (t) => {
  const files = await bench(t)
  const trail = await files.trail()
  trail.record(record('a'))
  trail.record(record('b'))
  await trail.deliver()
  const [[path, events] = ['', []]] = [...(await files.delivered())]
  assert.match(
    path,
    /^my-audit-log\/AWSLogs\/123456789012\/CloudTrail\/us-east-2\/2026\/11\/20\/123456789012_CloudTrail_us-east-2_20261120T2240Z_[A-Za-z0-9]{16}\.json\.gz$/,
  )
  assert.match(path.split('/').at(-1) ?? '', DELIVERED_NAME)
  assert.deepEqual(events, ['a', 'b'])
  await trail.close()
  await trail.close()
  assert.deepEqual(await readdir(files.spoolFolder), [])
  assert.deepEqual(files.errors, [])
})

test('ALB-OBS-422 the records of every Region are in one log', async (t) => {
  const files = await bench(t)
  const trail = await files.trail()
  for (const [id, region] of [
    ['a', 'us-east-2'],
    ['b', 'eu-west-1'],
    ['c', 'us-east-2'],
  ] as const) {
    trail.record(record(id, region))
  }
  await trail.close()
  const byRegion = [...(await files.delivered())].map(([path, events]) => [path.split('/')[4], events])
  assert.deepEqual(Object.fromEntries(byRegion), { 'us-east-2': ['a', 'c'], 'eu-west-1': ['b'] })
})

test('what a killed process left is delivered by the next one, without a line that broke off', async (t) => {
  const files = await bench(t)
  await files.trail().then((trail) => trail.close())
  const line = (id: string): string => `${JSON.stringify(record(id))}\n`
  await writeFile(
    join(files.spoolFolder, 'abcdefghijklmnop.open'),
    line('a') + line('b') + line('c').slice(0, 40),
  )
  const trail = await files.trail()
  assert.deepEqual(await files.events(), ['a', 'b'])
  await trail.close()
})

test('a delivery that is done again replaces what it left the first time', async (t) => {
  const files = await bench(t)
  await files.trail().then((trail) => trail.close())
  const name = join(files.spoolFolder, '20261120T2240Z_abcdefghijklmnop.records')
  for (const id of ['a', 'b']) {
    await appendFile(name, `${JSON.stringify(record(id))}\n`)
    const trail = await files.trail()
    await trail.close()
  }
  assert.deepEqual(await files.events(), ['b'])
})

test('a bucket that takes nothing delays the delivery and loses no record', async (t) => {
  const files = await bench(t)
  await writeFile(files.logRoot, 'in the way')
  const trail = await files.trail()
  trail.record(record('a'))
  await trail.deliver()
  assert.equal(files.errors.length, 1)
  await rm(files.logRoot)
  trail.record(record('b'))
  await trail.deliver()
  assert.deepEqual(await files.events(), ['a', 'b'])
  await trail.close()
})

test('records wait while the spool takes nothing, and are written once it does', async (t) => {
  const files = await bench(t)
  const trail = await files.trail()
  await rm(files.spoolFolder, { recursive: true })
  await writeFile(files.spoolFolder, 'no folder')
  trail.record(record('a'))
  await trail.deliver()
  assert.ok(files.errors.length > 0)
  await rm(files.spoolFolder)
  trail.record(record('b'))
  await trail.close()
  assert.deepEqual(await files.events(), ['a', 'b'])
})

test('a spool folder that is deleted is made again', async (t) => {
  const files = await bench(t)
  const trail = await files.trail()
  await rm(files.spoolFolder, { recursive: true })
  trail.record(record('a'))
  await trail.close()
  assert.deepEqual([await files.events(), files.errors], [['a'], []])
})
