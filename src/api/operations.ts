// The shape of every handler, out of the SDK's own types: nothing is typed by hand, so that a wrong member does not
// compile and a new version of the SDK shows what AWS added.

import type * as elbv2Sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Identity } from '../model/access-keys.ts'
import type { Scope } from '../model/resources.ts'

type CommandName<Sdk> = keyof { [K in keyof Sdk as K extends `${infer Name}Command` ? Name : never]: true } &
  string
/** An instance of the SDK's command class for the operation. */
type Command<Sdk, N extends string> = `${N}Command` extends infer Name extends keyof Sdk
  ? Sdk[Name] extends abstract new (...args: never[]) => infer Instance
    ? Instance
    : never
  : never
type CommandInput<C> = C extends { readonly input: infer I } ? I : never
type CommandOutput<C> = C extends { resolveMiddleware: (...args: never[]) => infer Run }
  ? Run extends (...args: never[]) => Promise<{ output: infer O }>
    ? O
    : never
  : never

/** Members that the SDK's types name without `?` are those that the decoder demands. */
type RequiredKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T]

/** An input as the decoder gives it: required members are there, and nothing may be changed. */
export type Decoded<T> = T extends string | number | boolean | Date | Uint8Array | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Decoded<Item>[]
    : {
        readonly [K in keyof T]: K extends RequiredKeys<T> ? Decoded<Exclude<T[K], undefined>> : Decoded<T[K]>
      }

/** Who calls and where: names and lists belong to one account and Region. */
export interface Call extends Scope {
  /** Null for a request that is not signed. */
  readonly accessKeyId: string | null
  /** Whoever calls while keys are not checked acts as the root user. */
  readonly identity: Identity
  readonly requestId: string
  /** URL under which the caller reached the API, without a path. */
  readonly endpoint: string
}

/** The handlers of an API by operation, typed by the SDK package of that API. */
export type Handlers<Sdk> = {
  readonly [N in CommandName<Sdk>]: (
    input: Decoded<CommandInput<Command<Sdk, N>>>,
    call: Call,
  ) => Promise<Omit<CommandOutput<Command<Sdk, N>>, '$metadata'>>
}

export type Elbv2Handlers = Handlers<typeof elbv2Sdk>
/** Input of an elbv2 operation. */
export type Input<N extends keyof Elbv2Handlers> = Parameters<Elbv2Handlers[N]>[0]
/** Output of an elbv2 operation. */
export type Output<N extends keyof Elbv2Handlers> = Awaited<ReturnType<Elbv2Handlers[N]>>

/** A handler as the server calls it, with its types behind it. */
export type Handler = (input: never, call: Call) => Promise<object>
