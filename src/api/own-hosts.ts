// Which hosts a request without a signature may be meant for. A web page can have its own name point to this machine
// (DNS rebinding), and then reads and does whatever its visitor may: but the browser sends the page's name as Host.

import { isIP } from 'node:net'

/** Names that no page can have: they are reserved (RFC 6761 section 6.3), or made by the container's own runtime. */
const OWN_NAMES: readonly string[] = [
  'localhost',
  '*.localhost',
  'host.docker.internal',
  'host.containers.internal',
]

/**
 * Whether a `Host` header names this machine: `localhost`, an address, or one of `names`, in which `*.` stands for any
 * labels. Addresses are never a page's own: nobody can have one point somewhere else.
 */
export function isOwnHost(header: string | undefined, names: readonly string[]): boolean {
  // Every browser sends one.
  if (header === undefined) return true
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+?)\.?)(?::\d*)?$/i.exec(header)
  if (match === null) return false
  const [, ipv6, name = ''] = match
  if (ipv6 !== undefined) return isIP(ipv6) === 6
  if (isIP(name) === 4) return true
  const wanted = name.toLowerCase()
  return [...OWN_NAMES, ...names].some((each) => matches(wanted, each.toLowerCase()))
}

function matches(name: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern
}
