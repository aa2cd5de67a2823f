// Another certificate for the same names under the same ARN, when a caller wants it or before the old one expires.

import type { Clock } from '../clock/clock.ts'
import type { AcmCertificate, KeyAlgorithm } from '../model/certificates.ts'
import type { Store } from '../store/store.ts'
import { LocalAuthority } from './authority.ts'

/** Signs a requested certificate anew; does nothing if it is gone meanwhile. */
export async function renew(
  environment: { readonly store: Store; readonly clock: Clock },
  { arn, facts }: AcmCertificate,
): Promise<void> {
  const { store, clock } = environment
  const authority = new LocalAuthority(environment)
  const { material, facts: renewed } = await authority.issue(
    facts.subjectAlternativeNames,
    facts.keyAlgorithm as KeyAlgorithm,
  )
  await store.write(async ({ certificates }) => {
    const current = await certificates.certificate(arn)
    if (current === undefined || current.request === null) return
    const date = Math.floor(clock.date())
    await certificates.replaceMaterial(arn, { facts: renewed, issuedAt: date }, material)
    await certificates.updateRequest(arn, { ...current.request, renewedAt: date })
  })
}
