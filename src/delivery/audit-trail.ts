// The audit log on disk: appends records of API calls to a spool file, and delivers what has gathered every five
// minutes as one compressed file per account and Region, named as CloudTrail names its files, to the folder that stands
// for a bucket. The API never waits for it.

import { randomInt } from 'node:crypto'
import { appendFile, mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { AuditRecord } from '../api/audit-record.ts'
import type { Clock } from '../clock/clock.ts'
import { DiskTrouble } from './disk-trouble.ts'

export interface AuditTrailOptions {
  /** Where records wait for their delivery. */
  readonly spoolFolder: string
  readonly logRoot: string
  readonly bucket: string
  readonly clock: Clock
  /** Told what who looks after the machine has to know, a line each. */
  readonly tell: (message: string) => void
  readonly reportError: (error: unknown) => void
}

const DELIVERY_INTERVAL_MS = 5 * 60 * 1000
const POLL_MS = 1000
/** A spool file of this length is delivered at once. */
const FILE_BYTES_MAX = 4 * 1024 * 1024
/** Records that may wait in memory while the disk does not take them. */
const QUEUE_BYTES_MAX = 16 * 1024 * 1024
/** Undelivered files that are kept while the bucket does not take them; the oldest go first. */
const SPOOL_BYTES_MAX = 256 * 1024 * 1024

const OPEN_SUFFIX = '.open'
/** A complete spool file: when it was completed, and the unique part of the delivered names. */
const COMPLETE_NAME = /^(\d{8}T\d{4}Z)_([A-Za-z0-9]{16})\.records$/

const compress = promisify(gzip)

export class AuditTrail {
  readonly #options: AuditTrailOptions
  readonly #disk: DiskTrouble
  #queue: string[] = []
  #queuedBytes = 0
  #lost = 0
  #openPath: string | null = null
  #openBytes = 0
  /** When the open file began, on the clock's `now`. */
  #openedAt = 0
  #timer: NodeJS.Timeout | null = null
  /** All work on files, one after the other. */
  #running: Promise<void> = Promise.resolve()

  constructor(options: AuditTrailOptions) {
    this.#options = options
    const { spoolFolder: folder, tell, reportError } = options
    this.#disk = new DiskTrouble({ what: 'Records of the audit log', folder, tell, reportError })
  }

  /** Delivers what an earlier process left, then looks after deliveries by itself. */
  async start(): Promise<void> {
    await this.#enqueue(async () => {
      const { spoolFolder } = this.#options
      await mkdir(spoolFolder, { recursive: true })
      for (const name of await readdir(spoolFolder)) {
        if (name.endsWith(OPEN_SUFFIX)) await this.#complete(join(spoolFolder, name))
      }
      await this.#deliverAll()
    })
    this.#timer = setInterval(() => void this.#tick(), POLL_MS)
  }

  /** Takes a record; it is on disk a moment later. */
  record(record: AuditRecord): void {
    const line = `${JSON.stringify(record)}\n`
    const bytes = Buffer.byteLength(line)
    if (this.#queuedBytes + bytes > QUEUE_BYTES_MAX) {
      this.#lost++
      return
    }
    this.#queue.push(line)
    this.#queuedBytes += bytes
    // The first one writes for all that come while it waits.
    if (this.#queue.length === 1) void this.#enqueue(async () => await this.#write())
  }

  /** Delivers all records taken so far. */
  async deliver(): Promise<void> {
    await this.#enqueue(async () => {
      await this.#write()
      await this.#completeOpen()
      await this.#deliverAll()
    })
  }

  /** Delivers what there is and ends. May be called twice. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.deliver()
  }

  async #tick(): Promise<void> {
    const isOld = this.#openPath !== null && this.#options.clock.now() - this.#openedAt > DELIVERY_INTERVAL_MS
    if (isOld || this.#openBytes > FILE_BYTES_MAX) await this.deliver()
    else if (this.#queue.length > 0) await this.#enqueue(async () => await this.#write())
  }

  async #enqueue(work: () => Promise<void>): Promise<void> {
    this.#running = this.#running.then(work).catch((error: unknown) => this.#disk.failed(error))
    await this.#running
  }

  /** Appends the queue to the open file. What the disk did not take stays in the queue. */
  async #write(): Promise<void> {
    if (this.#lost > 0) {
      this.#options.reportError(new Error(`${this.#lost} records of the audit log were lost`))
      this.#lost = 0
    }
    const count = this.#queue.length
    if (count === 0) return
    if (this.#openPath === null) {
      this.#openPath = join(this.#options.spoolFolder, `${uniquePart()}${OPEN_SUFFIX}`)
      this.#openBytes = 0
      this.#openedAt = this.#options.clock.now()
    }
    const data = Buffer.from(this.#queue.join(''))
    try {
      // It may have been deleted.
      await mkdir(this.#options.spoolFolder, { recursive: true })
      await appendFile(this.#openPath, data)
      this.#disk.over()
    } catch (error) {
      // Half a write would be there twice.
      await truncate(this.#openPath, this.#openBytes).catch(() => undefined)
      throw error
    }
    this.#openBytes += data.length
    this.#queue = this.#queue.slice(count)
    this.#queuedBytes -= data.length
  }

  async #completeOpen(): Promise<void> {
    if (this.#openPath === null) return
    await this.#complete(this.#openPath)
    this.#openPath = null
    this.#openBytes = 0
  }

  async #complete(path: string): Promise<void> {
    const unique = path.slice(-OPEN_SUFFIX.length - 16, -OPEN_SUFFIX.length)
    const minute = new Date(this.#options.clock.date()).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')
    await rename(path, join(dirname(path), `${minute}Z_${unique}.records`))
  }

  async #deliverAll(): Promise<void> {
    const { spoolFolder, reportError } = this.#options
    const names = (await readdir(spoolFolder)).filter((name) => COMPLETE_NAME.test(name)).toSorted()
    let kept = 0
    for (const name of names.toReversed()) {
      const path = join(spoolFolder, name)
      const { size } = await stat(path)
      try {
        await this.#deliverFile(name)
        await rm(path)
      } catch (error) {
        this.#disk.failed(error)
        kept += size
        if (kept <= SPOOL_BYTES_MAX) continue
        await rm(path, { force: true })
        reportError(
          new Error(`The audit log's file ${name} was lost, because too much waits for its delivery`),
        )
      }
    }
  }

  /** Names follow from the spool file's, so a delivery that is done again replaces what it left the first time. */
  async #deliverFile(name: string): Promise<void> {
    const { spoolFolder, logRoot, bucket } = this.#options
    const [, minute = '', unique = ''] = COMPLETE_NAME.exec(name) ?? []
    const lines = (await readFile(join(spoolFolder, name), 'utf8')).split('\n')
    for (const [key, records] of Map.groupBy(lines, (line) => keyOf(line, minute, unique))) {
      if (key === null) continue
      const path = join(logRoot, bucket, key)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(`${path}.part`, await compress(`{"Records":[${records.join(',')}]}`))
      await rename(`${path}.part`, path)
    }
  }
}

/** Key of the file that a line belongs to (ALB-OBS-419); null for a line that was not written to its end. */
function keyOf(line: string, minute: string, unique: string): string | null {
  try {
    const { recipientAccountId: account, awsRegion: region } = JSON.parse(line) as AuditRecord
    const date = `${minute.slice(0, 4)}/${minute.slice(4, 6)}/${minute.slice(6, 8)}`
    const name = `${account}_CloudTrail_${region}_${minute}_${unique}.json.gz`
    return `AWSLogs/${account}/CloudTrail/${region}/${date}/${name}`
  } catch {
    return null
  }
}

/** Sixteen letters and digits. */
function uniquePart(): string {
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  return Array.from({ length: 16 }, () => characters.charAt(randomInt(characters.length))).join('')
}
