// Quotas of an account in one Region: what AWS lets its customers raise, and so what an operator can set. Values are
// the defaults of the guide (ALB-OBS-545 … 565).

export interface Quotas {
  readonly loadBalancers: number
  readonly listenersPerLoadBalancer: number
  /** Without default rules. */
  readonly rulesPerLoadBalancer: number
  /** Without default certificates. */
  readonly certificatesPerLoadBalancer: number
  readonly targetGroups: number
  readonly targetsPerTargetGroup: number
  readonly targetsPerLoadBalancer: number
  /** Largest reservation of one load balancer, in Load Balancer Capacity Units. */
  readonly capacityUnitsPerLoadBalancer: number
  readonly trustStores: number
  readonly caCertificatesPerTrustStore: number
  readonly revocationListsPerTrustStore: number
  readonly revocationEntriesPerTrustStore: number
  /** Of ACM. */
  readonly certificates: number
  readonly domainNamesPerCertificate: number
  /** Of IAM, in the account. */
  readonly serverCertificates: number
}

export const DEFAULT_QUOTAS: Quotas = {
  loadBalancers: 50,
  listenersPerLoadBalancer: 50,
  rulesPerLoadBalancer: 100,
  certificatesPerLoadBalancer: 25,
  targetGroups: 3000,
  targetsPerTargetGroup: 1000,
  targetsPerLoadBalancer: 1000,
  capacityUnitsPerLoadBalancer: 1500,
  trustStores: 20,
  caCertificatesPerTrustStore: 25,
  revocationListsPerTrustStore: 30,
  revocationEntriesPerTrustStore: 500_000,
  certificates: 2500,
  domainNamesPerCertificate: 10,
  serverCertificates: 20,
}

/** What nobody can raise. */
export const fixedQuotas = {
  conditionValuesPerRule: 5,
  conditionWildcardsPerRule: 5,
  targetGroupsPerLoadBalancer: 100,
  targetGroupsPerAction: 5,
  functionsPerTargetGroup: 1,
  tagsPerResource: 50,
  securityGroupsPerLoadBalancer: 5,
  freeAddressesPerSubnet: 8,
} as const
