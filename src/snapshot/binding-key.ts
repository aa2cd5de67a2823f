// How listening sockets are named in messages.

import { uriHost } from '../model/ip.ts'

/** Key of a listening socket: one per node address and bound port. */
export function bindingKey(address: string, bindPort: number): string {
  return `${uriHost(address)}:${bindPort}`
}

/** The address of a binding key. */
export function bindingAddress(key: string): string {
  const address = key.slice(0, key.lastIndexOf(':'))
  return address.startsWith('[') ? address.slice(1, -1) : address
}
