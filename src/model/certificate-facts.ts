// What an X.509 certificate says, in ACM's words.

import type { KeyObject, X509Certificate } from 'node:crypto'
import * as asn1js from 'asn1js'
import { Certificate, ExtKeyUsage, GeneralNames, type RelativeDistinguishedNames } from 'pkijs'
import type { CertificateFacts } from './certificates.ts'

const COMMON_NAME = '2.5.4.3'
const ORGANIZATION = '2.5.4.10'
const KEY_USAGE = '2.5.29.15'
const SUBJECT_ALT_NAME = '2.5.29.17'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const DNS_NAME = 2

/** Bits of the extension, the first bit first (RFC 5280 section 4.2.1.3). */
const KEY_USAGES = [
  'DIGITAL_SIGNATURE',
  'NON_REPUDIATION',
  'KEY_ENCIPHERMENT',
  'DATA_ENCIPHERMENT',
  'KEY_AGREEMENT',
  'CERTIFICATE_SIGNING',
  'CRL_SIGNING',
  'ENCIPHER_ONLY',
  'DECIPHER_ONLY',
]

const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  '2.5.29.37.0': 'ANY',
  '1.3.6.1.5.5.7.3.1': 'TLS_WEB_SERVER_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.2': 'TLS_WEB_CLIENT_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.3': 'CODE_SIGNING',
  '1.3.6.1.5.5.7.3.4': 'EMAIL_PROTECTION',
  '1.3.6.1.5.5.7.3.5': 'IPSEC_END_SYSTEM',
  '1.3.6.1.5.5.7.3.6': 'IPSEC_TUNNEL',
  '1.3.6.1.5.5.7.3.7': 'IPSEC_USER',
  '1.3.6.1.5.5.7.3.8': 'TIME_STAMPING',
  '1.3.6.1.5.5.7.3.9': 'OCSP_SIGNING',
}

/** Reads the certificate. Throws for one that OpenSSL reads and that is malformed nevertheless. */
export function factsOf(x509: X509Certificate): CertificateFacts {
  const parsed = Certificate.fromBER(Uint8Array.from(x509.raw).buffer)
  const commonName = attributeOf(parsed.subject, COMMON_NAME)
  const dnsNames = dnsNamesOf(parsed)
  const domainName = commonName ?? dnsNames[0] ?? ''
  return {
    domainName,
    subjectAlternativeNames: dnsNames.length > 0 ? dnsNames : commonName === undefined ? [] : [commonName],
    keyAlgorithm: keyAlgorithmOf(x509.publicKey),
    signatureAlgorithm: signatureAlgorithmOf(x509.signatureAlgorithm ?? ''),
    serial: (x509.serialNumber.toLowerCase().match(/../g) ?? []).join(':'),
    subject: nameText(x509.subject),
    issuer:
      attributeOf(parsed.issuer, ORGANIZATION) ??
      attributeOf(parsed.issuer, COMMON_NAME) ??
      nameText(x509.issuer),
    notBefore: x509.validFromDate.getTime(),
    notAfter: x509.validToDate.getTime(),
    keyUsages: keyUsagesOf(parsed),
    extendedKeyUsages: extendedKeyUsagesOf(parsed),
  }
}

/** `RSA_2048`, `EC_prime256v1` …, or the like for a key that ACM does not know. */
export function keyAlgorithmOf(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa') return `RSA_${modulusLength}`
  if (key.asymmetricKeyType === 'ec') return `EC_${namedCurve}`
  return String(key.asymmetricKeyType).toUpperCase()
}

/** `SHA256WITHRSA` for OpenSSL's `sha256WithRSAEncryption`, `SHA256WITHECDSA` for `ecdsa-with-SHA256`. */
function signatureAlgorithmOf(name: string): string {
  const rsa = /^(\w+?)WithRSA/i.exec(name)?.[1]
  if (rsa !== undefined) return `${rsa.toUpperCase()}WITHRSA`
  const ecdsa = /^ecdsa-with-(\w+)$/i.exec(name)?.[1]
  return ecdsa === undefined ? name.toUpperCase() : `${ecdsa.toUpperCase()}WITHECDSA`
}

/** Node writes one part of a name per line. */
function nameText(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ')
}

function attributeOf(name: RelativeDistinguishedNames, type: string): string | undefined {
  const found = name.typesAndValues.find((attribute) => attribute.type === type)
  const value: unknown = found?.value.valueBlock.value
  return typeof value === 'string' && value !== '' ? value : undefined
}

function dnsNamesOf(certificate: Certificate): readonly string[] {
  const value = extensionValue(certificate, SUBJECT_ALT_NAME)
  if (value === undefined) return []
  const { names } = new GeneralNames({ schema: value })
  return names.flatMap(({ type, value: name }) =>
    type === DNS_NAME && typeof name === 'string' ? [name] : [],
  )
}

function keyUsagesOf(certificate: Certificate): readonly string[] {
  const value = extensionValue(certificate, KEY_USAGE)
  if (!(value instanceof asn1js.BitString)) return []
  const bytes = value.valueBlock.valueHexView
  return KEY_USAGES.filter((_, bit) => (((bytes[bit >> 3] ?? 0) << (bit & 7)) & 0x80) !== 0)
}

function extendedKeyUsagesOf(certificate: Certificate): CertificateFacts['extendedKeyUsages'] {
  const value = extensionValue(certificate, EXTENDED_KEY_USAGE)
  if (value === undefined) return []
  const { keyPurposes } = new ExtKeyUsage({ schema: value })
  return keyPurposes.map((oid) => ({ name: EXTENDED_KEY_USAGES[oid] ?? 'CUSTOM', oid }))
}

function extensionValue(certificate: Certificate, oid: string): asn1js.AsnType | undefined {
  const extension = certificate.extensions?.find(({ extnID }) => extnID === oid)
  if (extension === undefined) return undefined
  const { offset, result } = asn1js.fromBER(extension.extnValue.valueBlock.valueHexView)
  if (offset === -1) throw new Error(`The extension ${oid} is malformed`)
  return result
}
