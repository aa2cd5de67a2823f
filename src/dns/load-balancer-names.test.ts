import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DnsAlias, DnsTarget } from '../model/settings.ts'
import { DnsNames } from './load-balancer-names.ts'

const SUFFIX = 'elb.amazonaws.com'
const NONE: ReadonlySet<string> = new Set()

interface Fixture {
  readonly names: DnsNames
  /** By load balancer name. */
  readonly away: Map<string, ReadonlySet<string>>
  readonly unhealthy: Set<string>
}

function fixture(aliases: Readonly<Record<string, DnsAlias>> = {}): Fixture {
  const away = new Map<string, ReadonlySet<string>>()
  const unhealthy = new Set<string>()
  const names = new DnsNames({
    suffix: SUFFIX,
    region: 'us-east-2',
    aliases,
    awayZones: (arn) => away.get(arn) ?? NONE,
    hasHealthyTargets: (arn) => !unhealthy.has(arn),
  })
  return { names, away, unhealthy }
}

/** A load balancer with a node in the zones a and b; its ARN is its name. */
function unit(name: string, number: number, region = 'us-east-2'): Parameters<DnsNames['put']>[0] {
  return {
    arn: name,
    id: `app/${name}/0123456789abcdef`,
    region,
    dnsName: `${name}-${number}.${region}.${SUFFIX}`,
    nodes: [
      { zone: 'a', address: `127.1.0.${number}` },
      { zone: 'b', address: `127.2.0.${number}` },
    ],
  }
}

function balancer(name: string): DnsTarget {
  return { type: 'load-balancer', name }
}

function alias(primary: DnsTarget, secondary: DnsTarget | null = null, evaluatesHealth = true): DnsAlias {
  return { primary, secondary, evaluatesHealth }
}

const NAME = `lb-1.us-east-2.${SUFFIX}`
const BOTH = ['127.1.0.1', '127.2.0.1']

test('a load balancer has a name from the moment it serves until it is deleted', () => {
  const { names } = fixture()
  const missing = { zone: SUFFIX, addresses: null }
  assert.deepEqual(names.lookup(NAME), missing)
  names.put(unit('lb', 1))
  assert.deepEqual(names.lookup(NAME), missing)
  names.serves('lb', NONE)
  assert.deepEqual(names.lookup(NAME), { zone: SUFFIX, addresses: BOTH })
  assert.deepEqual(names.lookup(`dualstack.${NAME}`)?.addresses, BOTH)
  names.put({ ...unit('lb', 1), nodes: [{ zone: 'c', address: '127.3.0.1' }] })
  assert.deepEqual(names.lookup(NAME)?.addresses, ['127.3.0.1'], 'ALB-LB OQ-64')
  names.remove('lb')
  assert.deepEqual(names.lookup(NAME), missing)
})

test('what lies above a name is there without addresses; other zones are not known', () => {
  const { names } = fixture()
  assert.deepEqual(names.lookup(SUFFIX)?.addresses, [])
  assert.equal(names.lookup(`us-east-2.${SUFFIX}`)?.addresses, null)
  names.put(unit('lb', 1))
  names.put(unit('other', 2))
  names.serves('lb', NONE)
  assert.deepEqual(names.lookup(`us-east-2.${SUFFIX}`)?.addresses, [])
  names.remove('lb')
  assert.deepEqual(names.lookup(`us-east-2.${SUFFIX}`)?.addresses, [])
  names.remove('other')
  assert.equal(names.lookup(`us-east-2.${SUFFIX}`)?.addresses, null)
  for (const name of ['amazonaws.com', 'com', '', `x${SUFFIX}`, 'example.com']) {
    assert.equal(names.lookup(name), null, name)
  }
})

test('ALB-TG-266, 276, 277 ALB-LB-433 zones that are unhealthy, shifted away or down leave, unless all would', () => {
  const { names, away } = fixture()
  names.put(unit('lb', 1))
  names.serves('lb', NONE)
  away.set('lb', new Set(['a']))
  assert.deepEqual(names.lookup(NAME)?.addresses, ['127.2.0.1'])
  names.serves('lb', new Set(['127.2.0.1']))
  assert.deepEqual(names.lookup(NAME)?.addresses, BOTH)
  away.delete('lb')
  assert.deepEqual(names.lookup(NAME)?.addresses, ['127.1.0.1'])
  names.serves('lb', NONE)
  assert.deepEqual(names.lookup(NAME)?.addresses, BOTH)
})

test('the operator’s names lead to load balancers, by name or DNS name, or to addresses', () => {
  const { names } = fixture({
    'app.example.test': alias(balancer('lb')),
    'far.example.test': alias(balancer(`FAR-2.eu-west-1.${SUFFIX}`)),
    'fixed.example.test': alias({ type: 'addresses', addresses: ['192.0.2.1', '2001:db8::1'] }),
    '*.wild.test': alias(balancer('lb')),
  })
  assert.deepEqual(names.lookup('app.example.test'), { zone: 'app.example.test', addresses: null })
  names.put(unit('lb', 1))
  names.put(unit('far', 2, 'eu-west-1'))
  names.serves('lb', NONE)
  names.serves('far', NONE)
  assert.deepEqual(names.lookup('app.example.test')?.addresses, BOTH)
  assert.deepEqual(names.lookup('far.example.test')?.addresses, ['127.1.0.2', '127.2.0.2'])
  assert.deepEqual(names.lookup('fixed.example.test')?.addresses, ['192.0.2.1', '2001:db8::1'])
  assert.deepEqual(names.lookup('a.b.wild.test'), { zone: 'wild.test', addresses: BOTH })
  assert.deepEqual(names.lookup('wild.test'), { zone: 'wild.test', addresses: [] })
  assert.equal(names.lookup('example.test'), null)
})

test('ALB-TG-286, 287, 288, 290 an unhealthy primary is left for a secondary that is healthy, and comes back', () => {
  const { names, unhealthy } = fixture({
    'app.test': alias(balancer('lb'), balancer('spare')),
    'static.test': alias(balancer('lb'), { type: 'addresses', addresses: ['192.0.2.9'] }),
    'steady.test': alias(balancer('lb'), balancer('spare'), false),
  })
  const addresses = (name: string): readonly string[] | null | undefined => names.lookup(name)?.addresses
  const spare = ['127.1.0.2', '127.2.0.2']
  names.put(unit('spare', 2))
  names.serves('spare', NONE)
  assert.deepEqual(addresses('app.test'), spare, 'there is no primary yet')
  names.put(unit('lb', 1))
  names.serves('lb', NONE)
  assert.deepEqual(addresses('app.test'), BOTH)
  unhealthy.add('lb')
  assert.deepEqual(addresses('app.test'), spare)
  assert.deepEqual(addresses('static.test'), ['192.0.2.9'])
  assert.deepEqual(addresses('steady.test'), BOTH)
  assert.deepEqual(addresses(NAME), BOTH, 'the load balancer itself fails open')
  unhealthy.add('spare')
  assert.deepEqual(addresses('app.test'), BOTH, 'the secondary is no better')
  unhealthy.clear()
  names.serves('lb', new Set(BOTH))
  assert.deepEqual(addresses('app.test'), spare, 'nothing listens')
  names.serves('lb', new Set(['127.1.0.1']))
  assert.deepEqual(addresses('app.test'), ['127.2.0.1'])
})
