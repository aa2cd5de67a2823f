#!/usr/bin/env node
// What a user starts. Plain JavaScript, because it has to run before Node is told where to keep what it made of the
// TypeScript files: types are stripped, and code is compiled, once and not in every process at every start.

import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// A folder that cannot be written to, or NODE_DISABLE_COMPILE_CACHE, only makes the start slower.
enableCompileCache(process.env.NODE_COMPILE_CACHE ?? join(import.meta.dirname, '../.cache/compiled'))
const { main } = await import('../src/main.ts')
await main()
