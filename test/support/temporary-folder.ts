// Folders that outlast whatever a test still has running when it fails: a hook that removes one before the program that
// writes to it has ended fails, and with it all hooks behind it, which would have ended the program.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders: string[] = []

process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
})

/** A new folder, removed when this process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-'))
  folders.push(folder)
  return folder
}
