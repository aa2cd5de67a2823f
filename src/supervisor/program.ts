// The program as its user meets it: has the settings read, starts the supervisor, says what it did, ends on signals.

import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { SettingsMessage } from '../cli/read-settings.ts'
import type { ControlSettings, ProgramSettings } from '../model/settings.ts'
import { banner } from './banner.ts'
import { Child, forkProcess } from './child.ts'
import { Log } from './log.ts'
import { examineMachine, openFilesLimit } from './machine.ts'
import { Supervisor } from './supervisor.ts'

/** Exit code for what the operator has to mend: EX_CONFIG of sysexits. */
const EXIT_CONFIG = 78
/** How often it is looked whether npm is still there. */
const PARENT_CHECK_MS = 1000

type DemoTargets = ControlSettings['demoTargets']

/** Runs until a signal ends it. */
export async function runProgram(args: readonly string[]): Promise<void> {
  const parent = process.ppid
  const script = process.argv[1] ?? ''
  // A reader of the output that goes away is no reason to end.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined)
  // Most of the time to start is control's: it loads its code while the settings are read.
  const control = forkProcess(script, 'control')
  const answer = await settingsOf(script, args)
  if (answer.type === 'settings' && answer.settings !== null) {
    await run(script, answer.settings, control, parent)
    return
  }
  control.kill('SIGKILL')
  if (answer.type === 'problem') fail(answer.message)
}

async function settingsOf(script: string, args: readonly string[]): Promise<SettingsMessage> {
  const reader = forkProcess(script, 'settings', args)
  const { promise, resolve } = Promise.withResolvers<SettingsMessage>()
  const unanswered = (how: string): void =>
    resolve({
      type: 'problem',
      message: `Cannot start: reading the settings ended (${how}); this is a fault of the program`,
    })
  reader.on('message', (message) => resolve(message as SettingsMessage))
  reader.on('error', (error) => unanswered(error.message))
  reader.on('exit', (code, signal) => unanswered(signal ?? `exit code ${code}`))
  return await promise
}

async function run(
  script: string,
  settings: ProgramSettings,
  control: ChildProcess,
  parent: number,
): Promise<void> {
  const machine = examineMachine(settings)
  const log = new Log(settings.logLevel, (line) => process.stderr.write(line))
  const demo = settings.demo ? await startDemoTargets(script) : null
  const controlSettings: ControlSettings = {
    ...settings,
    bindOffset: machine.bindOffset,
    sharedAddress: machine.sharedAddress,
    spoolFolder: join(settings.dataFolder, 'spool'),
    auditFolder: join(settings.dataFolder, 'audit'),
    openFilesMax: openFilesLimit(),
    demoTargets: demo?.targets ?? [],
  }
  const supervisor = new Supervisor({
    settings: controlSettings,
    script,
    control,
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
  if (process.env['npm_lifecycle_event'] !== undefined) endWithParent(parent, end)
  supervisor.start()
}

/**
 * npm passes SIGINT and SIGTERM on, but not SIGHUP: it ends, and what it started would run on without anybody knowing.
 * Nothing tells a process that its parent is gone, other than its new parent.
 */
function endWithParent(parent: number, end: () => void): void {
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    end()
  }, PARENT_CHECK_MS)
  timer.unref()
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
