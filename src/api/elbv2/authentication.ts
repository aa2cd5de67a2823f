// Actions that come before the routing action of a rule on an HTTPS listener: logins with OpenID Connect or Amazon
// Cognito, and the check of a JSON Web Token (ALB-SEC-164 … 205, OQ-39 there). What a call may say, with defaults.

import type {
  Action,
  AuthenticateCognitoActionConfig,
  AuthenticateOidcActionConfig,
  JwtValidationActionConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { ApiError, validationError } from '../errors.ts'
import type { Decoded } from '../operations.ts'

const SESSION_SECONDS_MAX = 604_800
const EXTRA_PARAMETERS_MAX = 10
const CLAIMS_MAX = 10
const CLAIM_VALUES_MAX = 10
/** Longest endpoint, issuer and claim value of a token check, in characters. */
const TOKEN_TEXT_MAX = 256
const CLIENT_SECRET_MAX = 4096

/** Parameters of the authorization request that the load balancer sets itself. */
const OWN_PARAMETERS = ['client_id', 'redirect_uri', 'response_type', 'scope', 'state']
/** Claims that are checked anyway. */
const OWN_CLAIMS = ['exp', 'iss', 'nbf', 'iat']

const USER_POOL = /^arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:\d{12}:userpool\/[\w-]+_[0-9a-zA-Z]+$/
const COOKIE_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$/

/** Checks an authenticate-oidc action. `hasSecret`: the rule that is changed has a client secret to keep. */
export function checkOidc(
  config: Decoded<AuthenticateOidcActionConfig>,
  hasSecret: boolean,
): Pick<Action, 'AuthenticateOidcConfig'> {
  for (const name of ['Issuer', 'AuthorizationEndpoint', 'TokenEndpoint', 'UserInfoEndpoint'] as const) {
    checkUrl(name, config[name])
  }
  if (config.ClientId === '') throw badAction('The ClientId must not be empty')
  return {
    AuthenticateOidcConfig: {
      Issuer: config.Issuer,
      AuthorizationEndpoint: config.AuthorizationEndpoint,
      TokenEndpoint: config.TokenEndpoint,
      UserInfoEndpoint: config.UserInfoEndpoint,
      ClientId: config.ClientId,
      ...checkClientSecret(config, hasSecret),
      ...checkSession(config),
    },
  }
}

export function checkCognito(
  config: Decoded<AuthenticateCognitoActionConfig>,
): Pick<Action, 'AuthenticateCognitoConfig'> {
  const { UserPoolArn, UserPoolClientId, UserPoolDomain } = config
  if (!USER_POOL.test(UserPoolArn)) throw badAction(`'${UserPoolArn}' is not a valid user pool ARN`)
  if (UserPoolClientId === '') throw badAction('The UserPoolClientId must not be empty')
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?$/.test(UserPoolDomain)) {
    throw badAction(`'${UserPoolDomain}' is not a valid user pool domain`)
  }
  return {
    AuthenticateCognitoConfig: { UserPoolArn, UserPoolClientId, UserPoolDomain, ...checkSession(config) },
  }
}

export function checkTokenValidation(
  config: Decoded<JwtValidationActionConfig>,
): Pick<Action, 'JwtValidationConfig'> {
  const { JwksEndpoint, Issuer, AdditionalClaims: claims } = config
  checkUrl('JwksEndpoint', JwksEndpoint)
  for (const [name, value] of Object.entries({ JwksEndpoint, Issuer })) checkText(name, value)
  if (claims !== undefined && claims.length > CLAIMS_MAX) {
    throw validationError(`The maximum number of additional claims is '${CLAIMS_MAX}'`)
  }
  return {
    JwtValidationConfig: {
      JwksEndpoint,
      Issuer,
      ...(claims === undefined || claims.length === 0 ? {} : { AdditionalClaims: claims.map(checkClaim) }),
    },
  }
}

type ClaimInput = NonNullable<Decoded<JwtValidationActionConfig>['AdditionalClaims']>[number]

function checkClaim({ Format, Name, Values }: ClaimInput): {
  Format: ClaimInput['Format']
  Name: string
  Values: string[]
} {
  checkText('claim name', Name)
  if (OWN_CLAIMS.includes(Name)) {
    throw badAction(`The additional claim '${Name}' cannot be specified; it is validated by default`)
  }
  if (Values.length === 0 || Values.length > CLAIM_VALUES_MAX) {
    throw validationError(`A claim must have between '1-${CLAIM_VALUES_MAX}' values`)
  }
  for (const value of Values) {
    checkText('claim value', value)
    if (Format === 'space-separated-values' && value.includes(' ')) {
      throw badAction(`The value '${value}' of claim '${Name}' must not contain spaces`)
    }
  }
  return { Format, Name, Values: [...Values] }
}

/** Settings that both kinds of logins have, with their defaults (ALB-SEC-169). */
function checkSession(
  config: Decoded<AuthenticateOidcActionConfig> | Decoded<AuthenticateCognitoActionConfig>,
): Required<
  Pick<
    AuthenticateOidcActionConfig,
    'SessionCookieName' | 'Scope' | 'SessionTimeout' | 'OnUnauthenticatedRequest'
  >
> &
  Pick<AuthenticateOidcActionConfig, 'AuthenticationRequestExtraParams'> {
  const {
    SessionCookieName = 'AWSELBAuthSessionCookie',
    Scope = 'openid',
    SessionTimeout = SESSION_SECONDS_MAX,
    OnUnauthenticatedRequest = 'authenticate',
    AuthenticationRequestExtraParams: parameters = {},
  } = config
  if (!COOKIE_NAME.test(SessionCookieName) || SessionCookieName.startsWith('AWSALB')) {
    throw badAction(`The session cookie name '${SessionCookieName}' is not valid`)
  }
  if (!/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(Scope)) throw badAction(`The scope '${Scope}' is not valid`)
  if (SessionTimeout < 1 || SessionTimeout > SESSION_SECONDS_MAX) {
    throw validationError(
      `The session timeout '${SessionTimeout}' must be between '1-${SESSION_SECONDS_MAX}' inclusive`,
    )
  }
  const names = Object.keys(parameters)
  if (names.length > EXTRA_PARAMETERS_MAX) {
    throw validationError(
      `The maximum number of extra parameters of an authentication request is '${EXTRA_PARAMETERS_MAX}'`,
    )
  }
  const own = names.find((name) => name === '' || OWN_PARAMETERS.includes(name))
  if (own !== undefined) throw badAction(`The extra parameter '${own}' cannot be specified`)
  return {
    SessionCookieName,
    Scope,
    SessionTimeout,
    OnUnauthenticatedRequest,
    ...(names.length === 0 ? {} : { AuthenticationRequestExtraParams: { ...parameters } }),
  }
}

/** ALB-SEC-170: a secret, or the word that the present one is kept. */
function checkClientSecret(
  { ClientSecret: secret, UseExistingClientSecret: isKept = false }: Decoded<AuthenticateOidcActionConfig>,
  hasSecret: boolean,
): Pick<AuthenticateOidcActionConfig, 'ClientSecret'> {
  if (secret !== undefined && isKept) {
    throw badAction('You cannot specify both ClientSecret and UseExistingClientSecret')
  }
  if (isKept && !hasSecret) throw badAction('There is no existing client secret to use')
  if (secret === undefined && !isKept) {
    throw badAction(
      `For actions of type 'authenticate-oidc', you must specify the following fields: 'ClientSecret'`,
    )
  }
  if (secret === '' || (secret?.length ?? 0) > CLIENT_SECRET_MAX) {
    throw badAction(`The ClientSecret must have between '1-${CLIENT_SECRET_MAX}' characters`)
  }
  return secret === undefined ? {} : { ClientSecret: secret }
}

function checkUrl(name: string, text: string): void {
  const isPrintable = /^https:\/\/[\x21-\x7e]+$/.test(text)
  if (!isPrintable || !URL.canParse(text) || new URL(text).username !== '') {
    throw badAction(`The ${name} '${text}' must be a full URL with the protocol HTTPS`)
  }
}

function checkText(what: string, text: string): void {
  if (text === '' || text.length > TOKEN_TEXT_MAX) {
    throw validationError(`The ${what} must have between '1-${TOKEN_TEXT_MAX}' characters`)
  }
}

function badAction(message: string): ApiError {
  return new ApiError('InvalidLoadBalancerAction', message)
}
