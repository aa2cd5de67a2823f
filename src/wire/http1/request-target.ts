// The forms of a request target (RFC 9112 section 3.2): which of them a request has, and the host of an absolute one.

import { Host } from '../host.ts'
import type { RequestHead } from '../request-head.ts'

const SCHEME = /^https?:\/\//i
const SLASH = 0x2f
const QUESTION_MARK = 0x3f

/** Notes what form `target` has. Where it begins with a slash and has no `#`, there is nothing to note. */
export function readTargetForm(head: RequestHead): void {
  const { target } = head
  // No form has a fragment. Some targets cut one off and others do not: rules would see another path than they serve.
  if (target.includes('#')) {
    head.isTargetValid = false
    return
  }
  if (target.charCodeAt(0) === SLASH) return
  const scheme = SCHEME.exec(target)
  if (scheme === null) {
    head.isTargetValid = target === '*' && head.method === 'OPTIONS'
    return
  }
  const start = scheme[0].length
  let end = start
  while (end < target.length && !isAuthorityEnd(target.charCodeAt(end))) end++
  // RFC 9110 section 4.2: a URI without a host is invalid, and one that names a user is an error.
  const authority = end === start ? null : Host.read(target.slice(start, end))
  if (authority === null) head.isTargetValid = false
  else head.setAuthority(authority, end)
}

function isAuthorityEnd(code: number): boolean {
  return code === SLASH || code === QUESTION_MARK
}
