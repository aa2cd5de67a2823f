// The stock aws CLI in front of an API of this process, with nothing set but the endpoint.

import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import type { Api } from '../api/support.ts'

const run = promisify(execFile)

const found = spawnSync('aws', ['--version'], { encoding: 'utf8' })
const [, major = 0, minor = 0] = /^aws-cli\/(\d+)\.(\d+)/.exec(`${found.stdout}${found.stderr}`) ?? []

/** Options of a test that needs the CLI: skipped where there is none. */
export const needsCli = found.status === 0 ? {} : { skip: 'the aws CLI is not installed' }

/** Likewise for what AWS added at the end of 2023: trust stores, mutual authentication, anomalies of targets. */
export const needsRecentCli =
  Number(minor) >= (Number(major) === 1 ? 31 : 14)
    ? needsCli
    : { skip: 'the aws CLI is of before 2024, or missing' }

interface CliError {
  readonly code: number
  readonly stderr: string
}

/** Runs `aws elbv2 …` and gives its output as text. */
export function cli(api: Api): (...words: string[]) => Promise<string> {
  return async (...words) => {
    const environment = {
      ...process.env,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_DEFAULT_REGION: 'us-east-2',
      AWS_DEFAULT_OUTPUT: 'json',
      AWS_PAGER: '',
    }
    // Debian's CLI is older than the environment variables for endpoints.
    const all = ['elbv2', '--endpoint-url', api.endpoint, ...words]
    const { stdout } = await run('aws', all, { env: environment })
    return stdout
  }
}

/** What the CLI says of a command that fails. */
export async function cliError(promise: Promise<string>): Promise<string> {
  const error = await promise.then(
    () => assert.fail('the command succeeded'),
    (cause: CliError) => cause,
  )
  assert.notEqual(error.code, 0)
  return error.stderr
}
