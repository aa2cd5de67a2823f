// Compiles the program when it is installed, so that its first start is as quick as the later ones. Nothing is lost
// without it.

import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// The package has more names for Node than one: an old Node of the machine may run this, and then the cache is of no use.
enableCompileCache(join(import.meta.dirname, '../.cache/compiled'))
for (const part of ['main', 'supervisor/program', 'cli/read-settings', 'control/control', 'worker/worker']) {
  await import(`../src/${part}.ts`)
}
