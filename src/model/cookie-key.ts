// A key for the cookies of sticky sessions, as control keeps it and workers get it.

export interface CookieKey {
  /** Grows from key to key; cookies name it. 1 … 2^32 - 1. */
  readonly id: number
  /** 32 bytes in Base64. */
  readonly secret: string
  /** Date in milliseconds since 1970 from which cookies are made with it; later than when all workers have it. */
  readonly usedFrom: number
}
