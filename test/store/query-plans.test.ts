// Every statement that reading and writing one resource takes goes by an index: its cost does not grow with how many
// other resources there are.

import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { mock, test } from 'node:test'
import { migrations } from '../../src/store/sqlite/migrations.ts'
import {
  createListener,
  createLoadBalancer,
  createTargetGroup,
  NOT_FOUND,
  pathCondition,
  present,
  startApi,
  SUBNET_C,
  SUBNETS,
  type Api,
} from '../api/support.ts'

/** Statements that are prepared while `work` runs. */
async function statementsOf(work: () => Promise<void>): Promise<Set<string>> {
  const statements = new Set<string>()
  const prepare = mock.method(DatabaseSync.prototype, 'prepare')
  try {
    await work()
  } finally {
    prepare.mock.restore()
  }
  for (const call of prepare.mock.calls) statements.add(call.arguments[0])
  return statements
}

const FACTS = {
  domainName: 'a.example.com',
  subjectAlternativeNames: ['a.example.com'],
  keyAlgorithm: 'RSA_2048',
  signatureAlgorithm: 'SHA256WITHRSA',
  serial: '01',
  subject: 'CN=a.example.com',
  issuer: 'Example',
  notBefore: 0,
  notAfter: 1,
  keyUsages: [],
  extendedKeyUsages: [],
}

/** What the handlers of ACM and IAM do with rows. */
async function useCertificates({ store }: Api): Promise<void> {
  const scope = { accountId: '123456789012', region: 'us-east-2' }
  const arn = 'arn:aws:acm:us-east-2:123456789012:certificate/1'
  const serverArn = 'arn:aws:iam::123456789012:server-certificate/a'
  const material = { certificate: '', chain: null, privateKey: '' }
  const certificate = { ...scope, arn, createdAt: 0, issuedAt: 0, facts: FACTS, request: null }
  const server = { ...scope, arn: serverArn, name: 'a', path: '/', id: 'x', uploadedAt: 0, facts: FACTS }
  await store.write(async ({ certificates }) => {
    await certificates.insertCertificate(certificate, material, 'token')
    await certificates.insertServerCertificate(server, material)
    await certificates.certificate(arn)
    await certificates.certificates(scope)
    await certificates.certificatesByToken(scope, 'token')
    await certificates.serverCertificate(serverArn)
    await certificates.serverCertificateByName(scope.accountId, 'a')
    await certificates.serverCertificates(scope.accountId)
    for (const one of [arn, serverArn]) {
      await certificates.material(one)
      await certificates.publicMaterial(one)
    }
    await certificates.replaceMaterial(arn, certificate, material)
    await certificates.authority('root')
    await certificates.renameServerCertificate(serverArn, { ...server, arn: `${serverArn}b`, name: 'b' })
    await certificates.deleteServerCertificate(`${serverArn}b`)
    await certificates.deleteCertificate(arn)
  })
}

/** What the handlers of trust stores do with rows. */
async function useTrustStores({ store }: Api): Promise<void> {
  const scope = { accountId: '123456789012', region: 'us-east-2' }
  const arn = 'arn:aws:elasticloadbalancing:us-east-2:123456789012:truststore/a/0123456789abcdef'
  await store.write(async ({ trustStores }) => {
    await trustStores.insertTrustStore({ ...scope, arn, name: 'a', caCertificates: 1, createdAt: 0 }, '')
    await trustStores.trustStore(arn)
    await trustStores.trustStoreByName(scope, 'a')
    await trustStores.trustStores(scope, { after: 0, limit: 10 })
    await trustStores.trustStoreCount(scope)
    await trustStores.bundle(arn)
    await trustStores.replaceBundle(arn, 2, '')
    const id = await trustStores.addRevocationList(arn, 1, '')
    await trustStores.revocationLists(arn)
    await trustStores.revocationContent(arn, id)
    await trustStores.removeRevocationList(arn, id)
    await trustStores.deleteTrustStore(arn)
  })
}

/** What the handlers of zonal shifts do with rows. */
async function useZonalShifts({ store }: Api): Promise<void> {
  const scope = { accountId: '123456789012', region: 'us-east-2' }
  const place = { loadBalancerArn: 'arn', awayFrom: 'us-east-2a', comment: '' }
  await store.write(async ({ zonalShifts }) => {
    await zonalShifts.put({ ...scope, ...place, id: 'id', startedAt: 0, expiresAt: 1, isCanceled: false })
    await zonalShifts.shift(scope, 'id')
    await zonalShifts.shifts(scope)
    await zonalShifts.activeAt(0)
    await zonalShifts.activeOf('arn', 0)
  })
}

test('no call reads a whole table', async (t) => {
  const api = await startApi(t)
  const { client } = api
  const statements = await statementsOf(async () => {
    const LoadBalancerArn = await createLoadBalancer(api)
    const TargetGroupArn = await createTargetGroup(api, 'x', { TargetType: 'ip' })
    const ListenerArn = await createListener(api, LoadBalancerArn, 80, TargetGroupArn)
    const { Rules } = await client.createRule({
      ListenerArn,
      Priority: 1,
      Conditions: [pathCondition('/a')],
      Actions: [NOT_FOUND],
      Tags: [{ Key: 'a' }],
    })
    const RuleArn = present(Rules?.[0]?.RuleArn)
    const Targets = [{ Id: '127.0.0.1' }]
    await client.registerTargets({ TargetGroupArn, Targets })
    await client.deregisterTargets({ TargetGroupArn, Targets })
    await client.describeTargetHealth({ TargetGroupArn })
    await client.setRulePriorities({ RulePriorities: [{ RuleArn, Priority: 2 }] })
    await client.modifyRule({ RuleArn, Actions: [{ Type: 'forward', TargetGroupArn }] })
    await client.modifyListener({ ListenerArn, Port: 81 })
    await client.modifyTargetGroup({ TargetGroupArn, HealthCheckPath: '/b' })
    await client.modifyTargetGroupAttributes({
      TargetGroupArn,
      Attributes: [{ Key: 'stickiness.enabled', Value: 'true' }],
    })
    await client.removeTags({ ResourceArns: [RuleArn], TagKeys: ['a'] })
    await client.setSubnets({ LoadBalancerArn, Subnets: [...SUBNETS, SUBNET_C] })
    await client.describeLoadBalancers({})
    await client.describeTargetGroups({})
    await client.describeListeners({ LoadBalancerArn })
    await client.describeRules({ ListenerArn })
    await api.store.markApplied([LoadBalancerArn])
    await api.store.drainingTargets()
    await api.store.finishDeregistration(TargetGroupArn, '127.0.0.1|80')
    await client.deleteRule({ RuleArn })
    await client.deleteListener({ ListenerArn })
    await client.deleteLoadBalancer({ LoadBalancerArn })
    await client.deleteTargetGroup({ TargetGroupArn })
    await useCertificates(api)
    await useTrustStores(api)
    await useZonalShifts(api)
  })
  assert.deepEqual(api.errors, [])
  const database = new DatabaseSync(':memory:')
  t.after(() => database.close())
  database.exec(migrations.join(''))
  const scans: string[] = []
  let explained = 0
  for (const sql of statements) {
    if (!/^(?:select|insert|update|delete) /.test(sql)) continue
    explained++
    for (const { detail } of database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()) {
      // A partial index holds only the draining targets, so reading all of it is the point.
      const step = String(detail)
      if (step.startsWith('SCAN ') && !step.includes('draining_targets')) scans.push(`${step}: ${sql}`)
    }
  }
  assert.ok(explained > 40, `only ${explained} statements were seen`)
  assert.deepEqual(scans, [])
})
