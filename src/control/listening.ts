// Where the control process listens: for the API and for DNS. A place that cannot be had is named, with the remedy.

import type { ApiServer } from '../api/server.ts'
import type { DnsServer } from '../dns/server.ts'
import { uriHost } from '../model/ip.ts'
import type { ControlSettings, DnsSettings } from '../model/settings.ts'
import { StartError } from '../model/start-error.ts'
import type { DnsPlace } from '../snapshot/messages.ts'

/** Begins to answer the API; resolves with its URL. Throws a StartError. */
export async function listenForApi(server: ApiServer, wanted: ControlSettings['api']): Promise<string> {
  try {
    const { host, port } = await server.listen(wanted.host, wanted.port)
    return `http://${uriHost(host)}:${port}`
  } catch (cause) {
    throw notHad('the API', wanted, cause, '--api HOST:PORT')
  }
}

/** Begins to answer DNS queries; resolves with where. Throws a StartError. */
export async function listenForDns(server: DnsServer, wanted: DnsSettings): Promise<DnsPlace> {
  try {
    return await server.listen(wanted)
  } catch (cause) {
    if (!wanted.orAnyPort || codeOf(cause) !== 'EADDRINUSE') {
      throw notHad('DNS', wanted, cause, '--dns IP:PORT, or --dns off')
    }
    return await server.listen({ ...wanted, port: 0 })
  }
}

function notHad(what: string, { host, port }: DnsPlace, cause: unknown, remedy: string): StartError {
  const code = codeOf(cause)
  const reason = code === 'EADDRINUSE' ? 'another program listens there' : code
  return new StartError(
    `Cannot listen for ${what} at ${host}:${port}: ${reason}; choose another place with ${remedy}`,
    { cause },
  )
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}
