// How endpoints of other AWS services are called: with which options, for how long, and what is said when they cannot
// be. Knows none of the services.

import type { DirectorySettings } from '../model/settings.ts'
import { DirectoryUnavailable } from './lookups.ts'

/** A call that takes longer has failed: somebody waits for the answer of this one. */
const CONNECT_TIMEOUT_MS = 1000
const REQUEST_TIMEOUT_MS = 2000
/** All calls of one lookup together, with their repetitions. */
const LOOKUP_TIMEOUT_MS = 4000

export interface ClientOptions {
  readonly endpoint: string
  readonly region: string
  readonly maxAttempts: number
  readonly requestHandler: {
    readonly connectionTimeout: number
    readonly requestTimeout: number
    readonly throwOnRequestTimeout: true
  }
  readonly credentials?: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }
}

/** Options of an SDK client. Without credentials the SDK looks for them itself: environment, profile, role. */
export function clientOptions(
  url: string,
  region: string,
  { credentials }: Pick<DirectorySettings, 'credentials'>,
): ClientOptions {
  return {
    endpoint: endpointIn(url, region),
    region,
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
    // A copy: the SDK writes into what it is given.
    ...(credentials === null ? {} : { credentials: { ...credentials } }),
  }
}

/** The URL for a Region: `https://ec2.{region}.amazonaws.com` has a place for its name. */
export function endpointIn(url: string, region: string): string {
  return url.replaceAll('{region}', region)
}

/** Ends the calls of one lookup in time, or when `closing` says so. To be given to every one of them. */
export function lookupDeadline(closing?: AbortSignal): { readonly abortSignal: AbortSignal } {
  const deadline = AbortSignal.timeout(LOOKUP_TIMEOUT_MS)
  return { abortSignal: closing === undefined ? deadline : AbortSignal.any([closing, deadline]) }
}

/** Whether a Region's name may become a part of an endpoint's URL. */
export function isRegion(name: string): boolean {
  return /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/.test(name)
}

/** What to say of a call that failed, in words for whoever set the endpoint. */
export function unavailable(service: string, endpoint: string, error: unknown): DirectoryUnavailable {
  return new DirectoryUnavailable(
    `${service} at ${endpoint}, which the configuration names, cannot be asked: ${reasonOf(error)}`,
    { cause: error },
  )
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, errors = [] } = error as { readonly code?: string; readonly errors?: readonly unknown[] }
  if (error.name === 'CredentialsProviderError') {
    return 'there are no credentials for it; set directory.accessKeyId and directory.secretAccessKey, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment'
  }
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'it does not answer in time'
  // Several addresses were tried, and nothing but their errors says why.
  if (error.message === '' && errors.length > 0) return reasonOf(errors[0])
  const text = error.message === '' ? (code ?? error.name) : error.message
  const status = (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata
    ?.httpStatusCode
  return `${text.replaceAll(/\s+/g, ' ').slice(0, 300)}${status === undefined ? '' : ` (HTTP ${status})`}`
}
