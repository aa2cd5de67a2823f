// What makes a listener an HTTPS listener: its default certificate, its security policy, and what it asks of clients'
// certificates. Checks them alone and against the other listeners of the load balancer, and describes them.

import type {
  Listener as ListenerOutput,
  MutualAuthenticationAttributes,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Directory } from '../../directory/directory.ts'
import type { Listener, ListenerProtocol, ListenerTls, MutualAuthentication } from '../../model/resources.ts'
import { DEFAULT_SSL_POLICY, sslPolicies } from '../../model/ssl-policies.ts'
import type { RowReader } from '../../store/store.ts'
import { ApiError, validationError } from '../errors.ts'
import { checkCertificate } from '../load-balancing/certificates.ts'
import { invalidConfiguration } from '../load-balancing/errors.ts'
import type { Decoded } from '../operations.ts'
import { namedCertificate, type CertificateInput } from './listener-certificates.ts'
import { theTrustStore } from './resources.ts'

/** Most listeners of a load balancer that verify clients (ALB-SEC-016). */
const VERIFYING_LISTENERS_MAX = 2

/** More than any load balancer may have. */
const ALL_LISTENERS = { after: 0, limit: 1000 }

export interface TlsInput {
  readonly Certificates?: readonly CertificateInput[] | undefined
  readonly SslPolicy?: string | undefined
  readonly AlpnPolicy?: readonly string[] | undefined
  readonly MutualAuthentication?: Decoded<MutualAuthenticationAttributes> | undefined
}

/** What of the input can be checked before the transaction: the directory cannot be asked inside of one. */
export interface CheckedTlsInput extends Omit<TlsInput, 'Certificates'> {
  /** ARN of the default certificate, undefined where the call names none. */
  readonly certificateArn: string | undefined
}

/** ALB-LSN-238, Q49: one certificate at most, and one that can be used. To be called outside a transaction. */
export async function checkTlsInput(directory: Directory, input: TlsInput): Promise<CheckedTlsInput> {
  const [certificate, ...more] = input.Certificates ?? []
  if (more.length > 0) throw validationError('Up to one certificate can be specified for a listener')
  return {
    SslPolicy: input.SslPolicy,
    AlpnPolicy: input.AlpnPolicy,
    MutualAuthentication: input.MutualAuthentication,
    certificateArn:
      certificate === undefined
        ? undefined
        : await checkCertificate(directory, namedCertificate(certificate)),
  }
}

/** The settings of a listener after a call; `old` are those before it, null for a listener that had none. */
export async function checkTls(
  rows: RowReader,
  protocol: ListenerProtocol,
  input: CheckedTlsInput,
  old: ListenerTls | null,
): Promise<ListenerTls | null> {
  if (input.AlpnPolicy !== undefined && input.AlpnPolicy.length > 0) {
    throw validationError('ALPN policies are only supported on TLS listeners of Network Load Balancers')
  }
  if (protocol === 'HTTP') {
    refuseTlsSettings(input)
    return null
  }
  const certificateArn = input.certificateArn ?? old?.certificateArn
  // ALB-LSN-008
  if (certificateArn === undefined) {
    throw validationError('A certificate must be specified for HTTPS listeners')
  }
  return {
    sslPolicy: checkSslPolicy(input.SslPolicy, old),
    certificateArn,
    mutualAuthentication:
      input.MutualAuthentication === undefined
        ? (old?.mutualAuthentication ?? { mode: 'off' })
        : await checkMutualAuthentication(rows, input.MutualAuthentication),
  }
}

/** To be called when the listener is stored: whether it goes with the others of its load balancer. */
export async function checkNeighbours(rows: RowReader, listener: Listener): Promise<void> {
  if (listener.tls === null) return
  const { items } = await rows.listeners.list(listener.loadBalancerArn, ALL_LISTENERS)
  const others = items.flatMap(({ arn, tls }) => (arn === listener.arn || tls === null ? [] : [tls]))
  const isFips = isFipsPolicy(listener.tls)
  if (others.some((other) => isFipsPolicy(other) !== isFips)) {
    throw invalidConfiguration(
      'All HTTPS listeners of an Application Load Balancer must use either FIPS or non-FIPS security policies; to change, keep one HTTPS listener, change its policy, and add the others again',
    )
  }
  const verifying = [listener.tls, ...others].filter((tls) => tls.mutualAuthentication.mode === 'verify')
  if (verifying.length > VERIFYING_LISTENERS_MAX) {
    throw invalidConfiguration(
      `The maximum number of listeners with mutual authentication in verify mode per load balancer is '${VERIFYING_LISTENERS_MAX}'`,
    )
  }
}

/** Output form; nothing for an HTTP listener. */
export function describeTls({ tls }: Listener): Partial<ListenerOutput> {
  if (tls === null) return {}
  const { mutualAuthentication: mutual } = tls
  return {
    Certificates: [{ CertificateArn: tls.certificateArn }],
    SslPolicy: tls.sslPolicy,
    MutualAuthentication:
      mutual.mode === 'verify'
        ? {
            Mode: mutual.mode,
            TrustStoreArn: mutual.trustStoreArn,
            IgnoreClientCertificateExpiry: mutual.ignoreClientCertificateExpiry,
            TrustStoreAssociationStatus: 'active',
            AdvertiseTrustStoreCaNames: mutual.advertiseTrustStoreCaNames ? 'on' : 'off',
          }
        : { Mode: mutual.mode },
  }
}

/** ALB-LSN-280, ALB-SEC-057. */
function refuseTlsSettings(input: CheckedTlsInput): void {
  for (const [name, value] of [
    ['Certificates', input.certificateArn],
    ['SslPolicy', input.SslPolicy],
    ['MutualAuthentication', input.MutualAuthentication],
  ] as const) {
    if (value !== undefined && value !== '') {
      throw validationError(`${name} cannot be specified for HTTP listeners`)
    }
  }
}

function checkSslPolicy(name: string | undefined, old: ListenerTls | null): string {
  if (name === undefined) return old?.sslPolicy ?? DEFAULT_SSL_POLICY
  if (name === '') throw validationError('An SSL policy must be specified for HTTPS listeners')
  if (!sslPolicies.has(name)) throw sslPolicyNotFound(name)
  return name
}

export function sslPolicyNotFound(name: string): ApiError {
  return new ApiError('SSLPolicyNotFound', `SSL policy '${name}' not found`)
}

async function checkMutualAuthentication(
  rows: RowReader,
  input: Decoded<MutualAuthenticationAttributes>,
): Promise<MutualAuthentication> {
  const { Mode: mode = 'off', TrustStoreArn: arn, IgnoreClientCertificateExpiry: ignoreExpiry } = input
  if (mode === 'off' || mode === 'passthrough') {
    for (const [name, value] of Object.entries({
      TrustStoreArn: arn,
      IgnoreClientCertificateExpiry: ignoreExpiry,
      AdvertiseTrustStoreCaNames: input.AdvertiseTrustStoreCaNames,
    })) {
      // Tools send what is false or off along with every mode.
      if (value === undefined || value === '' || value === false || value === 'off') continue
      throw validationError(`${name} can only be specified for mutual authentication mode 'verify'`)
    }
    return { mode }
  }
  if (mode !== 'verify') {
    throw validationError(`Mutual authentication mode '${mode}' must be one of '[off, passthrough, verify]'`)
  }
  if (arn === undefined || arn === '') {
    throw validationError(`A trust store ARN must be specified for mutual authentication mode 'verify'`)
  }
  await theTrustStore(rows, arn)
  return {
    mode,
    trustStoreArn: arn,
    ignoreClientCertificateExpiry: ignoreExpiry ?? false,
    advertiseTrustStoreCaNames: input.AdvertiseTrustStoreCaNames === 'on',
  }
}

function isFipsPolicy({ sslPolicy }: ListenerTls): boolean {
  return sslPolicies.get(sslPolicy)?.isFips === true
}
