// The shape of every handler, out of the SDK's own types: nothing is typed by hand, so that a wrong member does not
// compile and a new version of the SDK shows what AWS added.

import type * as elbv2Sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '../model/resources.ts'

type Sdk = typeof elbv2Sdk
type CommandName = keyof { [K in keyof Sdk as K extends `${infer Name}Command` ? Name : never]: true }
type Command<N extends CommandName> = InstanceType<Sdk[`${N}Command`]>
type CommandOutput<N extends CommandName> = Awaited<
  ReturnType<ReturnType<Command<N>['resolveMiddleware']>>
>['output']

/** Members that the SDK's types name without `?` are those that the decoder demands. */
type RequiredKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T]

/** An input as the decoder gives it: required members are there, and nothing may be changed. */
export type Decoded<T> = T extends string | number | boolean | Date | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Decoded<Item>[]
    : {
        readonly [K in keyof T]: K extends RequiredKeys<T> ? Decoded<Exclude<T[K], undefined>> : Decoded<T[K]>
      }

/** Input of an elbv2 operation. */
export type Input<N extends CommandName> = Decoded<Command<N>['input']>
/** Output of an elbv2 operation. */
export type Output<N extends CommandName> = Omit<CommandOutput<N>, '$metadata'>

/** Who calls and where: names and lists belong to one account and Region. */
export interface Call extends Scope {
  readonly requestId: string
}

export type Elbv2Handlers = {
  readonly [N in CommandName]: (input: Input<N>, call: Call) => Promise<Output<N>>
}

/** A handler as the server calls it, with its types behind it. */
export type Handler = (input: never, call: Call) => Promise<object>
