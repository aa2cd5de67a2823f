import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acmApi } from './acm/api.ts'
import { ELB_VERSION, ELBV2_VERSION, models } from './elb-models.ts'
import { iamApi } from './iam/api.ts'
import type { Operation } from './model.ts'
import { notOffered } from './not-offered.ts'
import { elbv2Api } from './registry.ts'
import type { ApiEnvironment } from './environment.ts'

// Handlers are only listed here, never called.
const handlers = new Map([[ELBV2_VERSION, elbv2Api({ settings: {} } as ApiEnvironment).handlers]])

test('the models have 51 and 29 operations, 56 and 22 errors', () => {
  const sizes = [ELBV2_VERSION, ELB_VERSION].map((version) => {
    const model = models.get(version)
    return [model?.operations.size, model?.errors.size]
  })
  assert.deepEqual(sizes, [
    [51, 56],
    [29, 22],
  ])
})

test('every operation has a handler or is on the list of those not offered, and none is both', () => {
  for (const [version, { operations }] of models) {
    const handled = [...(handlers.get(version)?.keys() ?? [])]
    const refused = [...(notOffered.get(version) ?? [])]
    assert.deepEqual([...handled, ...refused].toSorted(), [...operations.keys()].toSorted())
  }
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
  const environment = { settings: {} } as ApiEnvironment
  for (const { model, constraints } of [elbv2Api(environment), acmApi(environment), iamApi(environment)]) {
    members.clear()
    for (const { input } of model.operations.values()) walk(input)
    const keys = [constraints.members, constraints.items].flatMap((table) => Object.keys(table))
    assert.deepEqual(
      keys.filter((key) => !members.has(key)),
      [],
    )
  }
})
