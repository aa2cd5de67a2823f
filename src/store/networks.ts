// What EC2's API made, as the rest of the program sees it. There is little of it and it is read whole at the start.

import type { NetworkItem } from '../model/networks.ts'

export interface NetworkReader {
  /** Everything, of all Regions, in order of creation. */
  items(): Promise<readonly NetworkItem[]>
  /** ARNs of the load balancers in a Region that have any of these security groups. */
  loadBalancersInGroups(region: string, groupIds: readonly string[]): Promise<readonly string[]>
  /** Load balancers of a VPC; the one that is there from the start has the same ID in every Region. */
  loadBalancersInVpc(
    region: string,
    vpcId: string,
  ): Promise<readonly { readonly arn: string; readonly scheme: string }[]>
  /** Load balancers that have a node in the subnet. */
  nodesInSubnet(subnetId: string): Promise<number>
  /** ARNs of the target groups in which any of these IDs is registered. */
  targetGroupsOf(targetIds: readonly string[]): Promise<readonly string[]>
}

export interface NetworkWriter extends NetworkReader {
  /** Adds or replaces. Load balancers in `groups` admit others afterwards. */
  put(item: NetworkItem, groups: readonly string[]): Promise<void>
  remove(item: NetworkItem, groups: readonly string[]): Promise<void>
}
