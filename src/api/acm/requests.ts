// Certificates that the local authority issues: RequestCertificate, RenewCertificate, and what can be changed or asked
// for afterwards.

import { randomUUID } from 'node:crypto'
import { LocalAuthority } from '../../certificates/authority.ts'
import { renew } from '../../certificates/renew.ts'
import type { CertificateRequest, KeyAlgorithm } from '../../model/certificates.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError } from '../errors.ts'
import { checkQuota } from './imports.ts'
import {
  certificateArn,
  checkIssued,
  theCertificate,
  validationException,
  type AcmHandlers,
} from './resources.ts'
import { addTags, checkTags } from './tags.ts'

type RequestInput = Parameters<AcmHandlers['RequestCertificate']>[0]

/** Keys of public certificates. */
const ALGORITHMS: readonly string[] = ['RSA_2048', 'EC_prime256v1', 'EC_secp384r1'] satisfies KeyAlgorithm[]
/** Longest common name (RFC 5280 appendix A.1). */
const SUBJECT_MAX = 64
/** How long a repeated token stands for the same request. */
const TOKEN_MS = 3_600_000

export function requestHandlers(
  environment: ApiEnvironment,
): Pick<
  AcmHandlers,
  'RequestCertificate' | 'RenewCertificate' | 'ResendValidationEmail' | 'UpdateCertificateOptions'
> {
  const { store, clock, settings } = environment
  const authority = new LocalAuthority(environment)
  return {
    async RequestCertificate(input, call) {
      const algorithm = checkAlgorithm(input.KeyAlgorithm)
      const names = checkNames(input, settings.quotas.domainNamesPerCertificate)
      const request = checkRequest(input, names)
      checkTags(input.Tags)
      // Before the transaction: to make a key can take long.
      const { facts, material } = await authority.issue(names, algorithm)
      return await store.write(async (rows) => {
        const date = Math.floor(clock.date())
        const { IdempotencyToken: token } = input
        const same = token === undefined ? [] : await rows.certificates.certificatesByToken(call, token)
        const earlier = same.find(
          (other) =>
            other.createdAt > date - TOKEN_MS &&
            other.facts.subjectAlternativeNames.join() === facts.subjectAlternativeNames.join(),
        )
        if (earlier !== undefined) return { CertificateArn: earlier.arn }
        await checkQuota(rows, call, settings.quotas.certificates)
        const { accountId, region } = call
        const arn = certificateArn(call, randomUUID())
        const issuedAt = date + Math.ceil(clock.realMs(settings.certificateValidationMs))
        await rows.certificates.insertCertificate(
          { arn, accountId, region, createdAt: date, issuedAt, facts, request },
          material,
          token,
        )
        await addTags(rows, arn, input.Tags)
        return { CertificateArn: arn }
      })
    },

    async RenewCertificate(input, call) {
      const certificate = await store.read(
        async (rows) => await theCertificate(rows, call, input.CertificateArn),
      )
      if (certificate.request === null) {
        throw validationException(
          `The certificate ${certificate.arn} was imported, so it cannot be renewed here.`,
        )
      }
      checkIssued(certificate, clock.date())
      await renew(environment, certificate)
      return {}
    },

    async ResendValidationEmail(input, call) {
      const { arn, facts, request, issuedAt } = await store.read(
        async (rows) => await theCertificate(rows, call, input.CertificateArn),
      )
      if (request?.validationMethod !== 'EMAIL' || clock.date() >= issuedAt) {
        throw new ApiError('InvalidStateException', `The certificate ${arn} does not wait for a mail`)
      }
      if (!facts.subjectAlternativeNames.includes(input.Domain)) {
        throw invalidDomain(`'${input.Domain}' is not a name of the certificate ${arn}`)
      }
      checkValidationDomain(input.Domain, input.ValidationDomain)
      return {}
    },

    async UpdateCertificateOptions(input, call) {
      await store.write(async (rows) => {
        const { arn, request } = await theCertificate(rows, call, input.CertificateArn)
        if (request === null) {
          throw new ApiError(
            'InvalidStateException',
            `The certificate ${arn} was imported and has no options`,
          )
        }
        const { CertificateTransparencyLoggingPreference: transparencyLogging, Export: exported } =
          input.Options
        await rows.certificates.updateRequest(arn, {
          ...request,
          transparencyLogging: transparencyLogging ?? request.transparencyLogging,
          export: exported ?? request.export,
        })
      })
      return {}
    },
  }
}

function checkAlgorithm(algorithm = 'RSA_2048'): KeyAlgorithm {
  if (ALGORITHMS.includes(algorithm)) return algorithm as KeyAlgorithm
  throw validationException(
    `Certificates cannot be requested with the key algorithm ${algorithm}; it must be one of ${ALGORITHMS.join(', ')}.`,
  )
}

/** All names, the subject first, each once. */
function checkNames({ DomainName, SubjectAlternativeNames = [] }: RequestInput, max: number): string[] {
  if (DomainName.length > SUBJECT_MAX) {
    throw validationException(`The first domain name can have at most ${SUBJECT_MAX} characters.`)
  }
  const names = [...new Set([DomainName, ...SubjectAlternativeNames].map((name) => name.toLowerCase()))]
  if (names.length > max) {
    throw new ApiError(
      'LimitExceededException',
      `Cannot request ${names.length} domain names in one certificate; the maximum is ${max}.`,
    )
  }
  return names
}

function checkRequest(input: RequestInput, names: readonly string[]): CertificateRequest {
  if (input.CertificateAuthorityArn !== undefined) {
    throw new ApiError(
      'InvalidArnException',
      `The certificate authority '${input.CertificateAuthorityArn}' does not exist`,
    )
  }
  if (input.ManagedBy !== undefined || input.ValidationMethod === 'HTTP') {
    throw validationException('Certificates that CloudFront manages are not offered.')
  }
  const validationDomains: Record<string, string> = {}
  for (const { DomainName, ValidationDomain } of input.DomainValidationOptions ?? []) {
    const name = DomainName.toLowerCase()
    if (!names.includes(name)) {
      throw invalidDomain(`'${DomainName}' is not a domain name of the request`)
    }
    checkValidationDomain(name, ValidationDomain.toLowerCase())
    validationDomains[name] = ValidationDomain.toLowerCase()
  }
  return {
    validationMethod: input.ValidationMethod ?? 'EMAIL',
    validationDomains,
    transparencyLogging: input.Options?.CertificateTransparencyLoggingPreference ?? 'ENABLED',
    export: input.Options?.Export ?? 'DISABLED',
    renewedAt: null,
  }
}

/** The validation domain is the name itself or a domain above it. */
function checkValidationDomain(name: string, validationDomain: string): void {
  if (name === validationDomain || name.endsWith(`.${validationDomain}`)) return
  throw invalidDomain(`The validation domain '${validationDomain}' must be '${name}' or a domain above it`)
}

function invalidDomain(message: string): ApiError {
  return new ApiError('InvalidDomainValidationOptionsException', message)
}
