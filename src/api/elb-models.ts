// The models of the two load balancing APIs.

import * as elbSdk from '@aws-sdk/client-elastic-load-balancing'
import * as elbv2Sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { readModel, type ServiceModel } from './model.ts'

export const ELB_VERSION = '2012-06-01'
export const ELBV2_VERSION = '2015-12-01'

/** Both APIs share one endpoint; the version tells them apart. */
export const models: ReadonlyMap<string, ServiceModel> = new Map(
  [elbModel(ELB_VERSION, elbSdk), elbModel(ELBV2_VERSION, elbv2Sdk)].map((model) => [model.version, model]),
)

function elbModel(version: string, sdk: object): ServiceModel {
  return readModel(version, `http://elasticloadbalancing.amazonaws.com/doc/${version}/`, sdk)
}
