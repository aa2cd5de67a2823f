// Every operation that is offered is sent by a test through AWS's own SDK: a list that cannot be forgotten.

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2'
import { acmApi } from '../../src/api/acm/api.ts'
import { ec2Api } from '../../src/api/ec2/api.ts'
import { elbv2Api } from '../../src/api/elbv2/api.ts'
import { DEFAULT_API_SETTINGS, type ApiEnvironment } from '../../src/api/environment.ts'
import { iamApi } from '../../src/api/iam/api.ts'
import type { Api } from '../../src/api/service.ts'
import { stsApi } from '../../src/api/sts/api.ts'
import { DEFAULT_DIRECTORY_SETTINGS } from '../../src/directory/built-in.ts'
import { Networks } from '../../src/directory/networks.ts'

/** Handlers are only looked at. */
const nothing = {
  settings: DEFAULT_API_SETTINGS,
  networks: Networks.given(DEFAULT_DIRECTORY_SETTINGS),
} as unknown as ApiEnvironment

const apis: Readonly<Record<string, () => Promise<Api> | Api>> = {
  elbv2: () => elbv2Api(nothing),
  acm: () => acmApi(nothing),
  iam: () => iamApi(nothing),
  ec2: () => ec2Api(nothing),
  sts: () => stsApi,
}

const sources = globSync('test/**/*.test.ts').map((file) => readFileSync(file, 'utf8'))

/** `client.describeRules(…)` or `new DescribeRulesCommand(…)`. */
function isSent(operation: string): boolean {
  const method = `${operation.charAt(0).toLowerCase()}${operation.slice(1)}`
  const sent = new RegExp(`\\.${method}\\(|\\bnew ${operation}Command\\(`)
  return sources.some((source) => sent.test(source))
}

for (const [name, load] of Object.entries(apis)) {
  test(`every operation of ${name} that is offered is sent by a test`, async () => {
    const offered = [...(await load()).handlers.keys()]
    assert.ok(offered.length > 0)
    assert.deepEqual(
      offered.filter((operation) => !isSent(operation)),
      [],
    )
  })
}

test('all 51 operations of elbv2 are offered', () => {
  const known = Object.keys(elbv2).filter((name) => name.endsWith('Command') && name !== '$Command')
  assert.deepEqual(
    [...elbv2Api(nothing).handlers.keys()].toSorted(),
    known.map((name) => name.replace(/Command$/, '')).toSorted(),
  )
  assert.equal(known.length, 51)
})
