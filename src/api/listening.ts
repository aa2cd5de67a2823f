// Where the API listens. A place that cannot be had is named, with the remedy.

import { uriHost } from '../model/ip.ts'
import type { ControlSettings } from '../model/settings.ts'
import { placeNotHad } from '../model/start-error.ts'
import type { ApiServer } from './server.ts'

/** Begins to answer the API; resolves with its URL. Throws a StartError. */
export async function listenForApi(server: ApiServer, wanted: ControlSettings['api']): Promise<string> {
  try {
    const { host, port } = await server.listen(wanted.host, wanted.port)
    return `http://${uriHost(host)}:${port}`
  } catch (cause) {
    throw placeNotHad('the API', wanted, cause, '--api HOST:PORT')
  }
}
