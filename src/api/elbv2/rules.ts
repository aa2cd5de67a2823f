// Rules of listeners: create, describe, modify, delete, and their priorities.

import type { Rule as RuleOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { newId, ruleArn } from '../../model/arns.ts'
import type { Rule } from '../../model/resources.ts'
import type { RowReader } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError, validationError } from '../errors.ts'
import { addTags, checkTags } from '../load-balancing/tags.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { nextMarker, pageOf, slicePage } from '../pagination.ts'
import { checkActions } from './actions.ts'
import { checkConditions } from './conditions.ts'
import { checkForwarding, checkUse } from './forwarding.ts'
import { checkListLength, theListener, theLoadBalancer, theRule } from './resources.ts'
import { checkTransforms } from './transforms.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Most ARNs that Describe takes. */
const NAMED_MAX = 20

export function ruleHandlers({
  store,
  directory,
  settings,
}: ApiEnvironment): Pick<
  Elbv2Handlers,
  'CreateRule' | 'DescribeRules' | 'ModifyRule' | 'DeleteRule' | 'SetRulePriorities'
> {
  const { quotas, valuesPerConditionMax } = settings
  return {
    async CreateRule(input) {
      const conditions = checkConditions(input.Conditions, valuesPerConditionMax)
      const transforms = checkTransforms(input.Transforms ?? [])
      checkTags(input.Tags)
      return await store.write(async (rows) => {
        const listener = await theListener(rows, input.ListenerArn)
        const loadBalancer = await theLoadBalancer(rows, listener.loadBalancerArn)
        const actions = checkActions(input.Actions, { ...listener, hasClientSecret: false })
        await checkForwarding(rows, directory, loadBalancer, listener.protocol, actions)
        if ((await rows.rules.findByPriority(listener.arn, input.Priority)) !== undefined) {
          throw priorityInUse(input.Priority)
        }
        if ((await rows.rules.count(loadBalancer.arn)) >= quotas.rulesPerLoadBalancer) {
          throw new ApiError(
            'TooManyRules',
            `The maximum number of rules per load balancer is '${quotas.rulesPerLoadBalancer}'`,
          )
        }
        const rule: Rule = {
          arn: ruleArn(listener.arn, newId()),
          listenerArn: listener.arn,
          loadBalancerArn: loadBalancer.arn,
          priority: input.Priority,
          conditions,
          actions,
          transforms,
        }
        await rows.rules.insert(rule)
        await checkUse(rows, loadBalancer.arn, quotas)
        await addTags(rows, rule.arn, input.Tags)
        return { Rules: [await theRule(rows, rule.arn)].map(describe) }
      })
    },

    async DescribeRules(input) {
      const { ListenerArn: listenerArn, RuleArns: arns } = input
      const isNamed = arns !== undefined && arns.length > 0
      if (isNamed === (listenerArn !== undefined)) {
        throw validationError('You must specify either a listener ARN or rule ARNs')
      }
      checkListLength('rules', arns, NAMED_MAX)
      const page = pageOf('rules', input)
      return await store.read(async (rows) => {
        const { items, next } =
          listenerArn === undefined
            ? slicePage(await named(rows, arns ?? []), page)
            : await rows.rules.list((await theListener(rows, listenerArn)).arn, page)
        return { Rules: items.map(describe), ...nextMarker('rules', next) }
      })
    },

    async ModifyRule(input) {
      if (input.Transforms !== undefined && input.ResetTransforms === true) {
        throw validationError('You cannot specify both Transforms and ResetTransforms')
      }
      return await store.write(async (rows) => {
        const rule = await theRule(rows, input.RuleArn)
        if (rule.priority === null) {
          throw new ApiError('OperationNotPermitted', `Default rule '${rule.arn}' cannot be modified`)
        }
        const listener = await theListener(rows, rule.listenerArn)
        const change: Partial<Mutable<Pick<Rule, 'conditions' | 'actions' | 'transforms'>>> = {}
        if (input.Conditions !== undefined) {
          change.conditions = checkConditions(input.Conditions, valuesPerConditionMax)
        }
        if (input.ResetTransforms === true) change.transforms = []
        else if (input.Transforms !== undefined) change.transforms = checkTransforms(input.Transforms)
        if (input.Actions !== undefined) {
          const loadBalancer = await theLoadBalancer(rows, rule.loadBalancerArn)
          const hasClientSecret = (await rows.rules.clientSecret(rule.arn)) !== undefined
          change.actions = checkActions(input.Actions, { ...listener, hasClientSecret })
          await checkForwarding(rows, directory, loadBalancer, listener.protocol, change.actions)
        }
        await rows.rules.update(rule.arn, change)
        if (change.actions !== undefined) await checkUse(rows, rule.loadBalancerArn, quotas)
        return { Rules: [await theRule(rows, rule.arn)].map(describe) }
      })
    },

    async DeleteRule(input) {
      await store.write(async (rows) => {
        const rule = await theRule(rows, input.RuleArn)
        if (rule.priority === null) {
          throw new ApiError('OperationNotPermitted', `Default rule '${rule.arn}' cannot be deleted`)
        }
        await rows.rules.delete(rule.arn)
      })
      return {}
    },

    async SetRulePriorities(input) {
      return await store.write(async (rows) => {
        const rules = []
        for (const { RuleArn: arn, Priority: priority } of input.RulePriorities) {
          if (arn === undefined || priority === undefined) {
            throw validationError('A rule ARN and a priority must be specified for each rule')
          }
          rules.push({ rule: await theRule(rows, arn), priority })
        }
        await checkPriorities(rows, rules)
        await rows.rules.setPriorities(rules.map(({ rule, priority }) => ({ arn: rule.arn, priority })))
        return { Rules: rules.map(({ rule, priority }) => describe({ ...rule, priority })) }
      })
    },
  }
}

/** Output form of a rule (ALB-LSN-021, Q12). */
function describe(rule: Rule): RuleOutput {
  return {
    RuleArn: rule.arn,
    Priority: rule.priority === null ? 'default' : String(rule.priority),
    Conditions: [...rule.conditions],
    Actions: [...rule.actions],
    IsDefault: rule.priority === null,
    ...(rule.transforms.length === 0 ? {} : { Transforms: [...rule.transforms] }),
  }
}

/** ALB-LSN-035, 454, 455: rules of one listener, every number free or freed by the same call. */
async function checkPriorities(
  rows: RowReader,
  rules: readonly { readonly rule: Rule; readonly priority: number }[],
): Promise<void> {
  const arns = new Set(rules.map(({ rule }) => rule.arn))
  const priorities = new Set(rules.map(({ priority }) => priority))
  if (rules.length === 0) throw validationError('At least one rule priority must be specified')
  if (arns.size < rules.length) throw validationError('A rule has been specified more than once')
  if (new Set(rules.map(({ rule }) => rule.listenerArn)).size > 1) {
    throw validationError('All rules must belong to the same listener')
  }
  for (const { rule, priority } of rules) {
    if (rule.priority === null) {
      throw new ApiError(
        'OperationNotPermitted',
        `The priority of the default rule '${rule.arn}' cannot be changed`,
      )
    }
    const holder = await rows.rules.findByPriority(rule.listenerArn, priority)
    if (holder !== undefined && !arns.has(holder.arn)) throw priorityInUse(priority)
  }
  if (priorities.size < rules.length) {
    throw validationError('A priority has been specified for more than one rule')
  }
}

async function named(rows: RowReader, arns: readonly string[]): Promise<Rule[]> {
  const rules = []
  for (const arn of arns) rules.push(await theRule(rows, arn))
  return rules
}

function priorityInUse(priority: number): ApiError {
  return new ApiError('PriorityInUse', `Priority '${priority}' is currently in use`)
}
