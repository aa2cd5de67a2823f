// Node addresses for the programs that a test file starts: 127.N.0.0/16, where N follows from the file's name, so that a
// file has the same addresses every time. A lock makes them its own: where two names lead to one N, or where another
// suite runs on the machine, the later one gets the next that is free.

import { createServer } from 'node:net'
import { relative, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
/** Below are the addresses that the program takes by itself, and those of clients and targets in tests. */
const FIRST = 4
const COUNT = 250
const ZONES = 4
const PROGRAMS = 16

const network = await claim(relative(ROOT, process.argv[1] ?? ''))

/**
 * First three numbers of the addresses that nodes have in a zone, the first of which ends with `.1`.
 *
 * @param zone From 0; 3 is no zone of the program.
 * @param index Which of the programs that run at the same time for this file, from 0 to 15.
 */
export function nodeNetwork(zone: number, index = 0): string {
  if (zone >= ZONES || index >= PROGRAMS) throw new RangeError(`There is no zone ${zone} of program ${index}`)
  return `127.${network}.${(zone * PROGRAMS + index) * 4}`
}

async function claim(name: string): Promise<number> {
  const wanted = hash(name)
  for (let step = 0; step < COUNT; step++) {
    const candidate = FIRST + ((wanted + step) % COUNT)
    if (await lock(`evenkeel-test-network-${candidate}`)) return candidate
  }
  throw new Error(`All ${COUNT} networks for nodes are in use by tests that run`)
}

/**
 * Takes a name for as long as this process lives. The name is a socket's in Linux's abstract namespace: it leaves
 * nothing behind, whatever ends the process, and reaches as far as the addresses do, to the end of the network namespace.
 */
async function lock(name: string): Promise<boolean> {
  const holder = createServer()
  const { promise, resolve: settle, reject } = Promise.withResolvers<boolean>()
  holder.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') settle(false)
    else reject(error)
  })
  holder.listen(`\0${name}`, () => settle(true))
  holder.unref()
  return await promise
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0
  return value
}
