// The program as its user meets it: reads the settings, starts the supervisor, says what it did, ends on signals.

import { mkdirSync, accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import type { ControlSettings, ProgramSettings } from '../model/settings.ts'
import { StartError } from '../model/start-error.ts'
import { Child } from '../supervisor/child.ts'
import { examineMachine } from '../supervisor/machine.ts'
import { Supervisor } from '../supervisor/supervisor.ts'
import { banner } from './banner.ts'
import { settingsOf } from './config.ts'
import { readOptions } from './options.ts'

/** Exit code for what the operator has to mend: EX_CONFIG of sysexits. */
const EXIT_CONFIG = 78

type DemoTargets = ControlSettings['demoTargets']

/** Runs until a signal ends it. */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    const options = readOptions(args)
    if (options === null) return
    const settings = settingsOf(options)
    prepareFolders(settings)
    await run(settings)
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    fail(error.message)
  }
}

async function run(settings: ProgramSettings): Promise<void> {
  const script = process.argv[1] ?? ''
  const machine = examineMachine(settings)
  const destination = pino.destination({ dest: 2, sync: true })
  // A reader of the output that goes away is no reason to end.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined)
  destination.on('error', () => undefined)
  const log = pino({ level: settings.logLevel }, destination)
  const demo = settings.demo ? await startDemoTargets(script) : null
  const controlSettings: ControlSettings = {
    ...settings,
    bindOffset: machine.bindOffset,
    sharedAddress: machine.sharedAddress,
    spoolFolder: join(settings.dataFolder, 'spool'),
    auditFolder: join(settings.dataFolder, 'audit'),
    demoTargets: demo?.targets ?? [],
  }
  const supervisor = new Supervisor({
    settings: controlSettings,
    script,
    log,
    onReady: (endpoint, dns) => {
      process.stdout.write(banner(endpoint, dns, settings, machine.notes))
      // Nobody would start this process again, and all traffic would end with it.
      process.on('uncaughtException', (error) => log.error({ err: error }, 'fault of the supervisor'))
    },
    onFatal: (message) => {
      demo?.child.kill()
      fail(message)
    },
  })
  let signals = 0
  const end = (): void => {
    signals++
    if (signals > 1) {
      supervisor.kill()
      demo?.child.kill()
      process.exit(1)
    }
    process.stderr.write('Finishing what runs; once more to stop at once\n')
    void supervisor.drain().then(() => {
      demo?.child.kill()
      process.exit(0)
    })
  }
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  process.on('SIGHUP', end)
  process.on('SIGUSR2', () => supervisor.flush())
  supervisor.start()
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

async function startDemoTargets(script: string): Promise<{ child: Child; targets: DemoTargets }> {
  const { promise, resolve } = Promise.withResolvers<DemoTargets>()
  const child = new Child({
    script,
    role: 'demo',
    onStart: () => undefined,
    onMessage: (_child, message) => resolve(message as DemoTargets),
    onEnd: () => undefined,
  })
  child.start()
  return { child, targets: await promise }
}

function fail(message: string): void {
  process.stderr.write(`evenkeel: ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`)
  process.exitCode = EXIT_CONFIG
}
