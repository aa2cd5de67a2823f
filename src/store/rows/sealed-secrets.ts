// Everything in the tables that is sealed: found to see whether the key fits, and dropped where nobody can open it.

import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

export type SecretKind = 'certificate' | 'server certificate' | 'authority' | 'rule' | 'cookie key'

export interface SealedSecret {
  readonly kind: SecretKind
  /** Key of its row. */
  readonly id: string
  readonly sealed: string
}

/** A private key that was dropped. */
export const FORGOTTEN = ''

export async function sealedSecrets(db: Kysely<Tables>): Promise<readonly SealedSecret[]> {
  const certificates = await db
    .selectFrom('certificates')
    .select(['arn', 'private_key'])
    .where('private_key', '!=', FORGOTTEN)
    .execute()
  const serverCertificates = await db
    .selectFrom('server_certificates')
    .select(['arn', 'private_key'])
    .where('private_key', '!=', FORGOTTEN)
    .execute()
  const authorities = await db.selectFrom('certificate_authorities').select(['name', 'private_key']).execute()
  const rules = await db
    .selectFrom('rules')
    .select(['arn', 'client_secret'])
    .where('client_secret', 'is not', null)
    .execute()
  const cookieKeys = await db.selectFrom('cookie_keys').select(['id', 'secret']).execute()
  return [
    ...certificates.map(({ arn, private_key }) => secret('certificate', arn, private_key)),
    ...serverCertificates.map(({ arn, private_key }) => secret('server certificate', arn, private_key)),
    ...authorities.map(({ name, private_key }) => secret('authority', name, private_key)),
    ...rules.map(({ arn, client_secret }) => secret('rule', arn, client_secret ?? '')),
    ...cookieKeys.map(({ id, secret: sealed }) => secret('cookie key', String(id), sealed)),
  ]
}

function secret(kind: SecretKind, id: string, sealed: string): SealedSecret {
  return { kind, id, sealed }
}

/** Drops secrets; what they belong to stays where it is of any use without. */
export async function forgetSecrets(db: Kysely<Tables>, secrets: readonly SealedSecret[]): Promise<void> {
  for (const { kind, id } of secrets) {
    switch (kind) {
      case 'certificate':
        await db.updateTable('certificates').set({ private_key: FORGOTTEN }).where('arn', '=', id).execute()
        break
      case 'server certificate':
        await db
          .updateTable('server_certificates')
          .set({ private_key: FORGOTTEN })
          .where('arn', '=', id)
          .execute()
        break
      case 'authority':
        // The root and those below it are of no use without each other.
        await db.deleteFrom('certificate_authorities').execute()
        break
      case 'rule':
        await db.updateTable('rules').set({ client_secret: null }).where('arn', '=', id).execute()
        break
      case 'cookie key':
        await db.deleteFrom('cookie_keys').where('id', '=', Number(id)).execute()
        break
    }
  }
}
