// What a DNS server is asked for and what it may say. An interface, because whoever knows the load balancers answers;
// nothing here knows packets.

/** An answer for one name. */
export interface FoundName {
  /** The zone that the name is in: the owner of the SOA record in answers that have no address. */
  readonly zone: string
  /** IPv4 and IPv6 addresses; none: the name is there, without addresses. Null: there is no such name. */
  readonly addresses: readonly string[] | null
}

export interface Names {
  /** Who knows a name, in lower case and without a dot at the end; null for names of other zones. */
  lookup(name: string): FoundName | null
  /** The name of this server, for SOA and NS records. */
  readonly serverName: string
}
