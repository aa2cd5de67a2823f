// A client connection after an upgrade: its socket is an end of a relay, and its record is written when that ends.

import type { RequestRecord } from '../../exchange/record.ts'
import { type RelayEnd, SocketEnd } from '../../exchange/relay.ts'
import type { TimerWheel } from '../../clock/timer-wheel.ts'
import { acceptedBuffer } from '../../sockets/accept.ts'
import type { Socket } from '../../sockets/socket.ts'
import type { SocketWriter } from '../../sockets/socket-writer.ts'
import type { RequestInput } from './request-input.ts'

export interface UpgradedParts {
  readonly socket: Socket
  readonly writer: SocketWriter
  readonly wheel: TimerWheel
  readonly idleTimeoutMs: number
  /** What it has read too early goes to the target. */
  readonly input: RequestInput<unknown>
  /** Of the request that was upgraded: gets the bytes of both directions. */
  readonly record: RequestRecord
  readonly onClosed: () => void
}

/** The client's end; `target` is the other one. */
export function upgradedClient(parts: UpgradedParts, target: RelayEnd): SocketEnd {
  const { socket, writer, wheel, idleTimeoutMs, input, record, onClosed } = parts
  const owner = {
    relayClosed({ received, sent }: SocketEnd): void {
      record.receivedBytes += received
      record.sentBytes += sent
      onClosed()
    },
  }
  const end = new SocketEnd({
    socket,
    writer,
    wheel,
    buffer: acceptedBuffer,
    headroom: 0,
    idleTimeoutMs,
    owner,
  })
  end.join(target)
  input.leave((buffer, start, stop) => end.receive(buffer, start, stop))
  input.resume()
  return end
}
