// The access log of one listener at one node: a line for each request, into the spool.

import type { Clock } from '../../clock/clock.ts'
import type { RecordedExchange, RecordSink } from '../sinks.ts'
import type { SpoolLog } from '../spool.ts'
import { AccessLogLines, type LineFacts } from './access-log-line.ts'

export class AccessLog implements RecordSink {
  readonly #lines: AccessLogLines
  readonly #spool: SpoolLog
  readonly #clock: Clock

  constructor(facts: LineFacts, spool: SpoolLog, clock: Clock) {
    this.#lines = new AccessLogLines(facts)
    this.#spool = spool
    this.#clock = clock
  }

  add({ record, head, client }: RecordedExchange): void {
    const isLate = record.respondedAt === -1 || record.type === 'ws' || record.type === 'wss'
    const now = isLate ? performance.now() : record.respondedAt
    this.#spool.append(this.#lines.line(record, head, client, now), this.#clock.dateAt(now))
  }
}
