import assert from 'node:assert/strict'
import { test } from 'node:test'
import { targetGroupOf } from './row-mapping.ts'

const row = {
  sequence: 1,
  arn: 'group',
  account_id: '123456789012',
  region: 'us-east-2',
  name: 'group',
  protocol: 'HTTP',
  protocol_version: 'HTTP1',
  port: 80,
  vpc_id: 'vpc-1',
  target_type: 'ip',
  ip_address_type: 'ipv4',
  health_check: '{"path":"/"}',
  created_at: 0,
}

test('a health check that was stored before it could be off is on', () => {
  assert.equal(targetGroupOf(row).healthCheck.enabled, true)
  assert.equal(targetGroupOf({ ...row, health_check: '{"enabled":false}' }).healthCheck.enabled, false)
})

test('a group of a function has nothing of a network', () => {
  const group = targetGroupOf({ ...row, target_type: 'lambda', protocol: '', port: 0, vpc_id: '' })
  assert.deepEqual(
    ['protocol', 'protocolVersion', 'port', 'vpcId'].filter((name) => name in group),
    [],
  )
})
