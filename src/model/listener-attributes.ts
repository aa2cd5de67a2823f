// The attributes of HTTP and HTTPS listeners: names of the headers that say how a client connected, and values of
// headers that every response gets. Keys are those of the API model; values are what the header itself may hold.

import { type AttributeDefinition, type AttributeLimit, BOOLEAN } from './attributes.ts'
import type { ListenerProtocol } from './resources.ts'

/** Key of the switch that takes the Server header out of responses. */
export const SERVER_ENABLED = 'routing.http.response.server.enabled'

const HEADER_NAME: AttributeLimit = {
  type: 'pattern',
  pattern: /^[A-Za-z0-9_-]+$/,
  lengthMax: 40,
  words: 'a header name of letters, digits, hyphens and underscores',
}

/** A value that is empty leaves responses as they are. */
function headerValue(pattern: RegExp, words: string): AttributeLimit {
  const orEmpty = new RegExp(`^(?:|${pattern.source})$`, pattern.flags)
  return { type: 'pattern', pattern: orEmpty, lengthMax: 1024, words: `empty or ${words}` }
}

const NAMES = /\*|[A-Za-z0-9!#$%&'*+.^_`|~-]+(?: *, *[A-Za-z0-9!#$%&'*+.^_`|~-]+)*/
const METHOD = '(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH)'
const HSTS = '(?:max-age=\\d{1,10}|includeSubDomains|preload)'

/** Request headers by the names they have unless somebody wants others (HTTPS listeners only). */
const requestHeaders: readonly string[] = [
  'X-Amzn-Mtls-Clientcert-Serial-Number',
  'X-Amzn-Mtls-Clientcert-Issuer',
  'X-Amzn-Mtls-Clientcert-Subject',
  'X-Amzn-Mtls-Clientcert-Validity',
  'X-Amzn-Mtls-Clientcert-Leaf',
  'X-Amzn-Mtls-Clientcert',
  'X-Amzn-Tls-Version',
  'X-Amzn-Tls-Cipher-Suite',
]

/** Response headers with what their values may be. */
const responseHeaders: readonly (readonly [name: string, limit: AttributeLimit])[] = [
  [
    'Strict-Transport-Security',
    headerValue(new RegExp(`${HSTS}(?: *; *${HSTS})*`, 'i'), 'directives of HSTS'),
  ],
  [
    'Access-Control-Allow-Origin',
    headerValue(/\*|null|[A-Za-z][A-Za-z0-9+.-]*:\/\/[A-Za-z0-9.:[\]_-]+/, `'*', 'null' or an origin`),
  ],
  [
    'Access-Control-Allow-Methods',
    headerValue(new RegExp(`\\*|${METHOD}(?: *, *${METHOD})*`), `'*' or methods with commas between them`),
  ],
  ['Access-Control-Allow-Headers', headerValue(NAMES, `'*' or header names with commas between them`)],
  ['Access-Control-Allow-Credentials', headerValue(/true/, `'true'`)],
  ['Access-Control-Expose-Headers', headerValue(NAMES, `'*' or header names with commas between them`)],
  [
    'Access-Control-Max-Age',
    headerValue(/-1|0|[1-9]\d{0,3}|[1-7]\d{4}|8[0-5]\d{3}|86[0-3]\d{2}|86400/, 'seconds up to 86400'),
  ],
  ['Content-Security-Policy', headerValue(/[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?/, 'visible ASCII')],
  ['X-Content-Type-Options', headerValue(/nosniff/, `'nosniff'`)],
  ['X-Frame-Options', headerValue(/DENY|SAMEORIGIN/, `'DENY' or 'SAMEORIGIN'`)],
]

const requestAttributes: readonly AttributeDefinition[] = requestHeaders.map((name) => ({
  key: `routing.http.request.${inKey(name)}.header_name`,
  initial: name,
  limit: HEADER_NAME,
}))

const responseAttributes: readonly AttributeDefinition[] = [
  { key: SERVER_ENABLED, initial: 'true', limit: BOOLEAN },
  ...responseHeaders.map(([name, limit]) => ({
    key: `routing.http.response.${inKey(name)}.header_value`,
    initial: '',
    limit,
  })),
]

/** Response headers that have a value, out of the attributes that were set. */
export function responseHeaderValues(set: ReadonlyMap<string, string>): [name: string, value: string][] {
  return responseHeaders.flatMap(([name]): [string, string][] => {
    const value = set.get(`routing.http.response.${inKey(name)}.header_value`) ?? ''
    return value === '' ? [] : [[name, value]]
  })
}

/** Names of the request headers that tell targets of the client's session, as somebody wants them. */
export function sessionHeaderNames(set: ReadonlyMap<string, string>): {
  readonly version: string
  readonly cipherSuite: string
} {
  const nameOf = (name: string): string => set.get(`routing.http.request.${inKey(name)}.header_name`) ?? name
  return { version: nameOf('X-Amzn-Tls-Version'), cipherSuite: nameOf('X-Amzn-Tls-Cipher-Suite') }
}

/** The attributes that a listener has. */
export function listenerAttributes(protocol: ListenerProtocol): readonly AttributeDefinition[] {
  return protocol === 'HTTPS' ? [...requestAttributes, ...responseAttributes] : responseAttributes
}

/** Why AWS refuses an attribute that it knows, but not for this listener; undefined for any other. */
export function foreignListenerAttribute(protocol: ListenerProtocol, key: string): string | undefined {
  const isForeign =
    ['tcp.idle_timeout.seconds', 'send_tcp_reset.on_idle_timeout.enabled'].includes(key) ||
    (protocol === 'HTTP' && requestAttributes.some((attribute) => attribute.key === key))
  return isForeign
    ? `Listener attribute key '${key}' is not supported on listeners with protocol '${protocol}'`
    : undefined
}

/** Names that a message or the load balancer itself needs, in lower case. */
const reservedNames: readonly string[] = [
  'connection',
  'content-length',
  'cookie',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-amzn-trace-id',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
]

/** What is wrong with the names of request headers together, as a sentence, or undefined. */
export function headerNamesProblem(values: ReadonlyMap<string, string>): string | undefined {
  const names = requestAttributes.flatMap(({ key }) => values.get(key)?.toLowerCase() ?? [])
  const reserved = names.find((name) => reservedNames.includes(name))
  if (reserved !== undefined) return `The header name '${reserved}' is reserved`
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  return repeated === undefined ? undefined : `The header name '${repeated}' is used more than once`
}

/** A header's name as it stands in keys. */
function inKey(name: string): string {
  return name.toLowerCase().replaceAll('-', '_')
}
