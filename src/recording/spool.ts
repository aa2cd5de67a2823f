// Lines of access logs on their way to disk. A worker appends to one spool file per load balancer, node and interval
// of five minutes; whoever delivers logs takes the files that are complete. Nothing here ever waits for the disk or
// fails a request. What the disk does not take is kept while there is room in memory and written when the disk takes it
// again; then lines are dropped and counted.

import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, renameSync, write } from 'node:fs'
import { join } from 'node:path'

const INTERVAL_MS = 5 * 60 * 1000
const BUFFER_BYTES = 128 * 1024
/** Full buffers that may wait for the disk: a burst of requests that are answered at once is faster than any write. */
const WAITING_MAX = 16
/** The same for all logs of a worker together. */
const WAITING_OF_ALL_MAX = 128
const FILE_BYTES_MAX = 64 * 1024 * 1024
const LINE_FEED = 0x0a

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
  readonly #onLost: (lines: number) => void
  #file: SpoolFile | null = null
  #isRetired = false

  /** `onLost` is told of lines that were lost because the disk failed or was too slow. */
  constructor(
    spoolFolder: string,
    target: SpoolTarget,
    workerIndex: number,
    onLost: (lines: number) => void,
  ) {
    const prefix = target.prefix === '' ? '-' : encodeURIComponent(target.prefix)
    this.#folder = join(spoolFolder, encodeURIComponent(target.bucket), prefix)
    const id = target.loadBalancerId.replaceAll('/', '.')
    const address = target.nodeAddress.replaceAll(':', '.')
    this.#name = `${target.accountId}_${target.region}_${id}_${address}`
    this.#workerIndex = workerIndex
    this.#onLost = onLost
  }

  /** Appends a line that belongs to the interval of `dateMs` (milliseconds since 1970). */
  append(line: string, dateMs: number): void {
    let file = this.#file
    if (file === null || dateMs >= file.endDate || file.bytes > FILE_BYTES_MAX) {
      file?.complete()
      file = this.#open(dateMs)
      if (file === null) {
        this.#onLost(1)
        return
      }
    }
    if (!file.append(line)) this.#onLost(1)
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
    // Deleted under our hands: what is to come goes where it can be found.
    if (dateMs >= this.#file.endDate || this.#file.isDeleted) this.complete(() => {})
    else this.#file.flush()
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
      this.#file = new SpoolFile(path, openSync(`${path}.open`, 'ax'), endDate, this.#onLost)
    } catch {
      this.#file = null
    }
    return this.#file
  }
}

/** What the disk did not take yet of a buffer. */
interface Rest {
  readonly buffer: Buffer
  from: number
  readonly end: number
}

let waitingBuffers = 0

/** One open file with two buffers, lines go into one while the other is being written; in a burst there are more. */
class SpoolFile {
  readonly endDate: number
  bytes = 0
  readonly #path: string
  readonly #descriptor: number
  readonly #onLost: (lines: number) => void
  #filling: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #spare: Buffer | null = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #filled = 0
  /** Full ones, in their order. */
  readonly #waiting: Rest[] = []
  #isWriting = false
  /** Set while the disk refuses it. */
  #rest: Rest | null = null
  /** Length of the file, and lines that are whole in it. */
  #writtenBytes = 0
  #writtenLines = 0
  #onDone: (() => void) | null = null

  constructor(path: string, descriptor: number, endDate: number, onLost: (lines: number) => void) {
    this.#path = path
    this.#descriptor = descriptor
    this.endDate = endDate
    this.#onLost = onLost
  }

  /** Whether nobody can find the file any more. */
  get isDeleted(): boolean {
    return fstatSync(this.#descriptor).nlink === 0
  }

  /** `false`: the disk does not keep up and the line is lost. */
  append(line: string): boolean {
    if (this.#filled + line.length > BUFFER_BYTES) {
      this.flush()
      if (this.#filled + line.length > BUFFER_BYTES && !this.#setAside()) return false
    }
    this.#filled += this.#filling.write(line, this.#filled, 'latin1')
    this.bytes += line.length
    return true
  }

  flush(): void {
    if (this.#isWriting) return
    if (this.#rest !== null) {
      this.#write(this.#rest)
      return
    }
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) {
      waitingBuffers--
      this.#write(waiting)
    } else if (this.#filled > 0) this.#write(this.#takeFilled())
  }

  /** Makes room for lines; `false`: too much waits already, or a line is longer than any buffer. */
  #setAside(): boolean {
    if (this.#filled === 0 || this.#waiting.length === WAITING_MAX) return false
    // A disk that refuses is no burst, and many logs together may not take all memory.
    if (this.#rest !== null || waitingBuffers === WAITING_OF_ALL_MAX) return false
    waitingBuffers++
    this.#waiting.push(this.#takeFilled())
    return true
  }

  #takeFilled(): Rest {
    const rest = { buffer: this.#filling, from: 0, end: this.#filled }
    this.#filling = this.#spare ?? Buffer.allocUnsafeSlow(BUFFER_BYTES)
    this.#spare = null
    this.#filled = 0
    return rest
  }

  /** Writes what there is and closes the file; `onDone` is called when that is over. */
  complete(onDone: () => void = () => {}): void {
    this.#onDone = onDone
    if (this.#isWriting) return
    if (this.#filled > 0 || this.#rest !== null || this.#waiting.length > 0) this.flush()
    else this.#finish()
  }

  #write(rest: Rest): void {
    this.#isWriting = true
    const { buffer, from, end } = rest
    write(this.#descriptor, buffer, from, end - from, null, (error, written) => {
      this.#isWriting = false
      if (error !== null) {
        this.#rest = rest
        // There is no next time after the end: what is left is lost.
        if (this.#onDone !== null) this.#giveUp(rest)
        return
      }
      this.#writtenBytes += written
      this.#writtenLines += lineCount(buffer, from, from + written)
      rest.from += written
      if (rest.from < end) {
        this.#write(rest)
        return
      }
      this.#rest = null
      this.#spare = buffer
      if (this.#onDone !== null) this.complete(this.#onDone)
      else if (this.#waiting.length > 0) this.flush()
    })
  }

  /** Leaves whole lines alone in the file. */
  #giveUp({ buffer, from, end }: Rest): void {
    let lost = lineCount(buffer, from, end) + lineCount(this.#filling, 0, this.#filled)
    waitingBuffers -= this.#waiting.length
    for (const waiting of this.#waiting.splice(0)) lost += lineCount(waiting.buffer, 0, waiting.end)
    this.#onLost(lost)
    this.#rest = null
    this.#filled = 0
    const begunBytes = from - (buffer.lastIndexOf(LINE_FEED, from - 1) + 1)
    try {
      if (from > 0 && begunBytes > 0) ftruncateSync(this.#descriptor, this.#writtenBytes - begunBytes)
    } catch {
      // Then a line is there that has no end; it was counted as lost.
    }
    this.#finish()
  }

  #finish(): void {
    const onDone = this.#onDone
    this.#onDone = null
    try {
      if (this.isDeleted) this.#onLost(this.#writtenLines)
      closeSync(this.#descriptor)
      renameSync(`${this.#path}.open`, this.#path)
    } catch {
      // The file stays where it is under its open name; delivery recovers such files when this worker has gone.
    }
    onDone?.()
  }
}

function lineCount(buffer: Buffer, from: number, end: number): number {
  let count = 0
  for (let at = from; at < end; at++) if (buffer[at] === LINE_FEED) count++
  return count
}
