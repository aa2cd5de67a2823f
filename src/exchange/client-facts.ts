// What is known of a client for as long as its connection lives: one object for all of its requests.

export interface ClientFacts {
  /** Address of the peer; never taken from a header. An IPv4 one that came in on an IPv6 socket as IPv4. */
  readonly address: string
  /** `address:port` or `[address]:port`, as logs and X-Forwarded-For with ports show it. */
  readonly text: string
  /** The address that it connected to. */
  readonly localAddress: string
}
