// Objects in the folders that stand for buckets, read whole.

import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { isBucketName, isSafePrefix } from './names.ts'

const NONBLOCKING_READ = constants.O_RDONLY | constants.O_NONBLOCK

/**
 * The object's bytes; undefined if the bucket has no such object or it cannot be read, `too-large` for one of more than
 * `bytesMax` bytes.
 */
export async function readObject(
  logRoot: string,
  bucket: string,
  key: string,
  bytesMax: number,
): Promise<Buffer | 'too-large' | undefined> {
  if (!isBucketName(bucket) || key === '' || !isSafePrefix(key)) return undefined
  // Not blocking: opening a pipe would wait for its writer.
  const file = await open(join(logRoot, bucket, key), NONBLOCKING_READ).catch(() => undefined)
  if (file === undefined) return undefined
  try {
    const stats = await file.stat()
    if (!stats.isFile()) return undefined
    return stats.size > bytesMax ? 'too-large' : await file.readFile()
  } finally {
    await file.close()
  }
}
