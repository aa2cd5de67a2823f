// The load balancer under test and the changes that are made to it. Whatever the changes do, a request always finds a
// target that is registered, so that any other answer than the target's is a loss.

import assert from 'node:assert/strict'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteRuleCommand,
  DeregisterTargetsCommand,
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  InvalidTargetException,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyRuleCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
  SetRulePrioritiesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Action, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { SUBNETS, VPC } from '../support/api-client.ts'
import { eventually } from '../support/eventually.ts'
import type { Random } from '../support/random.ts'

const HEALTH_CHECK = {
  HealthCheckPath: '/health',
  HealthCheckIntervalSeconds: 5,
  HealthCheckTimeoutSeconds: 2,
}
const RULES_MAX = 20
const REGISTERED_MIN = 3

/** A target group with the targets that are to stay registered. */
interface Group {
  readonly arn: string
  readonly registered: Set<number>
}

export class Configuration {
  readonly #client: ElasticLoadBalancingV2Client
  readonly #random: Random
  readonly #ports: readonly number[]
  readonly #groups: Group[] = []
  readonly #rules = new Map<string, number>()
  #loadBalancerArn = ''
  #listenerArn = ''

  constructor(client: ElasticLoadBalancingV2Client, random: Random, targetPorts: readonly number[]) {
    this.#client = client
    this.#random = random
    this.#ports = targetPorts
  }

  get loadBalancerArn(): string {
    return this.#loadBalancerArn
  }

  /** Makes two target groups with all targets, a load balancer and a listener; resolves when every target is healthy. */
  async create(listenerPort: number): Promise<void> {
    const created = await this.#client.send(
      new CreateLoadBalancerCommand({ Name: 'chaos', Subnets: [...SUBNETS] }),
    )
    this.#loadBalancerArn = created.LoadBalancers?.[0]?.LoadBalancerArn ?? ''
    for (const name of ['chaos-1', 'chaos-2']) {
      const { TargetGroups } = await this.#client.send(
        new CreateTargetGroupCommand({
          Name: name,
          Protocol: 'HTTP',
          Port: 80,
          TargetType: 'ip',
          VpcId: VPC,
          HealthyThresholdCount: 2,
          ...HEALTH_CHECK,
        }),
      )
      const group: Group = { arn: TargetGroups?.[0]?.TargetGroupArn ?? '', registered: new Set(this.#ports) }
      this.#groups.push(group)
      await this.#client.send(
        new RegisterTargetsCommand({ TargetGroupArn: group.arn, Targets: this.#ports.map(target) }),
      )
    }
    const { Listeners } = await this.#client.send(
      new CreateListenerCommand({
        LoadBalancerArn: this.#loadBalancerArn,
        Protocol: 'HTTP',
        Port: listenerPort,
        DefaultActions: this.#forward(50, 50),
      }),
    )
    this.#listenerArn = Listeners?.[0]?.ListenerArn ?? ''
    for (const group of this.#groups) await this.#untilHealthy(group)
  }

  /** One change of any kind; rejects when the API does not answer. */
  async change(): Promise<void> {
    const group = this.#random.pick(this.#groups)
    switch (this.#random.whole(0, 8)) {
      case 0:
        return this.#createRule()
      case 1:
        return this.#deleteRule()
      case 2:
        return this.#modifyRule()
      case 3:
        return this.#reorderRules()
      case 4: {
        const weight = this.#random.whole(0, 100)
        await this.#client.send(
          new ModifyListenerCommand({
            ListenerArn: this.#listenerArn,
            DefaultActions: this.#forward(weight, 100 - weight),
          }),
        )
        return
      }
      case 5:
        await this.#client.send(
          new ModifyLoadBalancerAttributesCommand({
            LoadBalancerArn: this.#loadBalancerArn,
            Attributes: [
              { Key: 'idle_timeout.timeout_seconds', Value: String(this.#random.whole(600, 4000)) },
              {
                Key: 'routing.http.xff_client_port.enabled',
                Value: String(this.#random.whole(0, 1) === 1),
              },
            ],
          }),
        )
        return
      case 6:
        await this.#client.send(
          new ModifyTargetGroupAttributesCommand({
            TargetGroupArn: group.arn,
            Attributes: [
              {
                Key: 'deregistration_delay.timeout_seconds',
                Value: String(this.#random.whole(20, 60)),
              },
            ],
          }),
        )
        return
      case 7:
        await this.#client.send(
          new ModifyTargetGroupCommand({
            TargetGroupArn: group.arn,
            ...HEALTH_CHECK,
            HealthCheckIntervalSeconds: this.#random.whole(5, 300),
          }),
        )
        return
      default:
        return this.#registerOrDeregister(group)
    }
  }

  /** Takes over what is there now, after a change was sent and not answered. */
  async refresh(): Promise<void> {
    const { Rules = [] } = await this.#client.send(
      new DescribeRulesCommand({ ListenerArn: this.#listenerArn }),
    )
    this.#rules.clear()
    for (const { IsDefault, RuleArn, Priority } of Rules)
      if (IsDefault !== true && RuleArn !== undefined) this.#rules.set(RuleArn, Number(Priority))
    for (const { arn, registered } of this.#groups) {
      const { TargetHealthDescriptions = [] } = await this.#client.send(
        new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
      )
      registered.clear()
      for (const { Target, TargetHealth } of TargetHealthDescriptions)
        if (TargetHealth?.State !== 'draining') registered.add(Target?.Port ?? 0)
    }
  }

  #forward(first: number, second: number): Action[] {
    const weights = [first, second]
    const TargetGroups = this.#groups.map(({ arn }, index) => ({
      TargetGroupArn: arn,
      Weight: weights[index] ?? 0,
    }))
    return [{ Type: 'forward', ForwardConfig: { TargetGroups } }]
  }

  #conditions() {
    const digit = this.#random.whole(0, 9)
    return [{ Field: 'path-pattern', PathPatternConfig: { Values: [`/?/*${digit}`, `/${digit}/*`] } }]
  }

  async #createRule(): Promise<void> {
    if (this.#rules.size >= RULES_MAX) return this.#deleteRule()
    const weight = this.#random.whole(0, 100)
    const priority = this.#freePriority()
    const { Rules } = await this.#client.send(
      new CreateRuleCommand({
        ListenerArn: this.#listenerArn,
        Priority: priority,
        Conditions: this.#conditions(),
        Actions: this.#forward(weight, 100 - weight),
      }),
    )
    this.#rules.set(Rules?.[0]?.RuleArn ?? '', priority)
  }

  async #deleteRule(): Promise<void> {
    const arn = this.#anyRule()
    if (arn === null) return this.#createRule()
    await this.#client.send(new DeleteRuleCommand({ RuleArn: arn }))
    this.#rules.delete(arn)
  }

  async #modifyRule(): Promise<void> {
    const arn = this.#anyRule()
    if (arn === null) return this.#createRule()
    const weight = this.#random.whole(0, 100)
    await this.#client.send(
      new ModifyRuleCommand({
        RuleArn: arn,
        Conditions: this.#conditions(),
        Actions: this.#forward(weight, 100 - weight),
      }),
    )
  }

  async #reorderRules(): Promise<void> {
    const arn = this.#anyRule()
    if (arn === null) return this.#createRule()
    const priority = this.#freePriority()
    await this.#client.send(
      new SetRulePrioritiesCommand({ RulePriorities: [{ RuleArn: arn, Priority: priority }] }),
    )
    this.#rules.set(arn, priority)
  }

  #anyRule(): string | null {
    return this.#rules.size === 0 ? null : this.#random.pick([...this.#rules.keys()])
  }

  #freePriority(): number {
    const taken = new Set(this.#rules.values())
    for (;;) {
      const priority = this.#random.whole(1, 50_000)
      if (!taken.has(priority)) return priority
    }
  }

  /** Takes a target away while enough others are there, or brings one back. */
  async #registerOrDeregister(group: Group): Promise<void> {
    const { arn, registered } = group
    const missing = this.#ports.filter((port) => !registered.has(port))
    if (missing.length > 0 && (registered.size <= REGISTERED_MIN || this.#random.whole(0, 1) === 0)) {
      const port = this.#random.pick(missing)
      try {
        await this.#client.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: [target(port)] }))
        registered.add(port)
      } catch (error) {
        // An address that is still being deregistered is refused until its delay is over.
        if (!(error instanceof InvalidTargetException)) throw error
      }
      return
    }
    const port = this.#random.pick([...registered])
    await this.#client.send(new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets: [target(port)] }))
    registered.delete(port)
  }

  async #untilHealthy({ arn }: Group): Promise<void> {
    await eventually('all targets are healthy', async () => {
      const { TargetHealthDescriptions = [] } = await this.#client.send(
        new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
      )
      for (const { TargetHealth } of TargetHealthDescriptions) assert.equal(TargetHealth?.State, 'healthy')
    })
  }
}

function target(port: number): { Id: string; Port: number } {
  return { Id: '127.0.0.1', Port: port }
}
