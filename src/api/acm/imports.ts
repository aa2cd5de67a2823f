// ImportCertificate, for a new certificate or for another one under the same ARN.

import { randomUUID } from 'node:crypto'
import { readMaterial, type ReadMaterial } from '../../certificates/material.ts'
import { KEY_ALGORITHMS, type CertificateFacts } from '../../model/certificates.ts'
import type { RowReader } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError } from '../errors.ts'
import { withMaterialErrors } from '../material-errors.ts'
import type { Call } from '../operations.ts'
import { certificateArn, theCertificate, validationException, type AcmHandlers } from './resources.ts'
import { addTags, checkTags } from './tags.ts'

export function importHandlers({
  store,
  clock,
  settings,
}: ApiEnvironment): Pick<AcmHandlers, 'ImportCertificate'> {
  return {
    async ImportCertificate(input, call) {
      const date = Math.floor(clock.date())
      const { facts, material } = checkMaterial(
        withMaterialErrors(
          () =>
            readMaterial({
              certificate: text(input.Certificate),
              privateKey: text(input.PrivateKey),
              chain: input.CertificateChain && text(input.CertificateChain),
            }),
          ({ message }) => validationException(message),
        ),
        date,
      )
      checkTags(input.Tags)
      return await store.write(async (rows) => {
        if (input.CertificateArn !== undefined) {
          if (input.Tags !== undefined) {
            throw validationException('Tagging is not permitted on re-import.')
          }
          const { arn, request, facts: old } = await theCertificate(rows, call, input.CertificateArn)
          if (request !== null) {
            throw validationException(`The certificate ${arn} was not imported, so it cannot be re-imported.`)
          }
          checkReplacement(old, facts)
          await rows.certificates.replaceMaterial(arn, { facts, issuedAt: date }, material)
          return { CertificateArn: arn }
        }
        await checkQuota(rows, call, settings.quotas.certificates)
        const arn = certificateArn(call, randomUUID())
        const { accountId, region } = call
        await rows.certificates.insertCertificate(
          { arn, accountId, region, createdAt: date, issuedAt: date, facts, request: null },
          material,
        )
        await addTags(rows, arn, input.Tags)
        return { CertificateArn: arn }
      })
    },
  }
}

/** Refuses one certificate too many. */
export async function checkQuota(rows: RowReader, call: Call, max: number): Promise<void> {
  const { length } = await rows.certificates.certificates(call)
  if (length < max) return
  throw new ApiError('LimitExceededException', `You have reached the maximum number of certificates: ${max}`)
}

/** What ACM demands beyond a certificate with its key and a chain in order. */
function checkMaterial(read: ReadMaterial, date: number): ReadMaterial {
  const { facts, material, isSelfSigned } = read
  if (!(KEY_ALGORITHMS as readonly string[]).includes(facts.keyAlgorithm)) {
    throw validationException(
      `The key algorithm ${facts.keyAlgorithm} is not supported; it must be one of ${KEY_ALGORITHMS.join(', ')}.`,
    )
  }
  if (material.chain === null && !isSelfSigned) {
    throw validationException(
      'Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or certificate chain.',
    )
  }
  if (facts.domainName === '') {
    throw validationException('The certificate must contain at least one domain name.')
  }
  if (facts.issuer === '') throw validationException('The issuer of the certificate must not be empty.')
  if (date < facts.notBefore) throw validationException('The certificate is not valid yet.')
  if (date >= facts.notAfter) throw validationException('The certificate has expired.')
  return read
}

/** A re-imported certificate has a key of the same kind, and all usages that the old one had. */
function checkReplacement(old: CertificateFacts, facts: CertificateFacts): void {
  if (old.keyAlgorithm !== facts.keyAlgorithm) {
    throw validationException(
      `The key algorithm cannot change on re-import: it is ${old.keyAlgorithm}, not ${facts.keyAlgorithm}.`,
    )
  }
  const oids = facts.extendedKeyUsages.map(({ oid }) => oid)
  const missing = [
    ...old.keyUsages.filter((name) => !facts.keyUsages.includes(name)),
    ...old.extendedKeyUsages.filter(({ oid }) => !oids.includes(oid)).map(({ name }) => name),
  ]
  if (missing.length === 0) return
  throw validationException(`Key usages cannot be removed on re-import: ${missing.join(', ')}.`)
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}
