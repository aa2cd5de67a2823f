// Zonal shift (Amazon Application Recovery Controller), as far as Application Load Balancers need it: shifts that
// somebody starts. Autoshift and practice runs are not offered (ALB-LB OQ-67).

import type { ApiEnvironment } from '../environment.ts'
import { readModel } from '../model.ts'
import { handlerMap, type Api } from '../service.ts'
import { managedResourceHandlers } from './managed-resources.ts'
import { constraints, schemas } from './schemas.ts'
import { shiftHandlers } from './shifts.ts'

export function zonalShiftApi(environment: ApiEnvironment): Api {
  return {
    model: readModel('2022-10-30', '', schemas),
    constraints,
    handlers: handlerMap({ ...managedResourceHandlers(environment), ...shiftHandlers(environment) }),
  }
}
