// Encrypts what must not lie readable in the database: private keys, client secrets. The key is in a file of its own
// that only its owner may read, so that a copy of the database alone gives nothing away.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { StartError } from '../model/start-error.ts'

/** Name of the key file in the data folder. */
export const KEY_FILE = 'secrets.key'

const ALGORITHM = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Says how a sealed text was made, so that another way can follow. */
const PREFIX = 'v1:'

export class SecretBox {
  readonly #key: Buffer

  private constructor(key: Buffer) {
    this.#key = key
  }

  /** Path of the key file. */
  static fileIn(folder: string): string {
    return join(folder, KEY_FILE)
  }

  /**
   * With the key of the data folder; undefined if there is none. Throws a StartError for a key file that others may read
   * or that is damaged.
   */
  static thereIn(folder: string): SecretBox | undefined {
    return usingFile(folder, (file) => {
      const key = readKey(file)
      if (key === undefined) return undefined
      if (key !== 'damaged') return new SecretBox(key)
      throw new StartError(
        `Cannot use the key file ${file}: it is not a key of ${KEY_BYTES} bytes; put the right file back, or start once with --forget-secrets to go on without what it opens`,
      )
    })
  }

  /** The same, but a damaged key file is put aside. */
  static usableIn(folder: string): SecretBox | undefined {
    return usingFile(folder, (file) => {
      const key = readKey(file)
      if (key instanceof Buffer) return new SecretBox(key)
      if (key === 'damaged') renameSync(file, `${file}.damaged`)
      return undefined
    })
  }

  /** With a new key. */
  static newIn(folder: string): SecretBox {
    return usingFile(folder, (file) => new SecretBox(makeKey(file)))
  }

  /** The text as it may be stored; each call gives another result. */
  seal(text: string): string {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce)
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')
  }

  /** Whether it was sealed with this key, and not changed since. */
  canOpen(sealed: string): boolean {
    try {
      this.open(sealed)
      return true
    } catch {
      return false
    }
  }

  /** The text that was sealed. Throws if it was changed or sealed with another key. */
  open(sealed: string): string {
    if (!sealed.startsWith(PREFIX)) throw new Error('A stored secret is not sealed')
    const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64')
    const nonce = bytes.subarray(0, NONCE_BYTES)
    const decipher = createDecipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
    const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  }
}

/** Throws a StartError where the file system does not let it. */
function usingFile<T>(folder: string, use: (file: string) => T): T {
  const file = SecretBox.fileIn(folder)
  try {
    return use(file)
  } catch (cause) {
    if (cause instanceof StartError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StartError(`Cannot use the key file ${file}: ${reason}; make it readable for this user`, {
      cause,
    })
  }
}

function readKey(file: string): Buffer | 'damaged' | undefined {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const { mode } = fstatSync(descriptor)
    if ((mode & 0o077) !== 0) {
      throw new StartError(
        `Cannot use the key file ${file}: others may read it (mode ${(mode & 0o777).toString(8)}); run: chmod 600 ${file}`,
      )
    }
    const key = Buffer.alloc(KEY_BYTES + 1)
    return readSync(descriptor, key) === KEY_BYTES ? key.subarray(0, KEY_BYTES) : 'damaged'
  } finally {
    closeSync(descriptor)
  }
}

/** The file appears whole or not at all: a key that is half on disk would lose what was sealed with it. */
function makeKey(file: string): Buffer {
  const key = randomBytes(KEY_BYTES)
  const draft = `${file}.${process.pid}`
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    writeSync(descriptor, key)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  linkSync(draft, file)
  rmSync(draft)
  return key
}
