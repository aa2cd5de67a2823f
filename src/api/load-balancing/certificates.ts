// Which certificates listeners can have.

import type { Directory } from '../../directory/directory.ts'
import { ApiError } from '../errors.ts'

/** Keys that a listener can present (ALB-LSN-225, 228). */
const KEY_ALGORITHMS = ['RSA_2048', 'RSA_3072', 'RSA_4096', 'EC_prime256v1', 'EC_secp384r1', 'EC_secp521r1']

/** Refuses an ARN that is not that of a certificate which a listener can present. Not to be called in a transaction. */
export async function checkCertificate(directory: Directory, arn: string): Promise<string> {
  const certificate = await directory.certificate(arn)
  if (certificate === undefined) throw certificateNotFound(arn)
  // An expired certificate is presented all the same (ALB-LSN-261).
  const isUsable = certificate.status === 'ISSUED' || certificate.status === 'EXPIRED'
  const hasName = certificate.domainName !== '' || certificate.subjectAlternativeNames.length > 0
  if (!isUsable || !hasName || !KEY_ALGORITHMS.includes(certificate.keyAlgorithm)) {
    throw new ApiError(
      'UnsupportedCertificate',
      `The certificate '${arn}' must have a fully-qualified domain name, a supported signature, and a supported key size.`,
    )
  }
  return arn
}

export function certificateNotFound(arn: string): ApiError {
  return new ApiError('CertificateNotFound', `Certificate '${arn}' not found`)
}
