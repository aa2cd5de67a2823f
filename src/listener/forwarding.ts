// What a listener adds to the requests of one client on their way to a target.

import type { ClientFacts, TlsFacts } from '../exchange/client-facts.ts'
import type { Forwarding } from '../exchange/target-link.ts'
import { ownLines } from '../wire/http1/request-writer.ts'
import type { SessionHeadersUnit } from '../snapshot/application-units.ts'
import type { ServedListener } from './binding.ts'

export function forwardingOf(served: ServedListener, client: ClientFacts): Forwarding {
  const { traffic, protocol, listenerPort, sessionHeaders } = served
  const rules = {
    protocol,
    listenerPort,
    localAddress: client.localAddress,
    clientText: traffic.xffClientPort ? client.text : client.address,
    xffMode: traffic.xffHeaderProcessingMode,
    preserveHost: traffic.preserveHostHeader,
    dropInvalidFields: traffic.dropInvalidHeaderFields,
    reserved: sessionHeaders === null ? [] : [sessionHeaders.version, sessionHeaders.cipherSuite].map(lower),
    sessionLines:
      sessionHeaders === null || client.tls === null ? '' : sessionLines(sessionHeaders, client.tls),
  }
  return { rules, ownLines: ownLines(rules), targetPolicy: served.targetPolicy }
}

/** ALB-LB-170 … 172. */
function sessionLines({ version, cipherSuite }: SessionHeadersUnit, { protocol, cipher }: TlsFacts): string {
  return `${version}: ${protocol}\r\n${cipherSuite}: ${cipher}\r\n`
}

function lower(name: string): string {
  return name.toLowerCase()
}
