// A port that takes no connections and refuses none, as behind a firewall that drops what it gets.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import type { TestContext } from 'node:test'

/** Port of a process that listens and is stopped, with so many connections waiting that the kernel takes no more. */
export async function startSilentListener(t: TestContext): Promise<number> {
  const script = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    console.log(this.address().port)
  })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const [text] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(String(text))
  child.kill('SIGSTOP')
  // Connections are made by the kernel until its queue is full; the next ones get no answer at all.
  const waiting = Array.from({ length: 4 }, () => net.connect(port, '127.0.0.1').on('error', () => undefined))
  t.after(() => {
    for (const socket of waiting) socket.destroy()
  })
  await once(waiting[1] as net.Socket, 'connect')
  return port
}
