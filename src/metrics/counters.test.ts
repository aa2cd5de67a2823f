import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CounterDelta } from '../snapshot/messages.ts'
import { Counters, prometheusName } from './counters.ts'

test("CloudWatch's names become Prometheus's", () => {
  for (const [name, wanted] of [
    ['RequestCount', 'evenkeel_request_count_total'],
    ['HTTPCode_ELB_5XX_Count', 'evenkeel_http_code_elb_5xx_count_total'],
    ['HTTPCode_Target_2XX_Count', 'evenkeel_http_code_target_2xx_count_total'],
    ['ProcessedBytes', 'evenkeel_processed_bytes_total'],
    [
      'DesyncMitigationMode_NonCompliant_Request_Count',
      'evenkeel_desync_mitigation_mode_non_compliant_request_count_total',
    ],
  ] as const) {
    assert.equal(prometheusName(name), wanted)
  }
})

test('what workers counted is added up by its dimensions', () => {
  const counters = new Counters()
  const own = {
    loadBalancer: 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/a/1',
    targetGroup: null,
    zone: 'us-east-2a',
  }
  counters.add([{ ...own, metrics: { RequestCount: 2 } }])
  counters.add([
    { ...own, metrics: { RequestCount: 3 } },
    {
      ...own,
      targetGroup: 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/"x"/2',
      metrics: { RequestCount: 1 },
    },
  ])
  assert.equal(
    counters.render(),
    [
      '# TYPE evenkeel_request_count_total counter',
      'evenkeel_request_count_total{load_balancer="app/a/1",availability_zone="us-east-2a"} 5',
      'evenkeel_request_count_total{load_balancer="app/a/1",target_group="targetgroup/\\"x\\"/2",availability_zone="us-east-2a"} 1',
      '',
    ].join('\n'),
  )
})

test('connections, which are counted up and down, are a gauge; labels cannot leave their quotes', () => {
  const counters = new Counters()
  const own = { loadBalancer: 'a\\"\nb', targetGroup: null, zone: 'a' }
  for (const change of [3, -2]) counters.add([{ ...own, metrics: { ActiveConnectionCount: change } }])
  assert.equal(
    counters.render(),
    '# TYPE evenkeel_active_connection_count gauge\n' +
      'evenkeel_active_connection_count{load_balancer="a\\\\\\"\\nb",availability_zone="a"} 1\n',
  )
})

test('a state of the moment is a gauge, which is told as it is', () => {
  const counters = new Counters()
  const gauge = (hosts: number): CounterDelta => ({
    loadBalancer: 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/a/1',
    targetGroup: 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/2',
    zone: 'us-east-2a',
    metrics: { AnomalousHostCount: hosts },
  })
  for (const hosts of [1, 0]) {
    assert.equal(
      counters.render([gauge(hosts)]),
      '# TYPE evenkeel_anomalous_host_count gauge\n' +
        'evenkeel_anomalous_host_count{load_balancer="app/a/1",target_group="targetgroup/t/2",' +
        `availability_zone="us-east-2a"} ${hosts}\n`,
    )
  }
})
