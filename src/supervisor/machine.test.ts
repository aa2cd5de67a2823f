import assert from 'node:assert/strict'
import { test } from 'node:test'
import { examineMachine } from './machine.ts'

const zones = [{ letter: 'a', subnet: 'subnet-1', pool: '127.1.0.0/16' }]

test('where everything can be bound nothing is changed', () => {
  assert.deepEqual(
    examineMachine({ zones, portOffset: 'auto', sharedAddress: null }, () => null),
    { bindOffset: 0, sharedAddress: null, notes: [] },
  )
})

test('where low ports may not be bound an offset is chosen, and said', () => {
  const machine = examineMachine({ zones, portOffset: 'auto', sharedAddress: null }, (_address, port) =>
    port > 0 && port < 1024 ? 'EACCES' : null,
  )
  assert.equal(machine.bindOffset, 8000)
  assert.match(machine.notes.join(), /port 80 is reached at port 8080/)
})

test('a port that another program has is no reason for an offset', () => {
  const machine = examineMachine({ zones, portOffset: 'auto', sharedAddress: null }, (_address, port) =>
    port === 80 ? 'EADDRINUSE' : null,
  )
  assert.equal(machine.bindOffset, 0)
})

test('an offset that was asked for is taken as it is', () => {
  const machine = examineMachine({ zones, portOffset: 0, sharedAddress: null }, () => 'EACCES')
  assert.equal(machine.bindOffset, 0)
})

test('where 127/8 is not there all nodes share one address, and this is said', () => {
  const asked: string[] = []
  const machine = examineMachine({ zones, portOffset: 'auto', sharedAddress: null }, (address, port) => {
    asked.push(`${address}:${port}`)
    return address === '127.0.0.1' ? null : 'EADDRNOTAVAIL'
  })
  assert.equal(machine.sharedAddress, '127.0.0.1')
  assert.equal(machine.bindOffset, 0)
  assert.deepEqual(asked, ['127.1.0.1:0', '127.0.0.1:80'])
  assert.match(machine.notes.join(), /does not have 127\.1\.0\.1.*share 127\.0\.0\.1.*Host header/)
})

test("a pool outside 127/8 is the operator's own affair", () => {
  const own = [{ letter: 'a', subnet: 'subnet-1', pool: '10.1.0.0/24' }]
  assert.equal(
    examineMachine({ zones: own, portOffset: 'auto', sharedAddress: null }, () => 'EADDRNOTAVAIL')
      .sharedAddress,
    null,
  )
})

test('an address that all load balancers are to share is taken as it is', () => {
  const asked: string[] = []
  const machine = examineMachine({ zones, portOffset: 'auto', sharedAddress: '0.0.0.0' }, (address, port) => {
    asked.push(`${address}:${port}`)
    return null
  })
  assert.deepEqual(machine, { bindOffset: 0, sharedAddress: '0.0.0.0', notes: [] })
  assert.deepEqual(asked, ['0.0.0.0:80'])
})
