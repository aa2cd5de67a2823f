// Entry of the worker process that `WorkerProcess` starts.

import { runWorker } from '../../src/worker/worker.ts'

runWorker()
