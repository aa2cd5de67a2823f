// A client's cookies, as far as tests of sticky sessions need one: by name, without domains and paths.

import type { RawResponse } from './client.ts'

export interface SetCookie {
  readonly name: string
  readonly value: string
  /** As sent, with the names in lower case; of an attribute without a value the name alone counts. */
  readonly attributes: Readonly<Record<string, string>>
}

/** The Set-Cookie lines of a response, in order. */
export function setCookies({ head }: Pick<RawResponse, 'head'>): SetCookie[] {
  return [...head.matchAll(/^set-cookie: *([^=\r]*)=([^;\r]*)([^\r]*)/gim)].map(
    ([, name = '', value = '', rest = '']) => {
      const parts = rest.split(';').slice(1)
      const pairs = parts.map((part) => {
        const [key = '', ...values] = part.trim().split('=')
        return [key.toLowerCase(), values.join('=')] as const
      })
      return { name, value, attributes: Object.fromEntries(pairs) }
    },
  )
}

export class CookieJar {
  readonly values = new Map<string, string>()

  /** Takes what a response sets; cookies whose expiry is over are dropped. */
  take(response: RawResponse): RawResponse {
    for (const { name, value, attributes } of setCookies(response)) {
      const { expires } = attributes
      if (expires !== undefined && Date.parse(expires) <= Date.now()) this.values.delete(name)
      else this.values.set(name, value)
    }
    return response
  }

  get(name: string): string {
    return this.values.get(name) ?? ''
  }

  /** The Cookie line for a request; of all cookies, or of these. Empty where there is none. */
  line(...names: readonly string[]): string {
    const chosen = [...this.values].filter(([name]) => names.length === 0 || names.includes(name))
    return chosen.length === 0 ? '' : `Cookie: ${chosen.map((pair) => pair.join('=')).join('; ')}\r\n`
  }
}
