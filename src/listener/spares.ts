// Readers and records of closed connections, for new ones: the largest part of what a connection would allocate.

import { RequestRecord } from '../exchange/record.ts'
import { RequestReader } from '../wire/http1/request-reader.ts'

const SPARES_MAX = 1024

const readers: RequestReader[] = []
const records: RequestRecord[] = []

export function takeReader(): RequestReader {
  return readers.pop() ?? new RequestReader()
}

export function takeRecord(): RequestRecord {
  return records.pop() ?? new RequestRecord()
}

/** Both must have no user any more. */
export function giveBack(reader: RequestReader, record: RequestRecord): void {
  if (readers.length >= SPARES_MAX) return
  reader.restart()
  readers.push(reader)
  records.push(record)
}
