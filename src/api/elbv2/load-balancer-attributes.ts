// Attributes of load balancers: describe and modify.

import {
  effectiveAttributes,
  foreignLoadBalancerAttributes,
  loadBalancerAttributes,
} from '../../model/attributes.ts'
import type { RowReader } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { listOf, mergeAttributes, readChange } from '../load-balancing/attributes.ts'
import { invalidConfiguration } from '../load-balancing/errors.ts'
import { checkLogs, checkWriting } from '../load-balancing/log-buckets.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { theLoadBalancer } from './resources.ts'

export function loadBalancerAttributeHandlers(
  environment: ApiEnvironment,
): Pick<Elbv2Handlers, 'DescribeLoadBalancerAttributes' | 'ModifyLoadBalancerAttributes'> {
  const { store, clock } = environment

  /** What the call comes to as things stand. */
  async function planned(rows: RowReader, input: ModifyInput) {
    const { arn, name } = await theLoadBalancer(rows, input.LoadBalancerArn)
    const change = readChange('Load balancer', loadBalancerAttributes, input.Attributes, (key) => {
      if (!foreignLoadBalancerAttributes.includes(key)) return undefined
      return `Load balancer attribute key '${key}' is not supported on load balancers with type 'application'`
    })
    const values = effectiveAttributes(
      loadBalancerAttributes,
      mergeAttributes(await rows.attributes.of(arn), change),
    )
    checkLogs(values)
    if (change.get('load_balancing.cross_zone.enabled') === 'false') {
      throw invalidConfiguration(
        'Cross-zone load balancing cannot be disabled for an Application Load Balancer',
      )
    }
    const isShifted = (await rows.zonalShifts.activeOf(arn, clock.date())) !== undefined
    if (change.get('zonal_shift.config.enabled') === 'false' && isShifted) {
      throw invalidConfiguration('Zonal shift cannot be turned off while there is an active zonal shift')
    }
    return { arn, name, change, values }
  }

  return {
    async DescribeLoadBalancerAttributes(input) {
      return await store.read(async (rows) => {
        const { arn } = await theLoadBalancer(rows, input.LoadBalancerArn)
        return { Attributes: listOf(loadBalancerAttributes, await rows.attributes.of(arn)) }
      })
    },
    async ModifyLoadBalancerAttributes(input, { accountId }) {
      // Files are written before the unit of work, which may be repeated.
      const { name, change, values } = await store.read(async (rows) => await planned(rows, input))
      await checkWriting(environment, { accountId, name, change, values })
      return await store.write(async (rows) => {
        const plan = await planned(rows, input)
        await rows.attributes.set(plan.arn, plan.change)
        return { Attributes: listOf(loadBalancerAttributes, plan.values) }
      })
    },
  }
}

type ModifyInput = Parameters<Elbv2Handlers['ModifyLoadBalancerAttributes']>[0]
