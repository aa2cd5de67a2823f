// IPv6 blocks of VPCs and subnets. They are of the range for documentation: nothing is ever routed by them, and so they
// cannot be somebody else's.

import { randomBytes } from 'node:crypto'
import { ipv6Block } from '../../model/cidr.ts'
import { numberToIpv6 } from '../../model/ip.ts'

const VPC_PREFIX = 56
const SUBNET_PREFIX = 64

/** A block for a VPC: 2001:db8::/32, 24 bits of its own. */
export function newVpcIpv6Cidr(): string {
  const own = BigInt(`0x${randomBytes(3).toString('hex')}`)
  return `${numberToIpv6((0x20010db8n << 96n) | (own << 72n))}/${VPC_PREFIX}`
}

/** The block in canonical form if a subnet of the VPC's block can have it; else undefined. */
export function subnetIpv6Cidr(text: string, vpcCidr: string): string | undefined {
  const [block, vpc] = [ipv6Block(text), ipv6Block(vpcCidr)]
  if (vpc === undefined || block?.prefix !== SUBNET_PREFIX) return undefined
  const isInside = vpc.first <= block.first && block.first + block.size <= vpc.first + vpc.size
  return isInside ? `${numberToIpv6(block.first)}/${SUBNET_PREFIX}` : undefined
}
