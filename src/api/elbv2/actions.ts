// Actions of rules: what a call may say (ALB-LSN-040 … 111), and the form in which they are kept and described.

import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import { fixedQuotas } from '../../model/quotas.ts'
import type { ListenerProtocol } from '../../model/resources.ts'
import { ApiError, validationError } from '../errors.ts'
import type { Decoded } from '../operations.ts'
import { checkCognito, checkOidc, checkTokenValidation } from './authentication.ts'
import { checkRedirect } from './redirects.ts'

export type ActionInput = Decoded<Action>

/** What decides about an action beside itself. */
export interface ActionPlace {
  readonly protocol: ListenerProtocol
  readonly port: number
  /** Whether the rule that is changed has a client secret; never for a new rule. */
  readonly hasClientSecret: boolean
}

/** Actions that come before the routing action. */
const authenticationTypes = ['authenticate-oidc', 'authenticate-cognito', 'jwt-validation'] as const
/** Actions that end the way of a request. */
const routingTypes: readonly string[] = ['forward', 'redirect', 'fixed-response']

const CONTENT_TYPES = ['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json']
/** Longest message body, in bytes. */
const BODY_MAX = 1024
const WEIGHT_MAX = 999
const STICKINESS_SECONDS_MAX = 604_800

const configNames = {
  forward: 'ForwardConfig',
  redirect: 'RedirectConfig',
  'fixed-response': 'FixedResponseConfig',
  'authenticate-oidc': 'AuthenticateOidcConfig',
  'authenticate-cognito': 'AuthenticateCognitoConfig',
  'jwt-validation': 'JwtValidationConfig',
} as const satisfies Record<string, keyof Action>

/** Checks the actions of a rule and brings them into the form that is kept, in ascending order. */
export function checkActions(actions: readonly ActionInput[], place: ActionPlace): Action[] {
  if (actions.length === 0) throw validationError('At least one action must be specified')
  checkOrder(actions)
  const sorted = actions.toSorted((left, right) => (left.Order ?? 1) - (right.Order ?? 1))
  if (place.protocol === 'HTTP') refuseAuthentication(sorted)
  const isRouted = sorted.filter(({ Type }) => routingTypes.includes(Type)).length === 1
  if (!isRouted || !routingTypes.includes(sorted.at(-1)?.Type ?? '')) {
    throw badAction(
      `Exactly one action of type 'forward', 'redirect' or 'fixed-response' must be specified, as the last action`,
    )
  }
  if (sorted.length > 2) {
    throw new ApiError('TooManyActions', 'A rule can only have one action that authenticates')
  }
  return sorted.map((action) => checkAction(action, place))
}

/** ALB-LSN-041, 042, Q15: tokens and session cookies must not cross the network in clear text. */
export function refuseAuthentication(actions: readonly Pick<Action, 'Type'>[]): void {
  const found = actions.find(({ Type }) => authenticationTypes.some((type) => type === Type))
  if (found !== undefined) {
    throw badAction(`Actions of type '${found.Type}' are supported only on HTTPS listeners`)
  }
}

/** ARNs of the target groups that checked actions forward to, in order. */
export function forwardedGroups(actions: readonly Action[]): readonly string[] {
  return actions.flatMap(({ ForwardConfig }) =>
    (ForwardConfig?.TargetGroups ?? []).flatMap(({ TargetGroupArn: arn }) =>
      arn === undefined ? [] : [arn],
    ),
  )
}

/** ALB-LSN Q14: several actions need an order each, all different. */
function checkOrder(actions: readonly ActionInput[]): void {
  if (actions.length === 1) return
  const orders = actions.map(({ Order }) => Order)
  if (orders.includes(undefined)) {
    throw badAction('An order must be specified for each action of a rule with several actions')
  }
  if (new Set(orders).size < orders.length) {
    throw badAction('The order of each action of a rule must be unique')
  }
}

function checkAction(action: ActionInput, place: ActionPlace): Action {
  const order = action.Order === undefined ? {} : { Order: action.Order }
  for (const [type, name] of Object.entries(configNames)) {
    if (type !== action.Type && action[name] !== undefined) {
      throw badAction(`For actions of type '${action.Type}', you cannot specify '${name}'`)
    }
  }
  if (action.Type !== 'forward' && action.TargetGroupArn !== undefined) {
    throw badAction(`For actions of type '${action.Type}', you cannot specify 'TargetGroupArn'`)
  }
  return { Type: action.Type, ...order, ...checkConfig(action, place) }
}

function checkConfig(action: ActionInput, place: ActionPlace): Omit<Action, 'Type' | 'Order'> {
  switch (action.Type) {
    case 'redirect':
      return { RedirectConfig: checkRedirect(configOf(action, 'RedirectConfig'), place) }
    case 'fixed-response':
      return { FixedResponseConfig: checkFixedResponse(configOf(action, 'FixedResponseConfig')) }
    case 'authenticate-oidc':
      return checkOidc(configOf(action, 'AuthenticateOidcConfig'), place.hasClientSecret)
    case 'authenticate-cognito':
      return checkCognito(configOf(action, 'AuthenticateCognitoConfig'))
    case 'jwt-validation':
      return checkTokenValidation(configOf(action, 'JwtValidationConfig'))
    case 'forward':
    default:
      return checkForward(action)
  }
}

function configOf<Name extends (typeof configNames)[keyof typeof configNames]>(
  action: ActionInput,
  name: Name,
): NonNullable<ActionInput[Name]> {
  const config = action[name]
  if (config === undefined) throw configMissing(action.Type, name)
  return config
}

function checkFixedResponse(
  config: NonNullable<ActionInput['FixedResponseConfig']>,
): NonNullable<Action['FixedResponseConfig']> {
  const { StatusCode, ContentType: contentType, MessageBody: body } = config
  if (contentType !== undefined && contentType !== '' && !CONTENT_TYPES.includes(contentType)) {
    throw badAction(`The content type '${contentType}' must be one of '[${CONTENT_TYPES.join(', ')}]'`)
  }
  if (body !== undefined && Buffer.byteLength(body) > BODY_MAX) {
    throw validationError(`The message body must not be longer than '${BODY_MAX}' bytes`)
  }
  return {
    StatusCode,
    ...(contentType === undefined || contentType === '' ? {} : { ContentType: contentType }),
    ...(body === undefined || body === '' ? {} : { MessageBody: body }),
  }
}

function checkForward(action: ActionInput): Pick<Action, 'TargetGroupArn' | 'ForwardConfig'> {
  const { TargetGroupArn: single, ForwardConfig: config } = action
  const given = config?.TargetGroups ?? (single === undefined ? [] : [{ TargetGroupArn: single }])
  const [first] = given
  if (first === undefined) throw configMissing('forward', 'TargetGroupArn')
  if (single !== undefined && (given.length > 1 || first.TargetGroupArn !== single)) {
    throw badAction('TargetGroupArn and ForwardConfig must name the same single target group')
  }
  if (given.length > fixedQuotas.targetGroupsPerAction) {
    throw new ApiError(
      'TooManyTargetGroups',
      `The maximum number of target groups per action is '${fixedQuotas.targetGroupsPerAction}'`,
    )
  }
  const seen = new Set<string>()
  const groups = given.map(({ TargetGroupArn: arn, Weight: weight }) => {
    if (arn === undefined) throw badAction('Each target group of a forward action must have an ARN')
    if (seen.has(arn)) throw validationError(`Target group '${arn}' has been specified more than once`)
    seen.add(arn)
    // ALB-LSN-061: only a single group may do without.
    const Weight = weight ?? (given.length === 1 ? 1 : -1)
    if (Weight < 0 || Weight > WEIGHT_MAX) {
      throw validationError(`The weight for each target group must be between 0 and ${WEIGHT_MAX}, inclusive`)
    }
    return { TargetGroupArn: arn, Weight }
  })
  const stickiness = checkStickiness(config?.TargetGroupStickinessConfig)
  return {
    ...(given.length === 1 ? { TargetGroupArn: first.TargetGroupArn } : {}),
    ForwardConfig: { TargetGroups: groups, TargetGroupStickinessConfig: stickiness },
  }
}

type Stickiness = NonNullable<NonNullable<Action['ForwardConfig']>['TargetGroupStickinessConfig']>

function checkStickiness(config: Decoded<Stickiness> | undefined): Stickiness {
  const { Enabled = false, DurationSeconds: seconds } = config ?? {}
  if (seconds === undefined) {
    if (Enabled) throw validationError('A duration must be specified when target group stickiness is enabled')
    return { Enabled }
  }
  if (seconds < 1 || seconds > STICKINESS_SECONDS_MAX) {
    throw validationError(
      `Target group stickiness duration must be between 1 and ${STICKINESS_SECONDS_MAX} seconds`,
    )
  }
  return { Enabled, DurationSeconds: seconds }
}

function configMissing(type: string, field: string): ApiError {
  return badAction(`For actions of type '${type}', you must specify the following fields: '${field}'`)
}

/** The error of actions that do not fit together or with their listener. */
export function badAction(message: string): ApiError {
  return new ApiError('InvalidLoadBalancerAction', message)
}
