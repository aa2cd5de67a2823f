// Links to the files of trust stores, as presigned addresses of S3 are in AWS: whoever has one reads the file without
// credentials for ten minutes.

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RowReader } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'

/** Path that all links begin with. */
export const CONTENT_PATH = '/trust-store-content/'
const LIFE_MS = 10 * 60 * 1000

/** A file: the bundle of a trust store (null), or one of its revocation lists. */
interface Content {
  readonly arn: string
  readonly revocationId: number | null
}

type LinkEnvironment = Pick<ApiEnvironment, 'linkKey' | 'clock'>

/** The path of a link that works from now on. */
export function contentPath({ linkKey, clock }: LinkEnvironment, { arn, revocationId }: Content): string {
  const claim = Buffer.from(JSON.stringify([arn, revocationId, Math.floor(clock.date()) + LIFE_MS]))
  const text = claim.toString('base64url')
  return `${CONTENT_PATH}${text}.${sign(linkKey, text)}`
}

/** The file behind a link; undefined for one that is expired, changed or for a file that is gone. */
export async function contentOf(environment: ApiEnvironment, path: string): Promise<string | undefined> {
  const content = readPath(environment, path)
  if (content === undefined) return undefined
  return await environment.store.read(async (rows: RowReader) => {
    const { arn, revocationId } = content
    return revocationId === null
      ? await rows.trustStores.bundle(arn)
      : await rows.trustStores.revocationContent(arn, revocationId)
  })
}

function readPath({ linkKey, clock }: LinkEnvironment, path: string): Content | undefined {
  const [text = '', signature = '', more] = path.slice(CONTENT_PATH.length).split('.')
  const wanted = Buffer.from(sign(linkKey, text))
  const found = Buffer.from(signature)
  if (more !== undefined || wanted.length !== found.length || !timingSafeEqual(wanted, found))
    return undefined
  // Signed, so it is what `contentPath` wrote.
  const [arn, revocationId, expires] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [
    string,
    number | null,
    number,
  ]
  return clock.date() < expires ? { arn, revocationId } : undefined
}

function sign(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}
