// What the audit log is told of calls: one record each, with CloudTrail's fields and without secrets.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { test } from 'node:test'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { STS } from '@aws-sdk/client-sts'
import type { AuditRecord } from '../../src/api/audit-record.ts'
import type { Identity } from '../../src/model/access-keys.ts'
import {
  accessKey,
  createListener,
  createLoadBalancer,
  present,
  SECURITY_GROUP,
  startApi,
  SUBNETS,
} from './support.ts'

const USER_AGENT = 'aws-cli/1.10.10 Python/2.7.9 Windows/7 boto-core/1.4.1'

function last(records: readonly AuditRecord[]): AuditRecord {
  return present(records.at(-1))
}

test('ALB-OBS-430 ALB-OBS-431 ALB-OBS-434 ALB-OBS-435 ALB-OBS-436 the record of CreateLoadBalancer', async (t) => {
  const api = await startApi(t, { settings: { region: 'us-west-2' } })
  api.setDate(Date.UTC(2016, 3, 1, 15, 31, 48, 900))
  const { LoadBalancers } = await api.client.createLoadBalancer({
    Name: 'my-load-balancer',
    Subnets: SUBNETS,
    SecurityGroups: [SECURITY_GROUP],
    Scheme: 'internet-facing',
  })
  const created = present(LoadBalancers?.[0])
  assert.equal(api.audited.length, 1)
  const record = last(api.audited)
  assert.deepEqual(Object.keys(record), [
    'eventVersion',
    'userIdentity',
    'eventTime',
    'eventSource',
    'eventName',
    'awsRegion',
    'sourceIPAddress',
    'userAgent',
    'requestParameters',
    'responseElements',
    'requestID',
    'eventID',
    'readOnly',
    'eventType',
    'apiVersion',
    'managementEvent',
    'eventCategory',
    'recipientAccountId',
  ])
  assert.equal(record.eventVersion, '1.03')
  assert.equal(record.eventTime, '2016-04-01T15:31:48Z')
  assert.equal(record.eventSource, 'elasticloadbalancing.amazonaws.com')
  assert.equal(record.eventName, 'CreateLoadBalancer')
  // The client signs for this Region, whatever the program's own is.
  assert.equal(record.awsRegion, 'us-east-2')
  assert.equal(record.sourceIPAddress, '127.0.0.1')
  assert.equal(record.readOnly, false)
  assert.equal(record.eventType, 'AwsApiCall')
  assert.equal(record.apiVersion, '2015-12-01')
  assert.equal(record.recipientAccountId, '123456789012')
  assert.deepEqual(record.requestParameters, {
    name: 'my-load-balancer',
    subnets: SUBNETS,
    securityGroups: [SECURITY_GROUP],
    scheme: 'internet-facing',
  })
  const [element] = present(
    record.responseElements as { loadBalancers: Record<string, unknown>[] },
  ).loadBalancers
  assert.equal(element?.createdTime, 'Apr 1, 2016 3:31:48 PM')
  assert.deepEqual(
    [element?.type, element?.loadBalancerName, element?.scheme],
    ['application', 'my-load-balancer', 'internet-facing'],
  )
  assert.equal(element?.dnsName, created.DNSName)
  assert.equal(element?.canonicalHostedZoneId, created.CanonicalHostedZoneId)
  assert.equal(element?.loadBalancerArn, created.LoadBalancerArn)
  assert.equal(element?.vpcId, created.VpcId)
  assert.deepEqual(element?.state, { code: 'provisioning' })
  assert.deepEqual(element?.securityGroups, [SECURITY_GROUP])
  const [zone] = present(element).availabilityZones as Record<string, unknown>[]
  assert.equal(zone?.subnetId, SUBNETS[0])
  assert.equal(zone?.zoneName, 'us-east-2a')
})

test('ALB-OBS-437 calls that answer nothing or only read have null responseElements', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  await api.client.describeLoadBalancers({ LoadBalancerArns: [arn] })
  const read = last(api.audited)
  assert.deepEqual(
    [read.eventName, read.readOnly, read.requestParameters, read.responseElements],
    ['DescribeLoadBalancers', true, { loadBalancerArns: [arn] }, null],
  )
  await api.client.deleteLoadBalancer({ LoadBalancerArn: arn })
  const deleted = last(api.audited)
  assert.deepEqual(
    [deleted.eventName, deleted.readOnly, deleted.requestParameters, deleted.responseElements],
    ['DeleteLoadBalancer', false, { loadBalancerArn: arn }, null],
  )
  assert.deepEqual(Object.keys(deleted), Object.keys(present(api.audited[0])))
})

test('ALB-OBS-432 ALB-OBS-438 ALB-OBS-439 a record has the request ID, the user agent and the address of its call', async (t) => {
  const api = await startApi(t)
  const response = await fetch(api.endpoint, {
    method: 'POST',
    body: 'Action=DescribeLoadBalancers&Version=2015-12-01',
    headers: { 'user-agent': USER_AGENT },
  })
  await response.text()
  await api.client.describeLoadBalancers({})
  const [first, second] = api.audited
  assert.equal(first?.requestID, response.headers.get('x-amzn-requestid'))
  assert.equal(first?.userAgent, USER_AGENT)
  assert.notEqual(second?.userAgent, USER_AGENT)
  assert.notEqual(first?.eventID, second?.eventID)
  assert.equal(first?.sourceIPAddress, '127.0.0.1')
  const call = request(api.endpoint, { method: 'POST', localAddress: '127.0.0.2' })
  call.end('Action=DescribeLoadBalancers&Version=2015-12-01')
  await once(call, 'response')
  assert.equal(last(api.audited).sourceIPAddress, '127.0.0.2')
})

test('a call that fails is recorded with its error, one of the classic API with its version', async (t) => {
  const api = await startApi(t)
  await assert.rejects(api.client.createLoadBalancer({ Name: '-bad-', Subnets: SUBNETS }))
  const failed = last(api.audited)
  assert.deepEqual([failed.errorCode, failed.responseElements], ['ValidationError', null])
  assert.match(failed.errorMessage ?? '', /-bad-/)
  await fetch(api.endpoint, { method: 'POST', body: 'Action=DescribeLoadBalancers&Version=2012-06-01' })
  assert.equal(last(api.audited).apiVersion, '2012-06-01')
  // What asks for no operation is no call.
  const count = api.audited.length
  for (const body of ['', 'Version=2015-12-01', 'Action=<x>']) {
    await fetch(api.endpoint, { method: 'POST', body })
  }
  await fetch(`${api.endpoint}/metrics`)
  assert.equal(api.audited.length, count)
})

test('a secret in a call is not in its record', async (t) => {
  const api = await startApi(t)
  const listener = await createListener(api, await createLoadBalancer(api))
  const secret = 'a-client-secret-that-nobody-may-read'
  // Whether the call succeeds is another matter.
  await api.client
    .modifyListener({
      ListenerArn: listener,
      DefaultActions: [
        {
          Type: 'authenticate-oidc',
          AuthenticateOidcConfig: {
            Issuer: 'https://idp.example.com',
            AuthorizationEndpoint: 'https://idp.example.com/a',
            TokenEndpoint: 'https://idp.example.com/t',
            UserInfoEndpoint: 'https://idp.example.com/u',
            ClientId: 'client',
            ClientSecret: secret,
          },
        },
      ],
    })
    .catch(() => undefined)
  const record = last(api.audited)
  assert.equal(record.eventName, 'ModifyListener')
  assert.match(JSON.stringify(record), /"clientSecret":"HIDDEN_DUE_TO_SECURITY_REASONS"/)
  assert.ok(!JSON.stringify(api.audited).includes(secret))
})

test('an element that is too large is left out of its record', async (t) => {
  const api = await startApi(t)
  const names = Array.from(
    { length: 4000 },
    (_each, index) => `name-that-takes-place-${index}-${'x'.repeat(20)}`,
  )
  await api.client.describeTargetGroups({ Names: names }).catch(() => undefined)
  const { requestParameters } = last(api.audited)
  assert.deepEqual(Object.keys(requestParameters ?? {}), ['omitted', 'originalSize', 'reason'])
})

test('ALB-OBS-426 ALB-OBS-427 ALB-OBS-433 a record says whose access key signed the call, as STS does', async (t) => {
  const identities: Record<string, Identity> = {
    ROOTKEY: { type: 'Root' },
    ALICEKEY: { type: 'IAMUser', userName: 'Alice' },
    ROLEKEY: { type: 'AssumedRole', roleName: 'Admin', sessionName: 'ci' },
    FEDERATEDKEY: { type: 'FederatedUser', userName: 'Bob' },
  }
  const keys = Object.entries(identities).map(
    ([id, identity]) => [id, accessKey(`secret of ${id}`, identity)] as const,
  )
  const api = await startApi(t, { settings: { accessKeys: new Map(keys) } })
  const identityOf = async (accessKeyId: string): Promise<Readonly<Record<string, unknown>>> => {
    const options = {
      endpoint: api.endpoint,
      region: 'us-east-2',
      credentials: { accessKeyId, secretAccessKey: `secret of ${accessKeyId}` },
    }
    const sts = new STS(options)
    const client = new ElasticLoadBalancingV2(options)
    const { Arn, UserId } = await sts.getCallerIdentity({})
    assert.equal(last(api.audited).eventSource, 'sts.amazonaws.com')
    await client.describeLoadBalancers({})
    sts.destroy()
    client.destroy()
    const { userIdentity } = last(api.audited)
    assert.deepEqual([userIdentity.arn, userIdentity.principalId], [Arn, UserId])
    assert.deepEqual([userIdentity.accountId, userIdentity.accessKeyId], ['123456789012', accessKeyId])
    return userIdentity
  }
  assert.equal((await identityOf('ROOTKEY')).type, 'Root')
  const alice = await identityOf('ALICEKEY')
  assert.deepEqual([alice.type, alice.userName], ['IAMUser', 'Alice'])
  assert.equal(alice.arn, 'arn:aws:iam::123456789012:user/Alice')
  assert.match(String(alice.principalId), /^AIDA[0-9A-Z]{17}$/)
  const role = await identityOf('ROLEKEY')
  assert.deepEqual([role.type, role.arn], ['AssumedRole', 'arn:aws:sts::123456789012:assumed-role/Admin/ci'])
  assert.equal(
    (role.sessionContext as { sessionIssuer: { arn: string } }).sessionIssuer.arn,
    'arn:aws:iam::123456789012:role/Admin',
  )
  const federated = await identityOf('FEDERATEDKEY')
  assert.equal(federated.type, 'FederatedUser')
})

test('a call that is not let in is recorded without what it claims', async (t) => {
  const api = await startApi(t, { settings: { accessKeys: new Map([['AKID', accessKey('x')]]) } })
  await assert.rejects(api.client.createLoadBalancer({ Name: 'a', Subnets: SUBNETS }))
  const { eventName, errorCode, userIdentity, requestParameters } = last(api.audited)
  assert.deepEqual([eventName, errorCode], ['CreateLoadBalancer', 'InvalidClientTokenId'])
  assert.deepEqual(userIdentity, { type: 'Unknown', accountId: '123456789012', accessKeyId: 'test' })
  assert.equal(requestParameters, null)
})
