// What is known of a client for as long as its connection lives: one object for all of its requests.

export interface ClientFacts {
  /** Address of the peer; never taken from a header. An IPv4 one that came in on an IPv6 socket as IPv4. */
  readonly address: string
  /** `address:port` or `[address]:port`, as logs and X-Forwarded-For with ports show it. */
  readonly text: string
  /** The address that it connected to. */
  readonly localAddress: string
  /** What was agreed in the handshake; null for clear text. */
  readonly tls: TlsFacts | null
}

/** Of an exchange that serves nobody at present. */
export const NO_CLIENT: ClientFacts = { address: '', text: '', localAddress: '', tls: null }

/** A client's TLS session, in the words of logs and headers. */
export interface TlsFacts {
  /** `TLSv1.2`, `TLSv1.3` … */
  readonly protocol: string
  /** OpenSSL's name of the cipher suite. */
  readonly cipher: string
  /** The name that the client asked for, where a certificate has it; else null (ALB-OBS-175). */
  readonly domainName: string | null
  /** ARN of the certificate that was presented, or `session-reused` (ALB-OBS-176, 177). */
  readonly certificate: string
}
