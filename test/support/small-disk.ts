// A file system of a few megabytes that a test can fill, where this user may mount one.

import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

export interface SmallDisk {
  readonly folder: string
  /** Leaves no room. */
  fill(): void
  /** Gives back what `fill` took. */
  makeRoom(): void
}

/** Gone with the test. Skips it, and gives null, where nothing can be mounted. */
export function smallDisk(t: TestContext, mebibytes: number): SmallDisk | null {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'evenkeel', folder], { stdio: 'pipe' })
  } catch (error) {
    rmSync(folder, { recursive: true })
    t.skip(`no file system can be mounted here: ${String((error as { stderr?: Buffer }).stderr ?? error)}`)
    return null
  }
  t.after(() => {
    execFileSync('umount', ['--lazy', folder])
    rmSync(folder, { recursive: true })
  })
  const filler = join(folder, 'filler')
  return {
    folder,
    fill: () => fill(folder, filler),
    makeRoom: () => rmSync(filler),
  }
}

function fill(folder: string, filler: string): void {
  for (;;) {
    const { bavail, bsize } = statfsSync(folder)
    if (bavail === 0) return
    appendFileSync(filler, Buffer.alloc(Math.min(bavail * bsize, 1024 * 1024), 'x'))
  }
}
