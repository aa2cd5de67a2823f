// The command line: what may be given, and what each value has to look like.

import { isIP } from 'node:net'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { StartError } from '../model/start-error.ts'
import type { LogLevel } from '../model/settings.ts'

/** What was given; what was not is left to the configuration file and the defaults. */
export interface Options {
  readonly data?: string
  readonly api?: { readonly host: string; readonly port: number }
  readonly dns?: { readonly host: string; readonly port: number } | 'off'
  readonly config?: string
  readonly workers?: number
  readonly portOffset?: number | 'auto'
  readonly sharedAddress?: string
  readonly timeScale?: number
  readonly logLevel?: LogLevel
  readonly demo?: boolean
  readonly forgetSecrets?: boolean
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** Reads the arguments. `null`: help was asked for and printed. Throws a StartError for what cannot be understood. */
export function readOptions(args: readonly string[]): Options | null {
  const command = new Command('evenkeel')
    .description('Elastic Load Balancing that runs anywhere')
    .option('--data <folder>', 'where everything is kept (default: ./data)')
    .option('--api <host:port>', 'where the AWS API listens (default: 127.0.0.1:9999)', readHostPort)
    .option(
      '--dns <ip:port>',
      'where the DNS server listens, or "off" (default: 127.0.0.1:5300, or any free port)',
      readDnsPlace,
    )
    .option('--config <file>', 'configuration in JSON')
    .option(
      '--workers <n>',
      'processes that carry traffic (default: one per core)',
      integer('workers', 1, 256),
    )
    .option('--port-offset <n>', 'added to every listener port, or "auto" (default: auto)', readOffset)
    .option(
      '--shared-address <address>',
      'where all load balancers listen; the Host header picks one (default: an address of 127/8 each)',
      readAddress,
    )
    .option('--time-scale <n>', 'run all durations n times faster, for tests', readScale)
    .option('--forget-secrets', 'drop the stored secrets that secrets.key does not open')
    .option('--demo', 'also make the tutorial load balancer with two targets')
    .addOption(new Option('--log-level <level>', 'of the process log (default: warn)').choices(LOG_LEVELS))
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
  try {
    command.parse(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return null
    const problem = error.message
      .replace(/^error: /, '')
      .replaceAll(/\s+/g, ' ')
      .replace(/\.$/, '')
    throw new StartError(`Cannot read the command line: ${problem}; --help lists what there is`, {
      cause: error,
    })
  }
  return command.opts<Options>()
}

/** `127.0.0.1:9999`, `[::1]:9999`. */
export function readHostPort(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3] ?? -1)
  if (match === null || port > 65_535) {
    throw new InvalidArgumentError('Wanted is HOST:PORT, for example 127.0.0.1:9999.')
  }
  return { host: match[1] ?? match[2] ?? '', port }
}

function readDnsPlace(text: string): { host: string; port: number } | 'off' {
  if (text === 'off') return text
  const place = readHostPort(text)
  if (isIP(place.host) === 0) {
    throw new InvalidArgumentError('Wanted is IP:PORT, for example 127.0.0.1:5300, or off.')
  }
  return place
}

function readOffset(text: string): number | 'auto' {
  return text === 'auto' ? 'auto' : integer('port-offset', 0, 64_000)(text)
}

function readAddress(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('Wanted is an IP address, for example 127.0.0.1.')
  return text
}

function readScale(text: string): number {
  const scale = Number(text)
  if (!(scale >= 1 && scale <= 10_000)) throw new InvalidArgumentError('Wanted is a number from 1 to 10000.')
  return scale
}

function integer(_name: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Wanted is a whole number from ${min} to ${max}.`)
    }
    return value
  }
}
