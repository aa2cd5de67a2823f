// Registrations of targets in groups, as the rest of the program stores and finds them.

import type { Target } from '../model/resources.ts'

export interface TargetReader {
  find(targetGroupArn: string, id: string, port: number): Promise<Target | undefined>
  /** In order of registration, draining ones included. */
  list(targetGroupArn: string): Promise<readonly Target[]>
  count(targetGroupArn: string): Promise<number>
  /** Registrations in all groups that the load balancer uses. */
  countOfLoadBalancer(loadBalancerArn: string): Promise<number>
}

export interface TargetWriter extends TargetReader {
  /** Registers, or registers again; a repeated registration keeps its place and stops draining. */
  put(target: Target): Promise<void>
  remove(targetGroupArn: string, id: string, port: number): Promise<void>
}

export interface DrainingTarget {
  readonly targetGroupArn: string
  /** `targetKey` of the registration. */
  readonly key: string
  /** Date in milliseconds since 1970. */
  readonly drainsUntil: number
}
