// Reads what a TLS client says first (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2): enough of it to choose a
// certificate and the key of its session. It judges nothing; what is no ClientHello is for the TLS library to refuse.

/** What a client offers. Numbers are those of the IANA registries of TLS. */
export interface ClientHello {
  /** Host name (SNI) in lower case, without a dot at its end; null where none was sent. */
  readonly serverName: string | null
  /** The highest version, such as 0x0304 for TLS 1.3. */
  readonly version: number
  readonly cipherSuites: readonly number[]
  /** Null where the client does not say. */
  readonly signatureSchemes: readonly number[] | null
  readonly groups: readonly number[] | null
  /** Groups that key shares were sent for, in the client's order. */
  readonly keyShares: readonly number[]
  /** The first 16 bytes of the session ticket, or of the first PSK identity, which name the key that it was made with; latin1. */
  readonly ticketKeyName: string | null
}

/** Bytes of a whole ClientHello with its record headers; nothing sends as much. */
export const HELLO_BYTES_MAX = 32 * 1024

const HANDSHAKE_RECORD = 22
const CLIENT_HELLO = 1
const RECORD_HEADER_BYTES = 5
const RECORD_BYTES_MAX = 16 * 1024
const TICKET_KEY_NAME_BYTES = 16
/** All are looked at anew for each piece that comes: who sends more wants to make work. Clients send one, or a few. */
const RECORDS_MAX = 64
/** RFC 6066 section 3: a DNS name; underscores are in use. */
const HOST_NAME = /^[a-z0-9._-]{1,255}$/
/** A name that could be a host (RFC 1035: 253 letters). */
const NAME_BYTES_MAX = 255
/** As many entries of a list are looked at. */
const LIST_MAX = 256

const Extension = {
  serverName: 0,
  supportedGroups: 10,
  signatureAlgorithms: 13,
  sessionTicket: 35,
  preSharedKey: 41,
  supportedVersions: 43,
  keyShare: 51,
} as const

/** `more`: not complete yet. `bad`: not a ClientHello, or too long to be one. */
export type HelloResult = ClientHello | 'more' | 'bad'

/** Reads the bytes that a client has sent so far, from the first one on. */
export function readClientHello(bytes: Buffer): HelloResult {
  const message = handshakeMessage(bytes)
  if (typeof message === 'string') return message
  return parse(message) ?? 'bad'
}

/** The ClientHello message without its header, out of one record or several. */
function handshakeMessage(bytes: Buffer): Buffer | 'more' | 'bad' {
  const parts: Buffer[] = []
  let length = 0
  let at = 0
  let wanted = 4
  let isSizeKnown = false
  while (length < wanted) {
    if (bytes.length > at && bytes[at] !== HANDSHAKE_RECORD) return 'bad'
    if (bytes.length < at + RECORD_HEADER_BYTES) return tooShort(bytes)
    if (bytes[at + 1] !== 3) return 'bad'
    const size = bytes.readUInt16BE(at + 3)
    if (size === 0 || size > RECORD_BYTES_MAX) return 'bad'
    if (bytes.length < at + RECORD_HEADER_BYTES + size) return tooShort(bytes)
    if (parts.length === RECORDS_MAX) return 'bad'
    parts.push(bytes.subarray(at + RECORD_HEADER_BYTES, at + RECORD_HEADER_BYTES + size))
    length += size
    at += RECORD_HEADER_BYTES + size
    if (length < 4 || isSizeKnown) continue
    isSizeKnown = true
    const start = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
    if (start[0] !== CLIENT_HELLO) return 'bad'
    wanted = 4 + start.readUIntBE(1, 3)
    if (wanted > HELLO_BYTES_MAX) return 'bad'
  }
  const whole = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
  return whole.subarray(4, wanted)
}

function tooShort(bytes: Buffer): 'more' | 'bad' {
  return bytes.length >= HELLO_BYTES_MAX ? 'bad' : 'more'
}

/** A position in a message; `failed` once something did not fit. */
class Cursor {
  readonly bytes: Buffer
  at = 0
  end: number
  failed = false

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.end = bytes.length
  }

  number(size: 1 | 2): number {
    if (this.at + size > this.end) {
      this.failed = true
      return 0
    }
    const value = size === 1 ? this.bytes.readUInt8(this.at) : this.bytes.readUInt16BE(this.at)
    this.at += size
    return value
  }

  /** A part that is preceded by its length. */
  vector(lengthBytes: 1 | 2): Cursor {
    const length = this.number(lengthBytes)
    return this.take(length)
  }

  take(length: number): Cursor {
    const fits = !this.failed && this.at + length <= this.end
    if (!fits) this.failed = true
    const part = new Cursor(fits ? this.bytes.subarray(this.at, this.at + length) : this.bytes.subarray(0, 0))
    part.failed = !fits
    this.at = fits ? this.at + length : this.end
    return part
  }

  get isAtEnd(): boolean {
    return this.at >= this.end || this.failed
  }

  /** All numbers of two bytes up to the end, as many as are looked at. */
  pairs(): number[] {
    const values: number[] = []
    while (this.end - this.at >= 2 && values.length < LIST_MAX) values.push(this.number(2))
    return values
  }
}

function parse(message: Buffer): ClientHello | null {
  const cursor = new Cursor(message)
  const legacyVersion = cursor.number(2)
  cursor.take(32)
  cursor.vector(1)
  const cipherSuites = cursor.vector(2).pairs()
  cursor.vector(1)
  if (cursor.failed) return null
  const hello = {
    serverName: null as string | null,
    version: legacyVersion,
    cipherSuites,
    signatureSchemes: null as readonly number[] | null,
    groups: null as readonly number[] | null,
    keyShares: [] as readonly number[],
    ticketKeyName: null as string | null,
  }
  if (cursor.isAtEnd) return hello
  const extensions = cursor.vector(2)
  while (!extensions.isAtEnd) {
    const type = extensions.number(2)
    const body = extensions.vector(2)
    if (extensions.failed) return null
    switch (type) {
      case Extension.serverName:
        hello.serverName = serverName(body)
        break
      case Extension.supportedGroups:
        hello.groups = body.vector(2).pairs()
        break
      case Extension.signatureAlgorithms:
        hello.signatureSchemes = body.vector(2).pairs()
        break
      case Extension.sessionTicket:
        hello.ticketKeyName ??= keyName(body)
        break
      case Extension.preSharedKey:
        hello.ticketKeyName = keyName(body.vector(2).vector(2)) ?? hello.ticketKeyName
        break
      case Extension.supportedVersions:
        hello.version = highest(body.vector(1).pairs(), legacyVersion)
        break
      case Extension.keyShare:
        hello.keyShares = keyShares(body.vector(2))
    }
  }
  return hello
}

/** RFC 6066 section 3: the first name of type host_name. */
function serverName(body: Cursor): string | null {
  const list = body.vector(2)
  const type = list.number(1)
  const name = list.vector(2)
  if (list.failed || type !== 0 || name.end === 0 || name.end > NAME_BYTES_MAX) return null
  const text = name.bytes.toString('latin1').toLowerCase().replace(/\.$/, '')
  // It may match a wildcard and get to a log: whatever else stands in it is no name.
  return HOST_NAME.test(text) ? text : null
}

function keyName(body: Cursor): string | null {
  if (body.failed || body.end < TICKET_KEY_NAME_BYTES) return null
  return body.bytes.toString('latin1', 0, TICKET_KEY_NAME_BYTES)
}

/** The highest version of TLS itself: values of the form 0x?a?a are grease (RFC 8701). */
function highest(versions: readonly number[], fallback: number): number {
  const real = versions.filter((version) => version >= 0x0301 && version <= 0x0304)
  return real.length === 0 ? fallback : Math.max(...real)
}

function keyShares(list: Cursor): number[] {
  const groups: number[] = []
  while (!list.isAtEnd && groups.length < LIST_MAX) {
    const group = list.number(2)
    list.vector(2)
    if (!list.failed) groups.push(group)
  }
  return groups
}
