// The process that reads the command line and the configuration file, tells the supervisor what they come to, and ends.
// It is a process of its own because what it takes to parse and check them is needed once, and would stay in the memory
// of whoever did it.

import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ProgramSettings } from '../model/settings.ts'
import { StartError } from '../model/start-error.ts'
import { settingsOf } from './config.ts'
import { readOptions } from './options.ts'

/** What the supervisor is told. `settings` is null where help was asked for and printed. */
export type SettingsMessage =
  | { readonly type: 'settings'; readonly settings: ProgramSettings | null }
  /** What the operator has to mend. */
  | { readonly type: 'problem'; readonly message: string }

/** Runs this process: reads, tells, ends. */
export function runSettingsReader(args: readonly string[]): void {
  const message = read(args)
  process.send?.(message, undefined, {}, () => process.exit())
}

function read(args: readonly string[]): SettingsMessage {
  try {
    const options = readOptions(args)
    if (options === null) return { type: 'settings', settings: null }
    const settings = settingsOf(options)
    prepareFolders(settings)
    return { type: 'settings', settings }
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return { type: 'problem', message: error.message }
  }
}

/** Everything is kept below the data folder, so it has to be usable before anything starts. */
function prepareFolders(settings: ProgramSettings): void {
  for (const folder of [settings.dataFolder, join(settings.dataFolder, 'spool'), settings.logRoot]) {
    try {
      mkdirSync(folder, { recursive: true })
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    } catch (cause) {
      const what = folder === settings.logRoot ? 'log root' : 'data folder'
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new StartError(
        `Cannot use the ${what} ${folder}: ${reason}; make it a folder that this user may write to, or name another one`,
        { cause },
      )
    }
  }
}
