import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOwnHost } from './own-hosts.ts'

test('localhost, addresses and the names that were given are this machine', () => {
  const names = ['Builder', '*.lab.example.com']
  for (const host of [
    undefined,
    'localhost',
    'LocalHost.:9999',
    'api.localhost:9999',
    '127.0.0.1:9999',
    '192.0.2.7',
    '[::1]:9999',
    '[2001:db8::1]',
    'host.docker.internal:9999',
    'builder:9999',
    'a.b.LAB.example.com',
  ]) {
    assert.ok(isOwnHost(host, names), String(host))
  }
})

test('whatever else has a name is not', () => {
  const names = ['builder', '*.lab.example.com']
  for (const host of [
    '',
    'evil.test',
    'localhost.evil.test',
    'notlocalhost',
    '127.0.0.1.evil.test',
    '127.1',
    '2130706433',
    '[evil.test]',
    '::1',
    'lab.example.com',
    'builder.evil.test',
    'localhost:80:80',
    'localhost@evil.test',
    'evil.test.:9999',
  ]) {
    assert.ok(!isOwnHost(host, names), host)
  }
})
