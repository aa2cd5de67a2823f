// The stock aws CLI in front of an API of this process, with nothing set but the endpoint.

import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import type { Api } from './support.ts'

const run = promisify(execFile)

/** Options of a test that needs the CLI: skipped where there is none. */
export const needsCli =
  spawnSync('aws', ['--version']).status === 0 ? {} : { skip: 'the aws CLI is not installed' }

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
      AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2: api.endpoint,
    }
    const { stdout } = await run('aws', ['elbv2', ...words], { env: environment })
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
