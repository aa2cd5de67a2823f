// Listeners of load balancers: create, describe, modify, delete. The default actions are those of the default rule.

import type { Listener as ListenerOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { listenerArn, newId, ruleArn } from '../../model/arns.ts'
import type { Action, Listener } from '../../model/resources.ts'
import type { RowReader } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError, validationError } from '../errors.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { nextMarker, pageOf, slicePage } from '../pagination.ts'
import { badAction, checkActions } from './actions.ts'
import { checkForwarding, checkUse } from './forwarding.ts'
import { isRedirectLoop } from './redirects.ts'
import { checkListLength, theListener, theLoadBalancer } from './resources.ts'
import { addTags, checkTags } from './tags.ts'

/** Most ARNs that Describe takes. */
const NAMED_MAX = 20

export function listenerHandlers({
  store,
  directory,
  settings,
}: ApiEnvironment): Pick<
  Elbv2Handlers,
  'CreateListener' | 'DescribeListeners' | 'ModifyListener' | 'DeleteListener'
> {
  const { quotas } = settings
  return {
    async CreateListener(input) {
      if (input.Port === undefined) throw validationError('A listener port must be specified')
      const { Port: port } = input
      const protocol = checkProtocol(input.Protocol)
      refuseTlsSettings(input)
      checkTags(input.Tags)
      return await store.write(async (rows) => {
        const loadBalancer = await theLoadBalancer(rows, input.LoadBalancerArn)
        const actions = checkActions(input.DefaultActions, { protocol, port })
        const existing = await rows.listenerByPort(loadBalancer.arn, port)
        if (existing !== undefined) {
          const described = await describe(rows, existing)
          // ALB-LSN Q47: the same call again finds its listener.
          if (existing.protocol === protocol && isSame(described.DefaultActions, actions)) {
            return { Listeners: [described] }
          }
          throw duplicateListener()
        }
        if ((await rows.listenerCount(loadBalancer.arn)) >= quotas.listenersPerLoadBalancer) {
          throw new ApiError(
            'TooManyListeners',
            `The maximum number of listeners per load balancer is '${quotas.listenersPerLoadBalancer}'`,
          )
        }
        await checkForwarding(rows, directory, loadBalancer, protocol, actions)
        const arn = listenerArn(loadBalancer.arn, newId())
        const listener: Listener = { arn, loadBalancerArn: loadBalancer.arn, protocol, port }
        await rows.insertListener(listener, {
          arn: ruleArn(arn, newId()),
          listenerArn: arn,
          loadBalancerArn: loadBalancer.arn,
          priority: null,
          conditions: [],
          actions,
        })
        await checkUse(rows, loadBalancer.arn, quotas)
        await addTags(rows, arn, input.Tags)
        return { Listeners: [await describe(rows, listener)] }
      })
    },

    async DescribeListeners(input) {
      const { LoadBalancerArn: loadBalancerArn, ListenerArns: arns } = input
      const isNamed = arns !== undefined && arns.length > 0
      if (isNamed === (loadBalancerArn !== undefined)) {
        throw validationError('You must specify either listener ARNs or a load balancer ARN')
      }
      checkListLength('listeners', arns, NAMED_MAX)
      const page = pageOf('listeners', input)
      return await store.read(async (rows) => {
        const { items, next } =
          loadBalancerArn === undefined
            ? slicePage(await named(rows, arns ?? []), page)
            : await rows.listeners((await theLoadBalancer(rows, loadBalancerArn)).arn, page)
        const Listeners = []
        for (const listener of items) Listeners.push(await describe(rows, listener))
        return { Listeners, ...nextMarker('listeners', next) }
      })
    },

    async ModifyListener(input) {
      refuseTlsSettings(input)
      return await store.write(async (rows) => {
        const old = await theListener(rows, input.ListenerArn)
        const listener: Listener = {
          ...old,
          protocol: checkProtocol(input.Protocol ?? old.protocol),
          port: input.Port ?? old.port,
        }
        const holder = await rows.listenerByPort(old.loadBalancerArn, listener.port)
        if (holder !== undefined && holder.arn !== old.arn) throw duplicateListener()
        await rows.updateListener(old.arn, { protocol: listener.protocol, port: listener.port })
        if (input.DefaultActions !== undefined) {
          const loadBalancer = await theLoadBalancer(rows, old.loadBalancerArn)
          const actions = checkActions(input.DefaultActions, listener)
          await checkForwarding(rows, directory, loadBalancer, listener.protocol, actions)
          const rule = await rows.defaultRule(old.arn)
          if (rule !== undefined) await rows.updateRule(rule.arn, { actions })
          await checkUse(rows, loadBalancer.arn, quotas)
        }
        await checkLoops(rows, listener)
        return { Listeners: [await describe(rows, listener)] }
      })
    },

    async DeleteListener(input) {
      await store.write(async (rows) => {
        const { arn } = await theListener(rows, input.ListenerArn)
        await rows.deleteListener(arn)
      })
      return {}
    },
  }
}

async function describe(rows: RowReader, listener: Listener): Promise<ListenerOutput> {
  const rule = await rows.defaultRule(listener.arn)
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    DefaultActions: [...(rule?.actions ?? [])],
  }
}

/** ALB-LSN-004; HTTPS is a protocol of these load balancers, but not offered here. */
function checkProtocol(protocol: string | undefined): 'HTTP' {
  if (protocol === undefined) throw validationError('A listener protocol must be specified')
  if (protocol === 'HTTPS') {
    throw new ApiError('UnsupportedProtocol', 'HTTPS listeners are not supported; use an HTTP listener')
  }
  if (protocol !== 'HTTP') {
    throw validationError(`Listener protocol '${protocol}' must be one of 'HTTPS, HTTP'`)
  }
  return protocol
}

function refuseTlsSettings(input: {
  readonly Certificates?: readonly unknown[] | undefined
  readonly SslPolicy?: string | undefined
  readonly AlpnPolicy?: readonly unknown[] | undefined
  readonly MutualAuthentication?: object | undefined
}): void {
  for (const [name, value] of [
    ['Certificates', input.Certificates?.length],
    ['SslPolicy', input.SslPolicy],
    ['AlpnPolicy', input.AlpnPolicy?.length],
    ['MutualAuthentication', input.MutualAuthentication],
  ] as const) {
    if (value !== undefined && value !== 0 && value !== '') {
      throw validationError(`${name} cannot be specified for HTTP listeners`)
    }
  }
}

/** A new port can turn a redirect that named it into a loop. */
async function checkLoops(rows: RowReader, listener: Listener): Promise<void> {
  for (let after: number | null = 0; after !== null;) {
    const page = await rows.rules(listener.arn, { after, limit: 100 })
    for (const rule of page.items) {
      const redirect = rule.actions.find(({ Type }) => Type === 'redirect')?.RedirectConfig
      if (redirect !== undefined && isRedirectLoop(redirect, listener)) {
        throw badAction('The redirect configuration is not valid because it creates a loop.')
      }
    }
    after = page.next
  }
}

async function named(rows: RowReader, arns: readonly string[]): Promise<Listener[]> {
  const listeners = []
  for (const arn of arns) listeners.push(await theListener(rows, arn))
  return listeners
}

function isSame(left: readonly Action[] | undefined, right: readonly Action[]): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}

function duplicateListener(): ApiError {
  return new ApiError('DuplicateListener', 'A listener already exists on this port for this load balancer')
}
