// Attributes of load balancers: describe and modify.

import {
  effectiveAttributes,
  foreignLoadBalancerAttributes,
  loadBalancerAttributes,
} from '../../model/attributes.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError, validationError } from '../errors.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { listOf, mergeAttributes, readChange, type AttributeMap } from './attributes.ts'
import { theLoadBalancer } from './resources.ts'

const LOG_KINDS = ['access_logs', 'connection_logs', 'health_check_logs'] as const
type LogKind = (typeof LOG_KINDS)[number]

const testFileNames: Readonly<Record<LogKind, string>> = {
  access_logs: 'AccessLog',
  connection_logs: 'ConnectionLog',
  health_check_logs: 'HealthCheckLog',
}

export function loadBalancerAttributeHandlers({
  store,
  writeTestFile,
  zonalShifts,
  clock,
}: ApiEnvironment): Pick<Elbv2Handlers, 'DescribeLoadBalancerAttributes' | 'ModifyLoadBalancerAttributes'> {
  return {
    async DescribeLoadBalancerAttributes(input) {
      return await store.read(async (rows) => {
        const { arn } = await theLoadBalancer(rows, input.LoadBalancerArn)
        return { Attributes: listOf(loadBalancerAttributes, await rows.attributes(arn)) }
      })
    },
    async ModifyLoadBalancerAttributes(input, call) {
      return await store.write(async (rows) => {
        const { arn, name } = await theLoadBalancer(rows, input.LoadBalancerArn)
        const change = readChange('Load balancer', loadBalancerAttributes, input.Attributes, (key) => {
          if (!foreignLoadBalancerAttributes.includes(key)) return undefined
          return `Load balancer attribute key '${key}' is not supported on load balancers with type 'application'`
        })
        const values = effectiveAttributes(
          loadBalancerAttributes,
          mergeAttributes(await rows.attributes(arn), change),
        )
        checkLogs(values)
        if (change.get('load_balancing.cross_zone.enabled') === 'false') {
          throw invalid('Cross-zone load balancing cannot be disabled for an Application Load Balancer')
        }
        if (change.get('zonal_shift.config.enabled') === 'false' && zonalShifts.activeOf(arn) !== undefined) {
          throw invalid('Zonal shift cannot be turned off while there is an active zonal shift')
        }
        if (writeTestFile !== undefined) {
          const date = new Date(clock.date()).toISOString()
          for (const kind of touchedLogs(change, values)) {
            const { bucket, key } = testFile(kind, values, call.accountId)
            const text = `Enable ${testFileNames[kind]} for ELB: ${name} at ${date}\n`
            if (await writeTestFile(bucket, key, text)) continue
            throw invalid(`Access Denied for bucket: ${bucket}. Please check S3bucket permission`)
          }
        }
        await rows.setAttributes(arn, change)
        return { Attributes: listOf(loadBalancerAttributes, values) }
      })
    },
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

/** Names of S3 buckets; ours are also names of folders, so nothing else may get through. */
const BUCKET = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?!.*\.\.)[a-z0-9.-]{1,61}[a-z0-9]$/
/** A key prefix: no way out of the bucket, no empty parts. */
const PREFIX = /^(?:(?!\.{1,2}(?:\/|$))[A-Za-z0-9!_.*'()-]+(?:\/|$))*$/

/** ALB-LB-157, ALB-OBS OQ-76: logs that are on have a bucket, and every bucket and prefix is well-formed. */
function checkLogs(values: AttributeMap): void {
  for (const kind of LOG_KINDS) {
    const bucket = values.get(`${kind}.s3.bucket`) ?? ''
    const prefix = values.get(`${kind}.s3.prefix`) ?? ''
    if (values.get(`${kind}.s3.enabled`) === 'true' && bucket === '') {
      throw invalid(`The value of '${kind}.s3.bucket' must be specified when '${kind}.s3.enabled' is 'true'`)
    }
    if (bucket !== '' && !BUCKET.test(bucket)) {
      throw validationError(`'${kind}.s3.bucket' value '${bucket}' is not a valid bucket name`)
    }
    if (prefix.includes('AWSLogs') || !PREFIX.test(prefix)) {
      throw validationError(`'${kind}.s3.prefix' value '${prefix}' is not a valid prefix`)
    }
  }
}

function invalid(message: string): ApiError {
  return new ApiError('InvalidConfigurationRequest', message)
}
