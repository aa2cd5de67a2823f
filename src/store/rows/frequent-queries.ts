// The queries that a start asks ten thousand times, compiled once. Kysely compiles a query each time that it runs, which
// costs more than running one that finds a row by its key.

import { type Compilable, type CompiledQuery, type Kysely, sql } from 'kysely'
import type { Tables } from './tables.ts'

/**
 * A query of a fixed form. `build` gives it for any parameters, which must stand in it in the order in which they are
 * given, each once; it is asked only the first time.
 */
function compiledQuery<Parameters extends readonly unknown[], Row>(
  build: (db: Kysely<Tables>, ...parameters: Parameters) => Compilable<Row>,
): (db: Kysely<Tables>, ...parameters: Parameters) => Promise<Row[]> {
  let compiled: CompiledQuery<Row> | undefined
  return async (db, ...parameters) => {
    compiled ??= build(db, ...parameters).compile()
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters })
    return rows
  }
}

export const vpcOfNodeAddress = compiledQuery((db, address: string) =>
  db
    .selectFrom('load_balancer_zones')
    .innerJoin('load_balancers', 'load_balancers.arn', 'load_balancer_zones.load_balancer_arn')
    .select('load_balancers.vpc_id')
    .where('load_balancer_zones.address', '=', address),
)

export const rulesOfListener = compiledQuery((db, arn: string, after: number, limit: number) =>
  db
    .selectFrom('rules')
    .selectAll()
    .where('listener_arn', '=', arn)
    .where('position', '>', after)
    .orderBy('position')
    .limit(limit),
)

export const targetGroup = compiledQuery((db, arn: string) =>
  db.selectFrom('target_groups').selectAll().where('arn', '=', arn),
)

export const usesOfTargetGroup = compiledQuery((db, arn: string) =>
  db
    .selectFrom('rule_target_groups')
    .select('load_balancer_arn')
    .where('target_group_arn', '=', arn)
    .limit(sql.lit(1)),
)

export const targetsOfGroup = compiledQuery((db, arn: string) =>
  db.selectFrom('targets').selectAll().where('target_group_arn', '=', arn).orderBy('sequence'),
)

export const attributesOf = compiledQuery((db, arn: string) =>
  db.selectFrom('attributes').select(['key', 'value']).where('resource_arn', '=', arn),
)
