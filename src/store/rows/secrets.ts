// The key for what is sealed in the tables: the one that everything was sealed with, or nothing is opened. A new one is
// made beside old secrets only if it is asked for.

import { StartError } from '../../model/start-error.ts'
import { SecretBox } from '../secret-box.ts'
import type { Database } from './row-store.ts'
import { forgetSecrets, sealedSecrets, type SealedSecret, type SecretKind } from './sealed-secrets.ts'

export interface SecretsOptions {
  /** Data folder, where the key file is. */
  readonly folder: string
  readonly database: Database
  /** Whether secrets that cannot be opened are dropped, and a new key is made where there is none to use. */
  readonly forget: boolean
  /** Told what was dropped. */
  readonly tell: (message: string) => void
}

/** Throws a StartError that says what cannot be opened and how to go on. */
export async function openSecrets({ folder, database, forget, tell }: SecretsOptions): Promise<SecretBox> {
  const all = await database.transaction(async (db) => await sealedSecrets(db))
  const file = SecretBox.fileIn(folder)
  const box = forget ? SecretBox.usableIn(folder) : SecretBox.thereIn(folder)
  const closed = box === undefined ? all : all.filter(({ sealed }) => !box.canOpen(sealed))
  if (closed.length > 0) {
    if (!forget) {
      const problem =
        box === undefined
          ? `The key file ${file} is missing`
          : `The key file ${file} is not the one that all secrets were sealed with`
      throw new StartError(
        `${problem}; without the right one these are lost: ${lost(closed)}; put it back, or start once with --forget-secrets to go on without them`,
      )
    }
    await database.transaction(async (db) => await forgetSecrets(db, closed))
    tell(`Forgotten, because no key opens them: ${lost(closed)}`)
  }
  // Only who holds the database makes a key, and not before nothing is left that another one would open.
  return box ?? SecretBox.newIn(folder)
}

const consequences: Readonly<Record<SecretKind, readonly [one: string, many: string, then: string]>> = {
  certificate: ['private key of a certificate', 'private keys of certificates', 'import them again'],
  'server certificate': [
    'private key of a server certificate',
    'private keys of server certificates',
    'upload them again',
  ],
  authority: [
    'key of the local certificate authority',
    'keys of the local certificate authority',
    'clients have to trust the new one at /ca.pem',
  ],
  rule: ['client secret of a rule', 'client secrets of rules', 'set them again'],
  'cookie key': ['key of sticky sessions', 'keys of sticky sessions', 'sessions begin anew'],
}

/** `2 private keys of certificates (import them again), …`. */
function lost(secrets: readonly SealedSecret[]): string {
  const byKind = Map.groupBy(secrets, ({ kind }) => kind)
  return [...byKind]
    .map(([kind, { length }]) => {
      const [one, many, then] = consequences[kind]
      return `${length} ${length === 1 ? one : many} (${then})`
    })
    .join(', ')
}
