import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { nodeNetwork } from '../support/network.ts'
import { AddressClaims } from '../../src/publishing/address-claims.ts'

const NETWORK = nodeNetwork(0)

test('an address is one program’s until it is given back', async (t) => {
  const [one, other] = [new AddressClaims(), new AddressClaims()]
  t.after(() => {
    one.close()
    other.close()
  })
  const address = `${NETWORK}.1`
  assert.equal(await one.take(address), true)
  assert.equal(await one.take(address), true)
  assert.equal(await other.take(address), false)
  assert.equal(await other.take(`${NETWORK}.2`), true)
  one.hold('a load balancer', [address, `${NETWORK}.7`])
  one.hold('a load balancer', [`${NETWORK}.7`])
  assert.equal(await other.take(address), true)
  assert.equal(await other.take(`${NETWORK}.7`), false)
  one.release('a load balancer')
  assert.equal(await other.take(`${NETWORK}.7`), true)
})

test('addresses that were given out before are held', async (t) => {
  const [one, other] = [new AddressClaims(), new AddressClaims()]
  t.after(() => {
    one.close()
    other.close()
  })
  one.hold('one', [`${NETWORK}.3`, '::1'])
  assert.equal(await other.take(`${NETWORK}.3`), false)
  // What another one has cannot be held, and is not taken from it later.
  other.hold('other', [`${NETWORK}.3`])
  assert.equal(await other.take(`${NETWORK}.4`), true)
  other.release('other')
  assert.equal(await new AddressClaims().take(`${NETWORK}.3`), false)
})

test('an address at which something listens is another program’s', async (t) => {
  const server = createServer()
  t.after(() => server.close())
  server.listen(0, `${NETWORK}.5`)
  await once(server, 'listening')
  const claims = new AddressClaims()
  t.after(() => claims.close())
  assert.equal(await claims.take(`${NETWORK}.5`), false)
  assert.equal(await claims.take(`${NETWORK}.6`), true)
})
