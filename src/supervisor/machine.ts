// What this machine lets the program bind, found out once at start: node addresses in 127/8, and low ports.

import { readFileSync } from 'node:fs'
import { addressPool } from '../model/cidr.ts'
import { isLoopbackAddress, numberToIpv4 } from '../model/ip.ts'
import type { ProgramSettings } from '../model/settings.ts'
import { bindProblem } from './listening-socket.ts'

/** Offset that `auto` takes where low ports are out of reach: port 80 becomes 8080. */
const LOW_PORT_OFFSET = 8000
const SHARED_ADDRESS = '127.0.0.1'

export interface Machine {
  readonly bindOffset: number
  readonly sharedAddress: string | null
  /** What is done otherwise than asked for, in words for the operator. */
  readonly notes: readonly string[]
}

/** Tries what the settings need. `problem` is the system's code for a bind that fails, or null. */
export function examineMachine(
  settings: Pick<ProgramSettings, 'zones' | 'portOffset' | 'sharedAddress'>,
  problem: (address: string, port: number) => string | null = bindProblem,
): Machine {
  const notes: string[] = []
  const first = addressPool(settings.zones[0]?.pool ?? '')?.first
  const poolAddress = first === undefined ? SHARED_ADDRESS : numberToIpv4(first)
  // Port 0 is any free port: tells of the address alone.
  const isMissing =
    settings.sharedAddress === null &&
    isLoopbackAddress(poolAddress) &&
    problem(poolAddress, 0) === 'EADDRNOTAVAIL'
  const sharedAddress = isMissing ? SHARED_ADDRESS : settings.sharedAddress
  if (isMissing) {
    notes.push(
      `This machine does not have ${poolAddress}: all load balancers share ${SHARED_ADDRESS}, and the Host header picks one`,
    )
  }
  if (settings.portOffset !== 'auto') {
    return { bindOffset: settings.portOffset, sharedAddress, notes }
  }
  const isDenied = problem(sharedAddress ?? poolAddress, 80) === 'EACCES'
  if (isDenied) {
    notes.push(
      `Ports below 1024 may not be bound: a listener on port 80 is reached at port ${80 + LOW_PORT_OFFSET}, and so on (port offset ${LOW_PORT_OFFSET})`,
    )
  }
  return { bindOffset: isDenied ? LOW_PORT_OFFSET : 0, sharedAddress, notes }
}

/** How many files each process of the program may have open; null: as many as it likes. */
export function openFilesLimit(): number | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1')
    const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1]
    return soft === undefined || soft === 'unlimited' ? null : Number(soft)
  } catch {
    // Not Linux: there the system's own refusal has to do.
    return null
  }
}
