// The services of the endpoint with the versions of their APIs, and what answers a request.

import { schemas as zonalShiftSchemas } from './arc-zonal-shift/schemas.ts'
import type { ApiEnvironment } from './environment.ts'
import { ApiError } from './errors.ts'
import { ELB_VERSION, ELBV2_VERSION } from './load-balancing/versions.ts'
import type { Operation } from './model.ts'
import type { Handler } from './operations.ts'
import { ec2QueryProtocol } from './protocol/ec2-query.ts'
import { jsonProtocol } from './protocol/json.ts'
import { queryProtocol } from './protocol/query.ts'
import { restJsonProtocol } from './protocol/rest-json.ts'
import type { Api, LoadApi, Service } from './service.ts'

/** Answers what names no service. */
export const FIRST_SERVICE: Service = {
  signingName: 'elasticloadbalancing',
  protocol: queryProtocol,
  apis: new Map<string, LoadApi>([
    [ELBV2_VERSION, async (environment) => (await import('./elbv2/api.ts')).elbv2Api(environment)],
    [ELB_VERSION, async () => (await import('./elb/api.ts')).elbApi],
  ]),
}

const services: readonly Service[] = [
  FIRST_SERVICE,
  {
    signingName: 'sts',
    protocol: queryProtocol,
    apis: new Map([['2011-06-15', async () => (await import('./sts/api.ts')).stsApi]]),
  },
  {
    signingName: 'acm',
    protocol: jsonProtocol,
    targetPrefix: 'CertificateManager',
    apis: new Map([['', async (environment) => (await import('./acm/api.ts')).acmApi(environment)]]),
  },
  {
    signingName: 'iam',
    protocol: queryProtocol,
    apis: new Map([
      ['2010-05-08', async (environment) => (await import('./iam/api.ts')).iamApi(environment)],
    ]),
  },
  {
    signingName: 'ec2',
    protocol: ec2QueryProtocol,
    apis: new Map([
      ['2016-11-15', async (environment) => (await import('./ec2/api.ts')).ec2Api(environment)],
    ]),
  },
  {
    signingName: 'arc-zonal-shift',
    protocol: restJsonProtocol(zonalShiftSchemas),
    apis: new Map([
      ['', async (environment) => (await import('./arc-zonal-shift/api.ts')).zonalShiftApi(environment)],
    ]),
  },
]

/**
 * The service that a request is signed for; without a signature that of its `X-Amz-Target`, or else the first one.
 * Undefined for a service that is not offered.
 */
export function serviceOf(
  signingName: string | undefined,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Service | undefined {
  if (signingName !== undefined) return services.find((service) => service.signingName === signingName)
  const [prefix] = String(headers['x-amz-target'] ?? '').split('.')
  return (
    services.find(({ targetPrefix }) => targetPrefix !== undefined && targetPrefix === prefix) ??
    FIRST_SERVICE
  )
}

/** The service that has this version of an API. */
export function serviceOfVersion(version: string): Service | undefined {
  return services.find(({ apis }) => version !== '' && apis.has(version))
}

/** APIs by version, each loaded once. */
export class Registry {
  readonly #environment: ApiEnvironment
  readonly #apis = new Map<string, Promise<Api>>()

  constructor(environment: ApiEnvironment) {
    this.#environment = environment
  }

  async api(service: Service, version: string): Promise<Api | undefined> {
    const load = service.apis.get(version)
    if (load === undefined) return undefined
    const key = `${service.signingName} ${version}`
    let api = this.#apis.get(key)
    if (api === undefined) {
      api = load(this.#environment)
      this.#apis.set(key, api)
    }
    return await api
  }
}

/** The handler of an operation, or the error that AWS gives for a request that nothing answers. */
export function findHandler(
  api: Api | undefined,
  version: string,
  action: string,
): { readonly api: Api; readonly operation: Operation; readonly handler: Handler } {
  if (action === '') throw new ApiError('MissingAction', 'The request must contain the parameter Action')
  const operation = api?.model.operations.get(action)
  if (api === undefined || operation === undefined) {
    throw new ApiError(
      'InvalidAction',
      `Could not find operation ${action} for version ${version || 'NO_VERSION_SPECIFIED'}`,
    )
  }
  const handler = api.handlers.get(action)
  if (handler !== undefined) return { api, operation, handler }
  throw new ApiError(
    'OperationNotPermitted',
    `The operation ${action} of version ${version} is not supported`,
  )
}
