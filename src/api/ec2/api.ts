// The part of EC2 that users of load balancers call around them: networks as they are, security groups and instances
// that can be made.

import * as sdk from '@aws-sdk/client-ec2'
import type { ApiEnvironment } from '../environment.ts'
import { readModel } from '../model.ts'
import { NO_CONSTRAINTS } from '../protocol/constraint-problems.ts'
import { handlerMap, type Api } from '../service.ts'
import type { Ec2Environment, Ec2Handlers } from './environment.ts'
import { gatewayHandlers } from './gateways.ts'
import { groupRuleHandlers } from './group-rules.ts'
import { instanceHandlers } from './instances.ts'
import { interfaceHandlers } from './interfaces.ts'
import { networkHandlers } from './networks.ts'
import { securityGroupHandlers } from './security-groups.ts'
import { tagHandlers } from './tags.ts'

export function ec2Api(environment: ApiEnvironment): Api {
  const { networks } = environment
  const model = readModel('2016-11-15', 'http://ec2.amazonaws.com/doc/2016-11-15/', sdk)
  if (networks === null) return { model, constraints: NO_CONSTRAINTS, handlers: new Map() }
  const own: Ec2Environment = { ...environment, networks }
  const handlers: Partial<Ec2Handlers> = {
    ...gatewayHandlers(own),
    ...groupRuleHandlers(own),
    ...instanceHandlers(own),
    ...interfaceHandlers(own),
    ...networkHandlers(own),
    ...securityGroupHandlers(own),
    ...tagHandlers(own),
  }
  return { model, constraints: NO_CONSTRAINTS, handlers: handlerMap(handlers) }
}
