// IDs as EC2 makes them, and those that follow from others.

import { randomBytes } from 'node:crypto'
import type { InstanceItem } from '../../model/networks.ts'

/** A new one: `sg-0123456789abcdef0`. */
export function newEc2Id(prefix: string): string {
  return `${prefix}-0${randomBytes(8).toString('hex')}`
}

/** ID of the interface that an instance has. */
export function interfaceIdOf({ id }: Pick<InstanceItem, 'id'>): string {
  return id.replace(/^i-/, 'eni-')
}
