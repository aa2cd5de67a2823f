// Node's own stream layer below `net`: handles that read into a given buffer and write without a stream in between. The
// only file that knows its names. They are not documented, so everything is looked at before it is used, and who uses
// it has another way where it is missing; the Node that comes with the program has it.

/** What a write or a shutdown in progress hangs on; Node calls `oncomplete` when it is done. */
export interface StreamRequest {
  /** Called as a method of the request. */
  oncomplete: ((status: number) => void) | null
  buffer?: Buffer | null
}

/** The handle of a connected TCP socket. Results are 0 or a negative system error number. */
export interface StreamHandle {
  /** Called for every read; `readResult` says how many bytes came, or why none. May name another buffer for the next. */
  onread: () => Buffer | undefined
  useUserBuffer(buffer: Buffer): void
  readStart(): number
  readStop(): number
  writeLatin1String(request: StreamRequest, text: string): number
  writeBuffer(request: StreamRequest, bytes: Buffer): number
  /** 1: done at once, `oncomplete` will not be called. */
  shutdown(request: StreamRequest): number
  close(onClosed: () => void): void
  /** Closes with a reset in place of a FIN. */
  reset(onClosed: () => void): number
  /** Bytes that the kernel has not taken yet. */
  readonly writeQueueSize: number
  getpeername(name: { address?: string; port?: number }): number
}

interface TcpHandle extends StreamHandle {
  bind(address: string, port: number): number
  bind6(address: string, port: number, flags: number): number
  connect(request: ConnectRequest, address: string, port: number): number
  connect6(request: ConnectRequest, address: string, port: number): number
  getsockname(name: { port?: number }): number
  setNoDelay(enable: boolean): number
}

interface ConnectRequest {
  oncomplete: ((status: number) => void) | null
}

interface TcpBinding {
  readonly TCP: new (type: number) => TcpHandle
  readonly TCPConnectWrap: new () => ConnectRequest
  readonly constants: { readonly SOCKET: number }
}

interface StreamBinding {
  readonly WriteWrap: new () => StreamRequest
  readonly ShutdownWrap: new () => StreamRequest
  readonly streamBaseState: Int32Array
  readonly kLastWriteWasAsync: number
  readonly kReadBytesOrError: number
}

/** libuv's UV_EOF: the other side has sent its FIN. */
export const END_OF_FILE = -4095

const access = process as unknown as { binding(name: string): unknown }
const binding = streamBinding()
const tcp = tcpBinding()

function streamBinding(): StreamBinding | null {
  try {
    const found = access.binding('stream_wrap') as Partial<StreamBinding>
    const isComplete =
      typeof found.WriteWrap === 'function' &&
      typeof found.ShutdownWrap === 'function' &&
      found.streamBaseState !== undefined &&
      typeof found.kLastWriteWasAsync === 'number' &&
      typeof found.kReadBytesOrError === 'number'
    return isComplete ? (found as StreamBinding) : null
  } catch {
    return null
  }
}

function tcpBinding(): TcpBinding | null {
  try {
    const found = access.binding('tcp_wrap') as Partial<TcpBinding>
    const isComplete =
      typeof found.TCP === 'function' &&
      typeof found.TCPConnectWrap === 'function' &&
      typeof found.constants?.SOCKET === 'number'
    return isComplete ? (found as TcpBinding) : null
  } catch {
    return null
  }
}

/** Whether this Node offers all that is declared here. */
export const hasStreamHandles = binding !== null && tcp !== null

/** A request for a write; see `wasAsync` for when it may be used again. */
export function writeRequest(): StreamRequest {
  if (binding === null) throw new Error('This Node has no stream handles')
  return new binding.WriteWrap()
}

export function shutdownRequest(): StreamRequest {
  if (binding === null) throw new Error('This Node has no stream handles')
  return new binding.ShutdownWrap()
}

/** Whether the write just made is still in progress. One that is not left no trace in its request. */
export function wasAsync(): boolean {
  return binding !== null && binding.streamBaseState[binding.kLastWriteWasAsync] !== 0
}

/** In `onread`: the number of bytes read, 0, or a negative system error number. */
export function readResult(): number {
  return binding === null ? 0 : (binding.streamBaseState[binding.kReadBytesOrError] as number)
}

/** A handle with a port of an address; null where the machine does not have it, or where its ports are used up. */
function boundHandle({ TCP, constants }: TcpBinding, address: string): TcpHandle | null {
  const handle = new TCP(constants.SOCKET)
  const error = address.includes(':') ? handle.bind6(address, 0, 0) : handle.bind(address, 0)
  const name: { port?: number } = {}
  // That there is no port left is told only by the attempt to connect, which is then lost.
  if (error === 0 && handle.getsockname(name) === 0 && (name.port ?? 0) !== 0) return handle
  handle.close(() => undefined)
  return null
}

/**
 * A handle on its way to an address, from `source` if that can be had. `error`: the system refused at once, and
 * `onConnected` will not be called.
 */
export function connectHandle(
  address: string,
  port: number,
  source: string | null,
  onConnected: (status: number) => void,
): { readonly handle: StreamHandle; readonly error: number } {
  if (tcp === null) throw new Error('This Node has no stream handles')
  const handle = (source === null ? null : boundHandle(tcp, source)) ?? new tcp.TCP(tcp.constants.SOCKET)
  const request = new tcp.TCPConnectWrap()
  request.oncomplete = (status) => {
    if (status === 0) handle.setNoDelay(true)
    onConnected(status)
  }
  const error = address.includes(':')
    ? handle.connect6(request, address, port)
    : handle.connect(request, address, port)
  return { handle, error }
}
