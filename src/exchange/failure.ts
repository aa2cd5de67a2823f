// Everything that can go wrong with a request, once: the status that the client gets, whose fault it is, what the
// record says and counts, and whether connections survive. Whoever finds a fault names its entry; nothing else decides a
// status, and no code is ever compared as text.

/** Whose side of the exchange failed. */
export type FailureSource = 'client' | 'target' | 'internal'

/** Whether a request may be sent once more: `unsent` says that no byte of it has left. ALB itself sends none again. */
export type FailureRetry = 'never' | 'unsent'

/** What a failure says of its target: nothing, that its answer was no good, or that it could not be talked to. */
export type TargetFault = 'none' | 'answer' | 'connection'

/** Metrics that one failure alone has, beside those of its status. */
export type FailureMetric =
  | 'TargetConnectionErrorCount'
  | 'TargetTLSNegotiationErrorCount'
  | 'LambdaInternalError'
  | 'HTTP_Redirect_Url_Limit_Exceeded_Count'

export interface Failure {
  readonly code: string
  readonly source: FailureSource
  /** Status of the answer and of the log line; 460 is only ever logged, since the client has gone. */
  readonly status: number
  /** `grpc-status` of the answer to a gRPC client (OQ-62). */
  readonly grpcStatus: number
  readonly retry: FailureRetry
  readonly targetFault: TargetFault
  /** Text of the log's `error_reason`, or null. */
  readonly logReason: string | null
  readonly metric: FailureMetric | null
  /** Whether the client connection ends with the answer. */
  readonly closesClient: boolean
}

type Columns = Partial<Pick<Failure, 'retry' | 'targetFault' | 'logReason' | 'metric'>>

function failure(
  code: string,
  source: FailureSource,
  status: number,
  closesClient: boolean,
  columns: Columns = {},
): Failure {
  return {
    code,
    source,
    status,
    grpcStatus: grpcStatus(status),
    retry: columns.retry ?? 'never',
    targetFault: columns.targetFault ?? 'none',
    logReason: columns.logReason ?? null,
    metric: columns.metric ?? null,
    closesClient,
  }
}

/** UNAUTHENTICATED, PERMISSION_DENIED, UNIMPLEMENTED, UNAVAILABLE, else UNKNOWN. */
function grpcStatus(status: number): number {
  switch (status) {
    case 401:
      return 16
    case 403:
      return 7
    case 404:
      return 12
    case 502:
    case 503:
    case 504:
      return 14
    default:
      return 2
  }
}

const UNCONNECTED: Columns = {
  retry: 'unsent',
  targetFault: 'connection',
  metric: 'TargetConnectionErrorCount',
}

const UNSECURED: Columns = {
  retry: 'unsent',
  targetFault: 'connection',
  metric: 'TargetTLSNegotiationErrorCount',
}

/** The table. Row IDs name the trigger in the specification. */
export const failures = {
  /** Not HTTP, or a head that cannot be understood (ALB-OBS-462). */
  malformedRequest: failure('malformed-request', 'client', 400, true),
  /** ALB-OBS-463, 480. */
  requestLineTooLong: failure('request-line-too-long', 'client', 414, true),
  /** ALB-OBS-464. */
  headerLineTooLong: failure('header-line-too-long', 'client', 400, true),
  /** ALB-OBS-465. */
  headersTooLong: failure('headers-too-long', 'client', 400, true),
  /** Blocked by desync mitigation (ALB-LB-264). */
  desyncBlocked: failure('desync-blocked', 'client', 400, true),
  /** The length of the body cannot be known. */
  bodyLengthUnknown: failure('body-length-unknown', 'client', 400, true),
  /** HTTP/1.1 without Host. */
  hostMissing: failure('host-missing', 'client', 400, true),
  /** A Host field that holds no host (RFC 9110 section 7.2). */
  hostInvalid: failure('host-invalid', 'client', 400, true),
  /** A target in none of the forms of RFC 9112 section 3.2, or one whose authority is no host. */
  targetInvalid: failure('target-invalid', 'client', 400, true),
  /** CONNECT is not offered. */
  connectMethod: failure('connect-method', 'client', 400, true),
  /** Chunked framing of the body is broken. */
  malformedBody: failure('malformed-body', 'client', 400, true),
  /** The client closed before its body was complete (ALB-OBS-466). */
  clientClosedInBody: failure('client-closed-in-body', 'client', 400, true),
  /** Clear text where the listener wants TLS. */
  plainOnTls: failure('plain-on-tls', 'client', 400, true),
  /** An HTTP/2 connection that asks for too much: frames for nothing, requests taken back (RFC 9113 section 10.5). */
  clientFlood: failure('client-flood', 'client', 400, true),
  /** TRACE (ALB-OBS-474). */
  traceMethod: failure('trace-method', 'client', 405, true),
  /** A started request stalled for the idle time-out (ALB-OBS-475). */
  requestTimeout: failure('request-timeout', 'client', 408, true),
  /** The client closed while it was owed an answer (ALB-OBS-481). */
  clientClosed: failure('client-closed', 'client', 460, true),
  /** More than 30 addresses in X-Forwarded-For (ALB-OBS-483). */
  tooManyForwardedAddresses: failure('too-many-forwarded-addresses', 'client', 463, false),
  /** The protocols of client and target group do not fit (ALB-OBS-484 … 487). */
  protocolMismatch: failure('protocol-mismatch', 'client', 464, false),
  /** A defect of the program; the record and the process log say which. */
  internal: failure('internal', 'internal', 500, false),
  /** A transform of the rule matched, and made no request that could be sent. */
  transformFailed: failure('transform-failed', 'internal', 500, false),
  /** A transfer coding that is not offered (ALB-OBS-495). */
  transferCodingUnsupported: failure('transfer-coding-unsupported', 'client', 501, true),
  /** ALB-OBS-497, 498. */
  targetConnectFailed: failure('target-connect-failed', 'target', 502, false, UNCONNECTED),
  /** No TLS session with the target (ALB-OBS-508). */
  targetHandshakeFailed: failure('target-handshake-failed', 'target', 502, false, UNSECURED),
  /** The target closed or reset while a request was outstanding (ALB-OBS-499). */
  targetClosed: failure('target-closed', 'target', 502, false, { targetFault: 'connection' }),
  /** ALB-OBS-500, 501. */
  malformedResponse: failure('malformed-response', 'target', 502, false, { targetFault: 'answer' }),
  /** ALB-OBS-502. */
  responseHeadTooLong: failure('response-head-too-long', 'target', 502, false, { targetFault: 'answer' }),
  /** The deregistration delay ended (ALB-OBS-503). */
  targetDeregistered: failure('target-deregistered', 'target', 502, false),
  /** No target can be chosen (ALB-OBS-509). */
  noTarget: failure('no-target', 'target', 503, false),
  /** The target is a Lambda function, and functions are not invoked (ALB-OBS-240). */
  functionUnreachable: failure('function-unreachable', 'internal', 502, false, {
    logReason: 'LambdaConnectionError',
    metric: 'LambdaInternalError',
  }),
  /** The rule wants an action that is not offered: nobody gets past it. */
  actionUnoffered: failure('action-unoffered', 'internal', 500, false),
  /** The listener is gone while its last connections end. */
  listenerGone: failure('listener-gone', 'internal', 503, true),
  /** ALB-OBS-510. */
  targetConnectTimeout: failure('target-connect-timeout', 'target', 504, false, UNCONNECTED),
  /** The target took the connection and did not end the handshake (ALB-OBS-515). */
  targetHandshakeTimeout: failure('target-handshake-timeout', 'target', 504, false, UNSECURED),
  /** ALB-OBS-511, 513. */
  targetTimeout: failure('target-timeout', 'target', 504, false, { targetFault: 'answer' }),
  /** A version that is not HTTP/1 (ALB-OBS-516). */
  versionUnsupported: failure('version-unsupported', 'client', 505, true),
  /** The redirect URL is longer than 8 K (ALB-OBS-517). */
  redirectTooLong: failure('redirect-too-long', 'internal', 507, false, {
    metric: 'HTTP_Redirect_Url_Limit_Exceeded_Count',
  }),
} as const satisfies Record<string, Failure>
