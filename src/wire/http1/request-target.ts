// The forms of a request target (RFC 9112 section 3.2): which of them a request has, and the host of an absolute one.

import { Host } from '../host.ts'
import type { RequestHead } from '../request-head.ts'

const SCHEME = /^https?:\/\//i
const SLASH = 0x2f
const QUESTION_MARK = 0x3f

/** Notes what form `target` has. Where it begins with a slash and has no `#`, there is nothing to note. */
export function readTargetForm(head: RequestHead): void {
  const { target } = head
  if (hasFragmentInPath(target)) {
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

/**
 * No form has a fragment. Some servers cut one off and others do not, so that rules would see another path than is
 * served; behind a query it does no harm.
 */
function hasFragmentInPath(target: string): boolean {
  const fragment = target.indexOf('#')
  if (fragment === -1) return false
  const question = target.indexOf('?')
  return question === -1 || fragment < question
}

function isAuthorityEnd(code: number): boolean {
  return code === SLASH || code === QUESTION_MARK
}
