// A ClientHello as bytes, and what a server answers to it: for offers that no TLS library makes (RFC 5246, RFC 8446).

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'

/** Versions on the wire. */
export const wireVersions = {
  SSLv3: 0x0300,
  TLSv1: 0x0301,
  'TLSv1.1': 0x0302,
  'TLSv1.2': 0x0303,
  'TLSv1.3': 0x0304,
} as const

export type WireVersion = keyof typeof wireVersions

const HANDSHAKE = 22
const ALERT = 21
const GROUPS = [0x001d, 0x0017, 0x0018]
const SCHEMES = [0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201]
const TLS13 = 0x0304
const TLS12 = 0x0303

/** Raw public key for the key share; one does for all hellos. */
const x25519 = generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)

const u8 = (value: number): Buffer => Buffer.from([value])
const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff])
const list8 = (bytes: Buffer): Buffer => Buffer.concat([u8(bytes.length), bytes])
const list16 = (bytes: Buffer): Buffer => Buffer.concat([u16(bytes.length), bytes])
const numbers = (values: readonly number[]): Buffer => Buffer.concat(values.map(u16))

/** One record with a hello of one version and these cipher suites only. */
export function clientHello(version: WireVersion, suites: readonly number[], serverName: string): Buffer {
  const wire = wireVersions[version]
  const extension = (type: number, body: Buffer): Buffer => Buffer.concat([u16(type), list16(body)])
  const extensions = [
    extension(0, list16(Buffer.concat([u8(0), list16(Buffer.from(serverName))]))),
    extension(10, list16(numbers(GROUPS))),
    extension(11, list8(u8(0))),
  ]
  if (wire >= TLS12) extensions.push(extension(13, list16(numbers(SCHEMES))))
  if (wire === TLS13) {
    extensions.push(
      extension(43, list8(u16(TLS13))),
      extension(51, list16(Buffer.concat([u16(0x001d), list16(x25519)]))),
    )
  }
  const body = Buffer.concat([
    u16(Math.min(wire, TLS12)),
    randomBytes(32),
    list8(Buffer.alloc(0)),
    list16(numbers(suites)),
    list8(u8(0)),
    wire === wireVersions.SSLv3 ? Buffer.alloc(0) : list16(Buffer.concat(extensions)),
  ])
  const message = Buffer.concat([u8(1), u8(0), u16(body.length), body])
  return Buffer.concat([u8(HANDSHAKE), u16(Math.min(wire, 0x0301)), list16(message)])
}

export type HelloAnswer =
  | { readonly kind: 'hello'; readonly version: number; readonly suite: number }
  | { readonly kind: 'alert'; readonly description: number }
  | { readonly kind: 'closed' }

/** Sends a hello over a connection of its own and reads the first record that comes back. */
export async function answerTo(port: number, hello: Buffer): Promise<HelloAnswer> {
  const socket = net.connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write(hello)
    let bytes = Buffer.alloc(0)
    for await (const chunk of socket) {
      bytes = Buffer.concat([bytes, chunk as Buffer])
      if (bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt16BE(3)) return read(bytes)
    }
    return { kind: 'closed' }
  } finally {
    socket.destroy()
  }
}

function read(record: Buffer): HelloAnswer {
  if (record[0] === ALERT) return { kind: 'alert', description: record.readUInt8(6) }
  const sessionAt = 5 + 4 + 2 + 32
  const suiteAt = sessionAt + 1 + record.readUInt8(sessionAt)
  // TLS 1.3 says its version in an extension, and is the only one that has supported_versions in a ServerHello.
  const isTls13 = record.includes(Buffer.from([0x00, 0x2b, 0x00, 0x02, 0x03, 0x04]), suiteAt)
  return {
    kind: 'hello',
    version: isTls13 ? TLS13 : record.readUInt16BE(9),
    suite: record.readUInt16BE(suiteAt),
  }
}
