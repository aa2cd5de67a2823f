// What the tests of HTTP/2 clients share: a worker with an HTTPS listener, and clients that are closed at the end.

import type { TestContext } from 'node:test'
import type { CertificateUnit } from '../../src/snapshot/application-units.ts'
import { TestAuthority } from '../support/certificates.ts'
import { type Behaviour, startTarget, type Target } from '../support/target.ts'
import { type Served, WorkerProcess, type WorkerOptions } from '../support/worker.ts'
import { RawHttp2Client } from './raw-client.ts'

let certificate: Promise<CertificateUnit> | null = null

async function issued(): Promise<CertificateUnit> {
  const authority = await TestAuthority.make()
  return await authority.issue('standard', { names: ['default.example.com', 'www.example.com'] })
}

export async function startWorker(
  test: TestContext,
  served: Served = {},
  options?: WorkerOptions,
): Promise<WorkerProcess> {
  certificate ??= issued()
  const tls = { certificates: [await certificate] }
  const worker = await WorkerProcess.start({ listenerPort: 443, tls, ...served }, options)
  test.after(() => worker.close())
  return worker
}

export async function target(test: TestContext, behave?: Behaviour): Promise<Target> {
  const started = await startTarget(behave)
  test.after(() => started.close())
  return started
}

export async function client(
  test: TestContext,
  worker: WorkerProcess,
  options?: { settings?: readonly number[]; isSilent?: boolean },
): Promise<RawHttp2Client> {
  const raw = await RawHttp2Client.connect(worker, options)
  test.after(() => raw.close())
  return raw
}

/** The status of each line of an access log that was given to a client. */
export function statuses(lines: readonly string[]): (string | undefined)[] {
  return lines.map((line) => / (\d{3}) (?:\d{3}|-) \d+ \d+ "/.exec(line)?.[1])
}

export function sortedStatuses(lines: readonly string[]): string[] {
  return statuses(lines)
    .map(String)
    .toSorted((a, b) => a.localeCompare(b))
}
