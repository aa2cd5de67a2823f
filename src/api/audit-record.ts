// What the audit log says about a call: a record with CloudTrail's fields. Nothing in it is a secret.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html

import { randomUUID } from 'node:crypto'
import type { NormalizedSchema } from '@smithy/core/schema'
import { identityArn, principalId, roleId, type Identity } from '../model/access-keys.ts'
import type { Operation } from './model.ts'

/** One call. The names of the members are CloudTrail's. */
export interface AuditRecord {
  readonly eventVersion: string
  readonly userIdentity: Readonly<Record<string, unknown>>
  /** UTC, in seconds: `2016-04-01T15:31:48Z`. */
  readonly eventTime: string
  readonly eventSource: string
  readonly eventName: string
  readonly awsRegion: string
  readonly sourceIPAddress: string
  readonly userAgent: string
  readonly errorCode?: string
  readonly errorMessage?: string
  readonly requestParameters: object | null
  /** Null for calls that only read, that failed or that answer nothing. */
  readonly responseElements: object | null
  readonly requestID: string
  readonly eventID: string
  readonly readOnly: boolean
  readonly eventType: 'AwsApiCall'
  readonly apiVersion?: string
  readonly managementEvent: true
  readonly eventCategory: 'Management'
  readonly recipientAccountId: string
}

/** A call as far as it came. */
export interface AuditedCall {
  readonly requestId: string
  /** Milliseconds since 1970. */
  readonly date: number
  readonly signingName: string
  readonly action: string
  /** Version of the API; empty where the protocol names none. */
  readonly version: string
  readonly accountId: string
  readonly region: string
  readonly sourceAddress: string
  readonly userAgent: string
  readonly accessKeyId: string | null
  /** Null where nobody verified who calls. */
  readonly identity: Identity | null
  readonly operation?: Operation
  /** As decoded; missing if the call did not come so far. */
  readonly input?: object
  readonly output?: object
  readonly error?: { readonly code: string; readonly message: string }
}

const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS'
/** Secrets that AWS's models do not mark as such. */
const SECRET_MEMBERS: ReadonlySet<string> = new Set(['ClientSecret', 'Passphrase', 'SessionToken'])
/** CloudTrail's own limits: longer texts are cut, larger elements left out. */
const TEXT_MAX = 1024
const ELEMENT_BYTES_MAX = 100 * 1024

const READ_ONLY = /^(?:Describe|Get|List|Lookup|Search)/

export function auditRecord(call: AuditedCall): AuditRecord {
  const { action, operation, input, output, error, version } = call
  const readOnly = READ_ONLY.test(action)
  const isAnswered = output !== undefined && error === undefined && !readOnly
  return {
    eventVersion: '1.03',
    userIdentity: userIdentity(call),
    eventTime: `${new Date(call.date).toISOString().slice(0, 19)}Z`,
    eventSource: `${call.signingName}.amazonaws.com`,
    eventName: action,
    awsRegion: call.region,
    sourceIPAddress: call.sourceAddress,
    userAgent: call.userAgent.slice(0, TEXT_MAX),
    ...(error === undefined ? {} : { errorCode: error.code, errorMessage: error.message.slice(0, TEXT_MAX) }),
    requestParameters: element('requestParameters', operation?.input, input),
    responseElements: isAnswered ? element('responseElements', operation?.output, output) : null,
    requestID: call.requestId,
    eventID: randomUUID(),
    readOnly,
    eventType: 'AwsApiCall',
    ...(version === '' ? {} : { apiVersion: version }),
    managementEvent: true,
    eventCategory: 'Management',
    recipientAccountId: call.accountId,
  }
}

function userIdentity({ identity, accountId, accessKeyId }: AuditedCall): Readonly<Record<string, unknown>> {
  const key = accessKeyId === null ? {} : { accessKeyId: accessKeyId.slice(0, 128) }
  if (identity === null) return { type: 'Unknown', accountId, ...key }
  const common = {
    type: identity.type,
    principalId: principalId(identity, accountId),
    arn: identityArn(identity, accountId),
    accountId,
    ...key,
  }
  switch (identity.type) {
    case 'Root':
      return common
    case 'IAMUser':
      return { ...common, userName: identity.userName }
    case 'AssumedRole':
      return { ...common, sessionContext: sessionContext('Role', identity.roleName, accountId) }
    case 'FederatedUser':
      return { ...common, sessionContext: { attributes: { mfaAuthenticated: 'false' } } }
  }
}

function sessionContext(type: 'Role', roleName: string, accountId: string): object {
  return {
    sessionIssuer: {
      type,
      principalId: roleId(roleName, accountId),
      arn: `arn:aws:iam::${accountId}:role/${roleName}`,
      accountId,
      userName: roleName,
    },
    attributes: { mfaAuthenticated: 'false' },
  }
}

/** Input or output of an operation as CloudTrail writes it; null if nothing is in it. */
function element(
  name: string,
  schema: NormalizedSchema | undefined,
  value: object | undefined,
): object | null {
  if (schema === undefined || value === undefined) return null
  const shown = withoutSecrets(schema, value) as object
  if (Object.keys(shown).length === 0) return null
  const originalSize = Buffer.byteLength(JSON.stringify(shown))
  if (originalSize <= ELEMENT_BYTES_MAX) return shown
  return { omitted: true, originalSize, reason: `${name} too large` }
}

function withoutSecrets(schema: NormalizedSchema, value: unknown): unknown {
  if (value instanceof Date) return usDate(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (schema.isListSchema()) {
    return (value as readonly unknown[]).map((entry) => withoutSecrets(schema.getValueSchema(), entry))
  }
  if (schema.isMapSchema()) {
    const item = schema.getValueSchema()
    const isSecret = item.getMergedTraits().sensitive !== undefined
    const entries = Object.entries(value as object).map(([key, entry]) => [
      key,
      isSecret ? HIDDEN : withoutSecrets(item, entry),
    ])
    return Object.fromEntries(entries)
  }
  if (!schema.isStructSchema()) return value
  const shown: Record<string, unknown> = {}
  for (const [name, member] of schema.structIterator()) {
    const field = (value as Readonly<Record<string, unknown>>)[name]
    if (field === undefined || field === null) continue
    const isSecret = member.getMergedTraits().sensitive !== undefined || SECRET_MEMBERS.has(name)
    shown[camelCase(name)] = isSecret ? HIDDEN : withoutSecrets(member, field)
  }
  return shown
}

/** `LoadBalancerArn` becomes `loadBalancerArn`, `DNSName` `dnsName`, `VPCId` `vpcId`. */
export function camelCase(name: string): string {
  return name.replace(/^[A-Z]+(?![a-z])|^[A-Z]/, (start) => start.toLowerCase())
}

/** `Apr 11, 2016 5:23:50 PM`, in UTC. */
function usDate(date: Date): string {
  const day = date.toLocaleDateString('en-US', { dateStyle: 'medium', timeZone: 'UTC' })
  const time = date.toLocaleTimeString('en-US', { timeStyle: 'medium', timeZone: 'UTC' })
  return `${day} ${time.replaceAll(/\s/g, ' ')}`
}
