// Which certificate of a listener a client gets: by the name that it asks for and by what it can do (ALB-LSN-240 … 255,
// Q51). Plain values in, one of them out.

import type { CertificateUnit } from '../../snapshot/application-units.ts'
import type { ClientHello } from '../../wire/client-hello.ts'

/** What a security policy lets a handshake use, as far as certificates are concerned. */
export interface PolicyAbility {
  readonly hasTls13: boolean
  /** Cipher suites of TLS 1.2 and before that go with a key of either kind, by IANA's numbers. */
  readonly ecdsaSuites: ReadonlySet<number>
  readonly rsaSuites: ReadonlySet<number>
}

export interface Choice {
  readonly certificate: CertificateUnit
  /** The name that was asked for, if this certificate has it; else null. */
  readonly matchedName: string | null
}

/** Signature schemes of TLS (RFC 8446 section 4.2.3) and curves, by the key that they need. */
const CURVES: Readonly<Record<string, { readonly scheme: number; readonly group: number }>> = {
  EC_prime256v1: { scheme: 0x0403, group: 23 },
  EC_secp384r1: { scheme: 0x0503, group: 24 },
  EC_secp521r1: { scheme: 0x0603, group: 25 },
}
const ECDSA_SCHEMES: readonly number[] = [0x0203, 0x0403, 0x0503, 0x0603]
const RSA_PSS_SCHEMES: readonly number[] = [0x0804, 0x0805, 0x0806]
const TLS13 = 0x0304

interface Candidate {
  readonly certificate: CertificateUnit
  readonly isWildcard: boolean
  /** Place in the list: the order of adding. */
  readonly position: number
}

/** The certificates of one listener. */
export class CertificateChoice {
  readonly #default: CertificateUnit | null
  readonly #defaultNames: ReadonlySet<string>
  readonly #byName = new Map<string, Candidate[]>()

  /** `standard`: the default certificate; null where it cannot be presented. `list`: those for SNI, in order of adding. */
  constructor(standard: CertificateUnit | null, list: readonly CertificateUnit[]) {
    this.#default = standard
    this.#defaultNames = new Set(standard?.names.map((name) => name.toLowerCase()))
    for (const [position, certificate] of list.entries()) {
      for (const written of new Set(certificate.names)) {
        const name = written.toLowerCase()
        const candidate = { certificate, position, isWildcard: name.startsWith('*.') }
        const known = this.#byName.get(name)
        if (known === undefined) this.#byName.set(name, [candidate])
        else known.push(candidate)
      }
    }
  }

  /** Null where there is none that could be presented. `date`: milliseconds since 1970. */
  choose(hello: ClientHello | null, policy: PolicyAbility, date: number): Choice | null {
    const name = hello?.serverName ?? null
    if (hello !== null && name !== null) {
      const usable = this.#named(name).filter(({ certificate }) => isUsable(certificate, hello, policy))
      const [best] = usable.toSorted((one, other) => compare(one, other, date))
      if (best !== undefined) return { certificate: best.certificate, matchedName: name }
    }
    if (this.#default === null) return null
    const isNamed = name !== null && namesFor(name).some((one) => this.#defaultNames.has(one))
    return { certificate: this.#default, matchedName: isNamed ? name : null }
  }

  #named(name: string): Candidate[] {
    return namesFor(name).flatMap((one) => this.#byName.get(one) ?? [])
  }
}

/** A wildcard stands for exactly one label, the leftmost (ALB-LSN-232 … 234). */
function namesFor(name: string): string[] {
  const dot = name.indexOf('.')
  return dot === -1 ? [name] : [name, `*${name.slice(dot)}`]
}

function isUsable({ keyAlgorithm }: CertificateUnit, hello: ClientHello, policy: PolicyAbility): boolean {
  const { version, cipherSuites, signatureSchemes: schemes, groups } = hello
  const isTls13 = version >= TLS13 && policy.hasTls13
  const curve = CURVES[keyAlgorithm]
  if (curve === undefined) {
    if (isTls13) return schemes?.some((scheme) => RSA_PSS_SCHEMES.includes(scheme)) === true
    return cipherSuites.some((suite) => policy.rsaSuites.has(suite))
  }
  if (isTls13) return schemes?.includes(curve.scheme) === true
  return (
    cipherSuites.some((suite) => policy.ecdsaSuites.has(suite)) &&
    (schemes === null || schemes.some((scheme) => ECDSA_SCHEMES.includes(scheme))) &&
    (groups === null || groups.includes(curve.group))
  )
}

/** Below 0 where `one` is the better one: ECDSA, SHA, the longer key, then validity (ALB-LSN-249 … 253). */
function compare(one: Candidate, other: Candidate, date: number): number {
  return (
    order(isEcdsa(one), isEcdsa(other)) ||
    order(!isMd5(one), !isMd5(other)) ||
    keyBits(other) - keyBits(one) ||
    order(isValid(one, date), isValid(other, date)) ||
    other.certificate.notAfter - one.certificate.notAfter ||
    order(!one.isWildcard, !other.isWildcard) ||
    one.position - other.position
  )
}

function order(one: boolean, other: boolean): number {
  return Number(other) - Number(one)
}

function isEcdsa({ certificate }: Candidate): boolean {
  return certificate.keyAlgorithm in CURVES
}

function isMd5({ certificate }: Candidate): boolean {
  return /md5/i.test(certificate.signatureAlgorithm)
}

/** `RSA_2048`, `EC_secp384r1`. */
function keyBits({ certificate }: Candidate): number {
  const [digits] = /\d{3,4}/.exec(certificate.keyAlgorithm) ?? ['0']
  return Number(digits)
}

function isValid({ certificate }: Candidate, date: number): boolean {
  return certificate.notBefore <= date && date < certificate.notAfter
}
