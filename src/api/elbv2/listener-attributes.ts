// Attributes of listeners: describe and modify, all of a call or nothing.

import { effectiveAttributes } from '../../model/attributes.ts'
import {
  foreignListenerAttribute,
  headerNamesProblem,
  listenerAttributes,
} from '../../model/listener-attributes.ts'
import type { ApiEnvironment } from '../environment.ts'
import { listOf, readChange } from '../load-balancing/attributes.ts'
import { invalidConfiguration } from '../load-balancing/errors.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { theListener } from './resources.ts'

export function listenerAttributeHandlers({
  store,
}: ApiEnvironment): Pick<Elbv2Handlers, 'DescribeListenerAttributes' | 'ModifyListenerAttributes'> {
  return {
    async DescribeListenerAttributes(input) {
      return await store.read(async (rows) => {
        const { arn, protocol } = await theListener(rows, input.ListenerArn)
        return { Attributes: listOf(listenerAttributes(protocol), await rows.attributes.of(arn)) }
      })
    },
    async ModifyListenerAttributes(input) {
      return await store.write(async (rows) => {
        const { arn, protocol } = await theListener(rows, input.ListenerArn)
        const definitions = listenerAttributes(protocol)
        const change = readChange('Listener', definitions, input.Attributes, (key) =>
          foreignListenerAttribute(protocol, key),
        )
        const values = effectiveAttributes(
          definitions,
          new Map([...(await rows.attributes.of(arn)), ...change]),
        )
        const problem = headerNamesProblem(values)
        if (problem !== undefined) throw invalidConfiguration(problem)
        await rows.attributes.set(arn, change)
        return { Attributes: listOf(definitions, values) }
      })
    },
  }
}
