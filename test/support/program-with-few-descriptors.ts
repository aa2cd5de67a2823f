// The program with 256 file descriptors for each of its processes.

import { join } from 'node:path'

const program = join(import.meta.dirname, '../../bin/evenkeel.js')
const command = ['sh', '-c', 'ulimit -n 256; exec "$@"', 'sh', process.execPath, program]
process.execve?.('/bin/sh', [...command, ...process.argv.slice(2)], process.env)
