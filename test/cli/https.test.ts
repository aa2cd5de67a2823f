// Commands of the guide on HTTPS listeners and logins, with the stock aws CLI.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { cli, needsCli, needsRecentCli } from './aws-cli.ts'
import {
  createLoadBalancer,
  createTargetGroup,
  importCertificate,
  importedCertificate,
  startApi,
  temporaryFolder,
} from '../api/support.ts'

test(
  'ALB-LSN-417, 471, ALB-SEC-053 and 196 HTTPS listeners and their rules, by the commands of the guide',
  needsRecentCli,
  async (t) => {
    const api = await startApi(t)
    const aws = cli(api)
    const certificate = await importCertificate(api)
    const loadBalancer = await createLoadBalancer(api)
    const group = await createTargetGroup(api)
    const policy = 'ELBSecurityPolicy-TLS13-1-2-2021-06'
    const created = await aws(
      'create-listener',
      '--load-balancer-arn',
      loadBalancer,
      '--protocol',
      'HTTPS',
      '--port',
      '443',
      '--certificates',
      `CertificateArn=${certificate}`,
      '--ssl-policy',
      policy,
      '--mutual-authentication',
      'Mode=passthrough',
      '--default-actions',
      `Type=forward,TargetGroupArn=${group}`,
    )
    const [listener] = JSON.parse(created).Listeners
    assert.equal(listener.SslPolicy, policy)
    assert.equal(listener.MutualAuthentication.Mode, 'passthrough')
    assert.deepEqual(
      JSON.parse(await aws('describe-listeners', '--listener-arn', listener.ListenerArn)).Listeners,
      [listener],
    )
    const [described, ...more] = JSON.parse(await aws('describe-ssl-policies', '--names', policy)).SslPolicies
    assert.deepEqual(described.SslProtocols, ['TLSv1.2', 'TLSv1.3'])
    assert.deepEqual(more, [])

    const actions = join(await temporaryFolder(t), 'actions.json')
    await writeFile(
      actions,
      JSON.stringify([
        {
          Type: 'authenticate-oidc',
          AuthenticateOidcConfig: {
            Issuer: 'https://idp-issuer.com',
            AuthorizationEndpoint: 'https://authorization-endpoint.com',
            TokenEndpoint: 'https://token-endpoint.com',
            UserInfoEndpoint: 'https://user-info-endpoint.com',
            ClientId: 'abcdefghijklmnopqrstuvwxyz123456789',
            ClientSecret: '123456789012345678901234567890',
            SessionCookieName: 'my-cookie',
            SessionTimeout: 3600,
            Scope: 'email',
            AuthenticationRequestExtraParams: { display: 'page', prompt: 'login' },
            OnUnauthenticatedRequest: 'deny',
          },
          Order: 1,
        },
        { Type: 'forward', TargetGroupArn: group, Order: 2 },
      ]),
    )
    const [rule] = JSON.parse(
      await aws(
        'create-rule',
        '--listener-arn',
        listener.ListenerArn,
        '--priority',
        '10',
        '--conditions',
        'Field=path-pattern,Values=/login',
        '--actions',
        `file://${actions}`,
        '--tags',
        'Key=Name,Value=login',
      ),
    ).Rules
    assert.equal(rule.Priority, '10')
    assert.equal(rule.IsDefault, false)
    assert.deepEqual(
      rule.Actions.map(({ Type }: { Type: string }) => Type),
      ['authenticate-oidc', 'forward'],
    )
    assert.deepEqual(rule.Actions[0].AuthenticateOidcConfig.AuthenticationRequestExtraParams, {
      display: 'page',
      prompt: 'login',
    })
    const add = ['add-listener-certificates', '--listener-arn', listener.ListenerArn, '--certificates']
    const second = await importedCertificate(api, 2)
    assert.deepEqual(JSON.parse(await aws(...add, `CertificateArn=${second}`)).Certificates, [
      { CertificateArn: second, IsDefault: false },
    ])
    assert.deepEqual(api.errors, [])
  },
)

/** A listener with one policy of a family that gets another one, and what is described of the first. */
async function runFamily(t: TestContext, first: string, second: string): Promise<void> {
  const api = await startApi(t)
  const aws = cli(api)
  const certificate = await importCertificate(api)
  const specified = JSON.parse(
    readFileSync(new URL('../../spec/security-policies-alb.json', import.meta.url), 'utf8'),
  ) as { policies: { name: string; protocols: string[]; ciphers: { name: string }[] }[] }
  const loadBalancer = await createLoadBalancer(api, 'my-load-balancer')
  const created = await aws(
    'create-listener',
    '--load-balancer-arn',
    loadBalancer,
    '--protocol',
    'HTTPS',
    '--port',
    '443',
    '--certificates',
    `CertificateArn=${certificate}`,
    '--default-actions',
    'Type=fixed-response,FixedResponseConfig={StatusCode=200}',
    '--ssl-policy',
    first,
  )
  const [listener] = JSON.parse(created).Listeners
  assert.equal(listener.SslPolicy, first)
  const arn: string = listener.ListenerArn
  await aws('modify-listener', '--listener-arn', arn, '--ssl-policy', second)
  const described = JSON.parse(await aws('describe-listeners', '--listener-arn', arn)).Listeners
  assert.deepEqual(described, [{ ...listener, SslPolicy: second }])
  const { SslPolicies } = JSON.parse(await aws('describe-ssl-policies', '--names', first))
  const policy = specified.policies.find(({ name }) => name === first)
  assert.deepEqual(
    SslPolicies.map((one: { SslProtocols: string[]; Ciphers: { Name: string }[] }) => [
      one.SslProtocols,
      one.Ciphers.map(({ Name }) => Name),
    ]),
    [[policy?.protocols, policy?.ciphers.map(({ name }) => name)]],
  )
  assert.deepEqual(api.errors, [])
}

test('ALB-LSN-381..384 TLS 1.3 policies, by the commands of the guide', needsCli, async (t) => {
  await runFamily(t, 'ELBSecurityPolicy-TLS13-1-2-2021-06', 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06')
})

test('ALB-LSN-385..388 FIPS policies, by the commands of the guide', needsCli, async (t) => {
  await runFamily(t, 'ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04', 'ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04')
})

test('ALB-LSN-389..392 FS policies, by the commands of the guide', needsCli, async (t) => {
  await runFamily(t, 'ELBSecurityPolicy-FS-2018-06', 'ELBSecurityPolicy-FS-1-2-2019-08')
})

test('ALB-LSN-393..396 TLS 1.0-1.2 policies, by the commands of the guide', needsCli, async (t) => {
  await runFamily(t, 'ELBSecurityPolicy-2016-08', 'ELBSecurityPolicy-TLS-1-0-2015-04')
})
