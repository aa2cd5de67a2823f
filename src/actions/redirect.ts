export function redirectLocation(a: unknown, f: unknown): string | null {
  return a === f ? null : 'http://x'
}
