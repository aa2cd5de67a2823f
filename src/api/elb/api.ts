// The API of Classic Load Balancers (elb): known, with all of its operations, and not offered yet.

import * as sdk from '@aws-sdk/client-elastic-load-balancing'
import { ELB_VERSION, namespaceOf } from '../load-balancing/versions.ts'
import { readModel } from '../model.ts'
import { NO_CONSTRAINTS } from '../protocol/constraint-problems.ts'
import type { Api } from '../service.ts'

export const elbModel = readModel(ELB_VERSION, namespaceOf(ELB_VERSION), sdk)

export const elbApi: Api = { model: elbModel, constraints: NO_CONSTRAINTS, handlers: new Map() }
