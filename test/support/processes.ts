// Processes and sockets as the kernel shows them. Linux only, because it looks into /proc.

import { readFileSync, readdirSync, readlinkSync } from 'node:fs'

import { eventually } from './eventually.ts'

const FIELD_PARENT = 4
const FIRST_FIELD_AFTER_NAME = 3
const TCP_ESTABLISHED = '01'
const TCP_LISTEN = '0A'

/** Processes whose parent is `pid`, by ascending ID. */
export function childrenOf(pid: number): number[] {
  const children: number[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const text = readIfThere(`/proc/${name}/stat`)
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    if (Number(fields[FIELD_PARENT - FIRST_FIELD_AFTER_NAME]) === pid) children.push(Number(name))
  }
  return children.toSorted((a, b) => a - b)
}

/** Which part of the program a process is, from its environment: `control`, `worker`; empty for any other process. */
export function roleOf(pid: number): string {
  const environment = readIfThere(`/proc/${pid}/environ`).split('\0')
  const name = 'EVENKEEL_PROCESS='
  return environment.find((each) => each.startsWith(name))?.slice(name.length) ?? ''
}

/** SIGKILL for one process; resolves when it is gone, with its sockets. */
export async function killProcess(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself when its supervisor did.
  }
  await eventually(`process ${pid} is gone`, () => !isAlive(pid), { pauseMs: 1 })
}

/** IPv4 addresses on which something listens on this port. */
export function listeningAddresses(port: number): string[] {
  const sockets = tcpSockets().filter((socket) => socket.state === TCP_LISTEN && socket.localPort === port)
  return [...new Set(sockets.map((socket) => socket.localAddress))].toSorted()
}

/** Accepted connections on a local port that a process has open. */
export function connectionCount(pid: number, localPort: number): number {
  const inodes = new Set<string>()
  for (const name of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`))?.[1]
      if (inode !== undefined) inodes.add(inode)
    } catch {
      // Closed since the folder was read.
    }
  }
  return tcpSockets().filter(
    ({ state, localPort: port, inode }) =>
      state === TCP_ESTABLISHED && port === localPort && inodes.has(inode),
  ).length
}

interface TcpSocket {
  readonly localAddress: string
  readonly localPort: number
  readonly state: string
  readonly inode: string
}

function tcpSockets(): TcpSocket[] {
  return readFileSync('/proc/net/tcp', 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [, local = '', , state = '', , , , , , inode = ''] = line.trim().split(/\s+/)
      const [address = '', port = ''] = local.split(':')
      const bytes = address.match(/../g) ?? []
      const localAddress = bytes
        .map((byte) => parseInt(byte, 16))
        .toReversed()
        .join('.')
      return { localAddress, localPort: parseInt(port, 16), state, inode }
    })
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/**
 * A process that has ended and was not yet waited for counts as gone, but only with its last thread: until then its
 * sockets are open.
 */
function isAlive(pid: number): boolean {
  const text = readIfThere(`/proc/${pid}/stat`)
  if (text === '') return false
  if (text.charAt(text.lastIndexOf(')') + 2) !== 'Z') return true
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1
  } catch {
    return false
  }
}
