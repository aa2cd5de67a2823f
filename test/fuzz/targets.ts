// All fuzz targets. A new parser joins the list here.

import { requestReaderTargets } from './request-reader.ts'
import type { FuzzTarget } from './target.ts'

export const fuzzTargets: readonly FuzzTarget[] = [...requestReaderTargets]
