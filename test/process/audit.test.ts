// The audit log of the whole program: on from the start, complete across the death of the process that writes it.

import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { AuditRecord } from '../../src/api/audit-record.ts'
import { eventually } from '../support/eventually.ts'
import { startProgram } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

async function delivered(logs: string): Promise<AuditRecord[]> {
  const entries = await readdir(logs, { recursive: true, withFileTypes: true })
  const records: AuditRecord[] = []
  for (const { parentPath, name } of entries.filter((entry) => entry.name.endsWith('.json.gz'))) {
    assert.ok(
      parentPath.includes('/aws-cloudtrail-logs-123456789012/AWSLogs/123456789012/CloudTrail/us-east-2/'),
    )
    const text = gunzipSync(await readFile(join(parentPath, name))).toString()
    records.push(...(JSON.parse(text) as { Records: AuditRecord[] }).Records)
  }
  return records
}

test('ALB-OBS-421 calls are recorded without configuration, also those before control was killed', async (t) => {
  const dataFolder = temporaryFolder()
  const program = await startProgram({ dataFolder })
  t.after(async () => void (await program.stop()))
  const call = async (action: string): Promise<void> => {
    const body = `Action=${action}&Version=2015-12-01`
    await (await fetch(program.endpoint, { method: 'POST', body })).text()
  }
  await call('DescribeLoadBalancers')
  await call('DescribeTargetGroups')
  const spooled = async (): Promise<string> => {
    const [name = ''] = await readdir(join(dataFolder, 'audit'))
    return await readFile(join(dataFolder, 'audit', name), 'utf8').catch(() => '')
  }
  // The answer comes a moment before the record is on disk.
  await eventually('the record is on disk', async () => {
    assert.match(await spooled(), /DescribeTargetGroups/)
  })
  await program.kill('control')
  await program.stop()
  const names = (await delivered(join(dataFolder, 'logs'))).map(({ eventName }) => eventName)
  assert.deepEqual(names.toSorted(), ['DescribeLoadBalancers', 'DescribeTargetGroups'])
  assert.deepEqual(await readdir(join(dataFolder, 'audit')), [])
})

test('the audit log can be switched off', async (t) => {
  const dataFolder = temporaryFolder()
  const config = { audit: { enabled: false } }
  const program = await startProgram({ dataFolder, config })
  t.after(async () => void (await program.stop()))
  const body = 'Action=DescribeLoadBalancers&Version=2015-12-01'
  await (await fetch(program.endpoint, { method: 'POST', body })).text()
  await program.stop()
  assert.deepEqual(await readdir(join(dataFolder, 'logs')), [])
})
