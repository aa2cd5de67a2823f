// Sockets that are bound here and listened on in a worker. The supervisor keeps each one for its worker's replacement,
// so that connections waiting in the kernel's accept queue outlive a worker that is killed.
//
// Public Node has no way to bind without listening, nor to set SO_REUSEPORT on a handle that is to be sent to another
// process. `net._createServerHandle` does both; it is what Node's own cluster module uses. Nothing outside this file
// knows of it.

import net, { isIPv6 } from 'node:net'
import { getSystemErrorName } from 'node:util'

/** A bound socket that does not listen yet, in the form in which `child.send` takes it. */
export interface ListeningSocket {
  close(): void
}

interface BoundHandle extends ListeningSocket {
  /** Negative error number, or 0; libuv tells here that the address was in use when it was bound. */
  getsockname(result: { port?: number }): number
}

interface NetInternals {
  _createServerHandle(
    address: string,
    port: number,
    addressType: 4 | 6,
    fd: undefined,
    flags: number,
  ): BoundHandle | number
}

/** libuv's UV_TCP_REUSEPORT: the kernel spreads new connections over all sockets of the port. */
const REUSE_PORT = 2

export type BindResult =
  | { readonly ok: true; readonly socket: ListeningSocket }
  /** `code` is the system's: EADDRINUSE, EACCES, EADDRNOTAVAIL. */
  | { readonly ok: false; readonly code: string }

/** Binds a socket that shares its port with the other workers' sockets. */
export function bindShared(address: string, port: number): BindResult {
  return bind(address, port, REUSE_PORT)
}

/** Why the port cannot be bound alone, or null: tells whether another program has it. Binds nothing for longer. */
export function bindProblem(address: string, port: number): string | null {
  const result = bind(address, port, 0)
  if (!result.ok) return result.code
  result.socket.close()
  return null
}

function bind(address: string, port: number, flags: number): BindResult {
  if (port > 65_535) return { ok: false, code: 'ERANGE' }
  const internals = net as unknown as NetInternals
  // oxlint-disable-next-line no-underscore-dangle -- the name is Node's
  const handle = internals._createServerHandle(address, port, isIPv6(address) ? 6 : 4, undefined, flags)
  if (typeof handle === 'number') return { ok: false, code: getSystemErrorName(handle) }
  const error = handle.getsockname({})
  if (error === 0) return { ok: true, socket: handle }
  handle.close()
  return { ok: false, code: getSystemErrorName(error) }
}
