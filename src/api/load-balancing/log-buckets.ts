// The buckets that logs are delivered to: how they may be named, and whether they can be written to.

import type { ApiEnvironment } from '../environment.ts'
import { validationError } from '../errors.ts'
import type { AttributeMap } from './attributes.ts'
import { invalidConfiguration } from './errors.ts'

const LOG_KINDS = ['access_logs', 'connection_logs', 'health_check_logs'] as const
type LogKind = (typeof LOG_KINDS)[number]

const testFileNames: Readonly<Record<LogKind, string>> = {
  access_logs: 'AccessLog',
  connection_logs: 'ConnectionLog',
  health_check_logs: 'HealthCheckLog',
}

/** Names of S3 buckets; ours are also names of folders, so nothing else may get through. */
const BUCKET = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?!.*\.\.)[a-z0-9.-]{1,61}[a-z0-9]$/
/** A key prefix: no way out of the bucket, no empty parts. */
const PREFIX = /^(?:(?!\.{1,2}(?:\/|$))[A-Za-z0-9!_.*'()-]+(?:\/|$))*$/

/** ALB-LB-157, ALB-OBS OQ-76: logs that are on have a bucket, and every bucket and prefix is well-formed. */
export function checkLogs(values: AttributeMap): void {
  for (const kind of LOG_KINDS) {
    const bucket = values.get(`${kind}.s3.bucket`) ?? ''
    const prefix = values.get(`${kind}.s3.prefix`) ?? ''
    if (values.get(`${kind}.s3.enabled`) === 'true' && bucket === '') {
      throw invalidConfiguration(
        `The value of '${kind}.s3.bucket' must be specified when '${kind}.s3.enabled' is 'true'`,
      )
    }
    if (bucket !== '' && !BUCKET.test(bucket)) {
      throw validationError(`'${kind}.s3.bucket' value '${bucket}' is not a valid bucket name`)
    }
    if (prefix.includes('AWSLogs') || !PREFIX.test(prefix)) {
      throw validationError(`'${kind}.s3.prefix' value '${prefix}' is not a valid prefix`)
    }
  }
}

export interface LogChange {
  readonly accountId: string
  /** Of the load balancer. */
  readonly name: string
  readonly change: AttributeMap
  /** All values after the change. */
  readonly values: AttributeMap
}

/** Writes a test file to the bucket of every log that the change touches; refuses the change where that fails. */
export async function checkWriting(
  { writeTestFile, clock }: Pick<ApiEnvironment, 'writeTestFile' | 'clock'>,
  { accountId, name, change, values }: LogChange,
): Promise<void> {
  if (writeTestFile === undefined) return
  const date = new Date(clock.date()).toISOString()
  for (const kind of touchedLogs(change, values)) {
    const { bucket, key } = testFile(kind, values, accountId)
    const text = `Enable ${testFileNames[kind]} for ELB: ${name} at ${date}\n`
    if (await writeTestFile(bucket, key, text)) continue
    throw invalidConfiguration(`Access Denied for bucket: ${bucket}. Please check S3bucket permission`)
  }
}

/** Kinds of logs that the call touches and that are on afterwards. */
function touchedLogs(change: AttributeMap, values: AttributeMap): readonly LogKind[] {
  return LOG_KINDS.filter((kind) => {
    const isTouched = [...change.keys()].some((key) => key.startsWith(`${kind}.`))
    return isTouched && values.get(`${kind}.s3.enabled`) === 'true'
  })
}

/** Where the file goes that shows that a bucket can be written to (ALB-OBS-304 … 306, ALB-OBS-382). */
function testFile(
  kind: LogKind,
  values: AttributeMap,
  accountId: string,
): { readonly bucket: string; readonly key: string } {
  const prefix = values.get(`${kind}.s3.prefix`) ?? ''
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
  return {
    bucket: values.get(`${kind}.s3.bucket`) ?? '',
    key: `${folder}AWSLogs/${accountId}/ELB${testFileNames[kind]}TestFile`,
  }
}
