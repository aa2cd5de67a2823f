// Node's TLS below its streams: a handle over a TCP handle that encrypts what is written and decrypts what comes. The
// only file that knows its names, which are not documented: all of them are looked at before they are used.

// Also puts the handle's own methods in place.
import { createSecureContext, type SecureContext } from 'node:tls'

import { hasStreamHandles, type StreamHandle } from './stream-handle.ts'

/** A TLS session over a connected TCP handle. At most one write may be in progress at a time. */
export interface TlsHandle extends StreamHandle {
  onhandshakestart: () => void
  onhandshakedone: () => void
  /** A fault of the protocol; the alert, if any, is on its way already. */
  onerror: (error: Error) => void
  onnewsession: (id: Buffer, session: Buffer) => void
  /** Bytes that were read from the TCP handle before there was TLS. */
  receive(bytes: Buffer): void
  /** Begins the handshake of a client. */
  start(): void
  setVerifyMode(requestsCertificate: boolean, rejects: boolean): void
  setALPNProtocols(list: Buffer): void
  setServername(name: string): void
  enableSessionCallbacks(): void
  setSession(session: Buffer): void
  isSessionReused(): boolean
  /** `TLSv1.2`, `TLSv1.3` … */
  getProtocol(): string | null
  /** `name` as OpenSSL has it. */
  getCipher(): { readonly name: string } | undefined
  getALPNNegotiatedProtocol(): string | false | undefined
  destroySSL(): void
}

interface TlsBinding {
  wrap(tcp: StreamHandle, context: unknown, isServer: boolean, hasActiveWrites: boolean): TlsHandle
}

const binding = tlsBinding()

function tlsBinding(): TlsBinding | null {
  try {
    const access = process as unknown as { binding(name: string): unknown }
    const found = access.binding('tls_wrap') as Partial<TlsBinding> & { TLSWrap?: { prototype?: object } }
    const methods = found.TLSWrap?.prototype ?? {}
    const isComplete =
      hasStreamHandles &&
      typeof found.wrap === 'function' &&
      ['receive', 'start', 'destroySSL', 'useUserBuffer', 'getCipher'].every((name) => name in methods)
    return isComplete ? (found as TlsBinding) : null
  } catch {
    return null
  }
}

/** Whether this Node offers all that is declared here. */
export const hasTlsHandles = binding !== null

/** The TLS session of one side over a connected handle, from which nobody else may read any more. */
export function wrapTls(tcp: StreamHandle, context: SecureContext, isServer: boolean): TlsHandle {
  if (binding === null) throw new Error('This Node has no TLS handles')
  const handle = binding.wrap(tcp, context.context, isServer, false)
  // The collector would take a TLS handle that its TCP handle does not name.
  const parent = tcp as StreamHandle & { tls?: TlsHandle }
  parent.tls = handle
  Object.assign(handle, { _parent: tcp, _parentWrap: null })
  handle.onhandshakestart = ignore
  handle.onhandshakedone = ignore
  handle.onnewsession = ignore
  Object.assign(handle, { oncertcb: ignore, onclienthello: ignore })
  return handle
}

/** The wire form of a list of protocols for ALPN (RFC 7301 section 3.1). */
export function alpnList(protocols: readonly string[]): Buffer {
  return Buffer.concat(
    protocols.map((name) => Buffer.from(`${String.fromCharCode(name.length)}${name}`, 'latin1')),
  )
}

export { createSecureContext, type SecureContext }

function ignore(): void {}
