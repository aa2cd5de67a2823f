// Certificates of ACM as they are: describe, get, list, export, delete.

import { createPrivateKey } from 'node:crypto'
import { certificateStatus, type AcmCertificate } from '../../model/certificates.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError } from '../errors.ts'
import { marker, readMarker, slicePage } from '../pagination.ts'
import { describe, summarize } from './descriptions.ts'
import { checkIssued, theCertificate, validationException, type AcmHandlers } from './resources.ts'

type ListInput = Parameters<AcmHandlers['ListCertificates']>[0]

/** Key types that are listed unless the caller names others. */
const LISTED_KEY_TYPES: readonly string[] = ['RSA_1024', 'RSA_2048']
const PAGE_SIZE = 1000

export function certificateHandlers({
  store,
  clock,
}: ApiEnvironment): Pick<
  AcmHandlers,
  'DescribeCertificate' | 'GetCertificate' | 'ListCertificates' | 'ExportCertificate' | 'DeleteCertificate'
> {
  return {
    async DescribeCertificate(input, call) {
      return await store.read(async (rows) => {
        const certificate = await theCertificate(rows, call, input.CertificateArn)
        const users = await rows.loadBalancers.withCertificate(certificate.arn)
        return { Certificate: describe(certificate, users, clock.date()) }
      })
    },

    async GetCertificate(input, call) {
      return await store.read(async (rows) => {
        const found = await theCertificate(rows, call, input.CertificateArn)
        checkIssued(found, clock.date())
        const material = await rows.certificates.publicMaterial(found.arn)
        if (material === undefined) throw new Error(`No material of ${found.arn}`)
        return {
          Certificate: material.certificate,
          ...(material.chain === null ? {} : { CertificateChain: material.chain }),
        }
      })
    },

    async ListCertificates(input, call) {
      if (input.SortOrder !== undefined && input.SortBy === undefined) {
        throw validationException('SortOrder needs SortBy')
      }
      const date = clock.date()
      return await store.read(async (rows) => {
        const certificates = (await rows.certificates.certificates(call)).filter((certificate) =>
          isListed(certificate, input, date),
        )
        if (input.SortOrder === 'DESCENDING') certificates.reverse()
        const page = {
          after: readMarker('certificates', input.NextToken),
          limit: input.MaxItems ?? PAGE_SIZE,
        }
        const { items, next } = slicePage(certificates, page)
        const CertificateSummaryList = []
        for (const certificate of items) {
          const users = await rows.loadBalancers.withCertificate(certificate.arn)
          CertificateSummaryList.push(summarize(certificate, users, date))
        }
        return {
          CertificateSummaryList,
          ...(next === null ? {} : { NextToken: marker('certificates', next) }),
        }
      })
    },

    async ExportCertificate(input, call) {
      return await store.read(async (rows) => {
        const certificate = await theCertificate(rows, call, input.CertificateArn)
        if (certificate.request?.export !== 'ENABLED') {
          throw validationException(`The certificate ${certificate.arn} is not exportable.`)
        }
        checkIssued(certificate, clock.date())
        const material = await rows.certificates.material(certificate.arn)
        if (material === undefined) {
          throw new ApiError('InvalidStateException', `The private key of ${certificate.arn} is lost.`)
        }
        const key = createPrivateKey(material.privateKey).export({
          format: 'pem',
          type: 'pkcs8',
          cipher: 'aes-256-cbc',
          passphrase: Buffer.from(input.Passphrase),
        })
        return {
          Certificate: material.certificate,
          ...(material.chain === null ? {} : { CertificateChain: material.chain }),
          PrivateKey: key,
        }
      })
    },

    async DeleteCertificate(input, call) {
      await store.write(async (rows) => {
        const { arn, accountId } = await theCertificate(rows, call, input.CertificateArn)
        if ((await rows.loadBalancers.withCertificate(arn)).length > 0) {
          throw new ApiError(
            'ResourceInUseException',
            `Certificate ${arn} in account ${accountId} is in use.`,
          )
        }
        await rows.certificates.deleteCertificate(arn)
      })
      return {}
    },
  }
}

function isListed(certificate: AcmCertificate, input: ListInput, date: number): boolean {
  const { facts, request } = certificate
  const { CertificateStatuses: statuses = [], Includes: filters = {} } = input
  const {
    keyTypes = LISTED_KEY_TYPES,
    keyUsage = [],
    extendedKeyUsage = [],
    exportOption,
    managedBy,
  } = filters
  return (
    matches(statuses, [certificateStatus(certificate, date)]) &&
    matches(keyTypes, [facts.keyAlgorithm]) &&
    matches(keyUsage, facts.keyUsages) &&
    matches(
      extendedKeyUsage,
      facts.extendedKeyUsages.map(({ name }) => name),
    ) &&
    (exportOption === undefined || exportOption === (request?.export ?? 'DISABLED')) &&
    managedBy === undefined
  )
}

/** No wish at all is met by everything. */
function matches(wanted: readonly string[], has: readonly string[]): boolean {
  return wanted.length === 0 || wanted.some((name) => has.includes(name))
}
