// Certificates that listeners use: they cannot be deleted, and what becomes of them reaches traffic.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Renewals } from '../../src/caretakers/renewals.ts'
import { createHttpsListener, createLoadBalancer, present } from '../api/support.ts'
import {
  awsError,
  bytes,
  DAY_MS,
  newCertificate,
  startCertificateApi,
  TODAY,
  type CertificateApi,
} from './support.ts'

const NOON = TODAY + DAY_MS / 2

async function listen(
  api: CertificateApi,
  loadBalancerArn: string,
  port: number,
  arn: string,
): Promise<string> {
  return await createHttpsListener(api, loadBalancerArn, port, { Certificates: [{ CertificateArn: arn }] })
}

async function request({ acm }: CertificateApi, DomainName: string): Promise<string> {
  const { CertificateArn } = await acm.requestCertificate({ DomainName, KeyAlgorithm: 'EC_prime256v1' })
  return present(CertificateArn)
}

test('a certificate of ACM says which load balancers use it, and stays until none does', async (t) => {
  const api = await startCertificateApi(t)
  const { acm, client } = api
  const first = await createLoadBalancer(api, 'first')
  const second = await createLoadBalancer(api, 'second')
  const CertificateArn = await request(api, 'a.example.com')
  const ListenerArn = await listen(api, first, 443, CertificateArn)
  const other = await listen(api, second, 443, await request(api, 'b.example.com'))
  await client.addListenerCertificates({ ListenerArn: other, Certificates: [{ CertificateArn }] })

  const { Certificate } = await acm.describeCertificate({ CertificateArn })
  assert.deepEqual(Certificate?.InUseBy?.toSorted(), [first, second].toSorted())
  assert.equal(Certificate.RenewalEligibility, 'ELIGIBLE')
  const { CertificateSummaryList } = await acm.listCertificates({ Includes: { keyTypes: ['EC_prime256v1'] } })
  assert.deepEqual(
    CertificateSummaryList?.map(({ InUse }) => InUse),
    [true, true],
  )
  const inUse = awsError('ResourceInUseException', /is in use/)
  await assert.rejects(acm.deleteCertificate({ CertificateArn }), inUse)
  await client.deleteListener({ ListenerArn })
  await assert.rejects(acm.deleteCertificate({ CertificateArn }), inUse)
  await client.removeListenerCertificates({ ListenerArn: other, Certificates: [{ CertificateArn }] })
  await acm.deleteCertificate({ CertificateArn })
  assert.deepEqual(api.errors, [])
})

test('ALB-LB-103 a server certificate of IAM stays while a listener uses it, which follows when it is renamed', async (t) => {
  const api = await startCertificateApi(t)
  const { iam, client, changes } = api
  const loadBalancer = await createLoadBalancer(api)
  const { certificate, privateKey } = await newCertificate(['a.example.com'])
  const { ServerCertificateMetadata } = await iam.uploadServerCertificate({
    ServerCertificateName: 'old',
    CertificateBody: certificate,
    PrivateKey: privateKey,
  })
  const ListenerArn = await listen(api, loadBalancer, 443, present(ServerCertificateMetadata?.Arn))
  changes.length = 0
  await iam.updateServerCertificate({ ServerCertificateName: 'old', NewServerCertificateName: 'new' })
  assert.deepEqual(
    changes.map(({ loadBalancers }) => [...loadBalancers]),
    [[loadBalancer]],
  )
  const { Listeners } = await client.describeListeners({ ListenerArns: [ListenerArn] })
  assert.deepEqual(Listeners?.[0]?.Certificates, [
    { CertificateArn: 'arn:aws:iam::123456789012:server-certificate/new' },
  ])
  await assert.rejects(
    iam.deleteServerCertificate({ ServerCertificateName: 'new' }),
    awsError(
      'DeleteConflictException',
      /currently in use by arn:aws:elasticloadbalancing:.*loadbalancer/,
      409,
    ),
  )
  await client.deleteListener({ ListenerArn })
  await iam.deleteServerCertificate({ ServerCertificateName: 'new' })
})

test('another certificate under the same ARN is a change of the load balancers that use it', async (t) => {
  const api = await startCertificateApi(t)
  const { acm, changes } = api
  const loadBalancer = await createLoadBalancer(api)
  const put = async (CertificateArn?: string): Promise<string> => {
    const { certificate, privateKey } = await newCertificate(['a.example.com'])
    const input = { Certificate: bytes(certificate), PrivateKey: bytes(privateKey) }
    const answer = await acm.importCertificate(
      CertificateArn === undefined ? input : { ...input, CertificateArn },
    )
    return present(answer.CertificateArn)
  }
  const used = await put()
  const unused = await put()
  await listen(api, loadBalancer, 443, used)
  changes.length = 0
  await put(unused)
  assert.deepEqual(changes, [])
  await put(used)
  assert.deepEqual(
    changes.map(({ loadBalancers }) => [...loadBalancers]),
    [[loadBalancer]],
  )
})

test('what was requested and is in use is renewed sixty days before it expires', async (t) => {
  const api = await startCertificateApi(t)
  const { acm, store, clock, changes, setDate } = api
  const loadBalancer = await createLoadBalancer(api)
  const used = await request(api, 'a.example.com')
  const unused = await request(api, 'b.example.com')
  const imported = await newCertificate(['c.example.com'], { notAfter: TODAY + 395 * DAY_MS })
  const { CertificateArn } = await acm.importCertificate({
    Certificate: bytes(imported.certificate),
    PrivateKey: bytes(imported.privateKey),
  })
  await listen(api, loadBalancer, 443, used)
  await listen(api, loadBalancer, 8443, present(CertificateArn))
  changes.length = 0
  const renewals = new Renewals({ store, clock, reportError: (error) => api.errors.push(error) })
  const notAfter = async (arn: string): Promise<Date | undefined> =>
    (await acm.describeCertificate({ CertificateArn: arn })).Certificate?.NotAfter

  setDate(NOON + 334 * DAY_MS)
  await renewals.check()
  assert.deepEqual(changes, [])
  setDate(NOON + 335 * DAY_MS)
  await Promise.all([renewals.check(), renewals.check()])
  await renewals.check()
  await renewals.close()
  assert.deepEqual(
    changes.map(({ loadBalancers }) => [...loadBalancers]),
    [[loadBalancer]],
    'renewed once',
  )
  assert.deepEqual(await notAfter(used), new Date(TODAY + (335 + 395) * DAY_MS - 1000))
  assert.deepEqual(await notAfter(unused), new Date(TODAY + 395 * DAY_MS - 1000))
  assert.deepEqual(await notAfter(present(CertificateArn)), new Date(TODAY + 395 * DAY_MS))
  const { Certificate } = await acm.describeCertificate({ CertificateArn: used })
  assert.deepEqual(
    [Certificate?.RenewalSummary?.RenewalStatus, Certificate?.RenewalSummary?.UpdatedAt],
    ['SUCCESS', new Date(NOON + 335 * DAY_MS)],
  )
  assert.deepEqual(api.errors, [])
})
