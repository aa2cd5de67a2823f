// Reads the bundle of a trust store: PEM certificates of authorities, each of a kind that mutual TLS supports
// (ALB-SEC-017 … 025).

import { X509Certificate } from 'node:crypto'
import * as asn1js from 'asn1js'
import { Certificate, RSASSAPSSParams } from 'pkijs'
import { keyAlgorithmOf } from '../model/certificate-facts.ts'
import { pemBlocks } from './pem.ts'
import { UnusableMaterial } from './unusable-material.ts'

/** Largest certificate, in bytes of its DER form (ALB-SEC-016). */
const CERTIFICATE_BYTES_MAX = 16 * 1024
/** Version 3 as certificates write it. */
const V3 = 2
const RSA_BITS = { min: 2048, max: 8192 }
const CURVES: ReadonlySet<string> = new Set(['EC_prime256v1', 'EC_secp384r1', 'EC_secp521r1'])

/** SHA-256, -384 and -512 with RSA and with ECDSA. */
const SIGNATURES: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
])
const RSASSA_PSS = '1.2.840.113549.1.1.10'
const HASHES: ReadonlySet<string> = new Set([
  '2.16.840.1.101.3.4.2.1',
  '2.16.840.1.101.3.4.2.2',
  '2.16.840.1.101.3.4.2.3',
])

/** How many certificates the bundle has; throws UnusableMaterial for one that cannot be used as a whole. */
export function checkBundle(text: string, certificatesMax: number): number {
  const blocks = pemBlocks(text)
  if (blocks === undefined || blocks.length === 0) {
    throw invalid('The CA certificates bundle must consist of certificates in PEM format')
  }
  if (blocks.length > certificatesMax) {
    throw invalid(`The CA certificates bundle has more than '${certificatesMax}' certificates`)
  }
  for (const [index, block] of blocks.entries()) {
    const { label } = block
    const problem = label === 'CERTIFICATE' ? problemOf(block.text) : `is a '${label}', not a certificate`
    if (problem !== null) throw invalid(`Entry ${index + 1} of the CA certificates bundle ${problem}`)
  }
  return blocks.length
}

/** What is wrong with a certificate, as the end of a sentence. */
function problemOf(pem: string): string | null {
  try {
    const x509 = new X509Certificate(pem)
    if (x509.raw.length > CERTIFICATE_BYTES_MAX) return `is longer than ${CERTIFICATE_BYTES_MAX} bytes`
    const parsed = Certificate.fromBER(Uint8Array.from(x509.raw).buffer)
    if (parsed.version !== V3) return 'is not an X.509 version 3 certificate'
    if (!x509.ca) return 'is not the certificate of a certificate authority'
    if (!isKeySupported(x509)) return `has a key that is not supported: ${keyAlgorithmOf(x509.publicKey)}`
    if (!isSignatureSupported(parsed)) return 'has a signature algorithm that is not supported'
    return null
  } catch {
    return 'cannot be parsed'
  }
}

function isKeySupported({ publicKey }: X509Certificate): boolean {
  const { modulusLength = 0 } = publicKey.asymmetricKeyDetails ?? {}
  if (publicKey.asymmetricKeyType === 'rsa') {
    return modulusLength >= RSA_BITS.min && modulusLength <= RSA_BITS.max
  }
  return CURVES.has(keyAlgorithmOf(publicKey))
}

function isSignatureSupported({ signatureAlgorithm }: Certificate): boolean {
  const { algorithmId, algorithmParams } = signatureAlgorithm
  if (algorithmId !== RSASSA_PSS) return SIGNATURES.has(algorithmId)
  if (!(algorithmParams instanceof asn1js.Sequence)) return false
  return HASHES.has(new RSASSAPSSParams({ schema: algorithmParams }).hashAlgorithm.algorithmId)
}

function invalid(message: string): UnusableMaterial {
  return new UnusableMaterial('bundle', message)
}
