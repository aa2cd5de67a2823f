// Fields in disguise: names that some target may take for Content-Length, Transfer-Encoding, Host and the others that
// the load balancer itself sets, reads or removes. They never leave in a spelling of their own, whatever the mode.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { RawClient } from '../support/client.ts'
import { startTarget, type Target } from '../support/target.ts'
import { WorkerProcess } from '../support/worker.ts'

const modes = ['monitor', 'defensive', 'strictest'] as const

/** UTF-8 as the bytes that a client sends. */
function utf8(text: string): string {
  return Buffer.from(text).toString('latin1')
}

const plainNames = [
  'Host',
  'Connection',
  'Keep-Alive',
  'Proxy-Connection',
  'TE',
  'Upgrade',
  'Expect',
  'Cookie',
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Port',
  'X-Amzn-Trace-Id',
  'X-Amzn-Oidc-Identity',
  'X-Amzn-Mtls-Clientcert-Subject',
]

/** Field lines in which a name is disguised; each has the value `evil`. */
const disguises: Readonly<Record<string, (name: string) => string>> = {
  'a space before the colon': (name) => `${name} : evil`,
  'tabs before the colon': (name) => `${name}\t\t: evil`,
  'a folded line': (name) => `X-A: 1\r\n ${name}: evil`,
  'a folded line with a tab': (name) => `X-A: 1\r\n\t${name} : evil`,
  'a folded line without a colon': (name) => `X-A: 1\r\n ${name}`,
  'a vertical tab': (name) => `${name}\x0b: evil`,
  'a form feed before it': (name) => `\x0c${name}: evil`,
  'a no-break space': (name) => `${name}\xa0: evil`,
  'a no-break space in UTF-8': (name) => `${name}${utf8('\u00a0')}: evil`,
  'NUL inside': (name) => `${name[0]}\0${name.slice(1)}: evil`,
  'a bare CR before the colon': (name) => `${name}\r: evil`,
  quotes: (name) => `"${name}": evil`,
  'a slash': (name) => `${name}/: evil`,
  'full-width letters': (name) => {
    const wide = name.replace(/[!-~]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0))
    return `${utf8(wide)}: evil`
  },
  'an accent': (name) => `${name[0]}${utf8('\u0301')}${name.slice(1)}: evil`,
  'a joiner inside': (name) => `${name[0]}${utf8('\u200d')}${name.slice(1)}: evil`,
}

const lookalikes: Readonly<Record<string, readonly string[]>> = {
  'a long s': ['Tran\u017ffer-Encoding'],
  'a dotless i': ['Transfer-Encod\u0131ng'],
  'full-width letters': ['\uff23ontent-Length', 'Ｔｒａｎｓｆｅｒ－Ｅｎｃｏｄｉｎｇ'],
  'Cyrillic letters': [
    'C\u043entent-Length',
    '\u0421\u043e\u043dt\u0435nt-L\u0435ngth',
    'Tr\u0430nsfer-Encoding',
  ],
  'Greek letters': ['C\u03bfntent-Length'],
  'mathematical letters': ['\u{1d402}ontent-Length'],
  'an accent of its own': ['Conte\u0301nt-Length', 'Cont\u00e9nt-Length'],
  'a soft hyphen': ['Content\u00ad-Length'],
  'another hyphen': ['Content\u2010Length', 'Transfer\u2212Encoding'],
}

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

    /** What the target gets for a request with this line, or null; and whether the client's connection goes on. */
    async function send(lines: string, body = ''): Promise<{ head: string | null; isOpen: boolean }> {
      const from = target.requests.length
      const client = await RawClient.connect(worker.port)
      client.send(`POST /p HTTP/1.1\r\nHost: a.example\r\n${lines}\r\n\r\n${body}`)
      const response = await client.response()
      assert.equal(response.headers['connection'] === 'close', response.status === 400 || isClosed(response))
      client.close()
      const requests = target.requests.slice(from)
      assert.ok(requests.length <= 1)
      return { head: requests[0]?.head ?? null, isOpen: response.headers['connection'] !== 'close' }
    }

    for (const [how, line] of Object.entries(disguises)) {
      test(`own names with ${how} never leave`, async () => {
        for (const name of plainNames) {
          const { head } = await send(line(name))
          if (head === null) continue
          assert.doesNotMatch(head, /evil/, JSON.stringify(line(name)))
          const own = name === 'Host' || /^X-(?:F|Amzn-Trace)/.test(name)
          const found = head.split('\r\n').filter((each) => each.toLowerCase().includes(name.toLowerCase()))
          assert.ok(
            found.length <= (own ? 1 : 0),
            `${JSON.stringify(line(name))} leaves as ${found.join(' and ')}`,
          )
        }
      })
    }

    for (const [how, names] of Object.entries(lookalikes)) {
      test(`ALB-OBS-215 framing names with ${how} are SuspiciousHeader and never leave`, async () => {
        for (const name of names) {
          await send(`${utf8(name)}: 5`)
          const connections = target.connections()
          const { head, isOpen } = await send(`${utf8(name)}: 5`)
          assert.equal(isOpen, mode === 'monitor', name)
          const line = (await worker.logLines()).at(-1)
          assert.ok(line?.trimEnd().endsWith('"Ambiguous" "SuspiciousHeader"'), `${name}: ${line}`)
          assert.equal(head === null, mode === 'strictest')
          if (head === null) continue
          assert.doesNotMatch(head, /[\x80-\xff]|: 5/, name)
          assert.ok(target.connections() > connections, 'a connection to the target is used once')
        }
      })
    }

    test('other names with bytes beyond ASCII, underscores or dots pass', async () => {
      for (const line of [
        `X-N\xe4me: 1`,
        `${utf8('Ключ')}: 1`,
        'X_Forwarded_For: 1',
        'X.Forwarded.For: 1',
        'Content-Type : text/plain',
      ]) {
        const { head } = await send(line)
        assert.equal(head === null, mode === 'strictest' && !/[_.]/.test(line))
        if (head !== null) assert.ok(head.includes(line.replace(' :', ':').slice(0, 3)), line)
      }
    })

    test('a name that begins with a control character never ends the field before it', async () => {
      for (const line of [
        '\0X-A: evil',
        '\rX-A: evil',
        'X-B: 1\r\n \rX-A: evil',
        'X-B: 1\r\n\t\0X-A: evil',
      ]) {
        const { head } = await send(line)
        assert.doesNotMatch(head ?? '', /\r\n[ \t]|evil/, JSON.stringify(line))
      }
    })

    const framing: readonly (readonly [row: string, lines: string, reason: string])[] = [
      ['ALB-OBS-210', 'Content-Length : 5\r\nContent-Length: 7', 'MultipleContentLength'],
      ['ALB-OBS-210', 'Content-Length: 7\r\nContent-Length\t: 5', 'MultipleContentLength'],
      ['ALB-OBS-210', 'Content-Length: 7\r\nX-A: 1\r\n Content-Length: 5', 'MultipleContentLength'],
      ['ALB-OBS-210', 'Content-Length : 5\r\nContent-Length : 7', 'MultipleContentLength'],
      ['ALB-OBS-200', 'Content-Length : +5\r\nContent-Length: 5', 'BadContentLength'],
      [
        'ALB-OBS-211',
        'Transfer-Encoding : chunked\r\nTransfer-Encoding: chunked',
        'MultipleTransferEncodingChunked',
      ],
      [
        'ALB-OBS-211',
        'Transfer-Encoding: chunked\r\nX-A: 1\r\n\tTransfer-Encoding: chunked',
        'MultipleTransferEncodingChunked',
      ],
    ]
    for (const [row, lines, reason] of framing) {
      test(`${row} ${JSON.stringify(lines)} is Severe and never leaves as two`, async () => {
        const { head } = await send(lines, '0\r\n\r\n')
        const line = (await worker.logLines()).at(-1)
        assert.ok(line?.trimEnd().endsWith(`"Severe" "${reason}"`), line ?? 'no line')
        if (mode !== 'monitor' || reason.endsWith('ContentLength')) assert.equal(head, null)
        else assert.equal(head?.match(/transfer-encoding/gi)?.length, 1)
      })
    }
  })
}

function isClosed({ headers }: { readonly headers: Readonly<Record<string, string>> }): boolean {
  return headers['connection'] === 'close'
}
