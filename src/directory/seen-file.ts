// A file that keeps what was seen elsewhere, so that a start goes on with it while the endpoint is away. Nothing else
// depends on it: without the file everything is looked up again.

import { open, readFile, rename } from 'node:fs/promises'
import type { StoredView } from './network-view.ts'

const VERSION = 2

interface Content {
  readonly version: number
  /** The endpoint that it was seen at; another one may have others under the same IDs. */
  readonly endpoint: string
  readonly regions: readonly StoredView[]
}

export class SeenFile {
  readonly #path: string
  readonly #endpoint: string
  #wanted: (() => readonly StoredView[]) | null = null
  #writing: Promise<void> | null = null
  #written = ''

  constructor(path: string, endpoint: string) {
    this.#path = path
    this.#endpoint = endpoint
  }

  /** What was written last; nothing if there is no such file, or one of another endpoint. Throws if it cannot be read. */
  async read(): Promise<readonly StoredView[]> {
    let text: string
    try {
      text = await readFile(this.#path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
    const content = JSON.parse(text) as Partial<Content> | null
    const isOurs = content?.version === VERSION && content.endpoint === this.#endpoint
    return isOurs ? (content.regions ?? []) : []
  }

  /** Writes the newest state; calls during a write have one more write follow. Resolves when it is on disk. */
  async write(regions: () => readonly StoredView[]): Promise<void> {
    this.#wanted = regions
    while (this.#wanted !== null) {
      this.#writing ??= this.#writeWanted().finally(() => (this.#writing = null))
      await this.#writing
    }
  }

  /** Resolves when nothing is written any more. */
  async close(): Promise<void> {
    // Whoever asked for the write is told of its failure.
    await this.#writing?.catch(() => undefined)
  }

  async #writeWanted(): Promise<void> {
    while (this.#wanted !== null) {
      const regions = this.#wanted()
      this.#wanted = null
      const content: Content = { version: VERSION, endpoint: this.#endpoint, regions }
      const text = JSON.stringify(content)
      if (text === this.#written) continue
      const temporary = `${this.#path}.new`
      const file = await open(temporary, 'w', 0o600)
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, this.#path)
      this.#written = text
    }
  }
}
