// Tags of what EC2 owns. They are kept beside those of load balancers, under ARNs.

import type { Tag, TagSpecification } from '@aws-sdk/client-ec2'
import { fixedQuotas } from '../../model/quotas.ts'
import type { Scope } from '../../model/resources.ts'
import type { RowReader, RowWriter } from '../../store/store.ts'
import type { Tag as StoredTag } from '../../store/tags.ts'
import { ApiError } from '../errors.ts'
import type { Decoded } from '../operations.ts'
import { tagList, tagRules } from '../tags.ts'
import { checkDryRun, type Ec2Environment, type Ec2Handlers } from './environment.ts'
import { interfaceIdOf } from './ids.ts'
import { filtered, paged } from './listing.ts'
import { volumesIn } from './volumes-there.ts'

export { tagList } from '../tags.ts'

/** Resource types by the first part of their IDs. */
const TYPES: Readonly<Record<string, string>> = {
  sg: 'security-group',
  sgr: 'security-group-rule',
  i: 'instance',
  vpc: 'vpc',
  subnet: 'subnet',
  igw: 'internet-gateway',
  nat: 'natgateway',
  eipalloc: 'elastic-ip',
  rtb: 'route-table',
  acl: 'network-acl',
  eni: 'network-interface',
  vol: 'volume',
}

const { addTags } = tagRules({
  reserved: invalidTag,
  repeated: invalidTag,
  tooMany: (arn) => {
    const id = arn.slice(arn.indexOf('/') + 1)
    return new ApiError(
      'TagLimitExceeded',
      `The maximum number of tags for '${id}' is ${fixedQuotas.tagsPerResource}`,
    )
  },
})

export function tagHandlers({
  store,
  networks,
}: Ec2Environment): Pick<Ec2Handlers, 'CreateTags' | 'DeleteTags' | 'DescribeTags'> {
  return {
    async CreateTags(input, call) {
      checkDryRun(input.DryRun)
      const tags = readTags(input.Tags)
      await store.write(async (rows) => {
        for (const id of input.Resources) await addTags(rows, ec2Arn(call, id), tagList(tags))
      })
      return {}
    },
    async DeleteTags(input, call) {
      checkDryRun(input.DryRun)
      await store.write(async (rows) => {
        for (const id of input.Resources) {
          const arn = ec2Arn(call, id)
          const removed = (await rows.tags.of(arn)).filter(({ key, value }) => {
            if (input.Tags === undefined || input.Tags.length === 0) return true
            return input.Tags.some((tag) => tag.Key === key && (tag.Value ?? value) === value)
          })
          await rows.tags.remove(
            arn,
            removed.map(({ key }) => key),
          )
        }
      })
      return {}
    },
    async DescribeTags(input, call) {
      const rules = networks.securityGroups(call.region).flatMap((group) => group.rules)
      const interfaces = networks.instances(call.region).map(interfaceIdOf)
      const ids = [
        ...networks.ids(call.region),
        ...rules.map(({ id }) => id),
        ...volumesIn(networks, call.region).map(({ volume }) => volume.id),
        ...interfaces,
      ]
      const all = await store.read(async (rows) => {
        const found = []
        for (const id of ids) {
          for (const tag of await tagsOf(rows, call, id)) found.push({ id, type: typeOf(id), tags: [tag] })
        }
        return found
      })
      const { page, next } = paged(
        filtered(all, input.Filters, {
          'resource-id': ({ id }) => [id],
          'resource-type': ({ type }) => [type],
          key: ({ tags }) => tags.map(({ key }) => key),
          value: ({ tags }) => tags.map(({ value }) => value),
        }),
        input,
      )
      const described = page.flatMap(({ id, type, tags }) =>
        tags.map(({ key, value }) => ({
          ResourceId: id,
          ResourceType: type as 'instance',
          Key: key,
          Value: value,
        })),
      )
      return { Tags: described, ...next }
    },
  }
}

export async function tagsOf(rows: RowReader, scope: Scope, id: string): Promise<readonly StoredTag[]> {
  return await rows.tags.of(ec2Arn(scope, id))
}

/** Tags of something new. */
export async function putNewTags(
  rows: RowWriter,
  scope: Scope,
  id: string,
  tags: readonly StoredTag[],
): Promise<void> {
  await addTags(rows, ec2Arn(scope, id), tagList(tags))
}

/** Tags of something that is deleted. */
export async function forgetTags(rows: RowWriter, scope: Scope, id: string): Promise<void> {
  const arn = ec2Arn(scope, id)
  await rows.tags.remove(
    arn,
    (await rows.tags.of(arn)).map(({ key }) => key),
  )
}

/** Tags that a call gives to what it makes. */
export function specifiedTags(
  specifications: Decoded<TagSpecification[]> | undefined,
  type: string,
): readonly StoredTag[] {
  const own = (specifications ?? []).filter(({ ResourceType }) => ResourceType === type)
  return readTags(own.flatMap(({ Tags }) => Tags ?? []))
}

export function ec2Arn({ region, accountId }: Scope, id: string): string {
  return `arn:aws:ec2:${region}:${accountId}:${typeOf(id)}/${id}`
}

function invalidTag(key: string): ApiError {
  return new ApiError('InvalidParameterValue', `The tag '${key}' is not valid`)
}

function typeOf(id: string): string {
  const type = TYPES[id.slice(0, id.indexOf('-'))]
  if (type === undefined) throw new ApiError('InvalidID', `The ID '${id}' is not valid`)
  return type
}

function readTags(tags: Decoded<Tag[]> | undefined): readonly StoredTag[] {
  return (tags ?? []).map(({ Key: key = '', Value: value = '' }) => {
    if (key === '' || key.length > 128 || value.length > 256 || key.startsWith('aws:')) {
      throw invalidTag(key)
    }
    return { key, value }
  })
}
