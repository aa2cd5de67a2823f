// The versions of the two load balancing APIs. They share one endpoint; the version tells them apart.

export const ELB_VERSION = '2012-06-01'
export const ELBV2_VERSION = '2015-12-01'

/** Namespace of an API's answers. */
export function namespaceOf(version: string): string {
  return `http://elasticloadbalancing.amazonaws.com/doc/${version}/`
}
