// Addresses of load balancers' nodes: which are given out of a pool, and to whom.

export interface NodeAddressReader {
  /** Addresses of the pool (a CIDR block) that no node has. */
  free(pool: string): Promise<number>
  /** VPC of the load balancer that has the address on one of its nodes, or undefined where none has. */
  vpcOf(address: string): Promise<string | undefined>
}

export interface NodeAddressWriter extends NodeAddressReader {
  /**
   * A free address of the pool (a CIDR block), or undefined when none is left. Reserved by the row that names it.
   * Addresses that `take` refuses are passed over.
   */
  allocate(pool: string, take?: (address: string) => Promise<boolean>): Promise<string | undefined>
}
