// Another revision of this project in a folder of its own, with the packages it asks for, to be measured beside this one.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Checkout } from './evenkeel.ts'
import { OURS } from './measured.ts'

const LOCK_FILE = 'package-lock.json'
const PACKAGES = 'node_modules'

/** The commit that a revision names; `null` if it names none. */
export function commitOf(revision: string): string | null {
  try {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return null
  }
}

/**
 * Writes the files of a commit into an empty folder. Nothing of it is entered into the repository, so that whoever
 * deletes the folder leaves nothing behind.
 */
export function checkOut(revision: string, commit: string, root: string): Checkout {
  mkdirSync(root, { recursive: true })
  const archive = execFileSync('git', ['archive', '--format=tar', commit], { maxBuffer: 2 ** 30 })
  execFileSync('tar', ['-x', '-C', root], { input: archive })
  if (isSameFile(LOCK_FILE, join(root, LOCK_FILE)) && existsSync(PACKAGES))
    symlinkSync(resolve(PACKAGES), join(root, PACKAGES))
  else execFileSync('npm', ['ci', '--prefer-offline', '--no-audit'], { cwd: root, stdio: 'inherit' })
  return { name: `${OURS}@${revision}`, root }
}

function isSameFile(one: string, other: string): boolean {
  return existsSync(other) && readFileSync(one).equals(readFileSync(other))
}
