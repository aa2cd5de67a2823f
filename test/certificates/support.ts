// Clients of ACM and IAM at an API in this process, and certificates to give them.

import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { TestContext } from 'node:test'
import { ACM } from '@aws-sdk/client-acm'
import { IAM } from '@aws-sdk/client-iam'
import { issueCertificate, type Signer } from '../../src/certificates/issue.ts'
import { startApi, type Api, type ApiOptions } from '../api/support.ts'

export const DAY_MS = 86_400_000
/** When the tests' certificates begin. */
export const TODAY = Date.UTC(2026, 10, 21)

export interface CertificateApi extends Api {
  readonly acm: ACM
  readonly iam: IAM
}

/** The date is `TODAY` at noon. Everything is ended with the test. */
export async function startCertificateApi(test: TestContext, options?: ApiOptions): Promise<CertificateApi> {
  const api = await startApi(test, options)
  api.setDate(TODAY + DAY_MS / 2)
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const settings = { endpoint: api.endpoint, region: 'us-east-2', credentials, maxAttempts: 1 }
  const acm = new ACM(settings)
  const iam = new IAM(settings)
  test.after(() => {
    acm.destroy()
    iam.destroy()
  })
  return { ...api, acm, iam }
}

/** For `assert.rejects`: an error of any AWS client with this name, message and status. */
export function awsError(name: string, message: RegExp = /./, status = 400) {
  return (error: unknown): boolean => {
    const {
      name: actual,
      message: text,
      $metadata,
    } = error as Error & {
      $metadata?: { httpStatusCode?: number }
    }
    const found = `${actual} ${$metadata?.httpStatusCode}: ${text}`
    if (actual !== name || $metadata?.httpStatusCode !== status || !message.test(text)) {
      throw new Error(`expected ${name} ${status} like ${message}, got ${found}`, { cause: error })
    }
    return true
  }
}

type Keys = { readonly publicKey: KeyObject; readonly privateKey: KeyObject }

/** By ACM's names, and one that ACM does not take. */
const algorithms: Readonly<Record<string, () => Keys>> = {
  RSA_1024: () => generateKeyPairSync('rsa', { modulusLength: 1024 }),
  RSA_2048: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  RSA_3072: () => generateKeyPairSync('rsa', { modulusLength: 3072 }),
  EC_prime256v1: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EC_secp384r1: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EC_secp521r1: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  ED25519: () => generateKeyPairSync('ed25519'),
}

export function newKeys(algorithm: string): Keys {
  const make = algorithms[algorithm]
  if (make === undefined) throw new Error(`no keys of ${algorithm}`)
  return make()
}

export function keyText({ privateKey }: Keys): string {
  return privateKey.export({ format: 'pem', type: 'pkcs8' })
}

export interface TestAuthority extends Signer {
  readonly certificate: string
}

/** An authority that signs itself, or that another one signed. */
export async function newAuthority(name: string, parent?: TestAuthority): Promise<TestAuthority> {
  const { publicKey, privateKey } = newKeys('EC_prime256v1')
  const certificate = await issueCertificate(
    {
      commonName: name,
      publicKey,
      purpose: { authoritiesBelow: 3 },
      notBefore: TODAY,
      notAfter: TODAY + 1000 * DAY_MS,
    },
    parent ?? { certificate: null, privateKey },
  )
  return { certificate, privateKey }
}

export interface TestCertificate {
  readonly certificate: string
  readonly privateKey: string
}

/** A server's certificate for the names; signs itself without an authority. */
export async function newCertificate(
  names: readonly string[],
  options: {
    readonly authority?: TestAuthority
    readonly algorithm?: string
    readonly notBefore?: number
    readonly notAfter?: number
  } = {},
): Promise<TestCertificate> {
  const keys = newKeys(options.algorithm ?? 'EC_prime256v1')
  const certificate = await issueCertificate(
    {
      commonName: names[0] ?? '',
      publicKey: keys.publicKey,
      purpose: { dnsNames: names },
      notBefore: options.notBefore ?? TODAY,
      notAfter: options.notAfter ?? TODAY + 90 * DAY_MS,
    },
    options.authority ?? { certificate: null, privateKey: keys.privateKey },
  )
  return { certificate, privateKey: keyText(keys) }
}

export function bytes(text: string): Uint8Array {
  return Buffer.from(text)
}
