// Listeners of load balancers: create, describe, modify, delete. The default actions are those of the default rule.

import { isDeepStrictEqual } from 'node:util'
import type { Listener as ListenerOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { listenerArn, newId, ruleArn } from '../../model/arns.ts'
import type { Action, Listener, ListenerProtocol } from '../../model/resources.ts'
import { allOf } from '../../store/page.ts'
import type { RowReader } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError, validationError } from '../errors.ts'
import { addTags, checkTags } from '../load-balancing/tags.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { nextMarker, pageOf, slicePage } from '../pagination.ts'
import { checkActions, forwardedGroups, refuseAuthentication } from './actions.ts'
import { checkForwarding, checkProtocolVersion, checkUse } from './forwarding.ts'
import { checkPlace } from './redirects.ts'
import { checkListLength, theListener, theLoadBalancer } from './resources.ts'
import { checkNeighbours, checkTls, checkTlsInput, describeTls } from './tls-settings.ts'

/** Most ARNs that Describe takes. */
const NAMED_MAX = 20

export function listenerHandlers(
  environment: ApiEnvironment,
): Pick<Elbv2Handlers, 'CreateListener' | 'DescribeListeners' | 'ModifyListener' | 'DeleteListener'> {
  const { store, directory, settings } = environment
  const { quotas } = settings
  return {
    async CreateListener(input) {
      if (input.Port === undefined) throw validationError('A listener port must be specified')
      const { Port: port } = input
      const protocol = checkProtocol(input.Protocol)
      checkTags(input.Tags)
      const tlsInput = await checkTlsInput(directory, input)
      return await store.write(async (rows) => {
        const loadBalancer = await theLoadBalancer(rows, input.LoadBalancerArn)
        const tls = await checkTls(rows, protocol, tlsInput, null)
        const actions = checkActions(input.DefaultActions, { protocol, port, hasClientSecret: false })
        const existing = await rows.listeners.findByPort(loadBalancer.arn, port)
        if (existing !== undefined) {
          // ALB-LSN Q47: the same call again finds its listener.
          if (await isSame(rows, existing, { protocol, tls, actions })) {
            return { Listeners: [await describe(rows, existing)] }
          }
          throw new ApiError(
            'DuplicateListener',
            'A listener already exists on this port for this load balancer',
          )
        }
        if ((await rows.listeners.count(loadBalancer.arn)) >= quotas.listenersPerLoadBalancer) {
          throw new ApiError(
            'TooManyListeners',
            `The maximum number of listeners per load balancer is '${quotas.listenersPerLoadBalancer}'`,
          )
        }
        await checkForwarding(rows, directory, loadBalancer, protocol, actions)
        const arn = listenerArn(loadBalancer.arn, newId())
        const listener: Listener = { arn, loadBalancerArn: loadBalancer.arn, protocol, port, tls }
        await rows.listeners.insert(listener, {
          arn: ruleArn(arn, newId()),
          listenerArn: arn,
          loadBalancerArn: loadBalancer.arn,
          priority: null,
          conditions: [],
          actions,
          transforms: [],
        })
        await checkNeighbours(rows, listener)
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
            : await rows.listeners.list((await theLoadBalancer(rows, loadBalancerArn)).arn, page)
        const Listeners = []
        for (const listener of items) Listeners.push(await describe(rows, listener))
        return { Listeners, ...nextMarker('listeners', next) }
      })
    },

    async ModifyListener(input) {
      const tlsInput = await checkTlsInput(directory, input)
      return await store.write(async (rows) => {
        const old = await theListener(rows, input.ListenerArn)
        const protocol = checkProtocol(input.Protocol ?? old.protocol)
        const tls = await checkTls(rows, protocol, tlsInput, old.tls)
        const listener: Listener = { ...old, protocol, port: input.Port ?? old.port, tls }
        const holder = await rows.listeners.findByPort(old.loadBalancerArn, listener.port)
        // ALB-LSN Q47: another error than that of a new listener on the port.
        if (holder !== undefined && holder.arn !== old.arn) {
          throw validationError(`Listener port '${listener.port}' is already in use`)
        }
        await rows.listeners.update(old.arn, { protocol, port: listener.port, tls })
        await checkNeighbours(rows, listener)
        const rule = await rows.rules.defaultOf(old.arn)
        if (input.DefaultActions !== undefined && rule !== undefined) {
          const loadBalancer = await theLoadBalancer(rows, old.loadBalancerArn)
          const hasClientSecret = (await rows.rules.clientSecret(rule.arn)) !== undefined
          const actions = checkActions(input.DefaultActions, { ...listener, hasClientSecret })
          await checkForwarding(rows, directory, loadBalancer, protocol, actions)
          await rows.rules.update(rule.arn, { actions })
          await checkUse(rows, loadBalancer.arn, quotas)
        }
        if (protocol !== old.protocol || listener.port !== old.port) await checkRules(rows, listener)
        return { Listeners: [await describe(rows, listener)] }
      })
    },

    async DeleteListener(input) {
      await store.write(async (rows) => {
        const { arn } = await theListener(rows, input.ListenerArn)
        await rows.listeners.delete(arn)
      })
      return {}
    },
  }
}

async function describe(rows: RowReader, listener: Listener): Promise<ListenerOutput> {
  const rule = await rows.rules.defaultOf(listener.arn)
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    ...describeTls(listener),
    DefaultActions: [...(rule?.actions ?? [])],
  }
}

/** ALB-LSN-004. */
function checkProtocol(protocol: string | undefined): ListenerProtocol {
  if (protocol === undefined) throw validationError('A listener protocol must be specified')
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') {
    throw validationError(`Listener protocol '${protocol}' must be one of 'HTTPS, HTTP'`)
  }
  return protocol
}

/**
 * Whether the rules go with a new port or protocol: a redirect that named the port becomes a loop or leads from HTTPS
 * to HTTP, and an HTTP listener cannot authenticate or speak HTTP/2.
 */
async function checkRules(rows: RowReader, listener: Listener): Promise<void> {
  for (const { actions } of await allOf(async (page) => await rows.rules.list(listener.arn, page))) {
    if (listener.protocol === 'HTTP') refuseAuthentication(actions)
    const redirect = actions.find(({ Type }) => Type === 'redirect')?.RedirectConfig
    if (redirect !== undefined) checkPlace(redirect, listener)
    for (const arn of forwardedGroups(actions)) {
      const group = await rows.targetGroups.find(arn)
      if (group !== undefined) checkProtocolVersion(listener.protocol, group, actions)
    }
  }
}

async function named(rows: RowReader, arns: readonly string[]): Promise<Listener[]> {
  const listeners = []
  for (const arn of arns) listeners.push(await theListener(rows, arn))
  return listeners
}

/** Whether a listener is what a call describes; its certificate list is not part of the call. */
async function isSame(
  rows: RowReader,
  existing: Listener,
  { protocol, tls, actions }: Pick<Listener, 'protocol' | 'tls'> & { readonly actions: readonly Action[] },
): Promise<boolean> {
  if (existing.protocol !== protocol || !isDeepStrictEqual(existing.tls, tls)) return false
  const rule = await rows.rules.defaultOf(existing.arn)
  if (rule === undefined) return false
  const secret = await rows.rules.clientSecret(rule.arn)
  const kept = rule.actions.map((action) =>
    action.AuthenticateOidcConfig === undefined
      ? action
      : { ...action, AuthenticateOidcConfig: { ...action.AuthenticateOidcConfig, ClientSecret: secret } },
  )
  return isDeepStrictEqual(kept, actions)
}
