// Certificates at the ACM and IAM endpoints that the operator names. They are asked for only when a call names one, so
// they are looked up then; what was said last counts while the endpoint is away.

import { X509Certificate } from 'node:crypto'
import type { CertificateDetail } from '@aws-sdk/client-acm'
import type { Clock } from '../clock/clock.ts'
import type { DirectorySettings } from '../model/settings.ts'
import { clientOptions, endpointIn, isRegion, lookupDeadline, unavailable } from './aws-endpoint.ts'
import type { Certificate, Directory } from './directory.ts'
import { RecentMap } from './recent-map.ts'

export interface AwsCertificatesOptions {
  readonly settings: DirectorySettings
  /** IAM is one for all Regions; its calls are signed for this one. */
  readonly region: string
  /** Answers for the service that has no endpoint. */
  readonly builtIn: Directory['certificate']
  readonly clock: Clock
  /** For the process log. */
  readonly report: (message: string) => void
}

/** Certificates that are remembered. */
const KNOWN_MAX = 1000

/** What the services answer for a certificate that is not there. */
const NOT_FOUND: readonly string[] = [
  'ResourceNotFoundException',
  'InvalidArnException',
  'NoSuchEntityException',
  'NoSuchEntity',
]

const STATUSES = ['PENDING_VALIDATION', 'ISSUED', 'EXPIRED', 'REVOKED'] as const

const ARN = /^arn:aws[a-z-]*:(acm|iam):([a-z0-9-]*):\d{12}:(certificate|server-certificate)\/(.+)$/

/** Rejects with DirectoryUnavailable for a certificate that was never seen and cannot be looked up. */
export function awsCertificates(options: AwsCertificatesOptions): Directory['certificate'] {
  const { settings, builtIn, report } = options
  const known = new RecentMap<string, Certificate>(KNOWN_MAX)
  return async (arn) => {
    const [, service, region = '', , path = ''] = ARN.exec(arn) ?? []
    const url = service === 'acm' ? settings.acm : service === 'iam' ? settings.iam : null
    if (url === null) return await builtIn(arn)
    if (service === 'acm' && !isRegion(region)) return undefined
    try {
      const found =
        service === 'acm'
          ? await fromAcm(url, region, arn, settings)
          : await fromIam(url, options, arn, path.slice(path.lastIndexOf('/') + 1))
      if (found === undefined) known.delete(arn)
      else known.set(arn, found)
      return found
    } catch (error) {
      if (error instanceof Error && NOT_FOUND.includes(error.name)) {
        known.delete(arn)
        return undefined
      }
      const problem = unavailable(
        service === 'acm' ? 'ACM' : 'IAM',
        endpointIn(url, service === 'acm' ? region : options.region),
        error,
      )
      const last = known.get(arn)
      if (last === undefined) throw problem
      report(`${problem.message}; what was known of ${arn} goes on to count`)
      return last
    }
  }
}

async function fromAcm(
  url: string,
  region: string,
  arn: string,
  settings: DirectorySettings,
): Promise<Certificate | undefined> {
  const { ACMClient, DescribeCertificateCommand } = await import('@aws-sdk/client-acm')
  const client = new ACMClient(clientOptions(url, region, settings))
  try {
    const command = new DescribeCertificateCommand({ CertificateArn: arn })
    const { Certificate: detail } = await client.send(command, lookupDeadline())
    return detail && certificateOf(arn, detail)
  } finally {
    client.destroy()
  }
}

function certificateOf(arn: string, detail: CertificateDetail): Certificate {
  return {
    arn,
    status: statusOf(detail.Status),
    domainName: detail.DomainName ?? '',
    subjectAlternativeNames: detail.SubjectAlternativeNames ?? [],
    // ACM writes RSA-2048 in descriptions and RSA_2048 everywhere else.
    keyAlgorithm: (detail.KeyAlgorithm ?? '').replace('-', '_'),
    notBefore: detail.NotBefore?.getTime() ?? 0,
    notAfter: detail.NotAfter?.getTime() ?? 0,
  }
}

function statusOf(status: string | undefined): Certificate['status'] {
  return STATUSES.find((known) => known === status) ?? 'FAILED'
}

/** A server certificate is named by the last part of its ARN, and the ARN has its path too. */
async function fromIam(
  url: string,
  { region, settings, clock }: AwsCertificatesOptions,
  arn: string,
  name: string,
): Promise<Certificate | undefined> {
  const { IAMClient, GetServerCertificateCommand } = await import('@aws-sdk/client-iam')
  const client = new IAMClient(clientOptions(url, region, settings))
  try {
    const command = new GetServerCertificateCommand({ ServerCertificateName: name })
    const { ServerCertificate: found } = await client.send(command, lookupDeadline())
    if (found?.CertificateBody === undefined || found.ServerCertificateMetadata?.Arn !== arn) return undefined
    // Loaded when it is needed, like the API of IAM.
    const { factsOf } = await import('../model/certificate-facts.ts')
    const facts = factsOf(new X509Certificate(found.CertificateBody))
    const { domainName, subjectAlternativeNames, keyAlgorithm, notBefore, notAfter } = facts
    const status = clock.date() < notAfter ? 'ISSUED' : 'EXPIRED'
    return { arn, status, domainName, subjectAlternativeNames, keyAlgorithm, notBefore, notAfter }
  } finally {
    client.destroy()
  }
}
