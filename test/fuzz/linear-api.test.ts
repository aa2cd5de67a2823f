// What the API makes of a request costs in proportion to its length: forms, JSON, signatures, filters, patterns of members.

import { test } from 'node:test'
import * as acm from '@aws-sdk/client-acm'
import * as ec2 from '@aws-sdk/client-ec2'
import * as iam from '@aws-sdk/client-iam'

import { acmConstraints } from '../../src/api/acm/constraints.ts'
import * as zonalShift from '../../src/api/arc-zonal-shift/schemas.ts'
import { pemBlocks } from '../../src/certificates/pem.ts'
import { WildcardPattern } from '../../src/api/ec2/wildcard-pattern.ts'
import { elbv2Model } from '../../src/api/elbv2/api.ts'
import { elbv2Constraints } from '../../src/api/elbv2/constraints.ts'
import { changedHealthCheck, defaultHealthCheck } from '../../src/api/elbv2/health-check-settings.ts'
import { ApiError } from '../../src/api/errors.ts'
import { iamConstraints } from '../../src/api/iam/constraints.ts'
import { readModel, type ServiceModel } from '../../src/api/model.ts'
import { type ConstraintTable, NO_CONSTRAINTS } from '../../src/api/protocol/constraint-problems.ts'
import { ec2QueryProtocol } from '../../src/api/protocol/ec2-query.ts'
import { jsonProtocol } from '../../src/api/protocol/json.ts'
import type { Protocol } from '../../src/api/protocol/protocol.ts'
import { queryProtocol } from '../../src/api/protocol/query.ts'
import { restJsonProtocol } from '../../src/api/protocol/rest-json.ts'
import { escapeXml } from '../../src/api/protocol/xml.ts'
import { readSignature, verifySignature } from '../../src/api/sigv4.ts'
import { ROOT } from '../../src/model/access-keys.ts'
import { numbered, PIECES, repeated, repeatedPieces } from './hostile-texts.ts'
import { assertLinear, type Hostile, type Reader } from './work-per-byte.ts'

const KIB = 1024
/** Bodies are up to 1 MiB; an eighth of it shows the same. */
const BODY_BYTES = 128 * KIB
/** Of the head of a request, as Node takes it. */
const HEAD_BYTES = 15 * KIB

/** Errors for the caller are answers; others are faults of this program. */
function answered(call: () => unknown): void {
  try {
    call()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
  }
}

function decoder(
  protocol: Protocol,
  model: ServiceModel,
  constraints: ConstraintTable,
  action: string,
): Reader {
  const operation = model.operations.get(action)
  if (operation === undefined) throw new Error(action)
  return {
    name: action,
    read: (text) => {
      answered(() => {
        const headers = { 'x-amz-target': `Service.${action}` }
        const request = { method: 'POST', url: '/', headers, body: Buffer.from(text) }
        protocol.parse(request).decode(operation, constraints)
      })
    },
    microsPerKiBMax: 400,
  }
}

const acmModel = readModel('', '', acm)

test('forms', () => {
  const inputs = [
    ...repeatedPieces('Action=x&'),
    ...['a&', 'a=1&', '=&', 'a.b=&', '.&', 'Tags.member.1.Key=&', '%3d&', `${'a.'.repeat(15)}=&`].map(
      (text) => repeated(text),
    ),
    numbered((index) => `Targets.member.${index}.Id=&`),
    numbered((index) => `Targets.member.${index}.Port=x&`),
    numbered((index) => `SecurityGroups.member.${index}=&`),
    numbered((index) => `Tags.member.${index}.Key=&`),
    numbered((index) => `TagKeys.member.${index}=${'x'.repeat(100)}&`),
    numbered((index) => `Filter.1.Value.${index}=&`),
    numbered((index) => `a${index}=&`),
  ]
  const readers = [
    ...['RegisterTargets', 'AddTags', 'RemoveTags', 'CreateRule', 'SetSecurityGroups'].map((action) =>
      decoder(queryProtocol, elbv2Model, elbv2Constraints, action),
    ),
    decoder(ec2QueryProtocol, readModel('', '', ec2), NO_CONSTRAINTS, 'DescribeInstances'),
    decoder(queryProtocol, readModel('', '', iam), iamConstraints, 'UploadServerCertificate'),
  ]
  assertLinear(readers, inputs, BODY_BYTES)
})

test('JSON', () => {
  const values = ['{}', '{"Key":1}', '{"Key":""}', '""', '1', 'null', '[]', '"a"', '{"Key":"a","Value":1}']
  const lists = ['Tags', 'SubjectAlternativeNames', 'CertificateStatuses', 'DomainValidationOptions', 'X']
  const texts = ['CertificateArn', 'DomainName', 'Certificate', 'NextToken']
  const inputs = [
    repeated('[', '{"Tags":'),
    repeated('{"Tags":'),
    repeated('\\u0000', '{"CertificateArn":"', '"}'),
    ...lists.flatMap((name) => values.map((value) => repeated(`${value},`, `{"${name}":[`, 'null]}'))),
    ...texts.flatMap((name) => PIECES.map((piece) => jsonText(name, piece))),
    numbered((index) => `"a${index}":1,`, '{', '"a":1}'),
    numbered((index) => `"${index * 65_536}":1,`, '{', '"a":1}'),
  ]
  const actions = ['RequestCertificate', 'ImportCertificate', 'AddTagsToCertificate', 'ListCertificates']
  assertLinear(
    actions.map((action) => decoder(jsonProtocol, acmModel, acmConstraints, action)),
    inputs,
    BODY_BYTES,
  )
})

function jsonText(name: string, piece: string): Hostile {
  return {
    name: `${name} ${JSON.stringify(piece)}`,
    make: (bytes) => JSON.stringify({ [name]: piece.repeat(bytes / piece.length) }),
  }
}

test('targets of REST requests', () => {
  const protocol = restJsonProtocol(zonalShift.schemas)
  const operation = readModel('', '', zonalShift.schemas).operations.get('ListZonalShifts')
  if (operation === undefined) throw new Error('no such operation')
  const read = (url: string): void => {
    answered(() => {
      protocol
        .parse({ method: 'GET', url, headers: {}, body: Buffer.alloc(0) })
        .decode(operation, zonalShift.constraints)
    })
  }
  const inputs = [
    ...repeatedPieces('/zonalshifts?'),
    ...repeatedPieces('/zonalshifts/'),
    ...repeatedPieces('/'),
  ]
  assertLinear([{ name: 'REST', read, microsPerKiBMax: 400 }], inputs, HEAD_BYTES)
})

test('patterns of members', () => {
  const tables = [elbv2Constraints, acmConstraints, iamConstraints, zonalShift.constraints]
  const patterns = new Map<string, RegExp>()
  for (const { members, items } of tables)
    for (const { pattern } of [...Object.values(members), ...Object.values(items)])
      if (pattern !== undefined) patterns.set(pattern.source, pattern)
  const readers = Array.from(patterns, ([name, pattern]): Reader => {
    return { name, read: (text) => pattern.test(text), microsPerKiBMax: 100 }
  })
  const starts = ['', 'arn:a:acm:', 'arn:', '*.', 'a', 'a-', 'a.', 'arn:a:acm:a:1:a', '/', 'ipam-pool-']
  assertLinear(
    readers,
    starts.flatMap((start) => repeatedPieces(start, '!')),
    64 * KIB,
  )
})

interface Signed {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

test('signatures', () => {
  const credential = 'AKIDEXAMPLE/20260101/us-east-1/acm/aws4_request'
  const signed = (names: string, more: Readonly<Record<string, string>> = {}, url = '/'): Signed => ({
    url,
    headers: {
      host: 'h',
      'x-amz-date': '20260101T000000Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=x`,
      ...more,
    },
  })
  const inputs = PIECES.flatMap((piece): Hostile<Signed>[] => {
    const text = (bytes: number): string => piece.repeat(bytes / piece.length)
    return [
      { name: `authorization ${piece}`, make: (bytes) => signed('', { authorization: text(bytes) }) },
      {
        name: `parts ${piece}`,
        make: (bytes) => signed('', { authorization: `AWS4-HMAC-SHA256 ${text(bytes)}` }),
      },
      { name: `names ${piece}`, make: (bytes) => signed(`host;${text(bytes)}`) },
      { name: `value ${piece}`, make: (bytes) => signed('host;a', { a: text(bytes) }) },
      { name: `path ${piece}`, make: (bytes) => signed('host', {}, `/${text(bytes)}`) },
      { name: `query ${piece}`, make: (bytes) => signed('host', {}, `/?${text(bytes)}`) },
    ]
  })
  const repeatedNames: Hostile<Signed> = {
    name: 'one name over and over',
    make: (bytes) => signed(`host;${'a;'.repeat(bytes / 4)}a`, { a: 'x '.repeat(bytes / 4) }),
  }
  const key = { secret: 'secret', sessionToken: null, identity: ROOT }
  const reader: Reader<Signed> = {
    name: 'signature',
    read: (request) => {
      answered(() => {
        const whole = { ...request, method: 'POST', body: Buffer.alloc(0) }
        verifySignature(whole, readSignature(request), 'acm', () => key, Date.UTC(2026, 0, 1))
      })
    },
    microsPerKiBMax: 600,
  }
  assertLinear([reader], [...inputs, repeatedNames], HEAD_BYTES)
})

test('texts that handlers take apart', () => {
  const readers: Reader[] = [
    { name: 'PEM', read: pemBlocks, microsPerKiBMax: 100 },
    { name: 'XML', read: escapeXml, microsPerKiBMax: 400 },
    {
      name: 'success codes',
      read: (text) => {
        answered(() =>
          changedHealthCheck(defaultHealthCheck('HTTP1'), 'HTTP1', { Matcher: { HttpCode: text } }),
        )
      },
      microsPerKiBMax: 400,
    },
  ]
  const inputs = [
    ...repeatedPieces(),
    ...repeatedPieces('-----BEGIN A-----\n'),
    repeated('-----BEGIN A-----\n'),
  ]
  assertLinear(readers, inputs, 64 * KIB)
})

test('filters with wildcards, against the longest value of a tag', () => {
  const values = ['a'.repeat(256), 'ab'.repeat(128), '*'.repeat(256)]
  const matcher: Reader = {
    name: 'filter',
    read: (text) => {
      const pattern = new WildcardPattern(text)
      for (const value of values) pattern.matches(value)
    },
    microsPerKiBMax: 3000,
  }
  const inputs = ['*', '?', '*a', '*a*b', '*?', 'a', '\\*', '*ab', '*aa?'].map((piece) =>
    repeated(piece, '', '!'),
  )
  for (const bytes of [64, 256, KIB]) assertLinear([matcher], inputs, bytes)
})
