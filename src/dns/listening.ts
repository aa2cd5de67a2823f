// Where the DNS server listens. A place that cannot be had is named, with the remedy.

import type { DnsSettings } from '../model/settings.ts'
import { codeOf, placeNotHad } from '../model/start-error.ts'
import type { DnsPlace } from '../snapshot/messages.ts'
import type { DnsNames } from './load-balancer-names.ts'
import type { DnsServer } from './server.ts'

/** Hosts that are no address of their own. */
const EVERYWHERE: readonly string[] = ['0.0.0.0', '::']

/** Begins to answer DNS queries, if that is wanted; resolves with where. Throws a StartError. */
export async function listenForDns(
  server: DnsServer,
  names: DnsNames,
  wanted: DnsSettings | null,
): Promise<DnsPlace | null> {
  if (wanted === null) return null
  const place = await placeOf(server, wanted)
  if (!EVERYWHERE.includes(place.host)) names.serverAddresses = [place.host]
  return place
}

async function placeOf(server: DnsServer, wanted: DnsSettings): Promise<DnsPlace> {
  try {
    return await server.listen(wanted)
  } catch (cause) {
    if (!wanted.orAnyPort || codeOf(cause) !== 'EADDRINUSE') {
      throw placeNotHad('DNS', wanted, cause, '--dns IP:PORT, or --dns off')
    }
    return await server.listen({ ...wanted, port: 0 })
  }
}
