// Certificates of ACM by the ARN that a caller gives.

import type * as sdk from '@aws-sdk/client-acm'
import { partition } from '../../model/arns.ts'
import type { AcmCertificate } from '../../model/certificates.ts'
import type { Scope } from '../../model/resources.ts'
import type { RowReader } from '../../store/store.ts'
import { ApiError } from '../errors.ts'
import type { Handlers } from '../operations.ts'

export type AcmHandlers = Handlers<typeof sdk>

const ARN =
  /^arn:aws[a-z-]*:acm:([a-z0-9-]+):(\d{12}):certificate\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The certificate of the caller's account and Region. */
export async function theCertificate(rows: RowReader, scope: Scope, arn: string): Promise<AcmCertificate> {
  const [, region, accountId] = ARN.exec(arn) ?? []
  if (region === undefined) {
    throw new ApiError('InvalidArnException', `The ARN '${arn}' is not that of a certificate`)
  }
  const isHere = region === scope.region && accountId === scope.accountId
  const certificate = isHere ? await rows.certificates.certificate(arn) : undefined
  if (certificate !== undefined) return certificate
  throw new ApiError(
    'ResourceNotFoundException',
    `Could not find certificate ${arn} in account ${scope.accountId}`,
  )
}

export function certificateArn({ accountId, region }: Scope, id: string): string {
  return `arn:${partition(region)}:acm:${region}:${accountId}:certificate/${id}`
}

/** Refuses while the certificate waits for its validation. */
export function checkIssued({ arn, issuedAt }: AcmCertificate, date: number): void {
  if (date >= issuedAt) return
  throw new ApiError(
    'RequestInProgressException',
    `Certificate ${arn} is not issued yet: its validation is in progress`,
  )
}

export function validationException(message: string): ApiError {
  return new ApiError('ValidationException', message)
}
