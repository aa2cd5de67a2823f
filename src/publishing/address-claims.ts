// Node addresses that this program has, as against other programs on the machine. Two programs with the same pools would
// otherwise give out the same addresses, and the second one's load balancers could not listen.
//
// A claim is a socket in Linux's abstract namespace: it reaches as far as the addresses do, to the end of the network
// namespace, it is one program's at a time, and it leaves nothing behind, whatever ends the program. It says so before
// there is a listener. Other systems have no addresses of 127/8 to choose from.

import { readFile } from 'node:fs/promises'
import { createServer, isIPv4, type Server } from 'node:net'
import { isLoopbackAddress } from '../model/ip.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'

const NAME = 'evenkeel-node-'
const LISTENING = '0A'

export class AddressClaims {
  /** By address; undefined while it is being made, or where it could not be. */
  readonly #claims = new Map<string, Server | undefined>()
  /** Addresses of those who were given some. */
  readonly #held = new Map<string, readonly string[]>()

  /** Takes an address that is to be given out; false if another program has it. */
  async take(address: string): Promise<boolean> {
    if (process.platform !== 'linux' || this.#claims.has(address)) return true
    if (isLoopbackAddress(address) && (await hasListener(address))) return false
    return await this.#claim(address)
  }

  /** Holds what load balancers have that were published. */
  sent({ loadBalancers, removedLoadBalancers }: SnapshotUpdate): void {
    for (const { arn, nodes, closedNodes = [] } of loadBalancers) {
      this.hold(
        arn,
        [...nodes, ...closedNodes].map(({ address }) => address),
      )
    }
    for (const arn of removedLoadBalancers) this.release(arn)
  }

  /** What its owner has now: taken as far as it is to be had; what it had before and has no more is given back. */
  hold(owner: string, addresses: readonly string[]): void {
    if (process.platform !== 'linux') return
    const before = this.#held.get(owner) ?? []
    this.#held.set(owner, addresses)
    for (const address of before) if (!addresses.includes(address)) this.#giveBack(address)
    for (const address of addresses) {
      if (isIPv4(address) && !this.#claims.has(address)) void this.#claim(address)
    }
  }

  release(owner: string): void {
    for (const address of this.#held.get(owner) ?? []) this.#giveBack(address)
    this.#held.delete(owner)
  }

  close(): void {
    for (const address of this.#claims.keys()) this.#giveBack(address)
  }

  #giveBack(address: string): void {
    this.#claims.get(address)?.close()
    this.#claims.delete(address)
  }

  async #claim(address: string): Promise<boolean> {
    this.#claims.set(address, undefined)
    const server = createServer((socket) => socket.destroy())
    server.unref()
    const code = await new Promise<string | undefined>((resolve) => {
      server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
      server.listen({ path: `\0${NAME}${address}` }, () => resolve(undefined))
    })
    if (code !== undefined) {
      this.#claims.delete(address)
      // Whatever else goes wrong, such as a want of descriptors, is no reason to refuse an address.
      return code !== 'EADDRINUSE'
    }
    // It was given back meanwhile.
    if (!this.#claims.has(address)) server.close()
    else this.#claims.set(address, server)
    return true
  }
}

/** Whether somebody listens at just this address: a program that makes no claims. */
async function hasListener(address: string): Promise<boolean> {
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0').toUpperCase())
  const local = new RegExp(`^ *\\d+: ${bytes.toReversed().join('')}:\\w{4} \\w+:\\w{4} ${LISTENING} `, 'm')
  try {
    return local.test(await readFile('/proc/net/tcp', 'latin1'))
  } catch {
    return false
  }
}
