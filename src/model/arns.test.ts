import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  arnKind,
  classicLoadBalancerArn,
  loadBalancerArn,
  loadBalancerId,
  loadBalancerKind,
  loadBalancerName,
} from './arns.ts'

const SCOPE = { accountId: '123456789012', region: 'us-west-2' }

test('a load balancer’s ARN tells its kind, its ID and its name', () => {
  const application = loadBalancerArn(SCOPE, 'my-loadbalancer', '50dc6c495c0c9188')
  const classic = classicLoadBalancerArn(SCOPE, 'my-loadbalancer')
  assert.equal(classic, 'arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/my-loadbalancer')
  assert.deepEqual([application, classic].map(loadBalancerKind), ['application', 'classic'])
  const ids = [application, classic].map(loadBalancerId)
  assert.deepEqual(ids, ['app/my-loadbalancer/50dc6c495c0c9188', 'my-loadbalancer'])
  assert.deepEqual(ids.map(loadBalancerName), ['my-loadbalancer', 'my-loadbalancer'])
})

test('a classic load balancer that is called app is one', () => {
  const arn = classicLoadBalancerArn(SCOPE, 'app')
  assert.equal(loadBalancerKind(arn), 'classic')
  assert.equal(loadBalancerName(loadBalancerId(arn)), 'app')
})

test('the ARN of a classic load balancer is none that ELBv2 knows', () => {
  assert.equal(arnKind(loadBalancerArn(SCOPE, 'a', '50dc6c495c0c9188')), 'load-balancer')
  assert.equal(arnKind(classicLoadBalancerArn(SCOPE, 'a')), undefined)
})
