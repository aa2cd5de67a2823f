// Takes complete access log files out of the workers' spool and delivers them, joined, to the folder that stands
// for their bucket. A line is delivered exactly once, whenever the process ends: what a delivery consists of is written
// down before it begins, and its files leave the spool after the delivered file has its name.

import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '../clock/clock.ts'
import { Compressor } from './compressor.ts'
import { DiskTrouble } from './disk-trouble.ts'
import {
  DELIVERED_NAME,
  deliveredKey,
  endTimeMs,
  isBucketName,
  isCompressed,
  isSafePrefix,
  parseSpoolName,
} from './names.ts'
import type { SpoolFile } from './names.ts'

const POLL_MS = 1000
/** Files of the same node and interval by other workers come within this time. */
const GATHER_MS = 3000
/** A worker completes its file this long after the interval's end at the latest; later nobody writes to it. */
const ABANDONED_MS = 120_000
const RETENTION_SWEEP_MS = 3_600_000
/** Folder name of the empty prefix in the spool. */
const NO_PREFIX = '-'
const JOURNAL_SUFFIX = '.delivery'
const TEMPORARY_SUFFIX = '.part'

export interface DeliveryOptions {
  readonly spoolFolder: string
  readonly logRoot: string
  readonly clock: Clock
  /** Age at which delivered files are deleted. Null: never. */
  readonly retentionMs: number | null
  /** Told what who looks after the machine has to know, a line each. */
  readonly tell: (message: string) => void
  readonly reportError: (error: unknown) => void
}

/** What belongs to one delivery; kept in the spool while it lasts. */
interface Journal {
  /** Path of the delivered file below the log root. */
  readonly path: string
  readonly files: readonly string[]
}

export class Delivery {
  readonly #options: DeliveryOptions
  /** When a group's first complete file was seen, by folder and group; on the clock's `date`. */
  readonly #firstSeen = new Map<string, number>()
  readonly #compressor = new Compressor()
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> = Promise.resolve()
  #sweptAt = -Infinity
  readonly #disk: DiskTrouble
  /** Whether the spool was there once. */
  #hasSpool = false

  constructor(options: DeliveryOptions) {
    this.#options = options
    const { logRoot: folder, tell, reportError } = options
    this.#disk = new DiskTrouble({ what: 'Access logs', folder, tell, reportError })
  }

  /** Begins to look after the spool by itself. */
  start(): void {
    this.#timer = setInterval(() => void this.deliver(false), POLL_MS)
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#running
    await this.#compressor.close()
  }

  /** Delivers what is complete: groups whose files have had time to gather, or with `now` all. */
  async deliver(now: boolean): Promise<void> {
    this.#running = this.#running.then(async () => {
      try {
        await this.#deliverAll(now)
        await this.#sweep()
      } catch (error) {
        this.#disk.failed(error)
      }
    })
    await this.#running
  }

  /** Completes files that dead workers left open. `all`: no worker is alive; else only where none can be writing. */
  async recover(all: boolean): Promise<void> {
    const now = this.#options.clock.date()
    for (const { folder } of await this.#folders()) {
      for (const name of await readdir(folder)) {
        const file = parseSpoolName(name)
        if (file?.isOpen !== true) continue
        if (all || endTimeMs(file) + ABANDONED_MS < now) await completeFile(join(folder, name))
      }
    }
  }

  async #deliverAll(now: boolean): Promise<void> {
    await this.#keepSpool()
    await this.recover(false)
    for (const { folder, bucket, prefix } of await this.#folders()) {
      const names = await readdir(folder)
      const claimed = new Set<string>()
      for (const name of names) {
        if (!name.endsWith(JOURNAL_SUFFIX)) continue
        const journal = JSON.parse(await readFile(join(folder, name), 'utf8')) as Journal
        for (const file of journal.files) claimed.add(file)
        await this.#attempt(folder, name, journal)
      }
      const groups = Map.groupBy(
        names.flatMap((name) => {
          const file = claimed.has(name) ? undefined : parseSpoolName(name)
          return file === undefined || file.isOpen ? [] : [file]
        }),
        ({ group }) => group,
      )
      for (const [group, files] of groups) {
        if (!now && !this.#hasGathered(join(folder, group))) continue
        this.#firstSeen.delete(join(folder, group))
        await this.#begin(folder, bucket, prefix, files)
      }
    }
  }

  /** Workers make the folder again too, but only where they have something to write. */
  async #keepSpool(): Promise<void> {
    const { spoolFolder, tell } = this.#options
    const isMissing = !(await exists(spoolFolder))
    await mkdir(spoolFolder, { recursive: true })
    if (isMissing && this.#hasSpool) {
      tell(
        `The folder ${spoolFolder} was deleted and is made again; log lines that were in it and not yet delivered are lost`,
      )
    }
    this.#hasSpool = true
  }

  #hasGathered(id: string): boolean {
    const now = this.#options.clock.date()
    const since = this.#firstSeen.get(id) ?? now
    this.#firstSeen.set(id, since)
    return now - since >= GATHER_MS
  }

  async #begin(folder: string, bucket: string, prefix: string, files: readonly SpoolFile[]): Promise<void> {
    const first = files[0]
    if (first === undefined) return
    // The random part is that of one of the files: unique already, and the same if the delivery is done again.
    const path = join(bucket, deliveredKey(first, prefix, first.random))
    const journal: Journal = { path, files: files.map(({ name }) => name) }
    const name = `${first.group}_${first.random}${JOURNAL_SUFFIX}`
    await writeFile(join(folder, `${name}${TEMPORARY_SUFFIX}`), JSON.stringify(journal))
    await rename(join(folder, `${name}${TEMPORARY_SUFFIX}`), join(folder, name))
    await this.#attempt(folder, name, journal)
  }

  /** A delivery that fails is tried again with the next look at the spool; the others go on. */
  async #attempt(folder: string, journalName: string, journal: Journal): Promise<void> {
    try {
      await this.#finish(folder, journal)
      await rm(join(folder, journalName))
      this.#disk.over()
    } catch (error) {
      this.#disk.failed(error)
    }
  }

  async #finish(folder: string, { path, files }: Journal): Promise<void> {
    const target = join(this.#options.logRoot, path)
    if (!(await exists(target))) {
      await mkdir(dirname(target), { recursive: true })
      const temporary = `${target}${TEMPORARY_SUFFIX}`
      await this.#compressor.join({
        sources: files.map((name) => join(folder, name)),
        target: temporary,
        isCompressed: isCompressed(path),
      })
      await rename(temporary, target)
    }
    for (const name of files) await rm(join(folder, name), { force: true })
  }

  /** Folders of the spool with the bucket and prefix they stand for; what has no proper name is left alone. */
  async #folders(): Promise<{ folder: string; bucket: string; prefix: string }[]> {
    const { spoolFolder } = this.#options
    const folders: { folder: string; bucket: string; prefix: string }[] = []
    for (const bucketFolder of await readdirOrNone(spoolFolder)) {
      const bucket = decode(bucketFolder)
      if (bucket === null || !isBucketName(bucket)) continue
      for (const prefixFolder of await readdirOrNone(join(spoolFolder, bucketFolder))) {
        const prefix = prefixFolder === NO_PREFIX ? '' : decode(prefixFolder)
        if (prefix !== null && isSafePrefix(prefix))
          folders.push({ folder: join(spoolFolder, bucketFolder, prefixFolder), bucket, prefix })
      }
    }
    return folders
  }

  /** Deletes delivered files that are older than the retention (ALB-OBS-129); nothing else below the log root. */
  async #sweep(): Promise<void> {
    const { retentionMs, clock, logRoot } = this.#options
    if (retentionMs === null || clock.date() - this.#sweptAt < RETENTION_SWEEP_MS) return
    this.#sweptAt = clock.date()
    for (const entry of await readdir(logRoot, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !DELIVERED_NAME.test(entry.name)) continue
      const path = join(entry.parentPath, entry.name)
      const { mtimeMs } = await stat(path)
      if (clock.date() - mtimeMs <= retentionMs) continue
      await rm(path, { force: true })
      // The folder of the day goes with its last file.
      await rmdir(entry.parentPath).catch(() => undefined)
    }
  }
}

/** Writes a file to the folder that stands for a bucket; false if that cannot be done. */
export async function writeToBucket(
  logRoot: string,
  bucket: string,
  key: string,
  text: string,
): Promise<boolean> {
  if (!isBucketName(bucket) || !isSafePrefix(key)) return false
  const path = join(logRoot, bucket, key)
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
    return true
  } catch {
    return false
  }
}

/** Drops a last line that was not written to its end, and gives the file its complete name; an empty file goes. */
async function completeFile(path: string): Promise<void> {
  const length = await completeLength(path)
  if (length === 0) {
    await rm(path)
    return
  }
  await truncate(path, length)
  await rename(path, path.slice(0, -'.open'.length))
}

/** Length up to and including the last line feed. */
async function completeLength(path: string): Promise<number> {
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.alloc(64 * 1024)
    let end = (await file.stat()).size
    while (end > 0) {
      const start = Math.max(0, end - buffer.length)
      const { bytesRead } = await file.read(buffer, 0, end - start, start)
      const at = buffer.subarray(0, bytesRead).lastIndexOf(0x0a)
      if (at !== -1) return start + at + 1
      end = start
    }
    return 0
  } finally {
    await file.close()
  }
}

async function readdirOrNone(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

/** Undoes encodeURIComponent; text that it cannot have made names nothing. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
