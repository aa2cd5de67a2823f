// Certificates that the local authority issues: RequestCertificate and what follows.

import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { ACM, waitUntilCertificateValidated, type RequestCertificateCommandInput } from '@aws-sdk/client-acm'
import { DEFAULT_QUOTAS } from '../../src/model/quotas.ts'
import { accessKey, present } from '../api/support.ts'
import { awsError, bytes, DAY_MS, startCertificateApi, TODAY } from './support.ts'

const NOON = TODAY + DAY_MS / 2
const EC: Partial<RequestCertificateCommandInput> = { KeyAlgorithm: 'EC_prime256v1' }

test('a requested certificate is issued by the local authority for thirteen months', async (t) => {
  const { acm, directory } = await startCertificateApi(t)
  const { CertificateArn } = await acm.requestCertificate({
    DomainName: 'www.Example.com',
    SubjectAlternativeNames: ['*.example.com', 'www.example.com'],
    ValidationMethod: 'DNS',
    Tags: [{ Key: 'a', Value: 'b' }],
  })
  const { Certificate } = await acm.describeCertificate({ CertificateArn })
  const { DomainValidationOptions, Serial, ...described } = present(Certificate)
  assert.match(present(Serial), /^[0-9a-f]{2}(:[0-9a-f]{2}){15}$/)
  assert.deepEqual(described, {
    CertificateArn,
    DomainName: 'www.example.com',
    SubjectAlternativeNames: ['www.example.com', '*.example.com'],
    Subject: 'CN=www.example.com',
    Issuer: 'evenkeel RSA 2048 CA',
    CreatedAt: new Date(NOON),
    IssuedAt: new Date(NOON),
    NotBefore: new Date(TODAY),
    NotAfter: new Date(TODAY + 395 * DAY_MS - 1000),
    Status: 'ISSUED',
    KeyAlgorithm: 'RSA_2048',
    SignatureAlgorithm: 'SHA256WITHRSA',
    InUseBy: [],
    Type: 'AMAZON_ISSUED',
    RenewalEligibility: 'INELIGIBLE',
    Options: { CertificateTransparencyLoggingPreference: 'ENABLED', Export: 'DISABLED' },
    KeyUsages: [{ Name: 'DIGITAL_SIGNATURE' }, { Name: 'KEY_ENCIPHERMENT' }],
    ExtendedKeyUsages: [{ Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' }],
  })
  assert.deepEqual(
    present(DomainValidationOptions).map(({ DomainName, ValidationStatus }) => [
      DomainName,
      ValidationStatus,
    ]),
    [
      ['www.example.com', 'SUCCESS'],
      ['*.example.com', 'SUCCESS'],
    ],
  )
  const certificate = await directory.certificate(present(CertificateArn))
  assert.deepEqual(
    [certificate?.status, certificate?.domainName, certificate?.keyAlgorithm, certificate?.notAfter],
    ['ISSUED', 'www.example.com', 'RSA_2048', TODAY + 395 * DAY_MS - 1000],
  )
  assert.equal(await directory.certificate(`${CertificateArn}x`), undefined)
  assert.deepEqual((await acm.listTagsForCertificate({ CertificateArn })).Tags, [{ Key: 'a', Value: 'b' }])
})

test('a certificate waits for its validation as long as the operator says, with the records of ACM', async (t) => {
  const { acm, directory, setDate } = await startCertificateApi(t, {
    settings: { certificateValidationMs: 2000 },
  })
  const { CertificateArn } = await acm.requestCertificate({
    ...EC,
    DomainName: 'example.com',
    SubjectAlternativeNames: ['*.example.com', 'www.example.com'],
    ValidationMethod: 'DNS',
  })
  const { Certificate: pending } = await acm.describeCertificate({ CertificateArn })
  assert.deepEqual(
    [pending?.Status, pending?.IssuedAt, pending?.NotAfter, pending?.Serial],
    ['PENDING_VALIDATION', undefined, undefined, undefined],
  )
  const records = present(pending?.DomainValidationOptions).map((option) => {
    assert.deepEqual([option.ValidationStatus, option.ValidationMethod], ['PENDING_VALIDATION', 'DNS'])
    assert.equal(option.ResourceRecord?.Type, 'CNAME')
    assert.match(present(option.ResourceRecord?.Value), /^_[0-9a-f]{32}\.[a-p]{10}\.acm-validations\.aws\.$/)
    return option.ResourceRecord?.Name
  })
  assert.match(present(records[0]), /^_[0-9a-f]{32}\.example\.com\.$/)
  assert.match(present(records[2]), /^_[0-9a-f]{32}\.www\.example\.com\.$/)
  assert.equal(records[0], records[1], 'a wildcard has the record of its domain')
  assert.equal((await directory.certificate(present(CertificateArn)))?.status, 'PENDING_VALIDATION')
  for (const call of [acm.getCertificate({ CertificateArn }), acm.renewCertificate({ CertificateArn })]) {
    await assert.rejects(call, awsError('RequestInProgressException', /validation is in progress/))
  }
  setDate(NOON + 2000)
  const { state } = await waitUntilCertificateValidated({ client: acm, maxWaitTime: 61 }, { CertificateArn })
  assert.equal(state, 'SUCCESS')
  assert.equal((await acm.describeCertificate({ CertificateArn })).Certificate?.Status, 'ISSUED')
})

test('validation by mail names the mailboxes of the validation domain', async (t) => {
  const { acm, setDate } = await startCertificateApi(t, { settings: { certificateValidationMs: 1000 } })
  const { CertificateArn } = await acm.requestCertificate({
    ...EC,
    DomainName: 'a.b.example.com',
    DomainValidationOptions: [{ DomainName: 'a.b.example.com', ValidationDomain: 'example.com' }],
  })
  const { Certificate } = await acm.describeCertificate({ CertificateArn })
  assert.deepEqual(Certificate?.DomainValidationOptions, [
    {
      DomainName: 'a.b.example.com',
      ValidationDomain: 'example.com',
      ValidationStatus: 'PENDING_VALIDATION',
      ValidationMethod: 'EMAIL',
      ValidationEmails: [
        'administrator@example.com',
        'hostmaster@example.com',
        'postmaster@example.com',
        'webmaster@example.com',
        'admin@example.com',
      ],
    },
  ])
  const mail = { CertificateArn, Domain: 'a.b.example.com', ValidationDomain: 'b.example.com' }
  await acm.resendValidationEmail(mail)
  const wrong = awsError('InvalidDomainValidationOptionsException')
  await assert.rejects(acm.resendValidationEmail({ ...mail, Domain: 'c.example.com' }), wrong)
  await assert.rejects(acm.resendValidationEmail({ ...mail, ValidationDomain: 'example.net' }), wrong)
  setDate(NOON + 1000)
  await assert.rejects(acm.resendValidationEmail(mail), awsError('InvalidStateException'))
})

test('a repeated request with the same token within an hour is one request', async (t) => {
  const { acm, setDate } = await startCertificateApi(t)
  const request = async (changes: Partial<RequestCertificateCommandInput> = {}): Promise<string> => {
    const wanted = { ...EC, DomainName: 'a.example.com', IdempotencyToken: 'token', ...changes }
    return present((await acm.requestCertificate(wanted)).CertificateArn)
  }
  const first = await request()
  assert.equal(await request(), first)
  const others = [
    await request({ IdempotencyToken: 'other' }),
    await request({ DomainName: 'b.example.com' }),
  ]
  setDate(NOON + 3_600_001)
  others.push(await request())
  assert.equal(new Set([first, ...others]).size, 4)
})

test('requests that ACM refuses are refused', async (t) => {
  const { acm, errors } = await startCertificateApi(t, {
    settings: { quotas: { ...DEFAULT_QUOTAS, certificates: 1, domainNamesPerCertificate: 2 } },
  })
  const cases: readonly (readonly [Partial<RequestCertificateCommandInput>, string, RegExp])[] = [
    [{ DomainName: 'localhost' }, 'ValidationException', /at 'domainName' failed .* regular expression/],
    [{ DomainName: 'www.*.com' }, 'ValidationException', /at 'domainName'/],
    [{ DomainName: `${'a'.repeat(60)}.example.com` }, 'ValidationException', /at most 64 characters/],
    [{ SubjectAlternativeNames: ['-a.com'] }, 'ValidationException', /at 'subjectAlternativeNames.1.member'/],
    [{ SubjectAlternativeNames: ['b.test.com', 'c.test.com'] }, 'LimitExceededException', /maximum is 2/],
    [{ KeyAlgorithm: 'RSA_1024' }, 'ValidationException', /cannot be requested .* RSA_1024/],
    [{ ValidationMethod: 'HTTP' }, 'ValidationException', /CloudFront/],
    [{ IdempotencyToken: 'a b' }, 'ValidationException', /at 'idempotencyToken'/],
    [{ Tags: [{ Key: 'aws:a' }] }, 'InvalidTagException', /reserved/],
    [
      { CertificateAuthorityArn: 'arn:aws:acm-pca:us-east-2:123456789012:certificate-authority/x' },
      'InvalidArnException',
      /does not exist/,
    ],
    [
      { DomainValidationOptions: [{ DomainName: 'a.test.com', ValidationDomain: 'st.com' }] },
      'InvalidDomainValidationOptionsException',
      /domain above/,
    ],
    [
      { DomainValidationOptions: [{ DomainName: 'b.test.com', ValidationDomain: 'test.com' }] },
      'InvalidDomainValidationOptionsException',
      /not a domain name of the request/,
    ],
  ]
  for (const [changes, name, message] of cases) {
    const call = acm.requestCertificate({ ...EC, DomainName: 'a.test.com', ...changes })
    await assert.rejects(call, awsError(name, message))
  }
  await acm.requestCertificate({ ...EC, DomainName: 'a.test.com' })
  await assert.rejects(
    acm.requestCertificate({ ...EC, DomainName: 'a.test.com' }),
    awsError('LimitExceededException', /maximum number of certificates: 1/),
  )
  assert.deepEqual(errors, [])
})

test('a renewed certificate has the same names under the same ARN, another key and new dates', async (t) => {
  const { acm, setDate } = await startCertificateApi(t)
  const { CertificateArn } = await acm.requestCertificate({
    ...EC,
    DomainName: 'a.example.com',
    SubjectAlternativeNames: ['b.example.com'],
  })
  const read = async (): Promise<X509Certificate> =>
    new X509Certificate(present((await acm.getCertificate({ CertificateArn })).Certificate))
  const before = await read()
  setDate(NOON + 300 * DAY_MS)
  await acm.renewCertificate({ CertificateArn })
  const after = await read()
  assert.equal(after.subjectAltName, before.subjectAltName)
  assert.equal(after.validToDate.getTime(), before.validToDate.getTime() + 300 * DAY_MS)
  assert.notEqual(after.serialNumber, before.serialNumber)
  assert.ok(!after.publicKey.equals(before.publicKey))
})

test('a certificate that was requested for export gives its key under a passphrase, others do not', async (t) => {
  const { acm } = await startCertificateApi(t)
  const { CertificateArn } = await acm.requestCertificate({ ...EC, DomainName: 'a.example.com' })
  const exported = acm.exportCertificate({ CertificateArn, Passphrase: bytes('open sesame') })
  await assert.rejects(exported, awsError('ValidationException', /not exportable/))
  await acm.updateCertificateOptions({ CertificateArn, Options: { Export: 'ENABLED' } })
  const { Certificate } = await acm.describeCertificate({ CertificateArn })
  assert.deepEqual(Certificate?.Options, {
    CertificateTransparencyLoggingPreference: 'ENABLED',
    Export: 'ENABLED',
  })
  const given = await acm.exportCertificate({ CertificateArn, Passphrase: bytes('open sesame') })
  const key = createPrivateKey({ key: present(given.PrivateKey), passphrase: 'open sesame' })
  assert.ok(new X509Certificate(present(given.Certificate)).checkPrivateKey(key))
  assert.equal(present(given.CertificateChain).match(/BEGIN/g)?.length, 2)
})

test('ARNs of other things, Regions and accounts are told apart', async (t) => {
  const { acm } = await startCertificateApi(t)
  const id = '12345678-1234-1234-1234-123456789012'
  const describe = async (CertificateArn: string): Promise<unknown> =>
    await acm.describeCertificate({ CertificateArn })
  await assert.rejects(describe('short'), awsError('ValidationException', /2 validation errors detected/))
  await assert.rejects(
    describe(`arn:aws:acm:us-east-2:123456789012:certificate/nonsense`),
    awsError('InvalidArnException', /not that of a certificate/),
  )
  for (const place of ['us-east-2:123456789012', 'eu-west-1:123456789012', 'us-east-2:111122223333']) {
    const arn = `arn:aws:acm:${place}:certificate/${id}`
    await assert.rejects(describe(arn), awsError('ResourceNotFoundException', /Could not find/))
  }
})

test('errors that all services share have the names that JSON clients know', async (t) => {
  const keys = new Map([['AKIDEXAMPLE', accessKey('secret')]])
  const { endpoint, setDate } = await startCertificateApi(t, { settings: { accessKeys: keys } })
  setDate(Date.now())
  const client = (accessKeyId: string, secretAccessKey: string): ACM => {
    const acm = new ACM({
      endpoint,
      region: 'us-east-2',
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: 1,
    })
    t.after(() => acm.destroy())
    return acm
  }
  const right = client('AKIDEXAMPLE', 'secret')
  assert.deepEqual((await right.listCertificates({})).CertificateSummaryList, [])
  await assert.rejects(
    client('AKIDEXAMPLE', 'guess').listCertificates({}),
    awsError('InvalidSignatureException'),
  )
  await assert.rejects(client('AKIDOTHER', 'x').listCertificates({}), awsError('UnrecognizedClientException'))
  await assert.rejects(
    right.getAccountConfiguration({}),
    awsError('UnknownOperationException', /GetAccountConfiguration .* is not supported/),
  )
})

test('an unsigned JSON request finds its service by its target', async (t) => {
  const { endpoint } = await startCertificateApi(t)
  const post = async (action: string, body: string): Promise<[number, unknown]> => {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `CertificateManager.${action}`,
    }
    const response = await fetch(endpoint, { method: 'POST', headers, body })
    assert.equal(response.headers.get('content-type'), 'application/x-amz-json-1.1')
    assert.match(present(response.headers.get('x-amzn-requestid')), /^[0-9a-f-]{36}$/)
    return [response.status, JSON.parse(await response.text())]
  }
  assert.deepEqual(await post('ListCertificates', '{}'), [200, { CertificateSummaryList: [] }])
  for (const [action, body, type] of [
    ['Nonsense', '{}', 'UnknownOperationException'],
    ['', '{}', 'UnknownOperationException'],
    ['ListCertificates', '[', 'SerializationException'],
  ] as const) {
    const [status, answer] = await post(action, body)
    assert.equal(status, 400)
    assert.match(JSON.stringify(answer), new RegExp(`"__type":"${type}"`))
  }
})
