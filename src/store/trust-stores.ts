// Trust stores as the rest of the program sees them.

import type { Scope } from '../model/resources.ts'
import type { RevocationList, TrustStore } from '../model/trust-stores.ts'
import type { Page, PageOf } from './page.ts'

export interface TrustStoreReader {
  trustStore(arn: string): Promise<TrustStore | undefined>
  trustStoreByName(scope: Scope, name: string): Promise<TrustStore | undefined>
  trustStores(scope: Scope, page: Page): Promise<PageOf<TrustStore>>
  trustStoreCount(scope: Scope): Promise<number>
  /** The PEM file that the trust store was made from. */
  bundle(arn: string): Promise<string | undefined>
  /** In order of ID. */
  revocationLists(arn: string): Promise<readonly RevocationList[]>
  /** The file that a list was made from. */
  revocationContent(arn: string, id: number): Promise<string | undefined>
}

export interface TrustStoreWriter extends TrustStoreReader {
  insertTrustStore(trustStore: TrustStore, bundle: string): Promise<void>
  /** Listeners with the trust store verify with the new bundle from now on. */
  replaceBundle(arn: string, caCertificates: number, bundle: string): Promise<void>
  /** With its revocation lists and tags. */
  deleteTrustStore(arn: string): Promise<void>
  /** Gives the ID of the new list. */
  addRevocationList(arn: string, entries: number, content: string): Promise<number>
  removeRevocationList(arn: string, id: number): Promise<void>
}
