// How the program starts, and how it refuses to: one line that says what, where and what to do.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { failingProgram, startProgram } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** EX_CONFIG. */
const EXIT_CONFIG = 78

/** The one line on stderr of a start that fails. */
async function refusal(args: readonly string[]): Promise<string> {
  const { code, output, errors } = await failingProgram(args)
  assert.equal(code, EXIT_CONFIG, errors)
  assert.equal(output, '')
  assert.match(errors, /^evenkeel: [^\n]+; [^\n]+\n$/)
  return errors
}

test('an option that does not exist is named', async () => {
  assert.match(await refusal(['--bogus']), /unknown option '--bogus'; --help/)
})

test('a value that an option cannot have is named with what is wanted', async () => {
  assert.match(
    await refusal(['--workers', 'many']),
    /--workers <n>' argument 'many'.*whole number from 1 to 256/,
  )
  assert.match(await refusal(['--api', 'nowhere']), /argument 'nowhere'.*HOST:PORT/)
  assert.match(await refusal(['--time-scale', '0']), /argument '0'.*from 1 to 10000/)
})

test('a data folder that is a file is left as it is', async () => {
  const file = join(temporaryFolder(), 'file')
  await writeFile(file, 'mine')
  const line = await refusal(['--data', file])
  assert.ok(line.includes(`Cannot use the data folder ${file}`), line)
  assert.equal(await readFile(file, 'utf8'), 'mine')
})

test('all problems of a configuration file are told together, with their places', async () => {
  const data = temporaryFolder()
  const file = join(data, 'config.json')
  const args = ['--data', data, '--config', file]
  assert.match(await refusal(args), /Cannot read the configuration .*ENOENT/)
  await writeFile(file, '{"region": ')
  assert.match(await refusal(args), /is not JSON/)
  await writeFile(
    file,
    JSON.stringify({
      region: 5,
      targetHealthHook: 'x',
      zones: [{ letter: 'a', subnet: 'subnet-1', pool: 'x' }],
      bogus: 1,
    }),
  )
  const line = await refusal(args)
  for (const part of [/region: /, /targetHealthHook: a URL/, /zones\[0\]\.pool: an IPv4 block/, /"bogus"/])
    assert.match(line, part)
  const zone = { letter: 'a', subnet: 'subnet-1', pool: '127.9.0.0/16' }
  await writeFile(file, JSON.stringify({ zones: [zone, { ...zone, pool: '127.9.1.0/24' }] }))
  assert.match(await refusal(args), /letter a is there twice.*127\.9\.1\.0\/24 overlaps 127\.9\.0\.0\/16/)
  const other = { letter: 'b', subnet: 'subnet-2', pool: '127.10.0.0/16', ipv6Pool: 'fd00::/120' }
  const vpcBlocks = [{ cidr: '10.0.0.0/8', zone: 'z' }]
  await writeFile(file, JSON.stringify({ zones: [{ ...zone, ipv6Pool: 'fd00::/64' }, other], vpcBlocks }))
  const refused = await refusal(args)
  assert.match(refused, /zones\[1\]\.ipv6Pool: fd00::\/120 has less than the 65536 addresses/)
  assert.match(refused, /zones\[1\]\.ipv6Pool: fd00::\/120 overlaps fd00::\/64/)
  assert.match(refused, /vpcBlocks\[0\]\.zone: there is no zone "z"/)
})

test('an API that other machines reach needs access keys', async () => {
  const data = temporaryFolder()
  const wanted = /^evenkeel: Cannot offer the API at 0\.0\.0\.0:0: without access keys .*; set accessKeys in/
  const line = await refusal(['--data', data, '--api', '0.0.0.0:0'])
  assert.match(line, wanted)
  assert.match(line, /a file named with --config, or listen at 127\.0\.0\.1/)
  const file = join(data, 'config.json')
  await writeFile(file, JSON.stringify({ api: { host: '0.0.0.0', port: 0 } }))
  assert.ok((await refusal(['--data', data, '--config', file])).includes(`set accessKeys in ${file}`))
  await writeFile(file, JSON.stringify({ accessKeys: {} }))
  assert.match(await refusal(['--data', data, '--config', file]), /accessKeys: there is none/)
})

test('an API port that another program has is named', async (t) => {
  const other = createServer()
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const place = `127.0.0.1:${(other.address() as AddressInfo).port}`
  const line = await refusal(['--data', temporaryFolder(), '--api', place])
  assert.ok(line.includes(`Cannot listen for the API at ${place}: another program listens there`), line)
})

test('a damaged database is not touched', async () => {
  const data = temporaryFolder()
  const file = join(data, 'evenkeel.sqlite')
  const bytes = 'this is no database, but it is long enough to be looked at as one'.repeat(100)
  await writeFile(file, bytes)
  const line = await refusal(['--data', data, '--api', '127.0.0.1:0'])
  assert.ok(line.includes(file), line)
  assert.match(line, /damaged/)
  assert.equal(await readFile(file, 'utf8'), bytes)
})

test('a data folder that a running program has is refused', async (t) => {
  const program = await startProgram()
  t.after(async () => await program.stop())
  const line = await refusal(['--data', program.dataFolder, '--api', '127.0.0.1:0'])
  assert.match(line, /another process holds it/)
})

test('it says where it is, and its commands work as they are printed', async (t) => {
  const program = await startProgram()
  t.after(async () => await program.stop())
  await program.outputMatching(/describe-load-balancers --names \S+\n/)
  const output = program.output()
  assert.ok(output.includes(program.dataFolder))
  const commands = output.split('\n').filter((line) => /^ {2}(export|aws) /.test(line))
  assert.equal(commands.length, 3)
  // Without an aws CLI on this machine the commands are only looked at.
  const isThere = await new Promise<boolean>((resolve) => {
    execFile('aws', ['--version'], (error) => resolve(error === null))
  })
  if (!isThere) {
    t.diagnostic('there is no aws CLI on this machine')
    return
  }
  const text = await new Promise<string>((resolve, reject) => {
    execFile('sh', ['-ec', commands.join('\n')], (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    )
  })
  assert.equal(text.match(/"LoadBalancerName": "my-load-balancer"/g)?.length, 2)
})

test('with nothing to say it says nothing on stderr', async (t) => {
  const program = await startProgram({ args: ['--log-level', 'warn'] })
  t.after(async () => await program.stop())
  assert.equal(program.errors(), '')
})

test('a start without the key of stored secrets says what is lost; --forget-secrets goes on without', async () => {
  const dataFolder = temporaryFolder()
  const first = await startProgram({ workers: 1, dataFolder })
  await first.stop()
  const key = join(dataFolder, 'secrets.key')
  await rm(key)
  const args = ['--data', dataFolder, '--api', '127.0.0.1:0', '--workers', '1']
  const line = await refusal(args)
  assert.ok(
    line.includes(`The key file ${key} is missing; without the right one these are lost: 1 key of sticky`),
    line,
  )
  assert.match(line, /put it back, or start once with --forget-secrets/)
  const again = await startProgram({ workers: 1, dataFolder, args: ['--forget-secrets'] })
  await again.stop()
  assert.match(
    again.errors(),
    /Forgotten, because no key opens them: 1 key of sticky sessions \(sessions begin anew\)/,
  )
  assert.equal((await readFile(key)).length, 32)
})
