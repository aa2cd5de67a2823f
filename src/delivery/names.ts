// Names of access log files: those in the workers' spool, and the keys that delivered files have in their bucket. The
// kind of load balancer is in both.

import type { LoadBalancerKind } from '../model/resources.ts'

/** A file of the spool: lines of one load balancer node and one interval, written by one worker. */
export interface SpoolFile {
  readonly name: string
  /** All but the worker and the random part: what is delivered together. */
  readonly group: string
  readonly accountId: string
  readonly region: string
  /** `app.NAME.ID`, or `NAME` for a classic one. */
  readonly loadBalancer: string
  readonly kind: LoadBalancerKind
  readonly nodeAddress: string
  /** `YYYYMMDDTHHMMZ`. */
  readonly endTime: string
  /** Eight lower-case letters and digits. */
  readonly random: string
  /** Whether a worker may still write to it. */
  readonly isOpen: boolean
}

const SPOOL_NAME =
  /^((\d{12})_([a-z0-9-]+)_(app\.[A-Za-z0-9-]+\.[0-9a-z]+|[A-Za-z0-9-]+)_([0-9A-Fa-f.:]+)_(\d{8}T\d{4}Z))_(\d+)_([a-z0-9]{8})\.log(\.open)?$/

/** Reads the name of a spool file; undefined if it is none. */
export function parseSpoolName(name: string): SpoolFile | undefined {
  const match = SPOOL_NAME.exec(name)
  if (match === null) return undefined
  const [, group = '', accountId = '', region = '', loadBalancer = '', nodeAddress = '', endTime = ''] = match
  return {
    name,
    group,
    accountId,
    region,
    loadBalancer,
    kind: loadBalancer.startsWith('app.') ? 'application' : 'classic',
    nodeAddress,
    endTime,
    random: match[8] ?? '',
    isOpen: match[9] !== undefined,
  }
}

/** End of the interval in milliseconds since 1970. */
export function endTimeMs({ endTime }: SpoolFile): number {
  const part = (from: number, to: number): number => Number(endTime.slice(from, to))
  return Date.UTC(part(0, 4), part(4, 6) - 1, part(6, 8), part(9, 11), part(11, 13))
}

/** Key of the delivered file in its bucket (ALB-OBS-115, CLB-464); `random` tells files of one node and interval apart. */
export function deliveredKey(file: SpoolFile, prefix: string, random: string): string {
  const { accountId, region, loadBalancer, endTime } = file
  const folder = `AWSLogs/${accountId}/elasticloadbalancing/${region}`
  const date = `${endTime.slice(0, 4)}/${endTime.slice(4, 6)}/${endTime.slice(6, 8)}`
  // A colon is no part of a file name everywhere.
  const address = file.nodeAddress.replaceAll(':', '.')
  const ending = file.kind === 'application' ? '.log.gz' : '.log'
  const name = `${accountId}_elasticloadbalancing_${region}_${loadBalancer}_${endTime}_${address}_${random}${ending}`
  return `${prefix === '' ? '' : `${prefix}/`}${folder}/${date}/${name}`
}

/** Whether a file of that key is compressed: those of Classic Load Balancers are not (ALB-OBS-111, CLB-466). */
export function isCompressed(key: string): boolean {
  return key.endsWith('.gz')
}

/** Last part of a delivered key: of access logs, and of the audit log. */
export const DELIVERED_NAME =
  /^\d{12}_(?:elasticloadbalancing_[a-z0-9-]+_(?:app\.[^_]+_\d{8}T\d{4}Z_[^_]+_[a-z0-9]{8}\.log\.gz|[^_.]+_\d{8}T\d{4}Z_[^_]+_[a-z0-9]{8}\.log)|CloudTrail_[a-z0-9-]+_\d{8}T\d{4}Z_[A-Za-z0-9]{16}\.json\.gz)$/

/** S3's rules for bucket names, as far as a folder's name is concerned: nothing that leaves the log root. */
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..')
}

/** A prefix that stays inside its bucket as a folder path. */
export function isSafePrefix(prefix: string): boolean {
  if (prefix === '') return true
  if (/[\x00-\x1f\x7f\\]/.test(prefix)) return false
  return prefix.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
