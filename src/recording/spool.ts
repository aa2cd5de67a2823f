// Lines of access logs on their way to disk. A worker appends to one spool file per load balancer, node and interval
// of five minutes; whoever delivers logs takes the files that are complete. Nothing here ever waits for the disk or
// fails a request: what cannot be written is counted and dropped.

import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, renameSync, write } from 'node:fs'
import { join } from 'node:path'

const INTERVAL_MS = 5 * 60 * 1000
const BUFFER_BYTES = 128 * 1024
const FILE_BYTES_MAX = 64 * 1024 * 1024

/** What names a spool file. */
export interface SpoolTarget {
  readonly accountId: string
  readonly region: string
  /** `app/NAME/ID`, or `NAME` for a classic one. */
  readonly loadBalancerId: string
  readonly nodeAddress: string
  readonly bucket: string
  readonly prefix: string
}

/** The log of one load balancer node in one worker. */
export class SpoolLog {
  readonly #folder: string
  readonly #name: string
  readonly #workerIndex: number
  /** Lines that were lost because the disk failed or was too slow. */
  dropped = 0
  #file: SpoolFile | null = null
  #isRetired = false

  constructor(spoolFolder: string, target: SpoolTarget, workerIndex: number) {
    const prefix = target.prefix === '' ? '-' : encodeURIComponent(target.prefix)
    this.#folder = join(spoolFolder, encodeURIComponent(target.bucket), prefix)
    const id = target.loadBalancerId.replaceAll('/', '.')
    const address = target.nodeAddress.replaceAll(':', '.')
    this.#name = `${target.accountId}_${target.region}_${id}_${address}`
    this.#workerIndex = workerIndex
  }

  /** Appends a line that belongs to the interval of `dateMs` (milliseconds since 1970). */
  append(line: string, dateMs: number): void {
    let file = this.#file
    if (file === null || dateMs >= file.endDate || file.bytes > FILE_BYTES_MAX) {
      file?.complete()
      file = this.#open(dateMs)
      if (file === null) {
        this.dropped++
        return
      }
    }
    if (!file.append(line)) this.dropped++
    // Nobody will tell this log of the end of its interval any more.
    if (this.#isRetired) this.complete(() => {})
  }

  /** Logging is switched off: completes the present file. Requests that still run have their lines written. */
  retire(): void {
    this.#isRetired = true
    this.complete(() => {})
  }

  /** Writes what is buffered, and completes the file if its interval is over. */
  tick(dateMs: number): void {
    if (this.#file === null) return
    if (dateMs < this.#file.endDate) this.#file.flush()
    else this.complete(() => {})
  }

  /** Completes the present file; `onDone` is called when it is on disk under its final name. */
  complete(onDone: () => void): void {
    const file = this.#file
    this.#file = null
    if (file === null) onDone()
    else file.complete(onDone)
  }

  #open(dateMs: number): SpoolFile | null {
    const endDate = (Math.floor(dateMs / INTERVAL_MS) + 1) * INTERVAL_MS
    const end = new Date(endDate).toISOString().replace(/[-:]/g, '').slice(0, 13)
    const random = randomBytes(4).toString('hex')
    const path = join(this.#folder, `${this.#name}_${end}Z_${this.#workerIndex}_${random}.log`)
    try {
      mkdirSync(this.#folder, { recursive: true })
      this.#file = new SpoolFile(path, openSync(`${path}.open`, 'ax'), endDate)
    } catch {
      this.#file = null
    }
    return this.#file
  }
}

/** One open file with two buffers: lines go into one while the other is being written. */
class SpoolFile {
  readonly endDate: number
  bytes = 0
  readonly #path: string
  readonly #descriptor: number
  #filling: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #spare: Buffer | null = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #filled = 0
  #isWriting = false
  #onDone: (() => void) | null = null

  constructor(path: string, descriptor: number, endDate: number) {
    this.#path = path
    this.#descriptor = descriptor
    this.endDate = endDate
  }

  /** `false`: the disk does not keep up and the line is lost. */
  append(line: string): boolean {
    if (this.#filled + line.length > BUFFER_BYTES) {
      this.flush()
      if (this.#filled + line.length > BUFFER_BYTES) return false
    }
    this.#filled += this.#filling.write(line, this.#filled, 'latin1')
    this.bytes += line.length
    return true
  }

  flush(): void {
    const spare = this.#spare
    if (this.#filled === 0 || this.#isWriting || spare === null) return
    const full = this.#filling
    const length = this.#filled
    this.#filling = spare
    this.#spare = null
    this.#filled = 0
    this.#isWriting = true
    this.#write(full, 0, length)
  }

  complete(onDone: () => void = () => {}): void {
    this.#onDone = onDone
    if (this.#isWriting) return
    if (this.#filled > 0) this.flush()
    else this.#finish()
  }

  #write(buffer: Buffer, from: number, length: number): void {
    write(this.#descriptor, buffer, from, length - from, null, (error, written) => {
      if (error === null && from + written < length) {
        this.#write(buffer, from + written, length)
        return
      }
      this.#spare = buffer
      this.#isWriting = false
      if (this.#onDone !== null) this.complete(this.#onDone)
    })
  }

  #finish(): void {
    const onDone = this.#onDone
    this.#onDone = null
    try {
      closeSync(this.#descriptor)
      renameSync(`${this.#path}.open`, this.#path)
    } catch {
      // The file stays where it is under its open name; delivery recovers such files when this worker has gone.
    }
    onDone?.()
  }
}
