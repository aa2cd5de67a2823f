import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ZoneType } from './resources.ts'
import { firstSubnets } from './settings.ts'

test('a first load balancer is made in two Availability Zones, or where there is a zone', () => {
  const chosen = (...types: (ZoneType | undefined)[]): string =>
    firstSubnets(
      types.map((type, index) => ({
        letter: 'abc'.charAt(index),
        subnet: String(index),
        pool: '127.1.0.0/16',
        ...(type === undefined ? {} : { type }),
      })),
    ).join(' ')
  assert.equal(chosen(undefined, undefined, undefined), '0 1')
  assert.equal(chosen('local-zone', 'availability-zone', undefined), '1 2')
  assert.equal(chosen('availability-zone', 'local-zone', 'local-zone'), '1')
  assert.equal(chosen('outpost'), '0')
})
