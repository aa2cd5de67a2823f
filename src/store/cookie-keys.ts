// The keys for cookies of sticky sessions, as the rest of the program stores and finds them.

import type { CookieKey } from '../model/cookie-key.ts'

export interface CookieKeyWriter {
  /** The oldest first. */
  all(): Promise<readonly CookieKey[]>
  insert(key: CookieKey): Promise<void>
  /** Forgets every key with a smaller ID. */
  deleteBefore(id: number): Promise<void>
}
