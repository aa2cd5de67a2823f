// Makes and signs X.509 certificates (RFC 5280). Knows nothing of who signs what, nor of where keys are kept.

import { createHash, createPublicKey, randomBytes, type KeyObject } from 'node:crypto'
import * as asn1js from 'asn1js'
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  PublicKeyInfo,
  RelativeDistinguishedNames,
  Time,
} from 'pkijs'

export interface CertificateOrder {
  readonly commonName: string
  readonly publicKey: KeyObject
  /** Of a server: the DNS names that it answers to. Of an authority: how many authorities may follow below it. */
  readonly purpose: { readonly dnsNames: readonly string[] } | { readonly authoritiesBelow: number }
  /** Milliseconds since 1970; full seconds count. */
  readonly notBefore: number
  readonly notAfter: number
}

/** Who signs. Without a certificate the signer signs its own. */
export interface Signer {
  readonly certificate: string | null
  readonly privateKey: KeyObject
}

const COMMON_NAME = '2.5.4.3'
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14'
const KEY_USAGE = '2.5.29.15'
const SUBJECT_ALT_NAME = '2.5.29.17'
const BASIC_CONSTRAINTS = '2.5.29.19'
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1'
/** Kind of a GeneralName that is a DNS name. */
const DNS_NAME = 2

/** Bits of a key usage, the first bit first. */
const DIGITAL_SIGNATURE = 0x80
const KEY_ENCIPHERMENT = 0x20
const CERTIFICATE_AND_CRL_SIGNING = 0x06

/** The signed certificate as PEM. */
export async function issueCertificate(order: CertificateOrder, signer: Signer): Promise<string> {
  const certificate = new Certificate({ version: 2 })
  // Twenty bytes at most, and positive.
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  certificate.serialNumber = new asn1js.Integer({ valueHex: exactBuffer(serial) })
  certificate.subject = nameOf(order.commonName)
  const issuer = signer.certificate === null ? null : readCertificate(signer.certificate)
  certificate.issuer = issuer?.subject ?? certificate.subject
  certificate.notBefore = timeOf(order.notBefore)
  certificate.notAfter = timeOf(order.notAfter)
  certificate.subjectPublicKeyInfo = PublicKeyInfo.fromBER(spki(order.publicKey))
  certificate.extensions = extensionsOf(order, keyIdentifier(createPublicKey(signer.privateKey)))
  await certificate.sign(await signingKey(signer.privateKey), 'SHA-256')
  return toPem(Buffer.from(certificate.toSchema(true).toBER()))
}

/** A common name alone: the library would put a second attribute into the same part of the name. */
function nameOf(value: string): RelativeDistinguishedNames {
  const type = COMMON_NAME
  return new RelativeDistinguishedNames({
    typesAndValues: [new AttributeTypeAndValue({ type, value: new asn1js.Utf8String({ value }) })],
  })
}

function extensionsOf({ publicKey, purpose }: CertificateOrder, issuerKeyId: ArrayBuffer): Extension[] {
  const isAuthority = 'authoritiesBelow' in purpose
  const extensions = [
    extension(
      BASIC_CONSTRAINTS,
      new BasicConstraints(
        isAuthority ? { cA: true, pathLenConstraint: purpose.authoritiesBelow } : {},
      ).toSchema(),
      true,
    ),
    extension(KEY_USAGE, keyUsage(isAuthority, publicKey), true),
    extension(SUBJECT_KEY_IDENTIFIER, new asn1js.OctetString({ valueHex: keyIdentifier(publicKey) })),
    extension(
      AUTHORITY_KEY_IDENTIFIER,
      new AuthorityKeyIdentifier({
        keyIdentifier: new asn1js.OctetString({ valueHex: issuerKeyId }),
      }).toSchema(),
    ),
  ]
  if (isAuthority) return extensions
  const names = purpose.dnsNames.map((value) => new GeneralName({ type: DNS_NAME, value }))
  return [
    ...extensions,
    extension(EXTENDED_KEY_USAGE, new ExtKeyUsage({ keyPurposes: [SERVER_AUTHENTICATION] }).toSchema()),
    // The list of names may not be empty.
    ...(names.length === 0 ? [] : [extension(SUBJECT_ALT_NAME, new GeneralNames({ names }).toSchema())]),
  ]
}

function extension(extnID: string, value: asn1js.AsnType, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: value.toBER(false) })
}

function keyUsage(isAuthority: boolean, publicKey: KeyObject): asn1js.BitString {
  let bits = DIGITAL_SIGNATURE
  if (isAuthority) bits |= CERTIFICATE_AND_CRL_SIGNING
  else if (publicKey.asymmetricKeyType === 'rsa') bits |= KEY_ENCIPHERMENT
  const unusedBits = 31 - Math.clz32(bits & -bits)
  return new asn1js.BitString({ valueHex: exactBuffer(Buffer.of(bits)), unusedBits })
}

/** RFC 5280 section 4.2.1.2 (1): the SHA-1 hash of the bare public key. */
function keyIdentifier(publicKey: KeyObject): ArrayBuffer {
  const { valueBlock } = PublicKeyInfo.fromBER(spki(publicKey)).subjectPublicKey
  return exactBuffer(createHash('sha1').update(valueBlock.valueHexView).digest())
}

async function signingKey(key: KeyObject): Promise<CryptoKey> {
  const algorithm =
    key.asymmetricKeyType === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      : { name: 'ECDSA', namedCurve: 'P-256' }
  return await crypto.subtle.importKey(
    'pkcs8',
    exactBuffer(key.export({ format: 'der', type: 'pkcs8' })),
    algorithm,
    false,
    ['sign'],
  )
}

function spki(publicKey: KeyObject): ArrayBuffer {
  return exactBuffer(publicKey.export({ format: 'der', type: 'spki' }))
}

/** RFC 5280 section 4.1.2.5: dates until 2049 have two digits for the year. */
function timeOf(date: number): Time {
  const value = new Date(date)
  return new Time({ type: value.getUTCFullYear() < 2050 ? 0 : 1, value })
}

function readCertificate(pem: string): Certificate {
  const base64 = pem.replaceAll(/-----[^-]+-----|\s/g, '')
  return Certificate.fromBER(exactBuffer(Buffer.from(base64, 'base64')))
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** The bytes in a buffer of their own: those of Node may be part of a larger one. */
function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}
