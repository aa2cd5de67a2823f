// The local certificate authority: a root of its own for each data folder, one signer below it for RSA and one for
// elliptic curves, and the servers' certificates that those sign. Each is made when it is first needed.

import { createPrivateKey, generateKeyPair, randomBytes, X509Certificate, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { Clock } from '../clock/clock.ts'
import { factsOf } from '../model/certificate-facts.ts'
import type { CertificateFacts, CertificateMaterial, KeyAlgorithm } from '../model/certificates.ts'
import type { AuthorityMaterial } from '../store/certificates.ts'
import type { Store } from '../store/store.ts'
import { issueCertificate } from './issue.ts'

const DAY_MS = 86_400_000
/** Of root and signers: nobody is to trust another one while the data folder is in use. */
const AUTHORITY_DAYS = 20 * 365
/** Thirteen months, as ACM counts them. */
const SERVER_DAYS = 395

const generate = promisify(generateKeyPair)

interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

export interface IssuedCertificate {
  readonly material: CertificateMaterial
  readonly facts: CertificateFacts
}

export class LocalAuthority {
  readonly #store: Store
  readonly #clock: Clock

  constructor({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
    this.#store = store
    this.#clock = clock
  }

  /** PEM of the certificate that clients have to trust. */
  async rootCertificate(): Promise<string> {
    return (await this.#root()).certificate
  }

  /**
   * Makes a key and signs a certificate for the names; the first is the subject. Not to be called inside a
   * transaction of the store.
   */
  async issue(dnsNames: readonly string[], algorithm: KeyAlgorithm): Promise<IssuedCertificate> {
    const root = await this.#root()
    const signer = await this.#signer(algorithm.startsWith('RSA') ? 'RSA_2048' : 'EC_prime256v1', root)
    const keys = await keyPair(algorithm)
    const certificate = await issueCertificate(
      {
        commonName: dnsNames[0] ?? '',
        publicKey: keys.publicKey,
        purpose: { dnsNames },
        ...this.#validFor(SERVER_DAYS),
      },
      { certificate: signer.certificate, privateKey: createPrivateKey(signer.privateKey) },
    )
    return {
      facts: factsOf(new X509Certificate(certificate)),
      material: {
        certificate,
        chain: signer.certificate + root.certificate,
        privateKey: keyText(keys),
      },
    }
  }

  async #root(): Promise<AuthorityMaterial> {
    return await this.#stored('root', async () => {
      const keys = await keyPair('EC_prime256v1')
      const certificate = await issueCertificate(
        {
          // Whoever trusts those of several data folders has to tell them apart.
          commonName: `evenkeel root CA ${randomBytes(4).toString('hex')}`,
          publicKey: keys.publicKey,
          purpose: { authoritiesBelow: 1 },
          ...this.#validFor(AUTHORITY_DAYS),
        },
        { certificate: null, privateKey: keys.privateKey },
      )
      return { certificate, privateKey: keyText(keys) }
    })
  }

  /** Clients that know only one kind of signature then know all that are in the chain but the root's. */
  async #signer(
    algorithm: 'RSA_2048' | 'EC_prime256v1',
    root: AuthorityMaterial,
  ): Promise<AuthorityMaterial> {
    return await this.#stored(algorithm, async () => {
      const keys = await keyPair(algorithm)
      const certificate = await issueCertificate(
        {
          commonName: `evenkeel ${algorithm === 'RSA_2048' ? 'RSA 2048' : 'ECDSA 256'} CA`,
          publicKey: keys.publicKey,
          purpose: { authoritiesBelow: 0 },
          ...this.#validFor(AUTHORITY_DAYS),
        },
        { certificate: root.certificate, privateKey: createPrivateKey(root.privateKey) },
      )
      return { certificate, privateKey: keyText(keys) }
    })
  }

  /** What the store has under this name; else what is made now, unless another call was faster. */
  async #stored(name: string, make: () => Promise<AuthorityMaterial>): Promise<AuthorityMaterial> {
    const found = await this.#store.read(async ({ certificates }) => await certificates.authority(name))
    if (found !== undefined) return found
    const made = await make()
    return await this.#store.write(async ({ certificates }) => {
      const other = await certificates.authority(name)
      if (other !== undefined) return other
      await certificates.insertAuthority(name, made)
      return made
    })
  }

  /** From the beginning of the day: clocks of clients may be a little behind. */
  #validFor(days: number): { readonly notBefore: number; readonly notAfter: number } {
    const notBefore = Math.floor(this.#clock.date() / DAY_MS) * DAY_MS
    return { notBefore, notAfter: notBefore + days * DAY_MS - 1000 }
  }
}

async function keyPair(algorithm: KeyAlgorithm): Promise<KeyPair> {
  const [kind, parameter = ''] = algorithm.split('_')
  return kind === 'RSA'
    ? await generate('rsa', { modulusLength: Number(parameter) })
    : await generate('ec', { namedCurve: parameter })
}

function keyText({ privateKey }: KeyPair): string {
  return privateKey.export({ format: 'pem', type: 'pkcs8' })
}
