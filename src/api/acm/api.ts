// AWS Certificate Manager, as far as load balancers and the tools around them need it.

import * as sdk from '@aws-sdk/client-acm'
import type { ApiEnvironment } from '../environment.ts'
import { readModel } from '../model.ts'
import { handlerMap, type Api } from '../service.ts'
import { certificateHandlers } from './certificates.ts'
import { acmConstraints } from './constraints.ts'
import { importHandlers } from './imports.ts'
import { requestHandlers } from './requests.ts'
import type { AcmHandlers } from './resources.ts'
import { tagHandlers } from './tags.ts'

export function acmApi(environment: ApiEnvironment): Api {
  const handlers: Partial<AcmHandlers> = {
    ...certificateHandlers(environment),
    ...importHandlers(environment),
    ...requestHandlers(environment),
    ...tagHandlers(environment),
  }
  return { model: readModel('', '', sdk), constraints: acmConstraints, handlers: handlerMap(handlers) }
}
