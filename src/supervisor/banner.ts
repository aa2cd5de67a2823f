// What the program says when it is up: where it is, and commands to paste.

import { firstSubnets, type ProgramSettings } from '../model/settings.ts'
import type { DnsPlace } from '../snapshot/messages.ts'

export function banner(
  endpoint: string,
  dns: DnsPlace | null,
  settings: ProgramSettings,
  notes: readonly string[],
): string {
  const [keyId] = Object.keys(settings.accessKeys ?? {})
  // A secret that the operator chose is not printed.
  const credentials =
    keyId === undefined
      ? 'AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test'
      : `AWS_ACCESS_KEY_ID=${keyId} AWS_SECRET_ACCESS_KEY=...`
  // Where EC2 is elsewhere only its users know what is there.
  const subnets = settings.directory.ec2 === null ? firstSubnets(settings.zones) : ['SUBNET_ID', 'SUBNET_ID']
  const lines = [
    `evenkeel is up`,
    `  API endpoint  ${endpoint}`,
    `  data folder   ${settings.dataFolder}`,
    ...(dns === null ? [] : [`  DNS server    dig @${dns.host} -p ${dns.port} NAME`]),
    ...notes.map((note) => `  note          ${note}`),
    '',
    'Try it with the aws CLI:',
    '',
    `  export AWS_ENDPOINT_URL=${endpoint} ${credentials} AWS_DEFAULT_REGION=${settings.region}`,
    // Spelled out for the CLIs that do not know the variable: they would ask AWS.
    `  aws elbv2 --endpoint-url $AWS_ENDPOINT_URL create-load-balancer --name my-load-balancer --subnets ${subnets.join(' ')}`,
    `  aws elbv2 --endpoint-url $AWS_ENDPOINT_URL describe-load-balancers --names my-load-balancer`,
    '',
  ]
  return `${lines.join('\n')}\n`
}
