// What workers need of an Application Load Balancer: immutable, plain data. Nothing here knows how a unit is stored or
// used.

import type { LoadBalancerKind } from '../model/resources.ts'

/** Everything that a worker needs to serve one load balancer. */
export interface LoadBalancerUnit {
  readonly kind: LoadBalancerKind
  readonly arn: string
  /** Resource ID as logs show it: `app/NAME/ID`, or `NAME` for a classic one. */
  readonly id: string
  readonly dnsName: string
  readonly accountId: string
  readonly region: string
  readonly traffic: TrafficAttributes
  /** `null` while access logs are off. */
  readonly accessLog: AccessLogTarget | null
  /** One node per enabled zone. */
  readonly nodes: readonly NodeAddress[]
  /** Nodes that take no new connections; those that they have go on (ALB-LB-199). Missing: none. */
  readonly closedNodes?: readonly NodeAddress[]
  readonly listeners: readonly ListenerUnit[]
  /** What its HTTPS listeners present. Missing: nothing. */
  readonly certificates?: readonly CertificateUnit[]
  /** Why something of it carries no traffic, for its state. Missing: all does. */
  readonly problems?: readonly string[]
  /** What of it carries no traffic though nothing is wrong, for the log. Missing: nothing. */
  readonly notices?: readonly string[]
}

/** A certificate with its key. */
export interface CertificateUnit {
  readonly arn: string
  /** Of certificate and key: others under the same ARN have another one. */
  readonly fingerprint: string
  /** Its domain names; a wildcard begins with `*.`. */
  readonly names: readonly string[]
  /** As ACM names it: `RSA_2048`, `EC_prime256v1` … */
  readonly keyAlgorithm: string
  readonly signatureAlgorithm: string
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  /** PEM texts; the chain begins with the certificate itself. */
  readonly chain: string
  readonly privateKey: string
}

/** Load balancer attributes that act on traffic; names follow the attribute keys. */
export interface TrafficAttributes {
  readonly idleTimeoutMs: number
  readonly clientKeepAliveMs: number
  readonly desyncMitigationMode: 'monitor' | 'defensive' | 'strictest'
  readonly dropInvalidHeaderFields: boolean
  readonly preserveHostHeader: boolean
  readonly xffHeaderProcessingMode: 'append' | 'preserve' | 'remove'
  readonly xffClientPort: boolean
}

/** Where a load balancer's access log goes: a bucket (a folder below the log root) and a key prefix. */
export interface AccessLogTarget {
  readonly bucket: string
  readonly prefix: string
}

/** The address of a load balancer in one of its zones. */
export interface NodeAddress {
  readonly zone: string
  readonly address: string
}

export interface ListenerUnit {
  readonly arn: string
  readonly protocol: 'HTTP' | 'HTTPS'
  /** The port the API names; what `X-Forwarded-Port`, redirects and logs say. */
  readonly port: number
  /** The port the sockets are bound to: `port`, or `port` plus the operator's port offset. */
  readonly bindPort: number
  /** Rules with conditions, by ascending priority. */
  readonly rules: readonly RuleUnit[]
  readonly defaultRule: DefaultRuleUnit
  /** Exactly for HTTPS. */
  readonly tls?: ListenerTlsUnit
  /** The request headers that only the load balancer may set, to tell targets of the client's session. Missing: none. */
  readonly sessionHeaders?: SessionHeadersUnit
  /** Address blocks of the clients that may connect. Missing: everyone may. */
  readonly admitted?: readonly string[]
  /** What every response gets. Missing: responses go as they came. */
  readonly responseHeaders?: ResponseHeadersUnit
}

export interface ListenerTlsUnit {
  /** Name of the security policy. */
  readonly policy: string
  /** ARN of the certificate for clients that name no other; null where it cannot be presented. */
  readonly defaultCertificate: string | null
  /** ARNs of those that are chosen by name, in the order in which they were added. */
  readonly certificates: readonly string[]
  /** Whether clients may speak HTTP/2. */
  readonly isHttp2Offered: boolean
}

/** Names of the request headers that say how the client's session is secured. */
export interface SessionHeadersUnit {
  readonly version: string
  readonly cipherSuite: string
}

export interface ResponseHeadersUnit {
  /** Whether responses keep their Server header. */
  readonly hasServer: boolean
  /** Headers that take the place of a response's own. */
  readonly values: readonly (readonly [name: string, value: string])[]
}

export interface DefaultRuleUnit {
  readonly arn: string
  /** In ascending order; the routing action is the last. */
  readonly actions: readonly ActionUnit[]
}

export interface RuleUnit extends DefaultRuleUnit {
  readonly priority: number
  readonly conditions: readonly ConditionUnit[]
  /** How requests are rewritten on the way to a target. Missing: they go as they came. */
  readonly transforms?: TransformsUnit
}

export interface TransformsUnit {
  readonly host: RewriteUnit | null
  /** Of path and query. */
  readonly url: RewriteUnit | null
}

/** The first match of the expression becomes the replacement, in which `$1` … are its groups. */
export interface RewriteUnit {
  readonly expression: string
  readonly replacement: string
}

export type ConditionUnit =
  | { readonly field: 'host-header'; readonly values: readonly string[] }
  | { readonly field: 'path-pattern'; readonly values: readonly string[] }
  | { readonly field: 'http-header'; readonly headerName: string; readonly values: readonly string[] }
  | { readonly field: 'http-request-method'; readonly values: readonly string[] }
  | {
      readonly field: 'query-string'
      readonly values: readonly { readonly key: string | null; readonly value: string }[]
    }
  | { readonly field: 'source-ip'; readonly values: readonly string[] }
  | { readonly field: 'host-header-regex'; readonly expressions: readonly string[] }
  | { readonly field: 'path-pattern-regex'; readonly expressions: readonly string[] }
  | {
      readonly field: 'http-header-regex'
      readonly headerName: string
      readonly expressions: readonly string[]
    }

export type ActionUnit = ForwardUnit | RedirectUnit | FixedResponseUnit | UnofferedUnit

/** An action that is not carried out: nobody gets past it. */
export interface UnofferedUnit {
  readonly type: 'unoffered'
  /** AWS's name of its type. */
  readonly name: string
}

export interface ForwardUnit {
  readonly type: 'forward'
  readonly targetGroups: readonly { readonly arn: string; readonly weight: number }[]
  /** How long a client stays with the group that was drawn for it. Missing: not at all. */
  readonly groupStickiness?: { readonly durationMs: number }
}

/** Components may hold the placeholders `#{protocol}`, `#{host}`, `#{port}`, `#{path}`, `#{query}`. */
export interface RedirectUnit {
  readonly type: 'redirect'
  readonly statusCode: 301 | 302
  readonly protocol: string
  readonly host: string
  readonly port: string
  readonly path: string
  readonly query: string
}

export interface FixedResponseUnit {
  readonly type: 'fixed-response'
  readonly statusCode: number
  readonly contentType: string | null
  readonly messageBody: string
}
