import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acmApi } from './acm/api.ts'
import { elbApi } from './elb/api.ts'
import { notOffered } from './elb/not-offered.ts'
import { elbv2Api } from './elbv2/api.ts'
import type { ApiEnvironment } from './environment.ts'
import { iamApi } from './iam/api.ts'
import type { Operation } from './model.ts'
import type { Api } from './service.ts'

/** Handlers are only listed here, never called. */
const environment = { settings: {} } as ApiEnvironment
const elbv2 = elbv2Api(environment)

test('the models have 51 and 29 operations, 56 and 22 errors', () => {
  const sizes = [elbv2, elbApi].map(({ model }) => [model.operations.size, model.errors.size])
  assert.deepEqual(sizes, [
    [51, 56],
    [29, 22],
  ])
})

test('every operation has a handler or is on the list of those not offered, and none is both', () => {
  const answered = (api: Api): string[] => [...api.handlers.keys()].toSorted()
  const known = (api: Api): string[] => [...api.model.operations.keys()].toSorted()
  assert.deepEqual(answered(elbv2), known(elbv2))
  assert.deepEqual([...answered(elbApi), ...notOffered].toSorted(), known(elbApi))
})

test('every constraint is of a member that an input has', () => {
  const members = new Set<string>()
  const walk = (schema: Operation['input']): void => {
    if (schema.isListSchema()) {
      walk(schema.getValueSchema())
    } else if (schema.isStructSchema()) {
      for (const [name, member] of schema.structIterator()) {
        const key = `${schema.getName()}.${name}`
        if (members.has(key)) continue
        members.add(key)
        walk(member)
      }
    }
  }
  for (const { model, constraints } of [elbv2, acmApi(environment), iamApi(environment)]) {
    members.clear()
    for (const { input } of model.operations.values()) walk(input)
    const keys = [constraints.members, constraints.items].flatMap((table) => Object.keys(table))
    assert.deepEqual(
      keys.filter((key) => !members.has(key)),
      [],
    )
  }
})
