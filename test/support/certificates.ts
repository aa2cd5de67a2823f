// Certificates for listeners and targets of tests: made at once, signed by themselves or by an authority.

import { createHash, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'

import { issueCertificate, type Signer } from '../../src/certificates/issue.ts'
import { factsOf } from '../../src/model/certificate-facts.ts'
import type { CertificateUnit } from '../../src/snapshot/application-units.ts'

const DAY_MS = 86_400_000

type Keys = { readonly publicKey: KeyObject; readonly privateKey: KeyObject }

const makers = {
  RSA_2048: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  RSA_3072: () => generateKeyPairSync('rsa', { modulusLength: 3072 }),
  RSA_4096: () => generateKeyPairSync('rsa', { modulusLength: 4096 }),
  EC_prime256v1: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EC_secp384r1: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EC_secp521r1: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
} as const satisfies Record<string, () => Keys>

export type TestAlgorithm = keyof typeof makers

export interface CertificateWish {
  readonly names: readonly string[]
  /** `EC_prime256v1` unless said otherwise. */
  readonly algorithm?: TestAlgorithm
  /** Days from now. */
  readonly from?: number
  readonly until?: number
}

/** One authority for all certificates of a test file. */
export class TestAuthority {
  readonly certificate: string
  readonly #signer: Signer

  private constructor(certificate: string, privateKey: KeyObject) {
    this.certificate = certificate
    this.#signer = { certificate, privateKey }
  }

  static async make(): Promise<TestAuthority> {
    const keys = makers.EC_prime256v1()
    const now = Date.now()
    const order = {
      commonName: 'Authority of tests',
      publicKey: keys.publicKey,
      purpose: { authoritiesBelow: 1 },
      notBefore: now - 1000 * DAY_MS,
      notAfter: now + 1000 * DAY_MS,
    }
    const certificate = await issueCertificate(order, { certificate: null, privateKey: keys.privateKey })
    return new TestAuthority(certificate, keys.privateKey)
  }

  /** A certificate as workers get it; its ARN ends in `id`. */
  async issue(id: string, wish: CertificateWish): Promise<CertificateUnit> {
    const { names, algorithm = 'EC_prime256v1', from = -1, until = 300 } = wish
    const keys: Keys = makers[algorithm]()
    const now = Date.now()
    const certificate = await issueCertificate(
      {
        commonName: names[0] ?? '',
        publicKey: keys.publicKey,
        purpose: { dnsNames: names },
        notBefore: now + from * DAY_MS,
        notAfter: now + until * DAY_MS,
      },
      this.#signer,
    )
    const facts = factsOf(new X509Certificate(certificate))
    return {
      arn: `arn:aws:acm:us-east-2:123456789012:certificate/${id}`,
      fingerprint: createHash('sha256').update(certificate).digest('hex'),
      names,
      keyAlgorithm: facts.keyAlgorithm,
      signatureAlgorithm: facts.signatureAlgorithm,
      notBefore: facts.notBefore,
      notAfter: facts.notAfter,
      chain: certificate,
      privateKey: keys.privateKey.export({ format: 'pem', type: 'pkcs8' }),
    }
  }
}
