// The part of EC2 that users of load balancers call around them: VPCs with what belongs to them, security groups,
// instances.

import * as sdk from '@aws-sdk/client-ec2'
import type { ApiEnvironment } from '../environment.ts'
import { readModel } from '../model.ts'
import { NO_CONSTRAINTS } from '../protocol/constraint-problems.ts'
import { handlerMap, type Api } from '../service.ts'
import { absentHandlers } from './absent.ts'
import type { Ec2Environment, Ec2Handlers } from './environment.ts'
import { elasticAddressHandlers } from './elastic-addresses.ts'
import { groupRuleHandlers } from './group-rules.ts'
import { imageHandlers } from './images.ts'
import { instanceAttributeHandlers } from './instance-attributes.ts'
import { instanceTypeHandlers } from './instance-types.ts'
import { instanceHandlers } from './instances.ts'
import { interfaceHandlers } from './interfaces.ts'
import { internetGatewayHandlers } from './internet-gateways.ts'
import { natGatewayHandlers } from './nat-gateways.ts'
import { networkAclHandlers } from './network-acls.ts'
import { routeTableHandlers } from './route-tables.ts'
import { routeHandlers } from './routes.ts'
import { securityGroupHandlers } from './security-groups.ts'
import { subnetHandlers } from './subnets.ts'
import { tagHandlers } from './tags.ts'
import { volumeHandlers } from './volumes.ts'
import { vpcHandlers } from './vpcs.ts'
import { zoneHandlers } from './zones.ts'

export function ec2Api(environment: ApiEnvironment): Api {
  const { networks } = environment
  const model = readModel('2016-11-15', 'http://ec2.amazonaws.com/doc/2016-11-15/', sdk)
  if (networks === null) return { model, constraints: NO_CONSTRAINTS, handlers: new Map() }
  const own: Ec2Environment = { ...environment, networks }
  const handlers: Partial<Ec2Handlers> = {
    ...absentHandlers(),
    ...elasticAddressHandlers(own),
    ...groupRuleHandlers(own),
    ...imageHandlers(own),
    ...instanceAttributeHandlers(own),
    ...instanceHandlers(own),
    ...instanceTypeHandlers(own),
    ...interfaceHandlers(own),
    ...internetGatewayHandlers(own),
    ...natGatewayHandlers(own),
    ...networkAclHandlers(own),
    ...routeHandlers(own),
    ...routeTableHandlers(own),
    ...securityGroupHandlers(own),
    ...subnetHandlers(own),
    ...tagHandlers(own),
    ...volumeHandlers(own),
    ...vpcHandlers(own),
    ...zoneHandlers(own),
  }
  return { model, constraints: NO_CONSTRAINTS, handlers: handlerMap(handlers) }
}
