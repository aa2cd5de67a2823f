// Which process this is: the supervisor, or one that the supervisor started. Each loads only what it needs.

/** Runs this process as what it was started for. */
export async function main(): Promise<void> {
  const role = process.env['EVENKEEL_PROCESS']
  if (role === undefined || process.send === undefined) {
    const { runProgram } = await import('./supervisor/program.ts')
    await runProgram(process.argv.slice(2))
    return
  }
  process.title = `evenkeel ${role}`
  if (role === 'settings') {
    const { runSettingsReader } = await import('./cli/read-settings.ts')
    runSettingsReader(process.argv.slice(2))
    return
  }
  // A terminal sends SIGINT or SIGHUP, and a service manager may send SIGTERM, to every process of the group. Only the
  // supervisor acts on them: it tells the others in good order.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => undefined)
  process.on('SIGHUP', () => undefined)
  // Without the supervisor nobody would end this process or take what it has to say.
  process.on('disconnect', () => process.exit(1))
  process.on('error', endWithoutSupervisor)
  // It may have ended before this one could hear of it.
  if (!process.connected) process.exit(1)
  if (role === 'control') (await import('./control/control.ts')).runControl()
  else if (role === 'worker') (await import('./worker/worker.ts')).runWorker()
  else (await import('./demo/targets.ts')).runDemoTargets()
}

/** A message that was under way when the supervisor died fails before the end of the channel is heard of. */
function endWithoutSupervisor(error: NodeJS.ErrnoException): void {
  const isChannelGone = ['EPIPE', 'ECONNRESET', 'ERR_IPC_CHANNEL_CLOSED'].includes(error.code ?? '')
  if (!isChannelGone) throw error
  process.exit(1)
}

if (import.meta.main) await main()
