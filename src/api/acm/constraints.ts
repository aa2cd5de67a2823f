// Constraints of ACM's inputs that the SDK's schemas leave out. Values are those of AWS's API reference.

import * as sdk from '@aws-sdk/client-acm'
import type { Constraint, ConstraintTable } from '../protocol/constraint-problems.ts'

const ARN: Constraint = {
  min: 20,
  max: 2048,
  pattern: /^arn:[\w+=/,.@-]+:acm:[\w+=/,.@-]*:[0-9]+:[\w+=,.@-]+(\/[\w+=,.@-]+)*$/,
}
const DOMAIN: Constraint = {
  min: 1,
  max: 253,
  pattern: /^(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])$/,
}
const TAGS: Constraint = { min: 1, max: 50 }
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

function oneOf(values: Readonly<Record<string, string>>): Constraint {
  return { values: Object.values(values) }
}

const members: Readonly<Record<string, Constraint>> = {
  'AddTagsToCertificateRequest.CertificateArn': ARN,
  'AddTagsToCertificateRequest.Tags': TAGS,
  'DeleteCertificateRequest.CertificateArn': ARN,
  'DescribeCertificateRequest.CertificateArn': ARN,
  'ExportCertificateRequest.CertificateArn': ARN,
  'ExportCertificateRequest.Passphrase': { min: 4, max: 128, isSecret: true },
  'GetCertificateRequest.CertificateArn': ARN,
  'ImportCertificateRequest.CertificateArn': ARN,
  'ImportCertificateRequest.Certificate': { min: 1, max: 32_768, isSecret: true },
  'ImportCertificateRequest.PrivateKey': { min: 1, max: 5120, isSecret: true },
  'ImportCertificateRequest.CertificateChain': { min: 1, max: 2_097_152, isSecret: true },
  'ImportCertificateRequest.Tags': TAGS,
  'ListCertificatesRequest.NextToken': { min: 1, max: 10_000 },
  'ListCertificatesRequest.MaxItems': { min: 1, max: 1000 },
  'ListCertificatesRequest.SortBy': oneOf(sdk.SortBy),
  'ListCertificatesRequest.SortOrder': oneOf(sdk.SortOrder),
  'ListTagsForCertificateRequest.CertificateArn': ARN,
  'RemoveTagsFromCertificateRequest.CertificateArn': ARN,
  'RemoveTagsFromCertificateRequest.Tags': TAGS,
  'RenewCertificateRequest.CertificateArn': ARN,
  'RequestCertificateRequest.DomainName': DOMAIN,
  'RequestCertificateRequest.ValidationMethod': oneOf(sdk.ValidationMethod),
  'RequestCertificateRequest.SubjectAlternativeNames': { min: 1, max: 100 },
  'RequestCertificateRequest.IdempotencyToken': { min: 1, max: 32, pattern: /^\w+$/ },
  'RequestCertificateRequest.DomainValidationOptions': { min: 1, max: 100 },
  'RequestCertificateRequest.Tags': TAGS,
  'RequestCertificateRequest.KeyAlgorithm': oneOf(sdk.KeyAlgorithm),
  'RequestCertificateRequest.ManagedBy': oneOf(sdk.CertificateManagedBy),
  'ResendValidationEmailRequest.CertificateArn': ARN,
  'ResendValidationEmailRequest.Domain': DOMAIN,
  'ResendValidationEmailRequest.ValidationDomain': DOMAIN,
  'UpdateCertificateOptionsRequest.CertificateArn': ARN,
  'CertificateOptions.CertificateTransparencyLoggingPreference': oneOf(
    sdk.CertificateTransparencyLoggingPreference,
  ),
  'CertificateOptions.Export': oneOf(sdk.CertificateExport),
  'DomainValidationOption.DomainName': DOMAIN,
  'DomainValidationOption.ValidationDomain': DOMAIN,
  'Filters.exportOption': oneOf(sdk.CertificateExport),
  'Filters.managedBy': oneOf(sdk.CertificateManagedBy),
  'Tag.Key': { min: 1, max: 128, pattern: TAG_TEXT },
  'Tag.Value': { min: 0, max: 256, pattern: TAG_TEXT },
}

const items: Readonly<Record<string, Constraint>> = {
  'ListCertificatesRequest.CertificateStatuses': oneOf(sdk.CertificateStatus),
  'RequestCertificateRequest.SubjectAlternativeNames': DOMAIN,
  'Filters.extendedKeyUsage': oneOf(sdk.ExtendedKeyUsageName),
  'Filters.keyUsage': oneOf(sdk.KeyUsageName),
  'Filters.keyTypes': oneOf(sdk.KeyAlgorithm),
}

export const acmConstraints: ConstraintTable = { members, items }
