// The whole program with its networks and certificates at another endpoint: another instance of our own API, which
// goes away and comes back.

import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ACM } from '@aws-sdk/client-acm'
import { EC2 } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { IAM } from '@aws-sdk/client-iam'
import { apiError, startApi } from '../api/support.ts'
import { becomes } from '../support/eventually.ts'
import { nodeNetwork } from '../support/network.ts'
import { failingProgram, startProgram } from '../support/program.ts'
import { startRelay } from '../support/relay.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const NODE = `${nodeNetwork(0)}.1`
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' }

/** What is there at the other endpoint and not in the program. */
const ELSEWHERE = {
  vpcId: 'vpc-elsewhere',
  subnets: [
    { id: 'subnet-first', zone: 'a' },
    { id: 'subnet-second', zone: 'b' },
    { id: 'subnet-third', zone: 'c' },
  ],
  securityGroups: ['sg-elsewhere'],
  instances: [{ id: 'i-elsewhere', zone: 'b', address: '10.0.20.1' }],
}

/** Zones a and b have pools; the other endpoint has a zone more. */
const ZONES = ['a', 'b'].map((letter, index) => ({ letter, pool: `${nodeNetwork(index)}.0/22` }))

const ANSWER = {
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '200', MessageBody: 'in' },
} as const

function clientOptions(endpoint: string) {
  return { endpoint, region: 'us-east-2', credentials: { ...CREDENTIALS }, maxAttempts: 1 }
}

function ending<Client extends { destroy(): void }>(t: TestContext, client: Client): Client {
  t.after(() => client.destroy())
  return client
}

/** `served`, or `cut` for a connection that ends without an answer. */
async function from(localAddress: string): Promise<'served' | 'cut'> {
  return await new Promise((resolve) => {
    request({ host: NODE, port: 80, localAddress, agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve('served'))
    })
      .on('error', () => resolve('cut'))
      .end()
  })
}

/** The snapshot is on its way to two workers for some milliseconds: the same must come several times in a row. */
async function clientBecomes(localAddress: string, wanted: 'served' | 'cut'): Promise<void> {
  await becomes(async () => await from(localAddress), wanted, { inARow: 8 })
}

test('networks of another endpoint: looked up, followed, and remembered while it is away', async (t) => {
  const other = await startApi(t, { directory: ELSEWHERE })
  const relay = await startRelay(t, other.endpoint)
  const dataFolder = temporaryFolder()
  const options = {
    dataFolder,
    config: { zones: ZONES, directory: { ec2: relay.url, refreshSeconds: 1, ...CREDENTIALS } },
  }
  const program = await startProgram(options)
  t.after(async () => await program.stop())
  const ec2 = ending(t, new EC2(clientOptions(other.endpoint)))
  const elb = ending(t, new ElasticLoadBalancingV2(clientOptions(program.endpoint)))

  const { GroupId = '' } = await ec2.createSecurityGroup({ GroupName: 'web', Description: 'web' })
  const { LoadBalancers } = await elb.createLoadBalancer({
    Name: 'elsewhere',
    Subnets: ['subnet-first', 'subnet-second'],
    SecurityGroups: [GroupId],
  })
  const [made] = LoadBalancers ?? []
  assert.equal(made?.VpcId, 'vpc-elsewhere')
  const zoneNames = made?.AvailabilityZones?.map(({ ZoneName }) => ZoneName)
  assert.deepEqual(zoneNames, ['us-east-2a', 'us-east-2b'])
  await elb.createListener({
    LoadBalancerArn: made?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [ANSWER],
  })
  await program.outputMatching(/elsewhere serves at/)
  assert.equal(await from('127.0.7.9'), 'cut')

  // A rule that changes there changes who is let in here.
  const rule = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '127.0.7.0/24' }
  await ec2.authorizeSecurityGroupIngress({ GroupId, ...rule })
  await clientBecomes('127.0.7.9', 'served')
  assert.equal(await from('127.0.8.9'), 'cut')

  // Targets are instances there.
  const group = { Name: 'elsewhere', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-elsewhere' } as const
  const TargetGroupArn = (await elb.createTargetGroup(group)).TargetGroups?.[0]?.TargetGroupArn
  await elb.registerTargets({ TargetGroupArn, Targets: [{ Id: 'i-elsewhere' }] })
  await assert.rejects(
    elb.registerTargets({ TargetGroupArn, Targets: [{ Id: 'i-0abcdef1234567890' }] }),
    apiError('InvalidTarget', /does not exist/),
  )

  const reason = async (): Promise<string | undefined> =>
    (await elb.describeTargetHealth({ TargetGroupArn })).TargetHealthDescriptions?.[0]?.TargetHealth?.Reason
  await elb.createListener({
    LoadBalancerArn: made?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 81,
    DefaultActions: [{ Type: 'forward', TargetGroupArn }],
  })
  assert.notEqual(await reason(), 'Target.InvalidState')
  await ec2.stopInstances({ InstanceIds: ['i-elsewhere'] })
  await becomes(reason, 'Target.InvalidState')

  // What is not there, here or without a pool.
  const create = async (...Subnets: string[]): Promise<unknown> =>
    await elb.createLoadBalancer({ Name: 'another', Subnets, SecurityGroups: [GroupId] })
  await assert.rejects(create('subnet-first', 'subnet-none'), apiError('SubnetNotFound'))
  await assert.rejects(
    create('subnet-first', 'subnet-third'),
    apiError('InvalidSubnet', /in us-east-2c.*'zones' in the configuration.*letter 'c'/),
  )
  await assert.rejects(
    ending(t, new EC2(clientOptions(program.endpoint))).describeVpcs({}),
    (error: Error) => error.name === 'UnsupportedOperation' && error.message.includes(relay.url),
  )

  // It accepts and does not answer: calls that need it end, traffic goes on meanwhile.
  relay.hold()
  const waiting = create('subnet-first', 'subnet-unseen')
  const served = await from('127.0.7.9')
  assert.equal(served, 'served')
  await assert.rejects(waiting, apiError('ServiceUnavailable', /does not answer in time/, 503))
  await program.errorsMatching(/EC2 at .* cannot be asked/)

  // It is gone: what was seen counts.
  relay.cut()
  await create('subnet-first', 'subnet-second')
  assert.equal(await from('127.0.7.9'), 'served')
  assert.equal(await from('127.0.8.9'), 'cut')
  await program.stop()

  // Also for a program that starts while it is gone.
  const second = await startProgram(options)
  t.after(async () => await second.stop())
  await clientBecomes('127.0.7.9', 'served')
  assert.equal(await from('127.0.8.9'), 'cut')
  await ec2.revokeSecurityGroupIngress({ GroupId, ...rule })
  relay.serve()
  await clientBecomes('127.0.7.9', 'cut')
})

test('certificates of other endpoints: what they say decides, their services are not offered here', async (t) => {
  const other = await startApi(t)
  const relay = await startRelay(t, other.endpoint)
  const program = await startProgram({
    index: 1,
    config: { directory: { acm: relay.url, iam: relay.url, ...CREDENTIALS } },
  })
  t.after(async () => await program.stop())
  const elb = ending(t, new ElasticLoadBalancingV2(clientOptions(program.endpoint)))
  const acm = ending(t, new ACM(clientOptions(other.endpoint)))
  const iam = ending(t, new IAM(clientOptions(other.endpoint)))
  const { CertificateArn = '' } = await acm.requestCertificate({ DomainName: 'www.example.com' })
  const exportable = { DomainName: 'iam.example.com', Options: { Export: 'ENABLED' } } as const
  const exported = await acm.exportCertificate({
    CertificateArn: (await acm.requestCertificate(exportable)).CertificateArn,
    Passphrase: Buffer.from('test'),
  })
  const key = createPrivateKey({ key: exported.PrivateKey ?? '', passphrase: 'test' })
  const { ServerCertificateMetadata } = await iam.uploadServerCertificate({
    ServerCertificateName: 'uploaded',
    Path: '/web/',
    CertificateBody: exported.Certificate,
    PrivateKey: key.export({ type: 'pkcs8', format: 'pem' }),
  })

  const { LoadBalancers } = await elb.createLoadBalancer({
    Name: 'https',
    Subnets: ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE'],
  })
  const listen = async (Port: number, arn: string): Promise<unknown> =>
    await elb.createListener({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Protocol: 'HTTPS',
      Port,
      Certificates: [{ CertificateArn: arn }],
      DefaultActions: [ANSWER],
    })
  await listen(443, CertificateArn)
  await listen(8443, ServerCertificateMetadata?.Arn ?? '')
  for (const missing of [
    CertificateArn.replace(/.{12}$/, '000000000000'),
    CertificateArn.replace('us-east-2', 'nowhere'),
    'arn:aws:iam::123456789012:server-certificate/none',
    'arn:aws:iam::123456789012:server-certificate/uploaded',
  ]) {
    await assert.rejects(listen(444, missing), apiError('CertificateNotFound'), missing)
  }
  for (const call of [
    ending(t, new ACM(clientOptions(program.endpoint))).listCertificates({}),
    ending(t, new IAM(clientOptions(program.endpoint))).listServerCertificates({}),
  ]) {
    await assert.rejects(
      call,
      (error: Error) => error.name === 'UnsupportedOperation' && error.message.includes(relay.url),
    )
  }
  relay.cut()
  await listen(445, CertificateArn)
  await assert.rejects(
    listen(446, 'arn:aws:iam::123456789012:server-certificate/unseen'),
    apiError('ServiceUnavailable', /^IAM at .* cannot be asked/, 503),
  )
})

test('settings of the directory that cannot be are named', async () => {
  const folder = temporaryFolder()
  const refused = async (config: object): Promise<string> => {
    await writeFile(join(folder, 'config.json'), JSON.stringify(config))
    const { code, errors } = await failingProgram([`--data=${folder}`, `--config=${folder}/config.json`])
    assert.equal(code, 78)
    return errors
  }
  const wrong = { directory: { ec2: 'localhost:5000', accessKeyId: 'a', refreshSeconds: 0 } }
  const line = await refused(wrong)
  assert.match(line, /directory\.ec2: a URL such as/)
  assert.match(line, /directory\.refreshSeconds/)
  assert.match(await refused({ directory: { accessKeyId: 'a' } }), /accessKeyId and secretAccessKey together/)
  assert.match(
    await refused({ directory: { ec2: 'http://127.0.0.1:1' }, instances: [] }),
    /instances: they come from directory\.ec2/,
  )
  assert.match(await refused({ zones: [{ letter: 'a', pool: '127.1.0.0/16' }] }), /zones\[0\]\.subnet/)
})

test('an endpoint where nothing answers is said at the start and to who needs it', async (t) => {
  const relay = await startRelay(t, 'http://127.0.0.1:1')
  const program = await startProgram({
    index: 2,
    config: { zones: ZONES, directory: { ec2: relay.url, ...CREDENTIALS } },
  })
  t.after(async () => await program.stop())
  await program.errorsMatching(
    /EC2 at http:\/\/127\.0\.0\.1:\d+, which the configuration names, cannot be asked/,
  )
  const elb = ending(t, new ElasticLoadBalancingV2(clientOptions(program.endpoint)))
  await assert.rejects(
    elb.createLoadBalancer({ Name: 'none', Subnets: ['subnet-first', 'subnet-second'] }),
    apiError('ServiceUnavailable', /cannot be asked/, 503),
  )
})
