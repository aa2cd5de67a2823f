// What EC2's handlers have to work with, and what each of them begins with.

import type * as sdk from '@aws-sdk/client-ec2'
import type { Networks } from '../../directory/networks.ts'
import type { NetworkItem } from '../../model/networks.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError } from '../errors.ts'
import type { Handlers } from '../operations.ts'

export type Ec2Handlers = Handlers<typeof sdk>

export interface Ec2Environment extends ApiEnvironment {
  readonly networks: Networks
}

/** `DryRun` says what would have happened, as an error. */
export function checkDryRun(isDryRun: boolean | undefined): void {
  if (isDryRun !== true) return
  throw new ApiError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.')
}

/** What the configuration names stays, whatever EC2's API is told. */
export function notDeletable({ kind, id }: NetworkItem): ApiError {
  return new ApiError('OperationNotPermitted', `The ${kind} '${id}' is there from the start and stays`)
}

export function groupNotFound(id: string): ApiError {
  return new ApiError('InvalidGroup.NotFound', `The security group '${id}' does not exist`)
}

export function interfaceNotFound(id: string): ApiError {
  return new ApiError('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`)
}
