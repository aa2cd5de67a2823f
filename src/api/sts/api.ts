// The one call of STS that tools make before all others: who am I?

import * as sdk from '@aws-sdk/client-sts'
import { identityArn, principalId } from '../../model/access-keys.ts'
import { readModel } from '../model.ts'
import type { Handlers } from '../operations.ts'
import { NO_CONSTRAINTS } from '../protocol/constraint-problems.ts'
import { handlerMap, type Api } from '../service.ts'

export const STS_VERSION = '2011-06-15'

const handlers: Pick<Handlers<typeof sdk>, 'GetCallerIdentity'> = {
  async GetCallerIdentity(_input, { accountId, identity }) {
    return {
      UserId: principalId(identity, accountId),
      Account: accountId,
      Arn: identityArn(identity, accountId),
    }
  },
}

export const stsApi: Api = {
  model: readModel(STS_VERSION, 'https://sts.amazonaws.com/doc/2011-06-15/', sdk),
  constraints: NO_CONSTRAINTS,
  handlers: handlerMap(handlers),
}
