// What a listener adds to the requests of one client on their way to a target.

import type { ClientFacts } from '../exchange/client-facts.ts'
import type { Forwarding } from '../exchange/target-link.ts'
import { ownLines } from '../wire/http1/request-writer.ts'
import type { ServedListener } from './binding.ts'

export function forwardingOf(served: ServedListener, client: ClientFacts): Forwarding {
  const { traffic, protocol, listenerPort } = served
  const rules = {
    protocol,
    listenerPort,
    localAddress: client.localAddress,
    clientText: traffic.xffClientPort ? client.text : client.address,
    xffMode: traffic.xffHeaderProcessingMode,
    preserveHost: traffic.preserveHostHeader,
    dropInvalidFields: traffic.dropInvalidHeaderFields,
  }
  return { rules, ownLines: ownLines(rules) }
}
