// The log of the control process, on stderr.

import { pino, type Logger } from 'pino'
import type { LogLevel } from '../model/settings.ts'

export function processLog(level: LogLevel): Logger {
  const destination = pino.destination({ dest: 2, sync: true })
  // A reader of the output that goes away is no reason to end.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined)
  destination.on('error', () => undefined)
  return pino({ level }, destination)
}
