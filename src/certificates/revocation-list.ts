// Reads a certificate revocation list (RFC 5280 section 5) as far as its form and the number of its entries go.

import {
  childrenOf,
  elementAt,
  GENERALIZED_TIME,
  INTEGER,
  OBJECT_IDENTIFIER,
  SEQUENCE,
  UTC_TIME,
  type DerElement,
} from './der.ts'
import { pemBlocks } from './pem.ts'
import { UnusableMaterial } from './unusable-material.ts'

const BEGIN = '-----BEGIN X509 CRL-----'
const END = '-----END X509 CRL-----\n'
const NOT_ONE = 'it must be one certificate revocation list in PEM format'
const EXTENSIONS = 0xa0
/** Indirect list, in the issuing distribution point. */
const INDIRECT_CRL = 0x84
/** Object identifiers 2.5.29.27 and 2.5.29.28. */
const DELTA_CRL_INDICATOR = '551d1b'
const ISSUING_DISTRIBUTION_POINT = '551d1c'

/** How many certificates the list revokes; throws UnusableMaterial for what is no complete list in PEM. */
export function countEntries(text: string): number {
  const [block, another] = pemBlocks(text) ?? []
  if (block?.label !== 'X509 CRL' || another !== undefined) throw invalid(NOT_ONE)
  const der = Buffer.from(block.text.slice(BEGIN.length, -END.length), 'base64')
  const outer = elementAt(der, 0, der.length)
  const [list, algorithm, signature, more] = sequence(der, outer)
  if (outer?.end !== der.length || algorithm === undefined || signature === undefined || more !== undefined) {
    throw invalid(NOT_ONE)
  }
  const parts = sequence(der, list)
  if (parts[0]?.tag === INTEGER) parts.shift()
  const [algorithmOfList, issuer, thisUpdate, ...rest] = parts
  if (algorithmOfList?.tag !== SEQUENCE || issuer?.tag !== SEQUENCE || !isTime(thisUpdate)) {
    throw invalid('it is malformed')
  }
  if (isTime(rest[0])) rest.shift()
  const entries = rest[0]?.tag === SEQUENCE ? rest.shift() : undefined
  const extensions = rest[0]?.tag === EXTENSIONS ? rest.shift() : undefined
  if (rest.length > 0) throw invalid('it is malformed')
  if (extensions !== undefined) checkExtensions(der, extensions)
  return entries === undefined ? 0 : countRevoked(der, entries)
}

function countRevoked(der: Buffer, entries: DerElement): number {
  let count = 0
  for (let at = entries.start; at < entries.end; count++) {
    const entry = elementAt(der, at, entries.end)
    const serial = entry && elementAt(der, entry.start, entry.end)
    const date = serial && elementAt(der, serial.end, entry.end)
    if (entry?.tag !== SEQUENCE || serial?.tag !== INTEGER || !isTime(date)) throw invalid('it is malformed')
    at = entry.end
  }
  return count
}

/** A list that is only part of another one, or that speaks for other issuers, would revoke too little or too much. */
function checkExtensions(der: Buffer, extensions: DerElement): void {
  const [list] = childrenOf(der, extensions) ?? []
  for (const extension of sequence(der, list)) {
    const [oid, ...rest] = sequence(der, extension)
    if (oid?.tag !== OBJECT_IDENTIFIER) throw invalid('it is malformed')
    const name = der.subarray(oid.start, oid.end).toString('hex')
    if (name === DELTA_CRL_INDICATOR) throw invalid('delta lists are not supported')
    const value = rest.at(-1)
    if (name !== ISSUING_DISTRIBUTION_POINT || value === undefined) continue
    const point = sequence(der, elementAt(der, value.start, value.end))
    if (point.some(({ tag, start }) => tag === INDIRECT_CRL && der[start] !== 0)) {
      throw invalid('indirect lists are not supported')
    }
  }
}

function sequence(der: Buffer, element: DerElement | undefined): DerElement[] {
  const children = element?.tag === SEQUENCE ? childrenOf(der, element) : undefined
  if (children === undefined) throw invalid(NOT_ONE)
  return children
}

function isTime(element: DerElement | undefined): boolean {
  return element?.tag === UTC_TIME || element?.tag === GENERALIZED_TIME
}

function invalid(reason: string): UnusableMaterial {
  return new UnusableMaterial('revocation-list', `The revocation content is not valid: ${reason}`)
}
