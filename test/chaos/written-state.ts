// What the API has answered to writes, as a map from what was written to its value, and the comparison with what the API
// shows later.

import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteRuleCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2ServiceException,
  InvalidTargetException,
  ModifyLoadBalancerAttributesCommand,
  ModifyRuleCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
  RemoveTagsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { SUBNETS, VPC } from '../support/api-client.ts'
import { freePort } from '../support/free-port.ts'
import type { Random } from '../support/random.ts'

const SLOTS = 6
const FIRST_TARGET_PORT = 10_000
const IDLE_TIMEOUT = 'idle timeout'

/** A write and what it leads to; `value` is `null` for a deletion. */
interface Write {
  readonly key: string
  readonly value: string | null
  send(): Promise<void>
}

export class WrittenState {
  readonly #random: Random
  readonly #values = new Map<string, string>()
  readonly #arns = new Map<string, string>()
  #loadBalancerArn = ''
  #listenerArn = ''
  #targetsGroupArn = ''
  #answered = 0
  /** The write that was sent and not answered. */
  #inDoubt: Write | null = null

  constructor(random: Random) {
    this.#random = random
  }

  /** Number of writes that were answered. */
  get answered(): number {
    return this.#answered
  }

  /** Makes what the writes need. */
  async create(client: ElasticLoadBalancingV2Client): Promise<void> {
    const { LoadBalancers } = await client.send(
      new CreateLoadBalancerCommand({ Name: 'durable', Subnets: [...SUBNETS] }),
    )
    this.#loadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? ''
    const { Listeners } = await client.send(
      new CreateListenerCommand({
        LoadBalancerArn: this.#loadBalancerArn,
        Protocol: 'HTTP',
        Port: await freePort(),
        DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
      }),
    )
    this.#listenerArn = Listeners?.[0]?.ListenerArn ?? ''
    this.#targetsGroupArn = await createTargetGroup(client, 'durable-targets', '/health')
    this.#values.set(IDLE_TIMEOUT, '60')
  }

  /** Sends one write. False: it was not answered, and the program is gone. Rejects when it was refused. */
  async write(client: ElasticLoadBalancingV2Client): Promise<boolean> {
    const write = this.#nextWrite(client)
    try {
      await write.send()
    } catch (error) {
      // A target that is still being deregistered may not be registered again: nothing was written.
      if (error instanceof InvalidTargetException) return true
      // Any other answer that says no is not what a kill looks like.
      if (
        error instanceof ElasticLoadBalancingV2ServiceException &&
        error.$metadata.httpStatusCode !== undefined
      )
        throw error
      this.#inDoubt = write
      return false
    }
    this.#answered++
    this.#note(write)
    return true
  }

  /** Compares with what the API shows, settles the write in doubt, and says what was answered and is not there. */
  async differences(client: ElasticLoadBalancingV2Client): Promise<string[]> {
    const shown = await this.#read(client)
    const doubt = this.#inDoubt
    this.#inDoubt = null
    if (doubt !== null && (shown.get(doubt.key) ?? null) === doubt.value) this.#note(doubt)
    const differences: string[] = []
    for (const key of new Set([...shown.keys(), ...this.#values.keys()])) {
      const wanted = this.#values.get(key)
      const found = shown.get(key)
      if (wanted !== found)
        differences.push(`${key} was answered as ${wanted ?? 'gone'} and is ${found ?? 'gone'}`)
    }
    return differences
  }

  #note({ key, value }: Write): void {
    if (value === null) this.#values.delete(key)
    else this.#values.set(key, value)
  }

  #nextWrite(client: ElasticLoadBalancingV2Client): Write {
    const slot = this.#random.whole(1, SLOTS)
    const fresh = String(this.#random.whole(60, 3999))
    switch (this.#random.whole(0, 4)) {
      case 0:
        return this.#writeTargetGroup(client, `durable-${slot}`, fresh)
      case 1:
        return this.#writeRule(client, slot, fresh)
      case 2:
        return this.#writeTag(client, slot, fresh)
      case 3:
        return this.#writeTarget(client, FIRST_TARGET_PORT + slot)
      default:
        return {
          key: IDLE_TIMEOUT,
          value: fresh,
          send: async () => {
            const Attributes = [{ Key: 'idle_timeout.timeout_seconds', Value: fresh }]
            await client.send(
              new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: this.#loadBalancerArn, Attributes }),
            )
          },
        }
    }
  }

  #writeTargetGroup(client: ElasticLoadBalancingV2Client, name: string, fresh: string): Write {
    const key = `target group ${name}`
    const path = `/${fresh}`
    if (!this.#values.has(key)) {
      return {
        key,
        value: path,
        send: async () => {
          this.#arns.set(key, await createTargetGroup(client, name, path))
        },
      }
    }
    const TargetGroupArn = this.#arns.get(key)
    if (this.#random.whole(0, 1) === 0) {
      return {
        key,
        value: null,
        send: async () => void (await client.send(new DeleteTargetGroupCommand({ TargetGroupArn }))),
      }
    }
    return {
      key,
      value: path,
      send: async () =>
        void (await client.send(new ModifyTargetGroupCommand({ TargetGroupArn, HealthCheckPath: path }))),
    }
  }

  #writeRule(client: ElasticLoadBalancingV2Client, priority: number, fresh: string): Write {
    const key = `rule ${priority}`
    const pattern = `/${fresh}`
    const Conditions = [{ Field: 'path-pattern', PathPatternConfig: { Values: [pattern] } }]
    if (!this.#values.has(key)) {
      return {
        key,
        value: pattern,
        send: async () => {
          const { Rules } = await client.send(
            new CreateRuleCommand({
              ListenerArn: this.#listenerArn,
              Priority: priority,
              Conditions,
              Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }],
            }),
          )
          this.#arns.set(key, Rules?.[0]?.RuleArn ?? '')
        },
      }
    }
    const RuleArn = this.#arns.get(key)
    if (this.#random.whole(0, 1) === 0)
      return {
        key,
        value: null,
        send: async () => void (await client.send(new DeleteRuleCommand({ RuleArn }))),
      }
    return {
      key,
      value: pattern,
      send: async () => void (await client.send(new ModifyRuleCommand({ RuleArn, Conditions }))),
    }
  }

  #writeTag(client: ElasticLoadBalancingV2Client, slot: number, fresh: string): Write {
    const key = `tag ${slot}`
    const ResourceArns = [this.#loadBalancerArn]
    if (this.#values.has(key) && this.#random.whole(0, 2) === 0)
      return {
        key,
        value: null,
        send: async () =>
          void (await client.send(new RemoveTagsCommand({ ResourceArns, TagKeys: [String(slot)] }))),
      }
    const Tags = [{ Key: String(slot), Value: fresh }]
    return {
      key,
      value: fresh,
      send: async () => void (await client.send(new AddTagsCommand({ ResourceArns, Tags }))),
    }
  }

  #writeTarget(client: ElasticLoadBalancingV2Client, port: number): Write {
    const key = `target ${port}`
    const targets = { TargetGroupArn: this.#targetsGroupArn, Targets: [{ Id: '127.0.0.1', Port: port }] }
    if (this.#values.has(key))
      return {
        key,
        value: null,
        send: async () => void (await client.send(new DeregisterTargetsCommand(targets))),
      }
    return {
      key,
      value: 'registered',
      send: async () => void (await client.send(new RegisterTargetsCommand(targets))),
    }
  }

  async #read(client: ElasticLoadBalancingV2Client): Promise<Map<string, string>> {
    const shown = new Map<string, string>()
    const { TargetGroups = [] } = await client.send(new DescribeTargetGroupsCommand({}))
    for (const each of TargetGroups) {
      if (each.TargetGroupArn === this.#targetsGroupArn) continue
      const key = `target group ${each.TargetGroupName}`
      shown.set(key, each.HealthCheckPath ?? '')
      this.#arns.set(key, each.TargetGroupArn ?? '')
    }
    const { Rules = [] } = await client.send(new DescribeRulesCommand({ ListenerArn: this.#listenerArn }))
    for (const each of Rules) {
      if (each.IsDefault === true) continue
      shown.set(`rule ${each.Priority}`, each.Conditions?.[0]?.PathPatternConfig?.Values?.[0] ?? '')
      this.#arns.set(`rule ${each.Priority}`, each.RuleArn ?? '')
    }
    const { TagDescriptions = [] } = await client.send(
      new DescribeTagsCommand({ ResourceArns: [this.#loadBalancerArn] }),
    )
    for (const tag of TagDescriptions[0]?.Tags ?? []) shown.set(`tag ${tag.Key}`, tag.Value ?? '')
    const { TargetHealthDescriptions = [] } = await client.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: this.#targetsGroupArn }),
    )
    for (const { Target, TargetHealth } of TargetHealthDescriptions)
      if (TargetHealth?.State !== 'draining') shown.set(`target ${Target?.Port}`, 'registered')
    const { Attributes = [] } = await client.send(
      new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: this.#loadBalancerArn }),
    )
    const idle = Attributes.find(({ Key }) => Key === 'idle_timeout.timeout_seconds')
    if (idle?.Value !== undefined) shown.set(IDLE_TIMEOUT, idle.Value)
    return shown
  }
}

async function createTargetGroup(
  client: ElasticLoadBalancingV2Client,
  name: string,
  path: string,
): Promise<string> {
  const { TargetGroups } = await client.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: 'HTTP',
      Port: 80,
      TargetType: 'ip',
      VpcId: VPC,
      HealthCheckPath: path,
    }),
  )
  return TargetGroups?.[0]?.TargetGroupArn ?? ''
}
