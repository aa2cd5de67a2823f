// Constraints of IAM's inputs that the SDK's schemas leave out. Values are those of AWS's API reference.

import type { Constraint, ConstraintTable } from '../protocol/constraint-problems.ts'

const NAME: Constraint = { min: 1, max: 128, pattern: /^[\w+=,.@-]+$/ }
const PATH: Constraint = { min: 1, max: 512, pattern: /^(?:\u002F|\u002F[\u0021-\u007E]+\u002F)$/ }
const PEM_TEXT = /^[\u0009\u000A\u000D\u0020-\u00FF]+$/
const MARKER: Constraint = { min: 1, max: 320, pattern: /^[\u0020-\u00FF]+$/ }
const MAX_ITEMS: Constraint = { min: 1, max: 1000 }
const TAGS: Constraint = { max: 50 }
const TAG_KEY: Constraint = { min: 1, max: 128, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u }

const members: Readonly<Record<string, Constraint>> = {
  'DeleteServerCertificateRequest.ServerCertificateName': NAME,
  'GetServerCertificateRequest.ServerCertificateName': NAME,
  'ListServerCertificateTagsRequest.ServerCertificateName': NAME,
  'ListServerCertificateTagsRequest.Marker': MARKER,
  'ListServerCertificateTagsRequest.MaxItems': MAX_ITEMS,
  'ListServerCertificatesRequest.PathPrefix': { min: 1, max: 512, pattern: /^\u002F[\u0021-\u007F]*$/ },
  'ListServerCertificatesRequest.Marker': MARKER,
  'ListServerCertificatesRequest.MaxItems': MAX_ITEMS,
  'Tag.Key': TAG_KEY,
  'Tag.Value': { min: 0, max: 256, pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u },
  'TagServerCertificateRequest.ServerCertificateName': NAME,
  'TagServerCertificateRequest.Tags': TAGS,
  'UntagServerCertificateRequest.ServerCertificateName': NAME,
  'UntagServerCertificateRequest.TagKeys': TAGS,
  'UpdateServerCertificateRequest.ServerCertificateName': NAME,
  'UpdateServerCertificateRequest.NewPath': PATH,
  'UpdateServerCertificateRequest.NewServerCertificateName': NAME,
  'UploadServerCertificateRequest.Path': PATH,
  'UploadServerCertificateRequest.ServerCertificateName': NAME,
  'UploadServerCertificateRequest.CertificateBody': {
    min: 1,
    max: 16_384,
    pattern: PEM_TEXT,
    isSecret: true,
  },
  'UploadServerCertificateRequest.PrivateKey': { min: 1, max: 16_384, pattern: PEM_TEXT, isSecret: true },
  'UploadServerCertificateRequest.CertificateChain': {
    min: 1,
    max: 2_097_152,
    pattern: PEM_TEXT,
    isSecret: true,
  },
  'UploadServerCertificateRequest.Tags': TAGS,
}

const items: Readonly<Record<string, Constraint>> = {
  'UntagServerCertificateRequest.TagKeys': TAG_KEY,
}

export const iamConstraints: ConstraintTable = { members, items }
