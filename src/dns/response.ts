// One DNS query, as bytes, becomes its answer (RFC 1034, 1035, 2308, 6891, 8482, 8767): authoritative for the names it is
// given, and for nothing else. Does no I/O.

import { isIPv4, isIPv6 } from 'node:net'
import packet, { type Answer, type Packet, type Question } from 'dns-packet'
import type { FoundName, Names } from './names.ts'

/** Seconds that an answer may be kept (ALB-TG-274), also one without addresses. */
const TTL_SECONDS = 60
/** Of an answer over UDP to a client that says nothing else (RFC 1035 4.2.1). */
const UDP_BYTES = 512
/** Largest answer over UDP that no network cuts into pieces. */
const EDNS_BYTES = 1232

const HEADER_BYTES = 12
const LABEL_BYTES_MAX = 63
const DOT = 0x2e
const OPCODE_SHIFT = 11
const OPCODE_MASK = 0xf
const FLAG_RESPONSE = 0x8000
const FLAG_RECURSION_DESIRED = 0x0100
const MIN_RECORDS_IN_ADDITIONAL = 0
const MAX_RECORDS_IN_ADDITIONAL = 2

const Rcode = { ok: 0, formatError: 1, noName: 3, notImplemented: 4, refused: 5 } as const
type Rcode = (typeof Rcode)[keyof typeof Rcode]
/** BADVERS is 16, of which OPT carries the upper bits. */
const BAD_VERSION_UPPER_BITS = 1

export interface ResponseOptions {
  readonly transport: 'udp' | 'tcp'
  /** A number from 0 to below 1; decides the order of addresses. */
  readonly random: () => number
}

/** The answer to a query, or null for what deserves none: answers, and what is too short to have an ID. */
export function respond(query: Buffer, names: Names, options: ResponseOptions): Buffer | null {
  if (query.length < HEADER_BYTES) return null
  const flags = query.readUInt16BE(2)
  if ((flags & FLAG_RESPONSE) !== 0) return null
  if (((flags >> OPCODE_SHIFT) & OPCODE_MASK) !== 0) return bare(query, Rcode.notImplemented)
  const request = decode(query)
  if (request === null) return bare(query, Rcode.formatError)
  const { question, edns } = request
  const body = edns !== null && edns.version !== 0 ? EMPTY : answerTo(question, names, options.random)
  const optCode = edns !== null && edns.version !== 0 ? BAD_VERSION_UPPER_BITS : 0
  const encode = (content: Body, isTruncated: boolean): Buffer =>
    packet.encode({
      type: 'response',
      id: query.readUInt16BE(0),
      flags:
        (content.isOurs ? packet.AUTHORITATIVE_ANSWER : 0) |
        (isTruncated ? packet.TRUNCATED_RESPONSE : 0) |
        (flags & FLAG_RECURSION_DESIRED) |
        content.code,
      questions: [question],
      answers: [...content.answers],
      authorities: [...content.authorities],
      additionals: edns === null ? [] : [opt(optCode)],
    })
  const whole = encode(body, false)
  const most = edns === null ? UDP_BYTES : Math.min(EDNS_BYTES, Math.max(UDP_BYTES, edns.payloadBytes))
  if (options.transport === 'tcp' || whole.length <= most) return whole
  return encode({ ...EMPTY, isOurs: body.isOurs, code: body.code }, true)
}

interface Request {
  readonly question: Question
  readonly edns: { readonly version: number; readonly payloadBytes: number } | null
}

interface Body {
  readonly code: Rcode
  readonly isOurs: boolean
  readonly answers: readonly Answer[]
  readonly authorities: readonly Answer[]
}

const EMPTY: Body = { code: Rcode.ok, isOurs: false, answers: [], authorities: [] }

/** One question, and nothing beside it but an OPT record and perhaps a signature of the transaction. */
function decode(query: Buffer): Request | null {
  const [questions, answers, authorities, additionals] = [4, 6, 8, 10].map((at) => query.readUInt16BE(at))
  if (questions !== 1 || answers !== 0 || authorities !== 0) return null
  if (additionals === undefined || additionals < MIN_RECORDS_IN_ADDITIONAL) return null
  if (additionals > MAX_RECORDS_IN_ADDITIONAL) return null
  let decoded: Packet
  try {
    decoded = packet.decode(query)
  } catch {
    return null
  }
  const [question] = decoded.questions ?? []
  if (question === undefined || !isPlainlyWritten(query)) return null
  const options = (decoded.additionals ?? []).filter((record) => record.type === 'OPT')
  const [first] = options
  if (options.length > 1) return null
  if (first === undefined) return { question, edns: null }
  return { question, edns: { version: first.ednsVersion, payloadBytes: first.udpPayloadSize } }
}

/** Whether the question's name is labels of visible ASCII without dots in them: then its text says all of it. */
function isPlainlyWritten(query: Buffer): boolean {
  for (let at = HEADER_BYTES; ;) {
    const length = query[at] ?? 0
    if (length === 0) return true
    if (length > LABEL_BYTES_MAX) return false
    for (const byte of query.subarray(at + 1, at + 1 + length)) {
      if (byte <= 0x20 || byte >= 0x7f || byte === DOT) return false
    }
    at += 1 + length
  }
}

function answerTo({ name, type, class: of }: Question, names: Names, random: () => number): Body {
  const lowerCase = name.toLowerCase()
  const found = of === 'IN' ? names.lookup(lowerCase) : null
  if (found === null || type === 'AXFR' || type === 'IXFR') return { ...EMPTY, code: Rcode.refused }
  const answers = recordsOf(name, type, lowerCase === found.zone, found, names.serverName, random)
  const isMissing = found.addresses === null
  return {
    code: isMissing ? Rcode.noName : Rcode.ok,
    isOurs: true,
    answers,
    authorities: answers.length === 0 ? [startOfAuthority(found.zone, names.serverName)] : [],
  }
}

function recordsOf(
  name: string,
  type: string,
  isApex: boolean,
  { zone, addresses }: FoundName,
  serverName: string,
  random: () => number,
): readonly Answer[] {
  if (addresses === null) return []
  const [ipv4, ipv6] = [
    addresses.filter((address) => isIPv4(address)),
    addresses.filter((address) => isIPv6(address)),
  ]
  // RFC 8482: of all that there is, one kind is enough.
  const wanted = type === 'ANY' ? (ipv4.length > 0 ? 'A' : 'AAAA') : type
  if (wanted === 'A' || wanted === 'AAAA') {
    return shuffled(wanted === 'A' ? ipv4 : ipv6, random).map((data) => {
      return { name, type: wanted, class: 'IN', ttl: TTL_SECONDS, data }
    })
  }
  if (!isApex) return []
  if (wanted === 'SOA') return [startOfAuthority(zone, serverName, name)]
  if (wanted === 'NS') return [{ name, type: 'NS', class: 'IN', ttl: TTL_SECONDS, data: serverName }]
  return []
}

/** Its `minimum` is how long the absence of a name may be remembered (RFC 2308). */
function startOfAuthority(zone: string, serverName: string, name = zone): Answer {
  return {
    name,
    type: 'SOA',
    class: 'IN',
    ttl: TTL_SECONDS,
    data: {
      mname: serverName,
      rname: `hostmaster.${zone}`,
      serial: 1,
      refresh: 7200,
      retry: 900,
      expire: 1_209_600,
      minimum: TTL_SECONDS,
    },
  }
}

/** In another order for each answer, since most clients take the first address. */
function shuffled(addresses: readonly string[], random: () => number): readonly string[] {
  const order = [...addresses]
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const moved = order[last] as string
    order[last] = order[other] as string
    order[other] = moved
  }
  return order
}

function opt(upperCodeBits: number): Answer {
  return {
    name: '.',
    type: 'OPT',
    udpPayloadSize: EDNS_BYTES,
    extendedRcode: upperCodeBits,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  }
}

/** An answer without anything in it, for a query that cannot be read any further. */
function bare(query: Buffer, code: Rcode): Buffer {
  const kept = query.readUInt16BE(2) & (FLAG_RECURSION_DESIRED | (OPCODE_MASK << OPCODE_SHIFT))
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt16BE(query.readUInt16BE(0), 0)
  header.writeUInt16BE(FLAG_RESPONSE | kept | code, 2)
  return header
}
