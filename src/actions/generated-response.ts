// Pages of the answers that the load balancer itself makes: errors and redirects. Byte for byte those of the real
// service where they are known (OQ-15 of the observability rows, Q43).

import { statusText } from './status-text.ts'

export interface GeneratedPage {
  /** Text of the status line; empty for statuses without one (463, 464, 561). */
  readonly reason: string
  /** HTML in ASCII; empty where there is no page, and then there is no Content-Type either. */
  readonly body: string
}

const STATUSES_WITH_PAGE = [
  301, 302, 400, 401, 403, 405, 408, 413, 414, 500, 501, 502, 503, 504, 505, 507,
] as const

/** Pages whose title says something else than the status line, as in nginx (OQ-15). */
const TITLES: Readonly<Record<number, string>> = { 302: 'Found', 401: 'Authorization Required' }

const PAGES = new Map<number, GeneratedPage>(STATUSES_WITH_PAGE.map((status) => [status, makePage(status)]))
const PADDED_PAGES = new Map<number, GeneratedPage>([...PAGES].map(([status, page]) => [status, pad(page)]))
const NO_PAGE: GeneratedPage = { reason: '', body: '' }

/**
 * The page for a status that the load balancer answers with. Errors are longer for browsers that show a page of their own
 * in place of a short one: Internet Explorer, and what says that it is Chrome.
 */
export function errorPage(status: number, userAgent?: string): GeneratedPage {
  const pages = status >= 400 && userAgent !== undefined && wantsPadding(userAgent) ? PADDED_PAGES : PAGES
  return pages.get(status) ?? NO_PAGE
}

/** For a client that speaks in clear text where TLS is wanted: the one page that says what is wrong. */
export function plainOnTlsPage(userAgent?: string): GeneratedPage {
  const words = 'The plain HTTP request was sent to HTTPS port'
  const page = {
    reason: statusText(400),
    body:
      `<html>\r\n<head><title>400 ${words}</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n` +
      `<center>${words}</center>\r\n</body>\r\n</html>\r\n`,
  }
  return userAgent !== undefined && wantsPadding(userAgent) ? pad(page) : page
}

/** As nginx tells them apart, which has the same pages. */
function wantsPadding(userAgent: string): boolean {
  if (userAgent.includes('Opera')) return false
  if (userAgent.includes('MSIE ')) return true
  return userAgent.includes('Chrome/') && !userAgent.includes('Gecko/')
}

function pad({ reason, body }: GeneratedPage): GeneratedPage {
  return {
    reason,
    body: body + '<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n'.repeat(6),
  }
}

function makePage(status: number): GeneratedPage {
  const reason = statusText(status)
  const title = `${status} ${TITLES[status] ?? reason}`
  const body =
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n` +
    `<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`
  return { reason, body }
}
