// The load balancers that evenkeel is measured against, nginx and HAProxy from Debian's packages: one worker on one core,
// upstream keep-alive pools, X-Forwarded-* and a trace ID added, access logs with an ALB line's fields.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LISTENER_NAMES, WORKER_CORE, startProgram, waitFor, waitForPort } from './contender.ts'
import type { Contender, ListenerName, Setup } from './contender.ts'
import { freePort } from '../test/support/free-port.ts'
import { childrenOf } from '../test/support/processes.ts'
import { benchRules, haproxyCondition, nginxPattern } from './rules.ts'

type Ports = Readonly<Record<ListenerName, number>>

/** nginx, one worker process; its master does nothing while it runs. */
export async function startNginx({ folder, targetPorts }: Setup): Promise<Contender> {
  const ports = await listenerPorts()
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, nginxConfiguration(folder, targetPorts, ports, await freePort()))
  const program = startProgram(folder, 'nginx', WORKER_CORE, ['nginx', '-p', folder, '-c', file])
  await waitForPort(program, '127.0.0.1', ports.rules100)
  await waitFor(() => childrenOf(program.pid).length === 1, 'nginx has no worker')
  return {
    name: 'nginx',
    version: versionOf('nginx'),
    urls: localUrls(ports),
    workerPids: childrenOf(program.pid),
    otherPids: [program.pid],
    stop: () => program.stop(),
  }
}

/** HAProxy, one process with one thread. */
export async function startHaproxy({ folder, targetPorts }: Setup): Promise<Contender> {
  const ports = await listenerPorts()
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(file, haproxyConfiguration(targetPorts, ports))
  const program = startProgram(folder, 'haproxy', WORKER_CORE, ['haproxy', '-db', '-f', file])
  await waitForPort(program, '127.0.0.1', ports.rules100)
  return {
    name: 'haproxy',
    version: versionOf('haproxy'),
    urls: localUrls(ports),
    workerPids: [program.pid],
    otherPids: [],
    stop: () => program.stop(),
  }
}

function nginxConfiguration(
  folder: string,
  targetPorts: readonly number[],
  ports: Ports,
  unmatchedPort: number,
): string {
  const targets = targetPorts.map((port) => `server 127.0.0.1:${port} max_fails=0;`).join(' ')
  const keepAlive = 'keepalive 512; keepalive_requests 1000000000; keepalive_timeout 600;'
  return `
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx-error.log crit;
worker_processes 1;
worker_rlimit_nofile 16384;
events { worker_connections 16000; }
http {
  log_format alb 'http $time_iso8601 app/bench/50dc6c495c0c9188 $remote_addr:$remote_port $upstream_addr '
    '0.000 $upstream_response_time $request_time $status $upstream_status $request_length $bytes_sent '
    '"$request_method $scheme://$http_host$request_uri $server_protocol" "$http_user_agent" - - '
    'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/bench/943f017f100becff '
    '"Root=1-$request_id" "-" "-" 0 $time_iso8601 "forward" "-" "-" "$upstream_addr" "$upstream_status" "-" "-"';
  access_log ${folder}/nginx-access.log alb buffer=64k flush=1s;
  keepalive_timeout 600;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  large_client_header_buffers 8 16k;
  tcp_nodelay on;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Port $server_port;
  proxy_set_header X-Amzn-Trace-Id "Root=1-$request_id";
  proxy_request_buffering off;
  client_body_buffer_size 64k;
  proxy_buffer_size 16k;
  proxy_buffers 8 32k;
  proxy_busy_buffers_size 64k;
  proxy_max_temp_file_size 0;
  client_body_temp_path ${folder}/nginx-body;
  proxy_temp_path ${folder}/nginx-proxy;
  fastcgi_temp_path ${folder}/nginx-fastcgi;
  uwsgi_temp_path ${folder}/nginx-uwsgi;
  scgi_temp_path ${folder}/nginx-scgi;
  map_hash_max_size 4096;
  upstream matched { ${targets} ${keepAlive} }
  upstream least { least_conn; ${targets} ${keepAlive} }
  upstream random { random; ${targets} ${keepAlive} }
  upstream sticky { hash $http_cookie; ${targets} ${keepAlive} }
  upstream unmatched { server 127.0.0.1:${unmatchedPort}; }
  server { listen 127.0.0.1:${unmatchedPort}; return 503; }
  ${nginxMap('group1', 1)}
  ${nginxMap('group100', 100)}
  ${nginxServer(ports.default, 'matched')}
  ${nginxServer(ports.rules1, '$group1')}
  ${nginxServer(ports.rules100, '$group100')}
  ${nginxServer(ports.leastOutstanding, 'least')}
  ${nginxServer(ports.weightedRandom, 'random')}
  ${nginxServer(ports.stickyTarget, 'sticky')}
  ${nginxServer(ports.stickyApplication, 'sticky')}
  ${nginxServer(ports.stickyGroup, 'sticky')}
}
`
}

function haproxyConfiguration(targetPorts: readonly number[], ports: Ports): string {
  const servers = targetPorts.map(
    (port, index) => `  server target${index} 127.0.0.1:${port} pool-max-conn 512`,
  )
  const stickyServers = servers.map((server, index) => `${server} cookie target${index}`)
  return `
global
  nbthread 1
  maxconn 7000
  tune.pool-low-fd-ratio 90
  tune.pool-high-fd-ratio 95
  log stdout len 2048 format raw local0 info
defaults
  mode http
  log global
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
  log-format "http %[date] app/bench/50dc6c495c0c9188 %ci:%cp %si:%sp 0.000 %Tr %Ta %ST %ST %U %B \\"%HM http://%[capture.req.hdr(1)]%HU %HV\\" \\"%[capture.req.hdr(0)]\\" - - arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/bench/943f017f100becff \\"%ID\\" \\"-\\" \\"-\\" 0 %[date] \\"forward\\" \\"-\\" \\"-\\" \\"%si:%sp\\" \\"%ST\\" \\"-\\" \\"-\\""
${haproxyBackend('matched', 'roundrobin', servers)}
${haproxyBackend('least', 'leastconn', servers)}
${haproxyBackend('random', 'random', servers)}
${haproxyBackend('sticky', 'roundrobin', stickyServers)}
  cookie SERVER insert nocache
backend unmatched
  http-request return status 503
${haproxyFrontend('default', ports.default, 0)}
${haproxyFrontend('rules1', ports.rules1, 1)}
${haproxyFrontend('rules100', ports.rules100, 100)}
${haproxyFrontend('leastOutstanding', ports.leastOutstanding, 0, 'least')}
${haproxyFrontend('weightedRandom', ports.weightedRandom, 0, 'random')}
${haproxyFrontend('stickyTarget', ports.stickyTarget, 0, 'sticky')}
${haproxyFrontend('stickyApplication', ports.stickyApplication, 0, 'sticky')}
${haproxyFrontend('stickyGroup', ports.stickyGroup, 0, 'sticky')}
`
}

function haproxyBackend(name: string, algorithm: string, servers: readonly string[]): string {
  return `
backend ${name}
  balance ${algorithm}
  http-reuse always
${servers.join('\n')}`
}

function nginxServer(port: number, group: string): string {
  return `
  server {
    listen 127.0.0.1:${port} backlog=8192;
    location / { proxy_pass http://${group}; }
  }`
}

function nginxMap(variable: string, count: number): string {
  return `
  map "$request_method|$host|$uri|$http_x_version|$arg_version|$remote_addr" $${variable} {
    default unmatched;
${benchRules(count)
  .map((rule, index) => `    "${nginxPattern(rule)}" ${index === count - 1 ? 'matched' : 'unmatched'};`)
  .join('\n')}
  }`
}

function haproxyFrontend(name: string, port: number, count: number, backend = 'matched'): string {
  return `
frontend ${name}
  bind 127.0.0.1:${port} backlog 8192
  option forwardfor
  capture request header User-Agent len 128
  capture request header Host len 64
  unique-id-format Root=1-%{+X}Ts-%{+X}ci%{+X}cp%{+X}Ts%{+X}rt
  unique-id-header X-Amzn-Trace-Id
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Port ${port}
${
  count === 0
    ? ''
    : benchRules(count)
        .map(
          (rule, index) =>
            `  use_backend ${index === count - 1 ? 'matched' : 'unmatched'} if ${haproxyCondition(rule)}`,
        )
        .join('\n')
}
  default_backend ${count === 0 ? backend : 'unmatched'}`
}

async function listenerPorts(): Promise<Ports> {
  const ports: Partial<Record<ListenerName, number>> = {}
  for (const name of LISTENER_NAMES) ports[name] = await freePort()
  return ports as Ports
}

function localUrls(ports: Ports): Contender['urls'] {
  return new Map(LISTENER_NAMES.map((name) => [name, `http://127.0.0.1:${ports[name]}`]))
}

/** Name and number out of what the program says of its version; nginx says it on standard error. */
function versionOf(command: string): string {
  const output = execFileSync('sh', ['-c', `${command} -v 2>&1`], { encoding: 'utf8' })
  return `${command} ${/\d+\.\d+\.\d+/.exec(output)?.[0] ?? 'of an unknown version'}`
}
