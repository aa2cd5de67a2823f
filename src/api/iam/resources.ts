// Server certificates of IAM by the name that a caller gives, and the parts of their lists.

import type * as sdk from '@aws-sdk/client-iam'
import { partition } from '../../model/arns.ts'
import type { ServerCertificate } from '../../model/certificates.ts'
import type { Scope } from '../../model/resources.ts'
import type { RowReader } from '../../store/store.ts'
import { ApiError } from '../errors.ts'
import type { Handlers } from '../operations.ts'
import { marker, readMarker, slicePage } from '../pagination.ts'

export type IamHandlers = Handlers<typeof sdk>

/** Size of a page when the caller names none. */
const PAGE_SIZE = 100

export async function theServerCertificate(
  rows: RowReader,
  { accountId }: Scope,
  name: string,
): Promise<ServerCertificate> {
  const certificate = await rows.certificates.serverCertificateByName(accountId, name)
  if (certificate !== undefined) return certificate
  throw new ApiError('NoSuchEntity', `The Server Certificate with name ${name} cannot be found.`)
}

/** IAM has no Region, but a partition. */
export function serverCertificateArn({ accountId, region }: Scope, path: string, name: string): string {
  return `arn:${partition(region)}:iam::${accountId}:server-certificate${path}${name}`
}

interface ListInput {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

/** The part of a list that the caller asks for, and what says whether more follows. */
export function listPage<T>(
  list: string,
  all: readonly T[],
  input: ListInput,
): { readonly items: readonly T[]; readonly more: { IsTruncated: boolean; Marker?: string } } {
  const page = { after: readMarker(list, input.Marker), limit: input.MaxItems ?? PAGE_SIZE }
  const { items, next } = slicePage(all, page)
  return {
    items,
    more: next === null ? { IsTruncated: false } : { IsTruncated: true, Marker: marker(list, next) },
  }
}
