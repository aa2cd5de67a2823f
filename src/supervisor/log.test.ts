import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { Log } from './log.ts'

/** Lines without their time. */
function timeless(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/"time":\d+/, '"time":0'))
}

test('the supervisor logs what pino would log', () => {
  const error = new TypeError('boom "quoted"')
  const own: string[] = []
  const pinos: string[] = []
  const logs = [
    new Log('info', (line) => own.push(line)),
    pino({ level: 'info' }, { write: (line) => pinos.push(line) }),
  ]
  for (const log of logs) {
    log.info({ process: 'worker', index: 0, childPid: 17 }, 'started')
    log.warn({ process: 'control', how: 'SIGKILL', delayMs: 0 }, 'ended\nunexpectedly')
    log.error({ err: error }, 'fault of the supervisor')
  }
  assert.equal(own.length, 3)
  assert.deepEqual(timeless(own), timeless(pinos))
})

test('what is less urgent than the level is not logged', () => {
  const lines: string[] = []
  const log = new Log('error', (line) => lines.push(line))
  log.info({}, 'a')
  log.warn({}, 'b')
  log.error({}, 'c')
  new Log('silent', (line) => lines.push(line)).error({}, 'd')
  assert.deepEqual(
    lines.map((line) => /"msg":"(.)"/.exec(line)?.[1]),
    ['c'],
  )
})
