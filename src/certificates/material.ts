// Reads and checks what is sent as certificate, private key and chain.

import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { factsOf } from '../model/certificate-facts.ts'
import type { CertificateFacts, CertificateMaterial } from '../model/certificates.ts'
import { pemBlocks } from './pem.ts'
import { UnusableMaterial, type MaterialProblem } from './unusable-material.ts'

export interface SentMaterial {
  readonly certificate: string
  readonly privateKey: string
  readonly chain: string | undefined
}

export interface ReadMaterial {
  readonly material: CertificateMaterial
  readonly facts: CertificateFacts
  /** Whether the certificate is signed with its own key. */
  readonly isSelfSigned: boolean
}

/** Certificates that a chain may have; real ones have three or four. */
const CHAIN_MAX = 100

/** Throws UnusableMaterial for the first problem. */
export function readMaterial(sent: SentMaterial): ReadMaterial {
  const certificates = readCertificates(sent.certificate)
  if (certificates === undefined || certificates.length === 0) {
    return fail('certificate', 'The certificate is not in a valid PEM format.')
  }
  const [leaf, second] = certificates
  if (leaf === undefined || second !== undefined) {
    return fail(
      'certificate',
      'The certificate field contains more than one certificate. You can specify only one certificate in this field.',
    )
  }
  const facts = tryFacts(leaf.x509) ?? fail('certificate', 'The certificate cannot be parsed.')
  const privateKey = readPrivateKey(sent.privateKey)
  if (privateKey === 'encrypted') {
    return fail('private-key', 'The private key must not be encrypted with a passphrase.')
  }
  if (privateKey === undefined) {
    return fail('private-key', 'The private key is not in a valid PEM format.')
  }
  if (!leaf.x509.checkPrivateKey(privateKey.key)) {
    return fail('key-mismatch', "Public key certificate and private key don't match.")
  }
  const chain = sent.chain === undefined ? [] : readCertificates(sent.chain)
  if (chain === undefined || (sent.chain !== undefined && chain.length === 0) || chain.length > CHAIN_MAX) {
    return fail('chain', 'The certificate chain is not in a valid PEM format.')
  }
  const wrongAt = wrongIndex([leaf, ...chain].map(({ x509 }) => x509))
  if (wrongAt !== undefined) {
    return fail(
      'chain',
      'Unable to validate certificate chain. The certificate chain must start with the immediate signing ' +
        `certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: ${wrongAt}`,
    )
  }
  return {
    facts,
    isSelfSigned: isSelfSigned(leaf.x509),
    material: {
      certificate: leaf.text,
      chain: chain.length === 0 ? null : chain.map(({ text }) => text).join(''),
      privateKey: privateKey.text,
    },
  }
}

function fail(problem: MaterialProblem, message: string): never {
  throw new UnusableMaterial(problem, message)
}

interface SentCertificate {
  readonly x509: X509Certificate
  readonly text: string
}

/** Undefined if a part of the text is no certificate. */
function readCertificates(text: string): readonly SentCertificate[] | undefined {
  const blocks = pemBlocks(text)
  if (blocks === undefined || blocks.length > CHAIN_MAX) return undefined
  const certificates = []
  for (const block of blocks) {
    if (block.label !== 'CERTIFICATE') return undefined
    try {
      certificates.push({ x509: new X509Certificate(block.text), text: block.text })
    } catch {
      return undefined
    }
  }
  return certificates
}

/** The first private key in the text; parameters of a curve may stand before it. */
function readPrivateKey(text: string): { key: KeyObject; text: string } | 'encrypted' | undefined {
  const block = pemBlocks(text)?.find(({ label }) => label.endsWith('PRIVATE KEY'))
  if (block === undefined) return undefined
  if (block.label.startsWith('ENCRYPTED') || block.text.includes('\nProc-Type: 4,ENCRYPTED'))
    return 'encrypted'
  try {
    return { key: createPrivateKey(block.text), text: block.text }
  } catch {
    return undefined
  }
}

function tryFacts(x509: X509Certificate): CertificateFacts | undefined {
  try {
    return factsOf(x509)
  } catch {
    return undefined
  }
}

/** Place in the chain of the first certificate that did not sign the one before it. */
function wrongIndex(certificates: readonly X509Certificate[]): number | undefined {
  for (const [index, issuer] of certificates.slice(1).entries()) {
    const signed = certificates[index]
    if (signed !== undefined && !isIssuer(signed, issuer)) return index
  }
  return undefined
}

/** Whatever its key usage says: that is for certificates which sign others. */
function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && isSignedWith(certificate, certificate.publicKey)
}

function isIssuer(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && isSignedWith(certificate, issuer.publicKey)
}

function isSignedWith(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.verify(key)
  } catch {
    // A key of a kind that OpenSSL cannot verify with.
    return false
  }
}
