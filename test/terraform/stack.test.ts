// Terraform with its AWS provider, unchanged: a stack is made, found as it was made, changed, and taken away. Needs
// the terraform binary and the provider in a filesystem mirror on this machine; downloads nothing.

import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { ACM } from '@aws-sdk/client-acm'
import { EC2 } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { IAM } from '@aws-sdk/client-iam'

import { DAY_MS, newAuthority, newCertificate } from '../certificates/support.ts'
import { startProgram } from '../support/program.ts'

const run = promisify(execFile)

/** Where Terraform looks for providers by itself, and where machines have them else. */
const mirror = [
  process.env['TF_PLUGIN_MIRROR'] ?? '',
  join(homedir(), '.terraform.d/plugins'),
  '/usr/local/share/terraform/plugins',
  '/usr/share/terraform/plugins',
  ...globSync('/opt/*'),
].find((folder) => folder !== '' && existsSync(join(folder, 'registry.terraform.io/hashicorp/aws')))

const hasTerraform = spawnSync('terraform', ['version']).status === 0
const reason = hasTerraform
  ? 'the AWS provider is in no mirror (TF_PLUGIN_MIRROR)'
  : 'terraform is not installed'
if (!hasTerraform || mirror === undefined) console.log(`Terraform is not tested: ${reason}`)

interface CommandError {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

test(
  'ALB-LB-153 a Terraform stack, machines and all, is applied, needs no change then, is changed, and destroyed',
  { skip: hasTerraform && mirror !== undefined ? false : reason, timeout: 600_000 },
  async (t) => {
    const program = await startProgram()
    t.after(async () => await program.stop())
    const folder = await mkdtemp(join(tmpdir(), 'evenkeel-'))
    t.after(async () => await rm(folder, { recursive: true, force: true }))
    const authority = await newAuthority('Clients')
    const { certificate, privateKey } = await newCertificate(['www.example.com'], {
      notBefore: Date.now(),
      notAfter: Date.now() + DAY_MS,
    })
    const bucket = join(program.dataFolder, 'logs', 'certs')
    await mkdir(bucket, { recursive: true })
    await writeFile(join(bucket, 'ca.pem'), authority.certificate)
    await copyFile(join(import.meta.dirname, 'stack.tf'), join(folder, 'main.tf'))
    const configuration = join(folder, 'terraform.rc')
    const installation = `provider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n`
    await writeFile(configuration, `disable_checkpoint = true\n${installation}`)

    const set = async (variables: object): Promise<void> => {
      const all = {
        endpoint: program.endpoint,
        certificate,
        private_key: privateKey,
        bundle: 'ca.pem',
        ...variables,
      }
      await writeFile(join(folder, 'terraform.tfvars.json'), JSON.stringify(all))
    }
    /** Exit code and output; other codes than those wanted are an error with all that Terraform said. */
    const terraform = async (words: readonly string[], wanted: readonly number[] = [0]): Promise<number> => {
      const env = {
        ...process.env,
        TF_CLI_CONFIG_FILE: configuration,
        TF_IN_AUTOMATION: '1',
        AWS_EC2_METADATA_DISABLED: 'true',
      }
      const { code, stdout, stderr } = await run('terraform', [`-chdir=${folder}`, ...words, '-no-color'], {
        env,
        maxBuffer: 2 ** 24,
      }).then(
        (output) => ({ code: 0, ...output }),
        (error: unknown) => error as CommandError,
      )
      assert.ok(
        wanted.includes(code),
        `terraform ${words.join(' ')}: ${code}\n${stdout.slice(-6000)}\n${stderr}`,
      )
      return code
    }
    const apply = ['apply', '-auto-approve', '-input=false']
    const findsNothingToDo = ['plan', '-detailed-exitcode', '-input=false']

    await set({})
    await terraform(['init', '-input=false'])
    await terraform(apply)
    await terraform(findsNothingToDo)

    await set({ stage: 'production', idle_timeout: 120, priority: 20, weight: 50 })
    assert.equal(await terraform(findsNothingToDo, [2]), 2)
    await terraform(apply)
    await terraform(findsNothingToDo)
    const options = {
      endpoint: program.endpoint,
      region: 'us-east-2',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }
    const [elb, ec2, acm, iam] = [
      new ElasticLoadBalancingV2(options),
      new EC2(options),
      new ACM(options),
      new IAM(options),
    ]
    t.after(() => [elb, ec2, acm, iam].forEach((client) => client.destroy()))
    const { LoadBalancers: [web] = [] } = await elb.describeLoadBalancers({ Names: ['web'] })
    const LoadBalancerArn = web?.LoadBalancerArn ?? ''
    const { Attributes } = await elb.describeLoadBalancerAttributes({ LoadBalancerArn })
    const idle = Attributes?.find(({ Key }) => Key === 'idle_timeout.timeout_seconds')
    assert.equal(idle?.Value, '120')
    const { TagDescriptions } = await elb.describeTags({ ResourceArns: [LoadBalancerArn] })
    assert.deepEqual(TagDescriptions?.[0]?.Tags?.map(({ Key, Value }) => `${Key}=${Value}`).toSorted(), [
      'Project=lima',
      'Stage=production',
    ])

    const machinesIn = async (state: string): Promise<number> => {
      const Filters = [
        { Name: 'tag:Project', Values: ['lima'] },
        { Name: 'instance-state-name', Values: [state] },
      ]
      return (await ec2.describeInstances({ Filters })).Reservations?.length ?? 0
    }
    assert.equal(await machinesIn('running'), 3)
    const { TargetGroups: groupsMade = [] } = await elb.describeTargetGroups({})
    const machines = groupsMade.find(({ TargetGroupName }) => TargetGroupName?.startsWith('mach-') === true)
    const { TargetHealthDescriptions: targets } = await elb.describeTargetHealth({
      TargetGroupArn: machines?.TargetGroupArn,
    })
    assert.equal(targets?.length, 3)

    await terraform(['destroy', '-auto-approve', '-input=false'])
    const [balancers, groups, stores, security, certificates, servers] = await Promise.all([
      elb.describeLoadBalancers({}),
      elb.describeTargetGroups({}),
      elb.describeTrustStores({}),
      ec2.describeSecurityGroups({}),
      acm.listCertificates({}),
      iam.listServerCertificates({}),
    ])
    assert.equal(await machinesIn('terminated'), 3)
    const { Vpcs } = await ec2.describeVpcs({})
    assert.equal(Vpcs?.length, 1, 'only the one that was there')
    assert.deepEqual(balancers.LoadBalancers, [])
    assert.deepEqual(groups.TargetGroups, [])
    assert.deepEqual(stores.TrustStores, [])
    assert.deepEqual(
      security.SecurityGroups?.map(({ GroupName }) => GroupName),
      ['default'],
    )
    assert.deepEqual(certificates.CertificateSummaryList, [])
    assert.deepEqual(servers.ServerCertificateMetadataList, [])
  },
)
