// Request lines: targets without a valid form and lines without a version reach no target, in no mode; methods never
// carry what ends a line.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { RawClient } from '../support/client.ts'
import { startTarget, type Target } from '../support/target.ts'
import { WorkerProcess } from '../support/worker.ts'

const modes = ['monitor', 'defensive', 'strictest'] as const

/** In none of the forms of RFC 9112 section 3.2. */
const targets = [
  'GET admin',
  'GET h.test:80',
  'GET *',
  'options *',
  'OPTIONS */x',
  'OPTIONS **',
  'GET ?x',
  'GET #x',
  'GET /admin#/public',
  'GET http://a.example/x#y',
  'GET ftp://a.example/',
  'GET file:///etc/passwd',
  'GET javascript:alert(1)',
  'GET http:/a.example/',
  'GET http:a.example',
  'GET http:///x',
  'GET http://',
  'GET http://?x',
  'GET http://:80/',
  'GET http://a.example#/',
  'GET http://evil@a.example/a',
  'GET http://a.example\\@evil.example/',
  'GET https://a.example:99999/',
  'GET \\\\a.example\\x',
  'CONNECT a.example:80',
]

/** Lines whose last word is no HTTP version. */
const lines = [
  'GET / HTTQ/1.1',
  'GET / HTTP/ 1.1',
  'GET / HTTP /1.1',
  'GET / HTTP/1.1 x',
  'GET /a b',
  'GET / 1.1',
  'GET / HTTP',
  'GET / HTTP/',
  'GET / HTTPS/1.1',
  'GET / ICY/1.1',
  'GET /\tRTSP/1.0',
]

/** Methods that would end the line, or begin another one, for some parser. */
const methods = ['G\0ET', 'GET\r', 'G\rET', '\0', 'GET\x0b', 'G\x7fET']

for (const mode of modes) {
  describe(`in mode ${mode}`, () => {
    let target: Target
    let worker: WorkerProcess

    before(async () => {
      target = await startTarget()
      worker = await WorkerProcess.start({ targets: [target.port], traffic: { desyncMitigationMode: mode } })
    })

    after(() => {
      worker.close()
      target.close()
    })

    async function refused(start: string): Promise<void> {
      const client = await RawClient.connect(worker.port)
      client.send(`${start}\r\nHost: a.example\r\n\r\n`)
      const response = await client.response()
      assert.equal(response.status, 400, JSON.stringify(start))
      assert.equal(response.headers['connection'], 'close')
      await client.end()
      client.close()
      assert.equal(target.requests.length, 0, JSON.stringify(start))
    }

    test('ALB-OBS-462 a target without a valid form is answered with 400', async () => {
      for (const line of targets) await refused(`${line} HTTP/1.1`)
      await refused('GET admin HTTP/1.0')
      await refused('GET admin')
    })

    test('ALB-OBS-205 a last word that is no version is BadVersion and reaches no target', async () => {
      for (const line of lines) await refused(line)
      const written = (await worker.logLines()).slice(-lines.length)
      for (const line of written) assert.ok(line.trimEnd().endsWith('"Severe" "BadVersion"'), line)
    })

    test('ALB-OBS-204 control characters in a method are BadMethod and reach no target', async () => {
      for (const method of methods) await refused(`${method} / HTTP/1.1`)
      const written = (await worker.logLines()).slice(-methods.length)
      for (const line of written) assert.ok(line.trimEnd().endsWith('"Severe" "BadMethod"'), line)
    })
  })
}

test('targets of each form reach their target in origin form, and OPTIONS alone has a star', async () => {
  const target = await startTarget()
  const worker = await WorkerProcess.start({ targets: [target.port] })
  for (const [line, wanted] of [
    ['GET /a?b', 'GET /a?b'],
    ['GET //a', 'GET //a'],
    ['GET /a?b#c', 'GET /a?b#c'],
    ['GET http://a.example/x?y', 'GET /x?y'],
    ['GET HTTPS://a.example', 'GET /'],
    ['GET http://a.example?y', 'GET /?y'],
    ['OPTIONS *', 'OPTIONS *'],
    ['OPTIONS http://a.example', 'OPTIONS *'],
    ['OPTIONS http://a.example/', 'OPTIONS /'],
  ] as const) {
    const client = await RawClient.connect(worker.port)
    client.send(`${line} HTTP/1.1\r\nHost: a.example\r\n\r\n`)
    assert.equal((await client.response()).status, 200, line)
    client.close()
    assert.ok(target.requests.at(-1)?.head.startsWith(`${wanted} HTTP/1.1\r\n`), line)
  }
  worker.close()
  target.close()
})
