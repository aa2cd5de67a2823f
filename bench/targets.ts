// The targets behind every load balancer: one nginx with two servers that answers from memory or files and reads every
// uploaded byte before it answers.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OTHER_CORE, startProgram, waitForPort } from './contender.ts'
import { freePort } from '../test/support/free-port.ts'
import type { Program } from './contender.ts'

const SMALL_BODY_BYTES = 40
/** Name of the cookie that targets set at `/login`. */
export const APPLICATION_COOKIE = 'session'

/** Targets that run. */
export interface Targets {
  readonly ports: readonly number[]
  readonly program: Program
}

/** Starts two targets. */
export async function startTargets(folder: string): Promise<Targets> {
  mkdirSync(join(folder, 'files'), { recursive: true })
  writeFileSync(join(folder, 'files', '64k'), Buffer.alloc(64 * 1024, 'x'))
  writeFileSync(join(folder, 'files', '1m'), Buffer.alloc(1024 * 1024, 'x'))
  const ports = [await freePort(), await freePort()]
  const sinkPort = await freePort()
  const file = join(folder, 'targets.conf')
  writeFileSync(file, configuration(folder, ports, sinkPort))
  const program = startProgram(folder, 'targets', OTHER_CORE, ['nginx', '-p', folder, '-c', file])
  for (const port of ports) await waitForPort(program, '127.0.0.1', port)
  return { ports, program }
}

function configuration(folder: string, ports: readonly number[], sinkPort: number): string {
  const body = 'x'.repeat(SMALL_BODY_BYTES)
  const server = (port: number) => `
  server {
    listen 127.0.0.1:${port} backlog=8192;
    root ${folder}/files;
    default_type text/plain;
    location /small { return 200 "${body}"; }
    location /login { add_header Set-Cookie "${APPLICATION_COOKIE}=1"; return 200 "${body}"; }
    location = /health { return 200 "ok"; }
    location /upload {
      client_max_body_size 0;
      client_body_buffer_size 256k;
      proxy_pass http://sink;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }
  }`
  return `
daemon off;
pid ${folder}/targets.pid;
error_log ${folder}/targets-error.log crit;
worker_processes 1;
worker_rlimit_nofile 16384;
events { worker_connections 16000; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 600;
  keepalive_requests 1000000000;
  large_client_header_buffers 8 16k;
  client_body_temp_path ${folder}/targets-body;
  proxy_temp_path ${folder}/targets-proxy;
  fastcgi_temp_path ${folder}/targets-fastcgi;
  uwsgi_temp_path ${folder}/targets-uwsgi;
  scgi_temp_path ${folder}/targets-scgi;
  upstream sink { server 127.0.0.1:${sinkPort}; keepalive 128; keepalive_requests 1000000000; }
  server { listen 127.0.0.1:${sinkPort}; return 200 "${body}"; }
  ${ports.map(server).join('')}
}
`
}
