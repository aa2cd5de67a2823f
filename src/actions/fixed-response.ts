import type { FixedResponseUnit } from '../snapshot/snapshot.ts'
export function fixedResponse(u: FixedResponseUnit) {
  return { status: u.statusCode, reason: 'OK', lines: 'Content-Type: text/plain\r\n', body: u.messageBody }
}
