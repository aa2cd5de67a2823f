// Starts the API in this process on a store of its own, with AWS's own client in front of it.

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import {
  ElasticLoadBalancingV2,
  ElasticLoadBalancingV2ServiceException,
  type Action,
  type CreateListenerCommandInput,
  type CreateTargetGroupCommandInput,
  type RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { AuditRecord } from '../../src/api/audit-record.ts'
import { DEFAULT_API_SETTINGS, type ApiEnvironment, type ApiSettings } from '../../src/api/environment.ts'
import { createApiServer } from '../../src/api/server.ts'
import type { Clock } from '../../src/clock/clock.ts'
import { ZonalShifts } from '../../src/zones/zonal-shifts.ts'
import { readObject } from '../../src/delivery/buckets.ts'
import {
  builtInDirectory,
  DEFAULT_DIRECTORY_SETTINGS,
  type BuiltInDirectorySettings,
} from '../../src/directory/built-in.ts'
import { Networks } from '../../src/directory/networks.ts'
import type { Directory } from '../../src/directory/directory.ts'
import { storedCertificates } from '../../src/directory/stored-certificates.ts'
import type { CertificateFacts } from '../../src/model/certificates.ts'
import { ROOT, type AccessKey, type Identity } from '../../src/model/access-keys.ts'
import type { TargetHealth } from '../../src/model/target-health.ts'
import type { StoreChange } from '../../src/store/changes.ts'
import type { Store } from '../../src/store/store.ts'
import { openStore } from '../../src/store/sqlite/sqlite-store.ts'
import { rehearsedStore } from '../support/rehearsed-store.ts'

export const SUBNETS = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']
export const SUBNET_C = 'subnet-0c92d4b61aEXAMPLE'
export const SECURITY_GROUP = 'sg-07e8ffd50fEXAMPLE'
export const VPC = 'vpc-0598c7d356EXAMPLE'
export const INSTANCES = ['i-0abcdef1234567890', 'i-1234567890abcdef0']

export interface Api {
  readonly client: ElasticLoadBalancingV2
  readonly endpoint: string
  readonly store: Store
  /** Folder whose subfolders stand for buckets. */
  readonly bucketRoot: string
  readonly directory: Directory
  readonly clock: Clock
  /** The store's data folder. */
  readonly folder: string
  /** What the store said was changed, in order. */
  readonly changes: StoreChange[]
  /** What the health checker would say, by `targetGroupArn targetKey`. */
  readonly found: Map<string, TargetHealth>
  /** What anomaly detection would say, likewise. */
  readonly anomalies: Map<string, { isAnomalous: boolean; weight: number }>
  /** Errors that callers only saw as InternalFailure. */
  readonly errors: unknown[]
  /** What the audit log was told, in order. */
  readonly audited: AuditRecord[]
  /** Sets the date. */
  readonly setDate: (date: number) => void
}

/** A key of the root user, or of whom the identity names. */
export function accessKey(secret: string, identity: Identity = ROOT, sessionToken?: string): AccessKey {
  return { secret, identity, sessionToken: sessionToken ?? null }
}

export interface ApiOptions {
  readonly settings?: Partial<ApiSettings>
  readonly directory?: Partial<BuiltInDirectorySettings>
  readonly writeTestFile?: ApiEnvironment['writeTestFile']
  readonly credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  /** Where to listen, if not at 127.0.0.1. */
  readonly host?: string
}

export async function temporaryFolder(test: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-'))
  test.after(async () => await rm(folder, { recursive: true, force: true }))
  return folder
}

/** Everything is ended with the test. */
export async function startApi(test: TestContext, options: ApiOptions = {}): Promise<Api> {
  const folder = await temporaryFolder(test)
  // Handlers must not mind that their units of work are repeated.
  const store = rehearsedStore(await openStore({ folder }))
  const changes: StoreChange[] = []
  const found = new Map<string, TargetHealth>()
  const anomalies: Api['anomalies'] = new Map()
  const errors: unknown[] = []
  const audited: AuditRecord[] = []
  let date = Date.now()
  const clock: Clock = {
    now: () => date,
    date: () => date,
    dateAt: (ms) => ms,
    realMs: (durationMs) => durationMs,
  }
  store.changes.follow((change) => changes.push(change))
  const networks = await Networks.load({ ...DEFAULT_DIRECTORY_SETTINGS, ...options.directory }, store)
  const directory = builtInDirectory(options.directory, storedCertificates(store, clock), networks)
  const zonalShifts = new ZonalShifts({ store, clock, onExpiry: () => undefined })
  const server = createApiServer({
    store,
    zonalShifts,
    directory,
    networks,
    health: { healthOf: (arn, key) => found.get(`${arn} ${key}`) },
    anomalies: { anomalyOf: (arn, key) => anomalies.get(`${arn} ${key}`) },
    clock,
    settings: { ...DEFAULT_API_SETTINGS, ...options.settings },
    metricsText: () => 'evenkeel_up 1\n',
    reportError: (error) => errors.push(error),
    linkKey: randomBytes(32),
    readObject: async (bucket, key, bytesMax) =>
      await readObject(join(folder, 'buckets'), bucket, key, bytesMax),
    audit: (record) => audited.push(record),
    ...(options.writeTestFile === undefined ? {} : { writeTestFile: options.writeTestFile }),
  })
  const { host, port } = await server.listen(options.host ?? '127.0.0.1', 0)
  const endpoint = `http://${host}:${port}`
  const client = new ElasticLoadBalancingV2({
    endpoint,
    region: 'us-east-2',
    credentials: options.credentials ?? { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  test.after(async () => {
    client.destroy()
    await server.close()
    zonalShifts.close()
    await store.close()
  })
  return {
    client,
    endpoint,
    store,
    bucketRoot: join(folder, 'buckets'),
    directory,
    clock,
    folder,
    changes,
    found,
    anomalies,
    errors,
    audited,
    setDate: (value) => void (date = value),
  }
}

/** For `assert.rejects`: the error is the service's, with this code, and 400 unless said otherwise. */
export function apiError(code: string, message?: string | RegExp, status = 400) {
  return (error: unknown): boolean => {
    if (!(error instanceof ElasticLoadBalancingV2ServiceException)) throw error as Error
    const actual = (error as { Error?: { Code?: string } }).Error?.Code ?? error.name
    if (actual !== code && error.name !== code)
      throw new Error(`expected ${code}, got ${actual}: ${error.message}`)
    if (error.$metadata.httpStatusCode !== status) {
      throw new Error(`expected status ${status}, got ${error.$metadata.httpStatusCode}: ${error.message}`)
    }
    const isMatch =
      typeof message === 'string' ? error.message === message : (message?.test(error.message) ?? true)
    if (!isMatch) throw new Error(`expected message ${message}, got ${error.message}`)
    return true
  }
}

/** Makes a load balancer in zones a and b and gives its ARN. */
export async function createLoadBalancer(api: Api, name = 'my-load-balancer'): Promise<string> {
  const { LoadBalancers } = await api.client.createLoadBalancer({ Name: name, Subnets: SUBNETS })
  return present(LoadBalancers?.[0]?.LoadBalancerArn)
}

/** Makes a target group and gives its ARN. */
export async function createTargetGroup(
  api: Api,
  name = 'my-targets',
  input: Partial<CreateTargetGroupCommandInput> = {},
): Promise<string> {
  const { TargetGroups } = await api.client.createTargetGroup({
    Name: name,
    Protocol: 'HTTP',
    Port: 80,
    VpcId: VPC,
    ...input,
  })
  return present(TargetGroups?.[0]?.TargetGroupArn)
}

/** Makes an HTTP listener and gives its ARN; it answers 404 unless it forwards to a group. */
export async function createListener(
  api: Api,
  loadBalancerArn: string,
  port = 80,
  targetGroupArn?: string,
): Promise<string> {
  const { Listeners } = await api.client.createListener({
    LoadBalancerArn: loadBalancerArn,
    Protocol: 'HTTP',
    Port: port,
    DefaultActions: [targetGroupArn === undefined ? NOT_FOUND : forwardTo(targetGroupArn)],
  })
  return present(Listeners?.[0]?.ListenerArn)
}

export const CERTIFICATE =
  'arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012'

/** Puts a certificate into the store, as if it had been imported; gives its ARN. */
export async function importCertificate(
  api: Api,
  arn = CERTIFICATE,
  facts: Partial<CertificateFacts> = {},
): Promise<string> {
  await api.store.write(async (rows) => {
    await rows.certificates.insertCertificate(
      {
        accountId: '123456789012',
        region: 'us-east-2',
        arn,
        createdAt: 0,
        issuedAt: 0,
        request: null,
        facts: {
          domainName: 'www.example.com',
          subjectAlternativeNames: ['www.example.com'],
          keyAlgorithm: 'RSA_2048',
          signatureAlgorithm: 'SHA256WITHRSA',
          serial: '01',
          subject: 'CN=www.example.com',
          issuer: 'Example',
          notBefore: 0,
          notAfter: Date.UTC(2100, 0),
          keyUsages: [],
          extendedKeyUsages: [],
          ...facts,
        },
      },
      { certificate: '', chain: null, privateKey: '' },
    )
  })
  return arn
}

/** ARN of one of many certificates, imported. */
export async function importedCertificate(
  api: Api,
  number: number,
  facts: Partial<CertificateFacts> = {},
): Promise<string> {
  const digits = String(number).padStart(12, '0')
  return await importCertificate(api, CERTIFICATE.replace(/\d{12}$/, digits), facts)
}

/** Makes an HTTPS listener and gives its ARN. */
export async function createHttpsListener(
  api: Api,
  loadBalancerArn: string,
  port = 443,
  input: Partial<CreateListenerCommandInput> = {},
): Promise<string> {
  const { Listeners } = await api.client.createListener({
    LoadBalancerArn: loadBalancerArn,
    Protocol: 'HTTPS',
    Port: port,
    Certificates: [{ CertificateArn: CERTIFICATE }],
    DefaultActions: [NOT_FOUND],
    ...input,
  })
  return present(Listeners?.[0]?.ListenerArn)
}

/** An action that answers 404. */
export const NOT_FOUND: Action = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }

export function forwardTo(targetGroupArn: string): Action {
  return { Type: 'forward', TargetGroupArn: targetGroupArn }
}

export function pathCondition(...values: string[]): RuleCondition {
  return { Field: 'path-pattern', PathPatternConfig: { Values: values } }
}

/** The value, which has to be there. */
export function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('a value is missing')
  return value
}
