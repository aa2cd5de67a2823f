// What the user guides have one type, with the stock aws CLI against the whole program: waiters, lists in parts, and the
// commands that no other test runs. `aws elb` (Classic Load Balancers), `aws lambda` and `aws cloudwatch` of the guides
// are not offered yet.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'

import { needsCli } from './aws-cli.ts'
import { type Program, startProgram } from '../support/program.ts'
import { answer, startTarget, type Target } from '../support/target.ts'

const SUBNETS = 'subnet-0e3f5cac72EXAMPLE subnet-081ec835f3EXAMPLE'
const run = promisify(execFile)

let program: Program
let target: Target

before(async () => {
  program = await startProgram({ timeScale: 20 })
  target = await startTarget(({ socket }) => socket.write(answer('')))
})

after(async () => {
  target.close()
  await program.stop()
})

/** Runs a command line without quotes in it; gives its output. */
async function aws(line: string): Promise<string> {
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-2',
    AWS_DEFAULT_OUTPUT: 'text',
    AWS_PAGER: '',
  }
  const [service = '', ...words] = line.split(/\s+/)
  const { stdout } = await run('aws', [service, '--endpoint-url', program.endpoint, ...words], { env })
  return stdout.trim()
}

async function loadBalancer(name: string): Promise<string> {
  const query = '--query LoadBalancers[0].LoadBalancerArn'
  return await aws(`elbv2 create-load-balancer --name ${name} --subnets ${SUBNETS} ${query}`)
}

async function group(name: string): Promise<string> {
  const what = `--name ${name} --protocol HTTP --port 80 --target-type ip --vpc-id vpc-0598c7d356EXAMPLE`
  return await aws(`elbv2 create-target-group ${what} --query TargetGroups[0].TargetGroupArn`)
}

test('ALB-LB-100, 143 ALB-TG-216 waiters end when what they wait for has come', needsCli, async () => {
  const [lb, tg] = await Promise.all([loadBalancer('waited'), group('waited')])
  await Promise.all([
    aws(`elbv2 wait load-balancer-exists --load-balancer-arns ${lb}`),
    aws(`elbv2 wait load-balancer-available --load-balancer-arns ${lb}`),
    aws(`elbv2 register-targets --target-group-arn ${tg} --targets Id=127.0.0.1,Port=${target.port}`),
  ])
  const forward = `--protocol HTTP --port 80 --default-actions Type=forward,TargetGroupArn=${tg}`
  await aws(`elbv2 create-listener --load-balancer-arn ${lb} ${forward}`)
  await aws(`elbv2 wait target-in-service --target-group-arn ${tg}`)
  const health = `elbv2 describe-target-health --target-group-arn ${tg}`
  assert.equal(await aws(`${health} --query TargetHealthDescriptions[].TargetHealth.State`), 'healthy')
  await aws(`elbv2 deregister-targets --target-group-arn ${tg} --targets Id=127.0.0.1,Port=${target.port}`)
  const gone = `--target-group-arn ${tg} --targets Id=127.0.0.1,Port=${target.port}`
  await aws(`elbv2 wait target-deregistered ${gone}`)
  await aws(`elbv2 delete-load-balancer --load-balancer-arn ${lb}`)
  await aws(`elbv2 wait load-balancers-deleted --load-balancer-arns ${lb}`)
  assert.equal(await aws('elbv2 describe-load-balancers --query LoadBalancers[].LoadBalancerName'), '')
})

test('lists come in parts, of the service and of the client', needsCli, async () => {
  const names = ['part-1', 'part-2', 'part-3', 'part-4', 'part-5']
  await Promise.all(names.map(group))
  const describe = `elbv2 describe-target-groups`
  const named = async (more: string): Promise<string[]> => {
    const text = await aws(`${describe} ${more} --query TargetGroups[].TargetGroupName`)
    return text.split(/\s+/).filter((name) => name.startsWith('part-'))
  }
  // The service's parts: `--page-size` is its own parameter, and turns the client's off.
  const [all, marker, page] = await Promise.all([
    named(''),
    aws(`${describe} --page-size 3 --query NextMarker`),
    named('--page-size 3'),
  ])
  assert.deepEqual(all.toSorted(), names)
  const more = await named(`--page-size 400 --marker ${marker}`)
  assert.deepEqual([...page, ...more].toSorted(), names)
  assert.ok(page.length <= 3 && more.length >= 2)
  // The client's.
  const [first, token] = await Promise.all([
    named('--max-items 2'),
    aws(`${describe} --max-items 2 --output json --query NextToken`),
  ])
  assert.match(token, /^"?[\w=]+"?$|null/)
  assert.ok(first.length <= 2)
})

test('ALB-TG-285 the guide’s command sets both thresholds of target group health', needsCli, async () => {
  const tg = await group('thresholds')
  const key = (action: string): string => `target_group_health.${action}.minimum_healthy_targets.percentage`
  const attributes = ['dns_failover', 'unhealthy_state_routing']
    .map((action) => `Key=${key(action)},Value=50`)
    .join(' ')
  await aws(`elbv2 modify-target-group-attributes --target-group-arn ${tg} --attributes ${attributes}`)
  const query = "--query Attributes[?Value=='50'].Key"
  const set = await aws(`elbv2 describe-target-group-attributes --target-group-arn ${tg} ${query}`)
  assert.deepEqual(set.split(/\s+/).toSorted(), [key('dns_failover'), key('unhealthy_state_routing')])
})

test('each kind of security policy is described, and set on a listener', needsCli, async () => {
  const certificate = aws('acm request-certificate --domain-name www.example.com')
  const arn = await certificate
  const policies = ['TLS13-1-2-2021-06', 'TLS13-1-2-FIPS-2023-04', 'FS-2018-06', '2016-08'].map(
    (name) => `ELBSecurityPolicy-${name}`,
  )
  await Promise.all(
    policies.map(async (policy, index) => {
      const other = policies[(index + 1) % policies.length] ?? ''
      // Of one load balancer all listeners have FIPS policies, or none has.
      const [lb, tg] = await Promise.all([loadBalancer(`secure-${index}`), group(`secure-${index}`)])
      const fixed = `--certificates CertificateArn=${arn} --default-actions Type=forward,TargetGroupArn=${tg}`
      const what = `--load-balancer-arn ${lb} --protocol HTTPS --port ${443 + index} ${fixed}`
      const query = '--query Listeners[0].[ListenerArn,SslPolicy]'
      const created = await aws(`elbv2 create-listener ${what} --ssl-policy ${policy} ${query}`)
      const [listener, set] = created.split('\t')
      assert.equal(set, policy)
      const [modified, described] = await Promise.all([
        aws(`elbv2 modify-listener --listener-arn ${listener} --ssl-policy ${other} ${query}`),
        aws(`elbv2 describe-ssl-policies --names ${policy} --query SslPolicies[].Name`),
      ])
      assert.equal(modified, `${listener}\t${other}`)
      assert.equal(described, policy)
      const after =
        'Listeners[0].[SslPolicy,Port,Protocol,Certificates[0].CertificateArn,DefaultActions[0].TargetGroupArn]'
      const seen = await aws(`elbv2 describe-listeners --listener-arn ${listener} --query ${after}`)
      assert.equal(seen, [other, 443 + index, 'HTTPS', arn, tg].join('\t'))
    }),
  )
})

test('the guides’ commands about security groups and instances run', needsCli, async () => {
  const created = aws('ec2 create-security-group --group-name web --description web --query GroupId')
  const instance = aws(
    'ec2 describe-instances --instance-ids i-0abcdef1234567890 --query Reservations[].Instances[].State.Name',
  )
  const [id, state] = await Promise.all([created, instance])
  assert.equal(state, 'running')
  const rule = `--group-id ${id} --protocol tcp --port 80 --cidr 0.0.0.0/0`
  await aws(`ec2 authorize-security-group-ingress ${rule}`)
  const group1 =
    'ec2 describe-security-groups --group-names web --query SecurityGroups[].IpPermissions[].FromPort'
  assert.equal(await aws(group1), '80')
  await aws(`ec2 revoke-security-group-ingress ${rule}`)
  assert.equal(await aws(group1), '')
  await aws(`ec2 delete-security-group --group-id ${id}`)
})
