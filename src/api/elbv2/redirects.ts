// Redirect actions: components, placeholders and the check for loops (ALB-LSN-087 … 111, Q42 … Q45 there).

import type { RedirectActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2'
import { ApiError } from '../errors.ts'
import type { Decoded } from '../operations.ts'
import { decodeAmpersand } from './conditions.ts'

/** The listener that an action belongs to. */
interface RedirectPlace {
  readonly protocol: string
  readonly port: number
}

const PLACEHOLDER = /#\{(?:protocol|host|port|path|query)\}/g

/** Keywords that each component may hold, each once. */
const placeholders = {
  Host: ['#{host}'],
  Path: ['#{host}', '#{port}', '#{path}'],
  Query: ['#{protocol}', '#{host}', '#{port}', '#{path}', '#{query}'],
} as const

/** The component itself where nothing is changed; what Describe shows for parts that are not given. */
const UNCHANGED = {
  Protocol: '#{protocol}',
  Host: '#{host}',
  Port: '#{port}',
  Path: '/#{path}',
  Query: '#{query}',
} as const

/** Checks a redirect and fills in the parts that are not given. */
export function checkRedirect(
  config: Decoded<RedirectActionConfig>,
  place: RedirectPlace,
): RedirectActionConfig {
  const checked = {
    Protocol: config.Protocol ?? UNCHANGED.Protocol,
    Host: config.Host ?? UNCHANGED.Host,
    Port: config.Port ?? UNCHANGED.Port,
    Path: decodeAmpersand(config.Path ?? UNCHANGED.Path),
    Query: config.Query ?? UNCHANGED.Query,
    StatusCode: config.StatusCode,
  }
  checkHost(checked.Host)
  checkPort(checked.Port)
  checkPath(checked.Path)
  checkQuery(checked.Query)
  checkPlace(checked, place)
  return checked
}

/** Refuses a redirect that leads back to its listener, or from HTTPS to HTTP (ALB-LSN-090, 094). */
export function checkPlace(config: Partial<RedirectActionConfig>, place: RedirectPlace): void {
  if (isRedirectLoop(config, place)) {
    throw notValid('because it creates a loop.')
  }
  if (place.protocol === 'HTTPS' && config.Protocol === 'HTTP') {
    throw notValid('because it redirects from HTTPS to HTTP.')
  }
}

function notValid(reason: string): ApiError {
  return invalid(`The redirect configuration is not valid ${reason}`)
}

/** What is wrong with the text of a part is wrong with the action (Q09). */
function invalid(message: string): ApiError {
  return new ApiError('InvalidLoadBalancerAction', message)
}

/** Whether a redirect leads back to where it stands: only the query may be different (ALB-LSN-090). */
function isRedirectLoop(
  { Protocol, Host, Port, Path }: Partial<RedirectActionConfig>,
  { protocol, port }: RedirectPlace,
): boolean {
  return (
    (Protocol === UNCHANGED.Protocol || Protocol === protocol) &&
    Host === UNCHANGED.Host &&
    (Port === UNCHANGED.Port || Port === String(port)) &&
    Path === UNCHANGED.Path
  )
}

function checkHost(host: string): void {
  const literal = withoutPlaceholders('Host', host)
  const isWellFormed = literal !== undefined && /^[A-Za-z0-9\-.*?]*$/.test(literal)
  const endsWell = host.endsWith('#{host}') || /\.[A-Za-z]+$/.test(host)
  if (!isWellFormed || !endsWell) {
    throw invalid(
      `The Host parameter '${host}' must be a valid host name, and may contain the placeholder '#{host}' once.`,
    )
  }
}

function checkPort(port: string): void {
  const isNumber = /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535
  if (!isNumber && port !== UNCHANGED.Port) {
    throw invalid(`The Port parameter '${port}' must be a value from 1 to 65535 or '#{port}'.`)
  }
}

function checkPath(path: string): void {
  const literal = withoutPlaceholders('Path', path)
  const isWellFormed = literal !== undefined && /^[A-Za-z0-9_\-.$/~"'@:+&%*?]*$/.test(literal)
  if (!isWellFormed || !path.startsWith('/')) {
    throw invalid(
      `The Path parameter must be a valid path, should start with a '/', and may contain up to one of each of these placeholders: '#{path}', '#{host}', '#{port}'.`,
    )
  }
}

function checkQuery(query: string): void {
  const literal = withoutPlaceholders('Query', query)
  // Visible ASCII: the text goes into a header of the answer as it is.
  if (literal === undefined || !/^[\x21-\x7e]*$/.test(literal) || query.startsWith('?')) {
    throw invalid(
      `The Query parameter must be a valid query without a leading '?', and may contain up to one of each of these placeholders: '#{protocol}', '#{host}', '#{port}', '#{path}', '#{query}'.`,
    )
  }
}

/** The text around the placeholders, or undefined if one is repeated or has no place in this component. */
function withoutPlaceholders(component: keyof typeof placeholders, text: string): string | undefined {
  const found = text.match(PLACEHOLDER) ?? []
  const permitted: readonly string[] = placeholders[component]
  const isAllowed = found.every((placeholder) => permitted.includes(placeholder))
  if (!isAllowed || new Set(found).size < found.length) return undefined
  return text.replace(PLACEHOLDER, '')
}
