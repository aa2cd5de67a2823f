// Listeners with their certificate lists, as the rest of the program stores and finds them.

import type { Listener, Rule } from '../model/resources.ts'
import type { Page, PageOf } from './page.ts'

export interface ListenerReader {
  find(arn: string): Promise<Listener | undefined>
  findByPort(loadBalancerArn: string, port: number): Promise<Listener | undefined>
  /** In order of creation. */
  list(loadBalancerArn: string, page: Page): Promise<PageOf<Listener>>
  count(loadBalancerArn: string): Promise<number>
  /** ARNs of the certificate list of a listener, in order of addition; the default certificate is not of it. */
  certificates(arn: string): Promise<readonly string[]>
  /** Different certificates in the lists of a load balancer's listeners. */
  certificateCount(loadBalancerArn: string): Promise<number>
  /** Listeners that verify clients with the trust store. */
  withTrustStore(trustStoreArn: string): Promise<readonly Listener[]>
}

export interface ListenerWriter extends ListenerReader {
  insert(listener: Listener, defaultRule: Rule): Promise<void>
  /** A listener that becomes an HTTP listener loses its certificate list. */
  update(arn: string, change: Partial<Pick<Listener, 'protocol' | 'port' | 'tls'>>): Promise<void>
  /** Does nothing for a certificate that is in the list. */
  addCertificate(arn: string, certificateArn: string): Promise<void>
  removeCertificate(arn: string, certificateArn: string): Promise<void>
  /** With its certificate list, its rules and their tags. */
  delete(arn: string): Promise<void>
}
