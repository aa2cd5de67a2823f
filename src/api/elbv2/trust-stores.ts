// Trust stores: create, describe, modify, delete, and who uses them. Bundles are read once, at the call, and kept in the
// store.

import type { TrustStore as TrustStoreOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { checkBundle } from '../../certificates/bundle.ts'
import { newId, trustStoreArn } from '../../model/arns.ts'
import type { TrustStore } from '../../model/trust-stores.ts'
import type { RowReader } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError, validationError } from '../errors.ts'
import { addTags, checkTags } from '../load-balancing/tags.ts'
import { withMaterialErrors } from '../material-errors.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { nextMarker, pageOf, slicePage } from '../pagination.ts'
import { contentPath } from './content-links.ts'
import { checkListLength, notFoundError, theTrustStore } from './resources.ts'

/** Most names or ARNs that Describe takes. */
const NAMED_MAX = 20
/** Far more than the certificates of any trust store take. */
const BUNDLE_BYTES_MAX = 16 * 1024 * 1024

interface BundlePlace {
  readonly CaCertificatesBundleS3Bucket: string
  readonly CaCertificatesBundleS3Key: string
  readonly CaCertificatesBundleS3ObjectVersion?: string | undefined
}

export function trustStoreHandlers(
  environment: ApiEnvironment,
): Pick<
  Elbv2Handlers,
  | 'CreateTrustStore'
  | 'DescribeTrustStores'
  | 'ModifyTrustStore'
  | 'DeleteTrustStore'
  | 'DescribeTrustStoreAssociations'
  | 'DeleteSharedTrustStoreAssociation'
  | 'GetTrustStoreCaCertificatesBundle'
> {
  const { store, clock, settings } = environment
  const { quotas } = settings
  return {
    async CreateTrustStore(input, call) {
      checkTags(input.Tags)
      const { bundle, count } = await readBundle(environment, input)
      return await store.write(async (rows) => {
        if ((await rows.trustStores.trustStoreByName(call, input.Name)) !== undefined) {
          throw new ApiError(
            'DuplicateTrustStoreName',
            `A trust store with the name '${input.Name}' already exists`,
          )
        }
        if ((await rows.trustStores.trustStoreCount(call)) >= quotas.trustStores) {
          throw new ApiError(
            'TooManyTrustStores',
            `The maximum number of trust stores, '${quotas.trustStores}', has been reached`,
          )
        }
        const trustStore: TrustStore = {
          accountId: call.accountId,
          region: call.region,
          arn: trustStoreArn(call, input.Name, newId()),
          name: input.Name,
          caCertificates: count,
          createdAt: Math.floor(clock.date()),
        }
        await rows.trustStores.insertTrustStore(trustStore, bundle)
        await addTags(rows, trustStore.arn, input.Tags)
        return { TrustStores: [await describe(rows, trustStore)] }
      })
    },

    async DescribeTrustStores(input, call) {
      const page = pageOf('trust-stores', input)
      const { TrustStoreArns: arns = [], Names: names = [] } = input
      if (arns.length > 0 && names.length > 0) {
        throw validationError('Trust store names and trust store ARNs cannot be specified at the same time')
      }
      checkListLength('trust stores', arns, NAMED_MAX)
      checkListLength('trust stores', names, NAMED_MAX)
      return await store.read(async (rows) => {
        const named = new Map<string, TrustStore>()
        for (const arn of arns) named.set(arn, await theTrustStore(rows, arn))
        for (const name of names) {
          const found = await rows.trustStores.trustStoreByName(call, name)
          if (found === undefined) throw notFoundError('trust-store')
          named.set(found.arn, found)
        }
        const { items, next } =
          arns.length + names.length > 0
            ? slicePage([...named.values()], page)
            : await rows.trustStores.trustStores(call, page)
        const TrustStores = []
        for (const trustStore of items) TrustStores.push(await describe(rows, trustStore))
        return { TrustStores, ...nextMarker('trust-stores', next) }
      })
    },

    async ModifyTrustStore(input) {
      await store.read(async (rows) => await theTrustStore(rows, input.TrustStoreArn))
      const { bundle, count } = await readBundle(environment, input)
      return await store.write(async (rows) => {
        const trustStore = await theTrustStore(rows, input.TrustStoreArn)
        await rows.trustStores.replaceBundle(trustStore.arn, count, bundle)
        return { TrustStores: [await describe(rows, { ...trustStore, caCertificates: count })] }
      })
    },

    async DeleteTrustStore(input) {
      await store.write(async (rows) => {
        const { arn } = await theTrustStore(rows, input.TrustStoreArn)
        if ((await rows.listeners.withTrustStore(arn)).length > 0) {
          throw new ApiError('TrustStoreInUse', `The trust store '${arn}' is currently in use by a listener`)
        }
        await rows.trustStores.deleteTrustStore(arn)
      })
      return {}
    },

    async DescribeTrustStoreAssociations(input) {
      const page = pageOf('trust-store-associations', input)
      return await store.read(async (rows) => {
        const { arn } = await theTrustStore(rows, input.TrustStoreArn)
        const { items, next } = slicePage(await rows.listeners.withTrustStore(arn), page)
        return {
          TrustStoreAssociations: items.map((listener) => ({ ResourceArn: listener.arn })),
          ...nextMarker('trust-store-associations', next),
        }
      })
    },

    async DeleteSharedTrustStoreAssociation(input) {
      return await store.read(async (rows) => {
        const { arn } = await theTrustStore(rows, input.TrustStoreArn)
        const users = await rows.listeners.withTrustStore(arn)
        if (!users.some((listener) => listener.arn === input.ResourceArn)) {
          throw new ApiError('AssociationNotFound', `The trust store is not used by '${input.ResourceArn}'`)
        }
        // Nothing is shared between accounts here (OQ-38).
        throw new ApiError(
          'DeleteAssociationSameAccount',
          'The association is one of the same account and cannot be deleted; modify the listener instead',
        )
      })
    },

    async GetTrustStoreCaCertificatesBundle(input, call) {
      const { arn } = await store.read(async (rows) => await theTrustStore(rows, input.TrustStoreArn))
      return { Location: call.endpoint + contentPath(environment, { arn, revocationId: null }) }
    },
  }
}

/** Reads and checks the bundle of a call. */
async function readBundle(
  { readObject, settings }: ApiEnvironment,
  place: BundlePlace,
): Promise<{ bundle: string; count: number }> {
  const { CaCertificatesBundleS3Bucket: bucket, CaCertificatesBundleS3Key: key } = place
  checkObjectVersion(place.CaCertificatesBundleS3ObjectVersion)
  const object = await readObject?.(bucket, key, BUNDLE_BYTES_MAX)
  if (object === undefined) {
    throw new ApiError(
      'CaCertificatesBundleNotFound',
      `The CA certificates bundle '${key}' in the bucket '${bucket}' cannot be found or read`,
    )
  }
  if (object === 'too-large') {
    throw new ApiError(
      'InvalidCaCertificatesBundle',
      `The CA certificates bundle is longer than ${BUNDLE_BYTES_MAX} bytes`,
    )
  }
  const bundle = object.toString('latin1')
  const count = withMaterialErrors(
    () => checkBundle(bundle, settings.quotas.caCertificatesPerTrustStore),
    ({ message: problem }) => new ApiError('InvalidCaCertificatesBundle', problem),
  )
  return { bundle, count }
}

/** A folder has one version of each object, which S3 calls `null`. */
export function checkObjectVersion(version: string | undefined): void {
  if (version === undefined || version === '' || version === 'null') return
  throw validationError(`There is no object version '${version}': buckets here keep only the current version`)
}

async function describe(
  rows: RowReader,
  { arn, name, caCertificates }: TrustStore,
): Promise<TrustStoreOutput> {
  const lists = await rows.trustStores.revocationLists(arn)
  return {
    Name: name,
    TrustStoreArn: arn,
    Status: 'ACTIVE',
    NumberOfCaCertificates: caCertificates,
    TotalRevokedEntries: lists.reduce((total, { entries }) => total + entries, 0),
  }
}
