// Answers that the load balancer itself makes: error pages, and the page of a redirect. Byte for byte those of the real
// service where they are known (OQ-15 of the observability rows, Q43).

export interface ErrorPage {
  /** Text of the status line; empty for statuses without one (463, 464, 561). */
  readonly reason: string
  /** HTML in ASCII, empty where there is no page. */
  readonly body: string
  /** Whether the connection closes after it. */
  readonly isLast: boolean
}

const SERVER = 'awselb/2.0'

const REASONS: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  302: 'Found',
  400: 'Bad Request',
  401: 'Authorization Required',
  403: 'Forbidden',
  405: 'Not Allowed',
  408: 'Request Time-out',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
  505: 'HTTP Version Not Supported',
  507: 'Insufficient Storage',
}

/** After these the client's next bytes cannot be trusted, or it asked for something that is not to be had here. */
const LAST_STATUSES: ReadonlySet<number> = new Set([400, 405, 408, 413, 414, 501, 505])

const PAGES = new Map(Object.keys(REASONS).map((status) => [Number(status), makePage(Number(status))]))
const EMPTY_PAGE: ErrorPage = { reason: '', body: '', isLast: false }

/** The page for a status that the load balancer answers with; without text and body for statuses that have none. */
export function errorPage(status: number): ErrorPage {
  return PAGES.get(status) ?? EMPTY_PAGE
}

export interface GeneratedResponseOptions {
  /** Value of the Date header. */
  readonly date: string
  /** Value of the Location header of a redirect, free of control characters. */
  readonly location?: string
  /** Closes the connection although the status does not ask for it. */
  readonly isLast?: boolean
}

/**
 * Status line and headers for the page of `status`, up to and with the empty line. The body follows for every method
 * but HEAD.
 */
export function generatedResponseHead(status: number, options: GeneratedResponseOptions): string {
  const page = errorPage(status)
  const type = page.body === '' ? '' : 'Content-Type: text/html\r\n'
  const location = options.location === undefined ? '' : `Location: ${options.location}\r\n`
  const connection = page.isLast || options.isLast === true ? 'close' : 'keep-alive'
  return (
    `HTTP/1.1 ${status} ${page.reason}\r\nServer: ${SERVER}\r\nDate: ${options.date}\r\n${type}` +
    `Content-Length: ${page.body.length}\r\nConnection: ${connection}\r\n${location}\r\n`
  )
}

function makePage(status: number): ErrorPage {
  const reason = REASONS[status] ?? ''
  const title = `${status} ${reason}`
  const body =
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n` +
    `<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`
  return { reason, body, isLast: LAST_STATUSES.has(status) }
}
