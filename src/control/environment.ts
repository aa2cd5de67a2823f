// What the API gets of the parts of the control process.

import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { ApiEnvironment } from '../api/environment.ts'
import { readObject } from '../delivery/buckets.ts'
import { writeToBucket } from '../delivery/delivery.ts'
import { servicesElsewhere } from '../directory/from-settings.ts'
import type { Parts } from './parts.ts'

export function apiEnvironment(parts: Parts): ApiEnvironment {
  const { settings, clock, store, directory, health, anomalies, zoneHealth, zonalShifts } = parts
  const { accountId, region, dnsSuffix, accessKeys, openMetrics, valuesPerConditionMax, quotas } = settings
  const { logRoot, certificateValidationMs } = settings
  return {
    store,
    directory,
    networks: settings.directory.ec2 === null ? parts.networks : null,
    zonalShifts,
    ...(parts.claims === null ? {} : { takeAddress: parts.claims.take.bind(parts.claims) }),
    health,
    anomalies,
    clock,
    settings: {
      accountId,
      region,
      dnsSuffix,
      accessKeys: accessKeys === null ? null : new Map(Object.entries(accessKeys)),
      openFilesMax: settings.openFilesMax,
      allowedHosts: [hostname(), settings.api.host, ...settings.allowedHosts],
      openMetrics,
      valuesPerConditionMax,
      quotas,
      certificateValidationMs,
      elsewhere: servicesElsewhere(settings),
    },
    metricsText: () => parts.counters.render([...anomalies.gauges(), ...zoneHealth.gauges()]),
    reportError: parts.reportError,
    audit: (record) => parts.audit?.record(record),
    linkKey: randomBytes(32),
    readObject: async (bucket, key, bytesMax) => await readObject(logRoot, bucket, key, bytesMax),
    writeTestFile: async (bucket, key, text) => await writeToBucket(logRoot, bucket, key, text),
  }
}
