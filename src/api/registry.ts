// The services of the endpoint, and what answers a request.

import { capacityHandlers } from './elbv2/capacity.ts'
import { limitHandlers } from './elbv2/limits.ts'
import { listenerAttributeHandlers } from './elbv2/listener-attributes.ts'
import { listenerCertificateHandlers } from './elbv2/listener-certificates.ts'
import { listenerHandlers } from './elbv2/listeners.ts'
import { loadBalancerAttributeHandlers } from './elbv2/load-balancer-attributes.ts'
import { loadBalancerHandlers } from './elbv2/load-balancers.ts'
import { resourcePolicyHandlers } from './elbv2/resource-policies.ts'
import { ruleHandlers } from './elbv2/rules.ts'
import { sslPolicyHandlers } from './elbv2/ssl-policies.ts'
import { tagHandlers } from './elbv2/tags.ts'
import { targetGroupAttributeHandlers } from './elbv2/target-group-attributes.ts'
import { targetGroupHandlers } from './elbv2/target-groups.ts'
import { targetHandlers } from './elbv2/targets.ts'
import { revocationHandlers } from './elbv2/revocations.ts'
import { trustStoreHandlers } from './elbv2/trust-stores.ts'
import { elbv2Constraints } from './elbv2/constraints.ts'
import { ELB_VERSION, ELBV2_VERSION, models } from './elb-models.ts'
import type { ApiEnvironment } from './environment.ts'
import { ApiError } from './errors.ts'
import type { Operation } from './model.ts'
import type { Elbv2Handlers, Handler } from './operations.ts'
import { NO_CONSTRAINTS } from './protocol/constraint-problems.ts'
import { schemas as zonalShiftSchemas } from './arc-zonal-shift/schemas.ts'
import { ec2QueryProtocol } from './protocol/ec2-query.ts'
import { jsonProtocol } from './protocol/json.ts'
import { queryProtocol } from './protocol/query.ts'
import { restJsonProtocol } from './protocol/rest-json.ts'
import { handlerMap, type Api, type Service } from './service.ts'

/** Answers what names no service. */
export const FIRST_SERVICE: Service = {
  signingName: 'elasticloadbalancing',
  protocol: queryProtocol,
  versions: [ELBV2_VERSION, ELB_VERSION],
  load: async (version, environment) => (version === ELBV2_VERSION ? elbv2Api(environment) : elbApi()),
}

const services: readonly Service[] = [
  FIRST_SERVICE,
  {
    signingName: 'sts',
    protocol: queryProtocol,
    versions: ['2011-06-15'],
    load: async () => (await import('./sts/api.ts')).stsApi,
  },
  {
    signingName: 'acm',
    protocol: jsonProtocol,
    versions: [''],
    targetPrefix: 'CertificateManager',
    load: async (_version, environment) => (await import('./acm/api.ts')).acmApi(environment),
  },
  {
    signingName: 'iam',
    protocol: queryProtocol,
    versions: ['2010-05-08'],
    load: async (_version, environment) => (await import('./iam/api.ts')).iamApi(environment),
  },
  {
    signingName: 'ec2',
    protocol: ec2QueryProtocol,
    versions: ['2016-11-15'],
    load: async (_version, environment) => (await import('./ec2/api.ts')).ec2Api(environment),
  },
  {
    signingName: 'arc-zonal-shift',
    protocol: restJsonProtocol(zonalShiftSchemas),
    versions: [''],
    load: async (_version, environment) => {
      return (await import('./arc-zonal-shift/api.ts')).zonalShiftApi(environment)
    },
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
  return services.find(({ versions }) => version !== '' && versions.includes(version))
}

/** APIs by version, each loaded once. */
export class Registry {
  readonly #environment: ApiEnvironment
  readonly #apis = new Map<string, Promise<Api>>()

  constructor(environment: ApiEnvironment) {
    this.#environment = environment
  }

  async api(service: Service, version: string): Promise<Api | undefined> {
    if (!service.versions.includes(version)) return undefined
    const key = `${service.signingName} ${version}`
    let api = this.#apis.get(key)
    if (api === undefined) {
      api = service.load(version, this.#environment)
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

export function elbv2Api(environment: ApiEnvironment): Api {
  const elbv2: Partial<Elbv2Handlers> = {
    ...capacityHandlers(environment),
    ...limitHandlers(environment),
    ...listenerAttributeHandlers(environment),
    ...listenerCertificateHandlers(environment),
    ...listenerHandlers(environment),
    ...loadBalancerAttributeHandlers(environment),
    ...loadBalancerHandlers(environment),
    ...resourcePolicyHandlers(),
    ...ruleHandlers(environment),
    ...sslPolicyHandlers(),
    ...tagHandlers(environment),
    ...targetGroupAttributeHandlers(environment),
    ...targetGroupHandlers(environment),
    ...targetHandlers(environment),
    ...trustStoreHandlers(environment),
    ...revocationHandlers(environment),
  }
  return { model: modelOf(ELBV2_VERSION), constraints: elbv2Constraints, handlers: handlerMap(elbv2) }
}

function elbApi(): Api {
  return { model: modelOf(ELB_VERSION), constraints: NO_CONSTRAINTS, handlers: new Map() }
}

function modelOf(version: string): Api['model'] {
  const model = models.get(version)
  if (model === undefined) throw new Error(`No model of version ${version}`)
  return model
}
