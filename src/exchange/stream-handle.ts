// Node's own stream layer below `net`: handles that read into a given buffer and write without a stream in between. The
// only file that knows its names. They are not documented, so everything is looked at before it is used, and who uses
// it has another way where it is missing; the Node that comes with the program has it.

/** What a write or a shutdown in progress hangs on; Node calls `oncomplete` when it is done. */
export interface StreamRequest {
  oncomplete: ((status: number) => void) | null
  buffer?: Buffer | null
}

/** The handle of a connected TCP socket. Results are 0 or a negative system error number. */
export interface StreamHandle {
  /** Called for every read; `readResult` says how many bytes came, or why none. */
  onread: () => void
  useUserBuffer(buffer: Buffer): void
  readStart(): number
  readStop(): number
  writeLatin1String(request: StreamRequest, text: string): number
  writeBuffer(request: StreamRequest, bytes: Buffer): number
  /** 1: done at once, `oncomplete` will not be called. */
  shutdown(request: StreamRequest): number
  close(onClosed: () => void): void
  getpeername(name: { address?: string; port?: number }): number
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

const binding = streamBinding()

function streamBinding(): StreamBinding | null {
  try {
    const access = process as unknown as { binding(name: string): Partial<StreamBinding> }
    const found = access.binding('stream_wrap')
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

/** Whether this Node offers all that is declared here. */
export const hasStreamHandles = binding !== null

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
