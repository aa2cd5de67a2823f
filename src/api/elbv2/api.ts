// The API of Application Load Balancers (elbv2).

import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import type { ApiEnvironment } from '../environment.ts'
import { ELBV2_VERSION, namespaceOf } from '../load-balancing/versions.ts'
import { readModel } from '../model.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { handlerMap, type Api } from '../service.ts'
import { capacityHandlers } from './capacity.ts'
import { elbv2Constraints } from './constraints.ts'
import { limitHandlers } from './limits.ts'
import { listenerAttributeHandlers } from './listener-attributes.ts'
import { listenerCertificateHandlers } from './listener-certificates.ts'
import { listenerHandlers } from './listeners.ts'
import { loadBalancerAttributeHandlers } from './load-balancer-attributes.ts'
import { loadBalancerHandlers } from './load-balancers.ts'
import { resourcePolicyHandlers } from './resource-policies.ts'
import { revocationHandlers } from './revocations.ts'
import { ruleHandlers } from './rules.ts'
import { sslPolicyHandlers } from './ssl-policies.ts'
import { tagHandlers } from './tags.ts'
import { targetGroupAttributeHandlers } from './target-group-attributes.ts'
import { targetGroupHandlers } from './target-groups.ts'
import { targetHandlers } from './targets.ts'
import { trustStoreHandlers } from './trust-stores.ts'

export const elbv2Model = readModel(ELBV2_VERSION, namespaceOf(ELBV2_VERSION), sdk)

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
  return { model: elbv2Model, constraints: elbv2Constraints, handlers: handlerMap(elbv2) }
}
