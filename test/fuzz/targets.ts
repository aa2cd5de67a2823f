// All fuzz targets. A new parser joins the list here.

import { frameReaderTarget } from './frame-reader.ts'
import { queryDecoderTarget } from './query-decoder.ts'
import { requestReaderTargets } from './request-reader.ts'
import type { FuzzTarget } from './target.ts'

export const fuzzTargets: readonly FuzzTarget[] = [
  ...requestReaderTargets,
  queryDecoderTarget,
  frameReaderTarget,
]
