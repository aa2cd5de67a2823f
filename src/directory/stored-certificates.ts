// The certificates that were requested from, imported into or uploaded to this program, as the directory answers.

import type { Clock } from '../clock/clock.ts'
import { certificateStatus } from '../model/certificates.ts'
import type { Store } from '../store/store.ts'
import type { Directory } from './directory.ts'

export function storedCertificates(store: Store, clock: Clock): Directory['certificate'] {
  return async (arn) =>
    await store.read(async ({ certificates }) => {
      const date = clock.date()
      const requested = await certificates.certificate(arn)
      if (requested !== undefined) {
        return { arn, status: certificateStatus(requested, date), ...requested.facts }
      }
      const uploaded = await certificates.serverCertificate(arn)
      if (uploaded === undefined) return undefined
      const status = date < uploaded.facts.notAfter ? 'ISSUED' : 'EXPIRED'
      return { arn, status, ...uploaded.facts }
    })
}
