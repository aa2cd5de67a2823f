// Redirect actions: from the components of the action and the facts of a request to the URL of the Location header.
// ALB-LSN-089 … 114, Q43.

import type { RedirectUnit } from '../snapshot/application-units.ts'

/** What placeholders stand for. Texts are latin1 as sent, one character per byte. */
export interface RedirectedRequest {
  /** Protocol the client spoke to the listener. */
  readonly protocol: 'http' | 'https'
  /** The listener's port (ALB-LSN-110). */
  readonly port: number
  /** Host of the request without port, else the DNS name of the load balancer (ALB-LSN-109, Q18). */
  readonly host: string
  readonly path: string
  /** `null` where there is no `?`. */
  readonly query: string | null
}

/** Longest URL in bytes; longer ones are answered with 507 (ALB-OBS-517). */
const LOCATION_BYTES_MAX = 8192

/** The URL to send the client to; `null` where it would be longer than 8192 bytes, which is answered with 507. */
export function redirectLocation(action: RedirectUnit, request: RedirectedRequest): string | null {
  const protocol = expand(action.protocol, request).toLowerCase()
  const host = expand(action.host, request)
  const port = expand(action.port, request)
  const path = expand(action.path, request)
  const query = expand(action.query, request)
  const url = `${protocol}://${host}:${port}${path}${query === '' ? '' : `?${query}`}`
  // Encoding makes nothing shorter.
  if (url.length > LOCATION_BYTES_MAX) return null
  const location = encodeUnsafe(url)
  return location.length > LOCATION_BYTES_MAX ? null : location
}

/**
 * Replaces the placeholders of a component in one pass, so that what a client sends is never read as a placeholder.
 * `#{path}` comes without the leading `/` (ALB-LSN-106).
 */
function expand(component: string, request: RedirectedRequest): string {
  if (!component.includes('#{')) return component
  return component.replaceAll(/#\{(protocol|host|port|path|query)\}/g, (_, name: string) => {
    switch (name) {
      case 'protocol':
        return request.protocol
      case 'host':
        return request.host
      case 'port':
        return String(request.port)
      case 'path':
        return request.path.startsWith('/') ? request.path.slice(1) : request.path
      default:
        return request.query ?? ''
    }
  })
}

/**
 * Anything that could end the header field or is no ASCII becomes `%HH`; the rest stays as it was sent, blanks as well
 * (ALB-LSN-111).
 */
function encodeUnsafe(location: string): string {
  return location.replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
