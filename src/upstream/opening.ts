// A connection to a target on its way: in clear text, secured, or to where no packet gets.

import { BlockedSocket } from '../sockets/blocked-socket.ts'
import { connectSecure, connectSocket } from '../sockets/open.ts'
import type { Socket, SocketEvents } from '../sockets/socket.ts'
import type { TargetSecurity } from './target-security.ts'

/** Where a connection goes. */
export interface TargetPlace {
  readonly address: string
  readonly port: number
  /** The address that it comes from; null: any. */
  readonly source: string | null
  /** No packet gets to the target, so that the time for connecting runs out. */
  readonly isBlocked: boolean
  /** Null for clear text. */
  readonly security: TargetSecurity | null
  /** Security policy of the connection; empty for clear text. */
  readonly policy: string
}

/** What becomes of a connection before anything can be sent. If it fails, `onClose` is all that comes. */
export interface OpeningEvents extends SocketEvents {
  /** It is made, and a TLS handshake begins. */
  securing(): void
  /** It can be used. What was written already leaves now. */
  opened(): void
}

/** Opens a connection whose bytes go into `buffer`. */
export function openTarget(place: TargetPlace, buffer: Buffer, events: OpeningEvents): Socket {
  const { address, port, source, isBlocked, security, policy } = place
  if (isBlocked) return new BlockedSocket(events)
  if (security === null) return connectSocket(address, port, source, buffer, events, () => events.opened())
  return connectSecure(address, port, source, buffer, events, security.next(policy), {
    onConnected: () => events.securing(),
    onSecure: () => events.opened(),
    onHandshakeFailed: () => {},
    onSession: (session) => security.keep(policy, session),
  })
}
