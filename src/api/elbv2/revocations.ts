// Revocation lists of trust stores: add, describe, remove. A call that adds several adds all or none.

import type { TrustStoreRevocation } from '@aws-sdk/client-elastic-load-balancing-v2'
import { countEntries } from '../../certificates/revocation-list.ts'
import type { RevocationList } from '../../model/trust-stores.ts'
import type { RowReader } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError, validationError } from '../errors.ts'
import { withMaterialErrors } from '../material-errors.ts'
import type { Elbv2Handlers, Input } from '../operations.ts'
import { nextMarker, pageOf, slicePage } from '../pagination.ts'
import { contentPath } from './content-links.ts'
import { theTrustStore } from './resources.ts'
import { checkObjectVersion } from './trust-stores.ts'

/** Largest revocation list, in bytes (ALB-SEC-016). */
const LIST_BYTES_MAX = 50 * 1024 * 1024

type RevocationContent = NonNullable<Input<'AddTrustStoreRevocations'>['RevocationContents']>[number]

export function revocationHandlers(
  environment: ApiEnvironment,
): Pick<
  Elbv2Handlers,
  | 'AddTrustStoreRevocations'
  | 'DescribeTrustStoreRevocations'
  | 'RemoveTrustStoreRevocations'
  | 'GetTrustStoreRevocationContent'
> {
  const { store, settings } = environment
  return {
    async AddTrustStoreRevocations(input) {
      const { TrustStoreArn: trustStoreArn, RevocationContents: contents = [] } = input
      const { revocationListsPerTrustStore: listsMax, revocationEntriesPerTrustStore: entriesMax } =
        settings.quotas
      if (contents.length === 0) throw validationError('At least one revocation content must be specified')
      if (contents.length > listsMax) throw tooMany(listsMax, 'lists')
      await store.read(async (rows) => await theTrustStore(rows, trustStoreArn))
      const added: { entries: number; text: string }[] = []
      for (const content of contents) added.push(await readList(environment, content))
      return await store.write(async (rows) => {
        const { arn } = await theTrustStore(rows, trustStoreArn)
        const all = [...(await rows.trustStores.revocationLists(arn)), ...added]
        if (all.length > listsMax) throw tooMany(listsMax, 'lists')
        if (all.reduce((total, { entries }) => total + entries, 0) > entriesMax) {
          throw tooMany(entriesMax, 'entries')
        }
        const TrustStoreRevocations = []
        for (const { entries, text } of added) {
          const id = await rows.trustStores.addRevocationList(arn, entries, text)
          TrustStoreRevocations.push(describe(arn, { id, entries }))
        }
        return { TrustStoreRevocations }
      })
    },

    async DescribeTrustStoreRevocations(input) {
      const page = pageOf('trust-store-revocations', input)
      return await store.read(async (rows) => {
        const { arn } = await theTrustStore(rows, input.TrustStoreArn)
        const lists = await chosen(rows, arn, input.RevocationIds ?? [])
        const { items, next } = slicePage(lists, page)
        return {
          TrustStoreRevocations: items.map((list) => describe(arn, list)),
          ...nextMarker('trust-store-revocations', next),
        }
      })
    },

    async RemoveTrustStoreRevocations(input) {
      const ids = input.RevocationIds ?? []
      if (ids.length === 0) throw validationError('At least one revocation ID must be specified')
      await store.write(async (rows) => {
        const { arn } = await theTrustStore(rows, input.TrustStoreArn)
        for (const { id } of await chosen(rows, arn, ids))
          await rows.trustStores.removeRevocationList(arn, id)
      })
      return {}
    },

    async GetTrustStoreRevocationContent(input, call) {
      const { RevocationId: revocationId } = input
      const arn = await store.read(async (rows) => {
        const trustStore = await theTrustStore(rows, input.TrustStoreArn)
        await chosen(rows, trustStore.arn, [revocationId])
        return trustStore.arn
      })
      return { Location: call.endpoint + contentPath(environment, { arn, revocationId }) }
    },
  }
}

/** All lists, or those with the IDs. */
async function chosen(
  rows: RowReader,
  arn: string,
  ids: readonly number[],
): Promise<readonly RevocationList[]> {
  const lists = await rows.trustStores.revocationLists(arn)
  const missing = ids.find((id) => !lists.some((list) => list.id === id))
  if (missing !== undefined) {
    throw new ApiError('RevocationIdNotFound', `The revocation ID '${missing}' of '${arn}' is not found`)
  }
  return ids.length === 0 ? lists : lists.filter(({ id }) => ids.includes(id))
}

async function readList(
  { readObject }: ApiEnvironment,
  {
    S3Bucket: bucket = '',
    S3Key: key = '',
    S3ObjectVersion,
    RevocationType: type = 'CRL',
  }: RevocationContent,
): Promise<{ entries: number; text: string }> {
  if (type !== 'CRL') throw validationError(`Revocation type '${String(type)}' must be one of 'CRL'`)
  checkObjectVersion(S3ObjectVersion)
  const object = await readObject?.(bucket, key, LIST_BYTES_MAX)
  if (object === undefined) {
    throw new ApiError(
      'RevocationContentNotFound',
      `The revocation content '${key}' in the bucket '${bucket}' cannot be found or read`,
    )
  }
  if (object === 'too-large') {
    throw new ApiError(
      'InvalidRevocationContent',
      `The revocation content is longer than ${LIST_BYTES_MAX} bytes`,
    )
  }
  const text = object.toString('latin1')
  const entries = withMaterialErrors(
    () => countEntries(text),
    ({ message }) => new ApiError('InvalidRevocationContent', message),
  )
  return { entries, text }
}

function describe(arn: string, { id, entries }: RevocationList): TrustStoreRevocation {
  return {
    TrustStoreArn: arn,
    RevocationId: id,
    RevocationType: 'CRL',
    NumberOfRevokedEntries: entries,
  }
}

function tooMany(max: number, what: string): ApiError {
  return new ApiError(
    'TooManyTrustStoreRevocationEntries',
    `The maximum number of revocation ${what} of a trust store is '${max}'`,
  )
}
