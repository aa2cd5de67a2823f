// The Host header on its way to a target (ALB-LB-284 … 294).

const PORT_SUFFIX = /:\d*$/

/** Host without its port; `[::1]:80` gives `[::1]`. */
export function hostWithoutPort(host: string): string {
  const colon = host.lastIndexOf(':')
  if (colon === -1 || host.indexOf(']', colon) !== -1) return host
  return host.slice(0, colon)
}

/**
 * Host for the target while preservation is off: without port on listener ports 80 and 443, with one on all others.
 * An empty port (`example.com:`) counts as none.
 */
export function rewriteHost(host: string, listenerPort: number): string {
  if (listenerPort === 80 || listenerPort === 443) {
    return host.includes(':') ? hostWithoutPort(host) : host
  }
  const bare = host.endsWith(':') ? host.slice(0, -1) : host
  const hasPort = PORT_SUFFIX.test(bare) && hostWithoutPort(bare) !== bare
  return hasPort ? bare : `${bare}:${listenerPort}`
}
