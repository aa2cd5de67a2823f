// What the API is given to work with. Everything comes in here, so that tests can set all of it.

import type { Clock } from '../clock/clock.ts'
import type { Directory } from '../directory/directory.ts'
import type { Networks } from '../directory/networks.ts'
import type { AccessKey } from '../model/access-keys.ts'
import { DEFAULT_QUOTAS, type Quotas } from '../model/quotas.ts'
import type { TargetHealthReader } from '../model/target-health.ts'
import type { Store } from '../store/store.ts'
import type { ZonalShifts } from '../zones/zonal-shifts.ts'
import type { AuditRecord } from './audit-record.ts'

export interface ApiEnvironment {
  readonly store: Store
  readonly directory: Directory
  /** Where EC2's API makes what the directory answers for; null where the directory is somewhere else. */
  readonly networks: Networks | null
  readonly health: TargetHealthReader
  /** Missing: no anomalies are looked for. */
  readonly anomalies?: AnomalyReader
  readonly zonalShifts: ZonalShifts
  /** Takes a node address for this program; false if another one on this machine has it. Missing: none has any. */
  readonly takeAddress?: (address: string) => Promise<boolean>
  readonly clock: Clock
  readonly settings: ApiSettings
  /** Body of `GET /metrics`, Prometheus text. */
  readonly metricsText: () => string
  /** Told of errors that the caller only sees as InternalFailure. */
  readonly reportError: (error: unknown) => void
  /** Told of every call when it has its answer. Missing: calls are not recorded. */
  readonly audit?: (record: AuditRecord) => void
  /**
   * Writes a file to a bucket before logs to it are enabled; false if that cannot be done. `key` is made of a prefix that
   * was checked. Missing: every bucket is as good.
   */
  readonly writeTestFile?: (bucket: string, key: string, text: string) => Promise<boolean>
  /** Objects of the buckets that trust stores are made from; see `readObject`. Missing: there are none. */
  readonly readObject?: (
    bucket: string,
    key: string,
    bytesMax: number,
  ) => Promise<Buffer | 'too-large' | undefined>
  /** Signs links to files; whoever knows it can read all files of trust stores. */
  readonly linkKey: Buffer
}

export interface ApiSettings {
  readonly accountId: string
  /** Region of requests that are not signed for one. */
  readonly region: string
  /** Suffix of DNS names after the Region: `elb.amazonaws.com` unless the operator wants another. */
  readonly dnsSuffix: string
  /** By access key ID. Null: signatures are not checked. */
  readonly accessKeys: ReadonlyMap<string, AccessKey> | null
  /** How many files the process may have open; null: as many as it likes. */
  readonly openFilesMax: number | null
  /** Names of this machine; see `isOwnHost`. */
  readonly allowedHosts: readonly string[]
  /** Whether `GET /metrics` answers clients on other machines. */
  readonly openMetrics: boolean
  /** Comparison strings that one condition may have: 5 as AWS takes them, or fewer by the operator's choice (ALB-LSN-131). */
  readonly valuesPerConditionMax: number
  readonly quotas: Quotas
  /** How long certificates that are requested wait for their validation. */
  readonly certificateValidationMs: number
  /** Endpoint URLs of services that the operator has elsewhere, by signing name: they are not offered here. */
  readonly elsewhere: Readonly<Partial<Record<'ec2' | 'acm' | 'iam', string>>>
}

/** What anomaly detection came to, as far as it has. */
export interface AnomalyReader {
  /** `weight` is below 1 while mitigation is in effect. `key` is the `targetKey` of the registration. */
  anomalyOf(
    targetGroupArn: string,
    key: string,
  ): { readonly isAnomalous: boolean; readonly weight: number } | undefined
}

/** Settings as the guides assume them. */
export const DEFAULT_API_SETTINGS: ApiSettings = {
  accountId: '123456789012',
  region: 'us-east-2',
  dnsSuffix: 'elb.amazonaws.com',
  accessKeys: null,
  openFilesMax: null,
  allowedHosts: [],
  openMetrics: false,
  valuesPerConditionMax: 5,
  quotas: DEFAULT_QUOTAS,
  certificateValidationMs: 0,
  elsewhere: {},
}
