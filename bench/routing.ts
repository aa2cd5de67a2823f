// What it costs to find the rule of a request: nanoseconds per match for listeners with 0, 1 and 100 rules, where only
// the last rule fits. Run with `node bench/routing.ts`.

import { compileRouter } from '../src/routing/compiled-router.ts'
import type { RoutedRequest, Router } from '../src/routing/router.ts'
import type { ConditionUnit, RuleUnit } from '../src/snapshot/application-units.ts'
import { HeaderFields } from '../src/wire/header-fields.ts'
import { Host } from '../src/wire/host.ts'

const ROUNDS = 9
const MATCHES_PER_ROUND = 200_000
const HEADS = 64

/** The `index`-th of many rules: every condition type in turn, some rules with two of them. */
function conditions(index: number): ConditionUnit[] {
  const path: ConditionUnit = { field: 'path-pattern', values: [`/api/v${index}/*`] }
  switch (index % 8) {
    case 0:
      return [{ field: 'host-header', values: [`tenant${index}.example.com`] }]
    case 1:
      return [{ field: 'path-pattern', values: [`/service${index}/*`, `/assets/${index}/*.png`] }]
    case 2:
      return [{ field: 'http-header', headerName: 'X-Tenant', values: [`tenant${index}`] }]
    case 3:
      return [{ field: 'http-request-method', values: ['PATCH', 'DELETE'] }, path]
    case 4:
      return [{ field: 'query-string', values: [{ key: 'version', value: `v${index}` }] }]
    case 5:
      return [{ field: 'source-ip', values: [`10.${index}.0.0/16`, `2001:db8:${index}::/48`] }]
    case 6:
      return [{ field: 'host-header', values: [`*.zone${index}.example.com`] }, path]
    default:
      return [{ field: 'http-header', headerName: 'User-Agent', values: [`*robot${index}*`] }]
  }
}

const LAST: ConditionUnit[] = [
  { field: 'host-header', values: ['*.example.com'] },
  { field: 'path-pattern', values: ['/shop/*'] },
]

function router(ruleCount: number): Router {
  const rules: RuleUnit[] = Array.from({ length: ruleCount }, (_, index) => ({
    arn: `rule-${index}`,
    priority: index + 1,
    actions: [],
    conditions: index === ruleCount - 1 ? LAST : conditions(index),
  }))
  const defaultRule = { arn: 'default', actions: [] }
  return compileRouter({ arn: 'listener', protocol: 'HTTP', port: 80, bindPort: 80, rules, defaultRule })
}

/** A request of a browser, parsed anew: texts are slices of the head, as a reader makes them. */
function request(number: number): RoutedRequest {
  const target = `/shop/cart/${number}?version=v2&session=${number}`
  const lines = [
    'Host: www.example.com',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36',
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'Accept-Encoding: gzip, deflate, br',
    'Accept-Language: en-US,en;q=0.5',
    'Cookie: session=0123456789abcdef; theme=dark',
    'X-Tenant: tenant-of-nobody',
    'Connection: keep-alive',
  ]
  const text = Buffer.from(`GET ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`).toString('latin1')
  const fields = new HeaderFields()
  fields.reset(text)
  let at = text.indexOf('\r\n') + 2
  for (const line of lines) {
    const colon = line.indexOf(':')
    fields.add(at, at + colon, at + colon + 2, at + line.length)
    at += line.length + 2
  }
  const question = text.indexOf('?')
  const end = 4 + target.length
  const head = {
    method: text.slice(0, 3),
    target: text.slice(4, end),
    path: text.slice(4, question),
    query: text.slice(question + 1, end),
    host: Host.read(fields.value(0)) ?? Host.none,
    fields,
  }
  return { head, client: { address: `192.0.2.${number % 4}` } }
}

/** Nanoseconds per match in the fastest of several rounds, so that a busy machine disturbs little. */
function measure(subject: Router, priority: number): number {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const requests = Array.from({ length: HEADS }, (_, number) => request(round * HEADS + number))
    const before = process.hrtime.bigint()
    for (let index = 0; index < MATCHES_PER_ROUND; index++) {
      const matched = subject.match(requests[index % HEADS] as RoutedRequest)
      if (matched.priority !== priority) throw new Error(`Took rule ${matched.priority}, wanted ${priority}`)
    }
    times.push(Number(process.hrtime.bigint() - before) / MATCHES_PER_ROUND)
  }
  return Math.min(...times)
}

for (const ruleCount of [0, 1, 2, 3, 10, 100])
  console.log(
    `${String(ruleCount).padStart(3)} rules: ${measure(router(ruleCount), ruleCount).toFixed(0)} ns per match`,
  )
