// The commands of the guides with the stock aws CLI: nothing is set but the endpoints.

import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { temporaryFolder } from '../api/support.ts'
import {
  newAuthority,
  newCertificate,
  startCertificateApi,
  type CertificateApi,
} from '../certificates/support.ts'

const run = promisify(execFile)
const hasCli = spawnSync('aws', ['--version']).status === 0
const options = hasCli ? {} : { skip: 'the aws CLI is not installed' }

/** Runs `aws …` and gives what it prints. */
function cli(api: CertificateApi): (...words: string[]) => Promise<string> {
  return async (...words) => {
    const env = {
      ...process.env,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_DEFAULT_REGION: 'us-east-2',
      AWS_DEFAULT_OUTPUT: 'json',
      AWS_PAGER: '',
    }
    const { stdout } = await run('aws', ['--endpoint-url', api.endpoint, ...words], { env })
    return stdout
  }
}

interface CliError {
  readonly code: number
  readonly stderr: string
}

/** What a command that fails says. */
async function failure(promise: Promise<string>): Promise<string> {
  const error = await promise.then(
    () => assert.fail('the command succeeded'),
    (cause: CliError) => cause,
  )
  return error.stderr
}

async function files(folder: string): Promise<Readonly<Record<'cert' | 'key' | 'chain', string>>> {
  const authority = await newAuthority('authority')
  const { certificate, privateKey } = await newCertificate(['www.example.com'], {
    authority,
    algorithm: 'RSA_2048',
  })
  const paths = {
    cert: join(folder, 'cert.pem'),
    key: join(folder, 'key.pem'),
    chain: join(folder, 'chain.pem'),
  }
  await writeFile(paths.cert, certificate)
  await writeFile(paths.key, privateKey)
  await writeFile(paths.chain, authority.certificate)
  return paths
}

test(
  'ALB-LSN-227 CLB-221 aws acm: request, import, wait, describe, get, list and delete',
  options,
  async (t) => {
    const api = await startCertificateApi(t)
    const aws = cli(api)
    const { cert, key, chain } = await files(await temporaryFolder(t))

    const requested = JSON.parse(await aws('acm', 'request-certificate', '--domain-name', 'www.example.com'))
    const imported = JSON.parse(
      await aws(
        'acm',
        'import-certificate',
        '--certificate',
        `fileb://${cert}`,
        '--private-key',
        `fileb://${key}`,
        '--certificate-chain',
        `fileb://${chain}`,
      ),
    )
    const arn: string = imported.CertificateArn
    const [wait, described, got, listed] = await Promise.all([
      aws('acm', 'wait', 'certificate-validated', '--certificate-arn', requested.CertificateArn),
      aws('acm', 'describe-certificate', '--certificate-arn', arn),
      aws('acm', 'get-certificate', '--certificate-arn', arn, '--query', 'Certificate', '--output', 'text'),
      aws('acm', 'list-certificates', '--certificate-statuses', 'ISSUED'),
    ])
    assert.equal(wait, '')
    const { Certificate } = JSON.parse(described)
    assert.deepEqual([Certificate.Status, Certificate.Type], ['ISSUED', 'IMPORTED'])
    assert.match(got, /^-----BEGIN CERTIFICATE-----\n/)
    assert.deepEqual(
      JSON.parse(listed).CertificateSummaryList.map(
        (summary: { CertificateArn: string }) => summary.CertificateArn,
      ),
      [requested.CertificateArn, arn],
    )
    await aws('acm', 'delete-certificate', '--certificate-arn', arn)
    const [missing, unknown] = await Promise.all([
      failure(aws('acm', 'describe-certificate', '--certificate-arn', arn)),
      failure(aws('acm', 'get-account-configuration')),
    ])
    assert.match(
      missing,
      /\(ResourceNotFoundException\) when calling the DescribeCertificate operation: Could not/,
    )
    assert.match(unknown, /\(UnknownOperationException\) .* GetAccountConfiguration/)
    assert.deepEqual(api.errors, [])
  },
)

test(
  'ALB-LSN-227 CLB-206 CLB-222 aws iam: upload, get, list and delete a server certificate',
  options,
  async (t) => {
    const api = await startCertificateApi(t)
    const aws = cli(api)
    const { cert, key, chain } = await files(await temporaryFolder(t))
    const uploaded = await aws(
      'iam',
      'upload-server-certificate',
      '--server-certificate-name',
      'my-new-certificate',
      '--certificate-body',
      `file://${cert}`,
      '--private-key',
      `file://${key}`,
      '--certificate-chain',
      `file://${chain}`,
    )
    assert.equal(
      JSON.parse(uploaded).ServerCertificateMetadata.Arn,
      'arn:aws:iam::123456789012:server-certificate/my-new-certificate',
    )
    const [got, listed, again] = await Promise.all([
      aws('iam', 'get-server-certificate', '--server-certificate-name', 'my-new-certificate'),
      aws('iam', 'list-server-certificates', '--path-prefix', '/'),
      failure(
        aws(
          'iam',
          'upload-server-certificate',
          '--server-certificate-name',
          'my-new-certificate',
          '--certificate-body',
          `file://${cert}`,
          '--private-key',
          `file://${key}`,
        ),
      ),
    ])
    assert.match(JSON.parse(got).ServerCertificate.CertificateBody, /BEGIN CERTIFICATE/)
    assert.equal(
      JSON.parse(listed).ServerCertificateMetadataList[0].ServerCertificateName,
      'my-new-certificate',
    )
    assert.match(again, /\(EntityAlreadyExists\) when calling the UploadServerCertificate operation/)
    const name = ['--server-certificate-name', 'my-new-certificate']
    await aws('iam', 'delete-server-certificate', ...name)
    assert.match(await failure(aws('iam', 'delete-server-certificate', ...name)), /\(NoSuchEntity\)/)
    assert.deepEqual(api.errors, [])
  },
)
