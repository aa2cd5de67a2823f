// The value of Date headers (RFC 9110 section 5.6.7), made once a second.

export class HttpDate {
  #second = -1
  #text = ''

  /** `Fri, 20 Nov 2026 21:37:00 GMT` for milliseconds since 1970. */
  at(dateMs: number): string {
    const second = Math.floor(dateMs / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#text = new Date(second * 1000).toUTCString()
    }
    return this.#text
  }
}
