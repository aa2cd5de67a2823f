import assert from 'node:assert/strict'
import { test } from 'node:test'
import packet, { type Packet } from 'dns-packet'
import fc from 'fast-check'
import type { Names } from './names.ts'
import { respond, type ResponseOptions } from './response.ts'

const ZONE = 'elb.test'
const MANY = Array.from({ length: 60 }, (_, index) => `127.0.1.${index}`)

const NAMES: Names = {
  serverName: `ns.${ZONE}`,
  lookup: (name) => {
    if (name === `lb.${ZONE}`) return { zone: ZONE, addresses: ['127.0.0.1', '127.0.0.2', '::1'] }
    if (name === `ipv4.${ZONE}`) return { zone: ZONE, addresses: ['127.0.0.1'] }
    if (name === `many.${ZONE}`) return { zone: ZONE, addresses: MANY }
    if (name === ZONE) return { zone: ZONE, addresses: [] }
    return name.endsWith(`.${ZONE}`) ? { zone: ZONE, addresses: null } : null
  },
}
const UDP: ResponseOptions = { transport: 'udp', random: () => 0 }

interface Asked {
  readonly type?: string
  readonly class?: string
  readonly flags?: number
  readonly edns?: { readonly version?: number; readonly bytes?: number }
}

function query(name: string, asked: Asked = {}): Buffer {
  const { edns } = asked
  return packet.encode({
    type: 'query',
    id: 0xabcd,
    flags: asked.flags ?? packet.RECURSION_DESIRED,
    questions: [{ name, type: (asked.type ?? 'A') as 'A', class: (asked.class ?? 'IN') as 'IN' }],
    additionals:
      edns === undefined
        ? []
        : [
            {
              name: '.',
              type: 'OPT',
              udpPayloadSize: edns.bytes ?? 1232,
              extendedRcode: 0,
              ednsVersion: edns.version ?? 0,
              flags: 0,
              flag_do: false,
              options: [],
            },
          ],
  })
}

type Answered = Packet & { readonly rcode: string; readonly flag_aa: boolean; readonly flag_tc: boolean }

function answered(bytes: Buffer | null): Answered {
  assert.ok(bytes)
  return packet.decode(bytes) as unknown as Answered
}

function ask(name: string, asked: Asked = {}): Answered {
  return answered(respond(query(name, asked), NAMES, UDP))
}

/** Types and data of what an answer holds. */
function data({ answers = [] }: Packet): string[] {
  return answers.map(
    (answer) => `${answer.type} ${'data' in answer ? JSON.stringify(answer.data).replaceAll('"', '') : ''}`,
  )
}

test('ALB-TG-274 ALB-LB-190 a name has addresses of both families, for 60 seconds, from an authority', () => {
  const answer = ask(`lb.${ZONE}`)
  assert.deepEqual([answer.id, answer.rcode, answer.flag_aa], [0xabcd, 'NOERROR', true])
  assert.deepEqual(data(answer).toSorted(), ['A 127.0.0.1', 'A 127.0.0.2'])
  assert.ok(answer.answers?.every((record) => 'ttl' in record && record.ttl === 60))
  assert.deepEqual(data(ask(`lb.${ZONE}`, { type: 'AAAA' })), ['AAAA ::1'])
  assert.deepEqual(data(ask(`lb.${ZONE}`, { type: 'ANY' })).toSorted(), ['A 127.0.0.1', 'A 127.0.0.2'])
})

test('a name is answered in the letters that it was asked in', () => {
  const { questions, answers } = ask(`lB.Elb.TEST`)
  assert.equal(questions?.[0]?.name, 'lB.Elb.TEST')
  assert.deepEqual(
    answers?.map(({ name }) => name),
    ['lB.Elb.TEST', 'lB.Elb.TEST'],
  )
})

test('the order of addresses follows chance', () => {
  const first = (random: number): string | undefined =>
    data(answered(respond(query(`lb.${ZONE}`), NAMES, { transport: 'udp', random: () => random })))[0]
  assert.deepEqual([first(0), first(0.9)], ['A 127.0.0.2', 'A 127.0.0.1'])
})

test('ALB-LB-185 a name without an address of the family is there, a name that is not there is not', () => {
  const noData = ask(`ipv4.${ZONE}`, { type: 'AAAA' })
  assert.deepEqual([noData.rcode, noData.flag_aa, data(noData)], ['NOERROR', true, []])
  const noName = ask(`gone.${ZONE}`)
  assert.deepEqual([noName.rcode, noName.flag_aa, data(noName)], ['NXDOMAIN', true, []])
  for (const { authorities } of [noData, noName]) {
    const [soa] = authorities ?? []
    assert.ok(soa?.type === 'SOA')
    assert.deepEqual([soa.name, soa.data.mname, soa.data.minimum], [ZONE, `ns.${ZONE}`, 60])
  }
})

test('the zone has its SOA and NS records; other types are not there', () => {
  assert.deepEqual(data(ask(ZONE, { type: 'NS' })), [`NS ns.${ZONE}`])
  assert.equal(ask(ZONE, { type: 'SOA' }).answers?.[0]?.type, 'SOA')
  for (const type of ['MX', 'TXT', 'NS', 'SOA', 'HTTPS', 'CNAME']) {
    const { rcode, answers, authorities } = ask(`lb.${ZONE}`, { type })
    assert.deepEqual([rcode, answers, authorities?.[0]?.type], ['NOERROR', [], 'SOA'], type)
  }
})

test('other zones, classes, transfers and operations are refused', () => {
  const codes = [
    ask('example.com').rcode,
    ask(`lb.${ZONE}`, { class: 'CH' }).rcode,
    ask(`lb.${ZONE}`, { type: 'AXFR' }).rcode,
    ask(`lb.${ZONE}`, { type: 'IXFR' }).rcode,
    ask(`lb.${ZONE}`, { flags: 5 << 11 }).rcode,
  ]
  assert.deepEqual(codes, ['REFUSED', 'REFUSED', 'REFUSED', 'REFUSED', 'NOTIMP'])
})

test('an answer that is too long for the client over UDP is cut off, and whole over TCP', () => {
  const cut = ask(`many.${ZONE}`)
  assert.deepEqual([cut.flag_tc, data(cut)], [true, []])
  assert.equal(ask(`many.${ZONE}`, { edns: { bytes: 65_535 } }).flag_tc, true)
  const whole = answered(respond(query(`many.${ZONE}`), NAMES, { ...UDP, transport: 'tcp' }))
  assert.deepEqual([whole.flag_tc, data(whole).length], [false, MANY.length])
})

test('EDNS is answered in kind; versions that are not known are named as such', () => {
  const plain = ask(`lb.${ZONE}`, { edns: {} })
  const [opt] = plain.additionals ?? []
  assert.ok(opt?.type === 'OPT')
  assert.deepEqual([opt.udpPayloadSize, opt.ednsVersion, opt.extendedRcode], [1232, 0, 0])
  assert.deepEqual(ask(`lb.${ZONE}`).additionals, [])
  const newer = ask(`lb.${ZONE}`, { edns: { version: 1 } })
  assert.ok(newer.additionals?.[0]?.type === 'OPT')
  assert.deepEqual([newer.additionals[0].extendedRcode, data(newer)], [1, []])
})

test('what is no query gets an error, or nothing', () => {
  const good = query(`lb.${ZONE}`)
  const changed = (at: number, ...bytes: number[]): Buffer => {
    const copy = Buffer.from(good)
    copy.set(bytes, at)
    return copy
  }
  assert.equal(respond(good.subarray(0, 11), NAMES, UDP), null)
  assert.equal(respond(changed(2, 0x80), NAMES, UDP), null, 'an answer')
  const malformed = {
    'no question': changed(4, 0, 0),
    'two questions': changed(4, 0, 2),
    'an answer in it': changed(6, 0, 1),
    'many additional records': changed(10, 0, 200),
    'a name that does not end': good.subarray(0, 20),
    'a name that points to itself': changed(12, 0xc0, 12),
    'a dot inside of a label': changed(13, 0x2e),
    'a zero inside of a label': changed(13, 0),
  }
  for (const [title, bytes] of Object.entries(malformed)) {
    assert.equal(respond(bytes, NAMES, UDP)?.toString('hex'), 'abcd81010000000000000000', title)
  }
})

test('whatever comes is answered in bounds or not at all', () => {
  const anything = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes))
  const nearly = fc
    .tuple(
      fc.constantFrom(query(`lb.${ZONE}`), query(`many.${ZONE}`, { edns: {} }), query(ZONE, { type: 'SOA' })),
      fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 6 }),
      fc.nat(80),
    )
    .map(([bytes, changes, length]) => {
      const copy = Buffer.from(bytes)
      for (const [at, byte] of changes) if (at < copy.length) copy[at] = byte
      return length < 12 ? copy : copy.subarray(0, length)
    })
  fc.assert(
    fc.property(fc.oneof(anything, nearly), (bytes) => {
      const answer = respond(bytes, NAMES, UDP)
      if (answer === null) return
      assert.ok(answer.length <= 1232)
      assert.equal(answer.readUInt16BE(0), bytes.readUInt16BE(0))
      assert.equal(answer.readUInt8(2) & 0x80, 0x80)
      packet.decode(answer)
    }),
    { numRuns: 2000 },
  )
})
