// Access keys of the API and whom they belong to, in the words of IAM. Plain data: it comes from the configuration and
// goes to the control process as it is.

import { createHash } from 'node:crypto'

/** A key that calls may be signed with. */
export interface AccessKey {
  readonly secret: string
  /** What every call with this key has to bring as `X-Amz-Security-Token`. Null: a key without a session. */
  readonly sessionToken: string | null
  readonly identity: Identity
}

/** Whom a key belongs to. The kinds are the types of CloudTrail's `userIdentity`. */
export type Identity =
  | { readonly type: 'Root' }
  | { readonly type: 'IAMUser'; readonly userName: string }
  | { readonly type: 'AssumedRole'; readonly roleName: string; readonly sessionName: string }
  | { readonly type: 'FederatedUser'; readonly userName: string }

export const ROOT: Identity = { type: 'Root' }

const NAME = '([A-Za-z0-9+=,.@_-]{1,64})'
const USER = new RegExp(`^user/${NAME}$`)
const ROLE_SESSION = new RegExp(`^assumed-role/${NAME}/${NAME}$`)
const FEDERATED_USER = new RegExp(`^federated-user/${NAME}$`)

/** Reads the last part of an identity's ARN: `root`, `user/Alice`, `assumed-role/Admin/ci`, `federated-user/Bob`. */
export function readIdentity(text: string): Identity | undefined {
  if (text === 'root') return ROOT
  const user = USER.exec(text)?.[1]
  if (user !== undefined) return { type: 'IAMUser', userName: user }
  const [, roleName, sessionName] = ROLE_SESSION.exec(text) ?? []
  if (roleName !== undefined && sessionName !== undefined)
    return { type: 'AssumedRole', roleName, sessionName }
  const federated = FEDERATED_USER.exec(text)?.[1]
  return federated === undefined ? undefined : { type: 'FederatedUser', userName: federated }
}

export function identityArn(identity: Identity, accountId: string): string {
  switch (identity.type) {
    case 'Root':
      return `arn:aws:iam::${accountId}:root`
    case 'IAMUser':
      return `arn:aws:iam::${accountId}:user/${identity.userName}`
    case 'AssumedRole':
      return `arn:aws:sts::${accountId}:assumed-role/${identity.roleName}/${identity.sessionName}`
    case 'FederatedUser':
      return `arn:aws:sts::${accountId}:federated-user/${identity.userName}`
  }
}

/** The unique ID of an identity, which stays the same as long as its name does. */
export function principalId(identity: Identity, accountId: string): string {
  switch (identity.type) {
    case 'Root':
      return accountId
    case 'IAMUser':
      return uniqueId('AIDA', `${accountId}:user/${identity.userName}`)
    case 'AssumedRole':
      return `${roleId(identity.roleName, accountId)}:${identity.sessionName}`
    case 'FederatedUser':
      return `${accountId}:${identity.userName}`
  }
}

export function roleId(roleName: string, accountId: string): string {
  return uniqueId('AROA', `${accountId}:role/${roleName}`)
}

/** IAM's IDs have 17 upper-case letters and digits behind the prefix. */
function uniqueId(prefix: string, name: string): string {
  const digest = createHash('sha256').update(name).digest('hex')
  return prefix + BigInt(`0x${digest}`).toString(36).toUpperCase().slice(-17)
}
