// In which group a handshake agreed on its keys. OpenSSL does not tell a server, so it is told from what was offered.

import type { TlsFacts } from '../../exchange/client-facts.ts'
import type { ClientHello } from '../../wire/client-hello.ts'
import type { ServedPolicy } from './policy.ts'

/** By OpenSSL's names, as policies have them: IANA's number and name. */
const GROUPS: Readonly<Record<string, readonly [number: number, name: string]>> = {
  X25519MLKEM768: [0x11ec, 'X25519MLKEM768'],
  SecP256r1MLKEM768: [0x11eb, 'SecP256r1MLKEM768'],
  SecP384r1MLKEM1024: [0x11ed, 'SecP384r1MLKEM1024'],
  X25519: [29, 'x25519'],
  'P-256': [23, 'secp256r1'],
  'P-384': [24, 'secp384r1'],
  'P-521': [25, 'secp521r1'],
}

/**
 * Null where RSA exchanged the keys, and where nobody can know. In TLS 1.3 OpenSSL takes the first group of its own list that
 * the client sent a share for, and asks for another share only where it has none in common.
 */
export function keyExchange(
  hello: ClientHello | null,
  policy: ServedPolicy | null,
  { protocol, cipher }: TlsFacts,
): string | null {
  if (hello === null || policy === null) return null
  const isTls13 = protocol === 'TLSv1.3'
  if (!isTls13 && !cipher.startsWith('ECDHE-')) return null
  const own = policy.options.ecdhCurve.split(':').flatMap((name) => {
    const group = GROUPS[name]
    return group === undefined ? [] : [group]
  })
  const shared = isTls13 ? own.find(([number]) => hello.keyShares.includes(number)) : undefined
  const common = own.find(([number]) => hello.groups === null || hello.groups.includes(number))
  return (shared ?? common)?.[1] ?? null
}
