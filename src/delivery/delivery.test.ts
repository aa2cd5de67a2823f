import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { Delivery, writeToBucket } from './delivery.ts'

const NODE = '123456789012_us-east-2_app.lb.1234567890abcdef_127.1.0.1'
const END = Date.UTC(2026, 10, 20, 22, 40)
const DAY_MS = 86_400_000

class Bench {
  readonly folder: string
  readonly spool: string
  readonly logRoot: string
  readonly errors: unknown[] = []
  readonly told: string[] = []
  date = END + 1000
  retentionMs: number | null = null

  constructor(folder: string) {
    this.folder = folder
    this.spool = join(folder, 'spool', 'my-bucket', '-')
    this.logRoot = join(folder, 'logs')
  }

  delivery(): Delivery {
    return new Delivery({
      spoolFolder: join(this.folder, 'spool'),
      logRoot: this.logRoot,
      clock: { now: () => this.date, date: () => this.date, dateAt: (ms) => ms, realMs: (ms) => ms },
      retentionMs: this.retentionMs,
      tell: (message) => void this.told.push(message),
      reportError: (error) => this.errors.push(error),
    })
  }

  async write(name: string, text: string, folder = this.spool): Promise<void> {
    await this.writeWhole(`${NODE}_${name}`, text, folder)
  }

  async writeWhole(name: string, text: string, folder = this.spool): Promise<void> {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, name), text)
  }

  /** Paths below the log root with their text. */
  async delivered(): Promise<Map<string, string>> {
    const entries = await readdir(this.logRoot, { recursive: true, withFileTypes: true }).catch(() => [])
    const files = new Map<string, string>()
    for (const entry of entries.filter((found) => found.isFile())) {
      const path = join(entry.parentPath, entry.name)
      const bytes = await readFile(path)
      const text = path.endsWith('.gz') ? gunzipSync(bytes) : bytes
      files.set(path.slice(this.logRoot.length + 1), text.toString())
    }
    return files
  }
}

async function bench(t: TestContext): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-delivery-'))
  t.after(async () => await rm(folder, { recursive: true }))
  return new Bench(folder)
}

test('ALB-OBS-110 ALB-OBS-111 ALB-OBS-113 the files of all workers become one compressed file', async (t) => {
  const b = await bench(t)
  await b.write('20261120T2240Z_0_aaaaaaaa.log', 'one\n')
  await b.write('20261120T2240Z_1_bbbbbbbb.log', 'two\n')
  await b.write('20261120T2245Z_1_cccccccc.log', 'three\n')
  await b.delivery().deliver(true)
  const folder = 'my-bucket/AWSLogs/123456789012/elasticloadbalancing/us-east-2/2026/11/20'
  const name = '123456789012_elasticloadbalancing_us-east-2_app.lb.1234567890abcdef'
  assert.deepEqual(
    await b.delivered(),
    new Map([
      [`${folder}/${name}_20261120T2240Z_127.1.0.1_aaaaaaaa.log.gz`, 'one\ntwo\n'],
      [`${folder}/${name}_20261120T2245Z_127.1.0.1_cccccccc.log.gz`, 'three\n'],
    ]),
  )
  assert.deepEqual(await readdir(b.spool), [])
  assert.deepEqual(b.errors, [])
})

test('CLB-459, 466 the log of a Classic Load Balancer is plain text, a file for each node', async (t) => {
  const b = await bench(t)
  for (const [name, text] of [
    ['127.1.0.1_20261120T2240Z_0_aaaaaaaa', 'one\n'],
    ['127.1.0.1_20261120T2240Z_1_bbbbbbbb', 'two\n'],
    ['127.2.0.1_20261120T2240Z_1_cccccccc', 'three\n'],
  ] as const) {
    await b.writeWhole(`123456789012_us-east-2_lb_${name}.log`, text)
  }
  await b.delivery().deliver(true)
  const folder = 'my-bucket/AWSLogs/123456789012/elasticloadbalancing/us-east-2/2026/11/20'
  const name = '123456789012_elasticloadbalancing_us-east-2_lb_20261120T2240Z'
  assert.deepEqual(
    await b.delivered(),
    new Map([
      [`${folder}/${name}_127.1.0.1_aaaaaaaa.log`, 'one\ntwo\n'],
      [`${folder}/${name}_127.2.0.1_cccccccc.log`, 'three\n'],
    ]),
  )
  assert.deepEqual(b.errors, [])
})

test('files wait a few seconds for those of the other workers', async (t) => {
  const b = await bench(t)
  const delivery = b.delivery()
  await b.write('20261120T2240Z_0_aaaaaaaa.log', 'one\n')
  await delivery.deliver(false)
  assert.equal((await b.delivered()).size, 0)
  b.date += 3000
  await delivery.deliver(false)
  assert.equal((await b.delivered()).size, 1)
})

test('a spool folder that is deleted is made again, and that is told once', async (t) => {
  const b = await bench(t)
  const delivery = b.delivery()
  await delivery.deliver(false)
  assert.deepEqual(b.told, [])
  await rm(join(b.folder, 'spool'), { recursive: true })
  await delivery.deliver(false)
  await delivery.deliver(false)
  assert.equal(b.told.length, 1)
  assert.match(b.told[0] ?? '', /spool was deleted and is made again/)
  assert.deepEqual(await readdir(join(b.folder, 'spool')), [])
})

test('ALB-OBS-117 a prefix comes before AWSLogs', async (t) => {
  const b = await bench(t)
  await b.write('20261120T2240Z_0_aaaaaaaa.log', 'x\n', join(b.folder, 'spool', 'my-bucket', 'p%2Fq'))
  await b.delivery().deliver(true)
  assert.match([...(await b.delivered()).keys()].join(' '), /^my-bucket\/p\/q\/AWSLogs\//)
})

test('folders that name no bucket or lead elsewhere are left alone', async (t) => {
  const b = await bench(t)
  for (const [bucket, prefix] of [
    ['%2e%2e', '-'],
    ['my-bucket', '%2e%2e%2fx'],
    ['my-bucket', '%'],
  ] as const) {
    await b.write('20261120T2240Z_0_aaaaaaaa.log', 'x\n', join(b.folder, 'spool', bucket, prefix))
  }
  await b.delivery().deliver(true)
  assert.equal((await b.delivered()).size, 0)
})

test('a file that a worker still writes to is not touched', async (t) => {
  const b = await bench(t)
  await b.write('20261120T2240Z_0_aaaaaaaa.log.open', 'one\ntw')
  await b.delivery().deliver(true)
  assert.equal((await b.delivered()).size, 0)
})

test('files of dead workers are completed up to the last whole line', async (t) => {
  const b = await bench(t)
  await b.write('20261120T2240Z_0_aaaaaaaa.log.open', `one\n${'x'.repeat(200_000)}`)
  await b.write('20261120T2245Z_0_bbbbbbbb.log.open', 'no line feed')
  const delivery = b.delivery()
  await delivery.recover(true)
  await delivery.deliver(true)
  assert.deepEqual([...(await b.delivered()).values()], ['one\n'])
  assert.deepEqual(await readdir(b.spool), [])
})

test('an open file long after its interval belongs to nobody and is completed', async (t) => {
  const b = await bench(t)
  await b.write('20261120T2240Z_0_aaaaaaaa.log.open', 'one\n')
  b.date = END + 121_000
  await b.delivery().deliver(true)
  assert.deepEqual([...(await b.delivered()).values()], ['one\n'])
})

test('ALB-OBS-114 a delivery that was cut off is finished without doubling or losing a line', async (t) => {
  const b = await bench(t)
  const names = ['20261120T2240Z_0_aaaaaaaa.log', '20261120T2240Z_1_bbbbbbbb.log']
  for (const name of names) await b.write(name, `${name}\n`)
  await b.delivery().deliver(true)
  const [path = '', text = ''] = [...(await b.delivered())][0] ?? []
  // As left by an end between the delivered file's last name and the removal of the second spool file.
  const journal = JSON.stringify({ path, files: names.map((name) => `${NODE}_${name}`) })
  await b.write('20261120T2240Z_aaaaaaaa.delivery', journal)
  await b.write(names[1] ?? '', `${names[1]}\n`)
  await b.delivery().deliver(true)
  assert.deepEqual(await b.delivered(), new Map([[path, text]]))
  assert.deepEqual(await readdir(b.spool), [])
})

test('one delivery that fails does not keep the others', async (t) => {
  const b = await bench(t)
  await mkdir(b.logRoot)
  // A file where the bucket's folder should be.
  await writeFile(join(b.logRoot, 'my-bucket'), '')
  await b.write('20261120T2240Z_0_aaaaaaaa.log', 'one\n')
  await b.write('20261120T2240Z_0_bbbbbbbb.log', 'two\n', join(b.folder, 'spool', 'other', '-'))
  const delivery = b.delivery()
  await delivery.deliver(true)
  assert.equal(b.errors.length, 1)
  await rm(join(b.logRoot, 'my-bucket'))
  await delivery.deliver(true)
  assert.deepEqual([...(await b.delivered()).values()].toSorted(), ['one\n', 'two\n'])
})

test('ALB-OBS-129 delivered files stay, or go after the retention that is set', async (t) => {
  const b = await bench(t)
  await b.write('20261120T2240Z_0_aaaaaaaa.log', 'one\n')
  await b.delivery().deliver(true)
  await writeFile(join(b.logRoot, 'my-bucket', 'other.txt'), '')
  const files = await readdir(b.logRoot, { recursive: true })
  const log = files.find((name) => name.endsWith('.log.gz')) ?? ''
  const old = (b.date - 2 * DAY_MS) / 1000
  await utimes(join(b.logRoot, log), old, old)
  await utimes(join(b.logRoot, 'my-bucket', 'other.txt'), old, old)
  await b.delivery().deliver(false)
  assert.ok((await readdir(b.logRoot, { recursive: true })).includes(log))
  b.retentionMs = DAY_MS
  await b.delivery().deliver(false)
  const left = await readdir(b.logRoot, { recursive: true })
  assert.ok(!left.includes(log))
  assert.ok(left.includes(join('my-bucket', 'other.txt')))
})

test('a bucket can be written to if its name and its place allow', async (t) => {
  const b = await bench(t)
  assert.equal(await writeToBucket(b.logRoot, 'my-bucket', 'p/file', 'text'), true)
  assert.equal(await readFile(join(b.logRoot, 'my-bucket', 'p', 'file'), 'utf8'), 'text')
  assert.equal(await writeToBucket(b.logRoot, '..', 'file', ''), false)
  assert.equal(await writeToBucket(b.logRoot, 'my-bucket', '../x', ''), false)
  await writeFile(join(b.logRoot, 'not-a-folder'), '')
  assert.equal(await writeToBucket(b.logRoot, 'not-a-folder', 'file', ''), false)
})
