// Certificates as DescribeCertificate and ListCertificates tell them. Private keys are in neither.

import type {
  CertificateDetail,
  CertificateOptions,
  CertificateSummary,
  ExtendedKeyUsageName,
  KeyAlgorithm,
  KeyUsageName,
  RenewalEligibility,
} from '@aws-sdk/client-acm'
import { certificateStatus, type AcmCertificate } from '../../model/certificates.ts'
import { domainValidations } from './validation.ts'

export function describe(
  certificate: AcmCertificate,
  users: readonly string[],
  date: number,
): CertificateDetail {
  const { arn, createdAt, facts, request } = certificate
  const status = certificateStatus(certificate, date)
  const isPending = status === 'PENDING_VALIDATION'
  return {
    CertificateArn: arn,
    DomainName: facts.domainName,
    SubjectAlternativeNames: [...facts.subjectAlternativeNames],
    ...(request === null
      ? {}
      : {
          DomainValidationOptions: domainValidations(
            certificate,
            request,
            isPending ? 'PENDING_VALIDATION' : 'SUCCESS',
          ),
        }),
    Subject: facts.subject,
    Issuer: facts.issuer,
    CreatedAt: new Date(createdAt),
    ...dates(certificate, date),
    Status: status,
    KeyAlgorithm: facts.keyAlgorithm as KeyAlgorithm,
    SignatureAlgorithm: facts.signatureAlgorithm,
    InUseBy: [...users],
    Type: request === null ? 'IMPORTED' : 'AMAZON_ISSUED',
    RenewalEligibility: eligibility(certificate, users),
    Options: options(certificate),
    ...renewal(certificate),
    ...(isPending
      ? {}
      : {
          Serial: facts.serial,
          KeyUsages: facts.keyUsages.map((name) => ({ Name: name as KeyUsageName })),
          ExtendedKeyUsages: facts.extendedKeyUsages.map(({ name, oid }) => ({
            Name: name as ExtendedKeyUsageName,
            OID: oid,
          })),
        }),
  }
}

export function summarize(
  certificate: AcmCertificate,
  users: readonly string[],
  date: number,
): CertificateSummary {
  const { arn, createdAt, facts, request } = certificate
  return {
    CertificateArn: arn,
    DomainName: facts.domainName,
    SubjectAlternativeNameSummaries: [...facts.subjectAlternativeNames],
    HasAdditionalSubjectAlternativeNames: false,
    Status: certificateStatus(certificate, date),
    Type: request === null ? 'IMPORTED' : 'AMAZON_ISSUED',
    KeyAlgorithm: facts.keyAlgorithm as KeyAlgorithm,
    KeyUsages: [...facts.keyUsages] as KeyUsageName[],
    ExtendedKeyUsages: facts.extendedKeyUsages.map(({ name }) => name as ExtendedKeyUsageName),
    ExportOption: request?.export ?? 'DISABLED',
    InUse: users.length > 0,
    RenewalEligibility: eligibility(certificate, users),
    CreatedAt: new Date(createdAt),
    ...dates(certificate, date),
  }
}

/** Those that the certificate has by now. */
function dates({ issuedAt, facts, request }: AcmCertificate, date: number) {
  if (date < issuedAt) return {}
  return {
    ...(request === null ? { ImportedAt: new Date(issuedAt) } : { IssuedAt: new Date(issuedAt) }),
    NotBefore: new Date(facts.notBefore),
    NotAfter: new Date(facts.notAfter),
  }
}

/** ACM renews what it issued and what is in use. */
function eligibility({ request }: AcmCertificate, users: readonly string[]): RenewalEligibility {
  return request !== null && users.length > 0 ? 'ELIGIBLE' : 'INELIGIBLE'
}

function renewal(certificate: AcmCertificate): Pick<CertificateDetail, 'RenewalSummary'> {
  const { request } = certificate
  if (request === null || request.renewedAt === null) return {}
  return {
    RenewalSummary: {
      RenewalStatus: 'SUCCESS',
      DomainValidationOptions: domainValidations(certificate, request, 'SUCCESS'),
      UpdatedAt: new Date(request.renewedAt),
    },
  }
}

function options({ request }: AcmCertificate): CertificateOptions {
  return {
    CertificateTransparencyLoggingPreference: request?.transparencyLogging ?? 'DISABLED',
    Export: request?.export ?? 'DISABLED',
  }
}
