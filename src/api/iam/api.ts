// The part of IAM that load balancers need: server certificates.

import * as sdk from '@aws-sdk/client-iam'
import type { ApiEnvironment } from '../environment.ts'
import { readModel } from '../model.ts'
import { handlerMap, type Api } from '../service.ts'
import { iamConstraints } from './constraints.ts'
import type { IamHandlers } from './resources.ts'
import { serverCertificateHandlers } from './server-certificates.ts'
import { tagHandlers } from './tags.ts'

export function iamApi(environment: ApiEnvironment): Api {
  const handlers: Partial<IamHandlers> = {
    ...serverCertificateHandlers(environment),
    ...tagHandlers(environment),
  }
  return {
    model: readModel('2010-05-08', 'https://iam.amazonaws.com/doc/2010-05-08/', sdk),
    constraints: iamConstraints,
    handlers: handlerMap(handlers),
  }
}
