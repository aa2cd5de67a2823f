// The one host that a request is for: what is no host is refused before any rule, and what rules, redirects and the log
// see is what the target gets.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import type { RuleUnit } from '../../src/snapshot/application-units.ts'
import { exchange } from '../support/client.ts'
import { startTarget, type Target } from '../support/target.ts'
import { WorkerProcess } from '../support/worker.ts'

const modes = ['monitor', 'defensive', 'strictest'] as const

let target: Target
let worker: WorkerProcess

before(async () => {
  target = await startTarget()
  worker = await WorkerProcess.start({ targets: [target.port] })
})

after(() => {
  worker.close()
  target.close()
})

/** Requests for this host are answered with the rule's status; the others reach the target. */
function ruleFor(host: string, statusCode: number): RuleUnit {
  return {
    arn: `rule-${statusCode}`,
    priority: statusCode,
    conditions: [{ field: 'host-header', values: [host] }],
    actions: [{ type: 'fixed-response', statusCode, contentType: 'text/plain', messageBody: '' }],
  }
}

async function statusOf(requestLine: string, ...lines: string[]): Promise<number> {
  const text = `${[requestLine, ...lines].join('\r\n')}\r\n\r\n`
  return (await exchange(worker.port, text)).status
}

/** Values of the Host fields that the target gets. */
async function hostsAt(requestLine: string, ...lines: string[]): Promise<string[]> {
  const text = `${[requestLine, ...lines].join('\r\n')}\r\n\r\n`
  const response = await exchange(worker.port, text)
  assert.equal(response.status, 200, text)
  const head = response.body.split('\r\n\r\n')[0] ?? ''
  return [...head.matchAll(/^host:[ \t]*(.*?)\r?$/gim)].map((match) => match[1] ?? '')
}

const noHosts = [
  'public.example.com:80@evil.com',
  'evil.com@public.example.com',
  'a.example/path',
  'a.example?x',
  'a.example#x',
  'a.example\\b',
  'a b.example',
  'a.example:http',
  'a.example:65536',
  'a.example:-1',
  'a.example:80:80',
  ':80',
  '.',
  'a.example%',
  'a.example%zz',
  '[::1',
  '[::1]x',
  '[1.2.3.4]',
  '[fe80::1%25eth0]',
  '[v1.x]',
  '::1',
  '<a>',
  '"a"',
  'a|b',
  'http://a.example',
  'b\xe4r.example',
  'a.example\x7f',
  'a\0b',
  'a\rb',
]

describe('what is no host', () => {
  for (const mode of modes) {
    test(`is refused with 400 before any rule, as Host and as authority, in mode ${mode}`, async () => {
      const rules = [ruleFor('*', 204)]
      const traffic = { desyncMitigationMode: mode }
      await worker.serve({ targets: [target.port], rules, traffic })
      const served = target.requests.length
      for (const text of noHosts) {
        assert.equal(await statusOf('GET / HTTP/1.1', `Host: ${text}`), 400, JSON.stringify(text))
        assert.equal(await statusOf('GET / HTTP/1.0', `Host: ${text}`), 400, JSON.stringify(text))
        assert.equal(await statusOf('GET / HTTP/1.1', 'Host: a', `Host: ${text}`), 400, `second ${text}`)
        if (/[/?\s]/.test(text)) continue
        const absolute = `GET http://${text}/ HTTP/1.1`
        assert.equal(await statusOf(absolute, 'Host: a.example'), 400, JSON.stringify(absolute))
      }
      assert.equal(target.requests.length, served)
    })
  }

  test('names, addresses and ports of every form that is one are taken', async () => {
    await worker.serve({ targets: [target.port], traffic: { preserveHostHeader: true } })
    for (const host of [
      'a',
      'a_b.example.com',
      'xn--br-via.example',
      '127.0.0.1',
      '[::1]',
      '[::FFFF:1.2.3.4]:8080',
      'a.example:0',
      'a.example:65535',
      'a.example:',
      'a.example.',
      "a-._~!$&'()*+,;=b",
      'a%41b',
    ])
      assert.deepEqual(await hostsAt('GET / HTTP/1.1', `Host: ${host}`), [host])
  })
})

describe('ALB-LB-286, 292 the host that rules see is the one that the target gets', () => {
  const rules = [ruleFor('field.example', 201), ruleFor('uri.example', 202)]
  const absolute = 'GET http://uri.example/ HTTP/1.1'

  test('with an absolute target it is the authority, with preservation the first Host', async () => {
    await worker.serve({ targets: [target.port], rules })
    assert.equal(await statusOf(absolute, 'Host: field.example'), 202)
    assert.equal(await statusOf('GET http://other.example/ HTTP/1.1', 'Host: field.example'), 200)
    assert.deepEqual(await hostsAt('GET http://other.example/ HTTP/1.1', 'Host: field.example'), [
      'other.example',
    ])
    await worker.serve({ targets: [target.port], rules, traffic: { preserveHostHeader: true } })
    assert.equal(await statusOf(absolute, 'Host: field.example'), 201)
    assert.equal(await statusOf(absolute, 'Host: other.example'), 200)
    assert.deepEqual(await hostsAt(absolute, 'Host: other.example'), ['other.example'])
    assert.deepEqual(await hostsAt(absolute, 'Host: other.example', 'Host: field.example'), [
      'other.example',
      'field.example',
    ])
    assert.equal(await statusOf('GET http://uri.example/ HTTP/1.0'), 202)
  })

  test('it is compared and sent in lower case without a final dot, and as it came with preservation', async () => {
    for (const preserveHostHeader of [false, true]) {
      await worker.serve({ targets: [target.port], rules, traffic: { preserveHostHeader } })
      for (const host of ['FIELD.example', 'field.example.', 'Field.Example.:80'])
        assert.equal(await statusOf('GET / HTTP/1.1', `Host: ${host}`), 201, host)
      const wanted = preserveHostHeader ? 'Other.Example.' : 'other.example'
      assert.deepEqual(await hostsAt('GET / HTTP/1.1', 'Host: Other.Example.'), [wanted])
    }
    await worker.serve({ targets: [target.port], listenerPort: 8080 })
    assert.deepEqual(await hostsAt('GET / HTTP/1.1', 'Host: Other.Example.'), ['other.example:8080'])
    assert.deepEqual(await hostsAt('GET / HTTP/1.1', 'Host: Other.Example.:00090'), ['other.example:90'])
    assert.deepEqual(await hostsAt('GET HTTP://Other.Example.:90 HTTP/1.1', 'Host: x'), ['other.example:90'])
  })

  test('redirects and the log show it', async () => {
    const redirect = {
      type: 'redirect',
      protocol: 'HTTPS',
      host: '#{host}',
      port: '443',
      path: '/#{path}',
      query: '#{query}',
      statusCode: 301,
    } as const
    for (const [preserveHostHeader, host] of [
      [false, 'uri.example'],
      [true, 'field.example'],
    ] as const) {
      await worker.serve({ actions: [redirect], groups: [], traffic: { preserveHostHeader } })
      const text = 'GET http://URI.example/shown HTTP/1.1\r\nHost: Field.Example.\r\n\r\n'
      const response = await exchange(worker.port, text)
      assert.equal(response.headers['location'], `https://${host}:443/shown`)
      const line = (await worker.logLines()).findLast((entry) => entry.includes('/shown'))
      assert.ok(line?.includes(` "GET http://${host}:80/shown HTTP/1.1" `), line ?? 'no line')
    }
  })
})

describe('without a host', () => {
  test('HTTP/1.0 reaches the target with the address it connected to, preserved or not', async () => {
    for (const preserveHostHeader of [false, true]) {
      for (const [listenerPort, wanted] of [
        [80, '127.0.0.1'],
        [8080, '127.0.0.1:8080'],
      ] as const) {
        const rules = [ruleFor('*', 204)]
        await worker.serve({ targets: [target.port], traffic: { preserveHostHeader }, listenerPort, rules })
        assert.deepEqual(await hostsAt('GET / HTTP/1.0'), [wanted])
        assert.deepEqual(await hostsAt('GET /'), [wanted])
      }
    }
  })

  test('HTTP/1.1 is refused, with an absolute target too; an empty Host names none', async () => {
    await worker.serve({ targets: [target.port], rules: [ruleFor('*', 204)] })
    assert.equal(await statusOf('GET / HTTP/1.1'), 400)
    assert.equal(await statusOf('GET http://a.example/ HTTP/1.1'), 400)
    assert.deepEqual(await hostsAt('GET / HTTP/1.1', 'Host:'), ['127.0.0.1'])
    assert.deepEqual(await hostsAt('GET / HTTP/1.1', 'Host: \t'), ['127.0.0.1'])
  })
})
