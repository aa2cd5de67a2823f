// Two programs on one machine that know nothing of each other, as parallel jobs of a CI have them.

import { CreateListenerCommand, CreateLoadBalancerCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SUBNETS } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import { startProgram, type Program } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PORT = 80

/** Makes a load balancer that answers with a text; resolves with its first node's address. */
async function serve(program: Program, name: string): Promise<string> {
  const { client } = program
  const { LoadBalancers } = await client.send(
    new CreateLoadBalancerCommand({ Name: name, Subnets: [...SUBNETS] }),
  )
  await client.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: PORT,
      DefaultActions: [
        {
          Type: 'fixed-response',
          FixedResponseConfig: { StatusCode: '200', ContentType: 'text/plain', MessageBody: name },
        },
      ],
    }),
  )
  const [, address = ''] = await program.outputMatching(new RegExp(`${name} serves at (\\S+) `))
  return address
}

test('programs with the same pools both serve, each at addresses of its own, and keep them', async (t) => {
  const start = async (dataFolder: string): Promise<Program> => {
    const program = await startProgram({ dataFolder })
    t.after(async () => await program.stop())
    return program
  }
  const [folder, otherFolder] = [temporaryFolder(), temporaryFolder()]
  const program = await start(folder)
  // Nothing listens at its addresses yet.
  await program.client.send(new CreateLoadBalancerCommand({ Name: 'early', Subnets: [...SUBNETS] }))
  const other = await start(otherFolder)
  const addresses = new Map<string, string>()
  for (const [name, by] of [
    ['one', program],
    ['two', other],
    ['three', program],
    ['four', other],
  ] as const) {
    addresses.set(name, await serve(by, name))
  }
  assert.equal(new Set(addresses.values()).size, 4)
  const answers = async (): Promise<string[]> =>
    await Promise.all(
      [...addresses.values()].map(
        async (address) => await (await fetch(`http://${address}:${PORT}/`)).text(),
      ),
    )
  assert.deepEqual(await answers(), [...addresses.keys()])
  await other.stop()
  await start(otherFolder)
  await eventually('all serve where they did', async () => {
    try {
      return (await answers()).join() === [...addresses.keys()].join()
    } catch {
      return false
    }
  })
})
