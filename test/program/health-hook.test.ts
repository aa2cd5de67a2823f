// The endpoint that is told of targets whose health changes, through the whole program.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'

import { eventually } from '../support/eventually.ts'
import { startProgram } from '../support/program.ts'
import { answer, startTarget } from '../support/target.ts'

test('ALB-TG-240 a hook is told of a target that becomes healthy, then unhealthy, also if it was away', async (t) => {
  const events: Record<string, unknown>[] = []
  let refusals = 1
  const hook = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      if (refusals-- > 0) {
        response.writeHead(503).end()
        return
      }
      assert.equal(request.headers['content-type'], 'application/json')
      events.push(JSON.parse(text) as Record<string, unknown>)
      response.end()
    })
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  t.after(() => hook.close())
  const targetHealthHook = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/health`
  const program = await startProgram({ timeScale: 20, config: { targetHealthHook } })
  t.after(async () => await program.stop())
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const elb = new ElasticLoadBalancingV2({ endpoint: program.endpoint, region: 'us-east-2', credentials })
  t.after(() => elb.destroy())
  let isWell = true
  const target = await startTarget(({ socket }) =>
    socket.write(answer('', isWell ? '200 OK' : '500 Internal Server Error')),
  )
  t.after(() => target.close())

  const made = await elb.createLoadBalancer({
    Name: 'hooked',
    Subnets: ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE'],
  })
  const LoadBalancerArn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  const { TargetGroups } = await elb.createTargetGroup({
    Name: 'hooked',
    TargetType: 'ip',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-0598c7d356EXAMPLE',
    HealthCheckIntervalSeconds: 5,
    HealthCheckTimeoutSeconds: 2,
  })
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  const Targets = [{ Id: '127.0.0.1', Port: target.port, AvailabilityZone: 'us-east-2a' }]
  await elb.registerTargets({ TargetGroupArn, Targets })
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn }]
  const told = async (count: number): Promise<void> => {
    await eventually(`the hook is told ${count} times`, () => {
      assert.ok(events.length >= count, JSON.stringify(events))
    })
  }
  await elb.createListener({ LoadBalancerArn, Protocol: 'HTTP', Port: 8080, DefaultActions })
  await told(1)
  isWell = false
  await told(2)
  const of = (TargetHealth: object) => ({ TargetGroupArn, LoadBalancerArn, Target: Targets[0], TargetHealth })
  assert.deepEqual(
    events.map(({ Time, ...event }) => {
      assert.match(String(Time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      return event
    }),
    [
      of({ State: 'healthy' }),
      of({
        State: 'unhealthy',
        Reason: 'Target.ResponseCodeMismatch',
        Description: 'Health checks failed with these codes: [500]',
      }),
    ],
  )
  const metrics = await (await fetch(`${program.endpoint}/metrics`)).text()
  assert.match(metrics, /^evenkeel_un_healthy_host_count\{[^}]*app\/hooked\/[^}]*us-east-2a"\} 1$/m)
  await program.errorsMatching(/target health hook \S+ answered 503/)
  await program.errorsMatching(/hook is back; 0 events were lost/)
})
