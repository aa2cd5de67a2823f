import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { elbv2Model as model } from '../elbv2/api.ts'
import { encodeError, encodeResponse, escapeXml } from './xml.ts'

function encode(name: string, output: object): string {
  const operation = model.operations.get(name) ?? assert.fail(`no operation ${name}`)
  return encodeResponse(model.xmlNamespace, operation, output, 'r-1')
}

test('an output is wrapped in its response, result and metadata', () => {
  assert.equal(
    encode('AddTags', {}),
    '<AddTagsResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><AddTagsResult></AddTagsResult>' +
      '<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></AddTagsResponse>',
  )
})

test('lists, structures, dates, booleans and empty lists are written; what is absent is not', () => {
  const xml = encode('DescribeLoadBalancers', {
    LoadBalancers: [
      {
        LoadBalancerName: 'a',
        CreatedTime: new Date(1_700_000_000_123),
        SecurityGroups: [],
        State: { Code: 'active', Reason: undefined },
      },
    ],
    NextMarker: null,
  })
  assert.match(xml, /<DescribeLoadBalancersResult><LoadBalancers><member>/)
  assert.match(xml, /<CreatedTime>2023-11-14T22:13:20.123Z<\/CreatedTime>/)
  assert.match(xml, /<SecurityGroups><\/SecurityGroups>/)
  assert.match(xml, /<State><Code>active<\/Code><\/State>/)
  assert.doesNotMatch(xml, /NextMarker|Reason/)
})

test('members that the model does not have are not written', () => {
  assert.doesNotMatch(encode('SetSubnets', { Secret: 'x' }), /Secret/)
})

test('an error says whose fault it is', () => {
  const error = { code: 'LoadBalancerNotFound', message: 'a < b', status: 400 }
  assert.equal(
    encodeError('urn:x', error, 'r-1'),
    '<ErrorResponse xmlns="urn:x"><Error><Type>Sender</Type><Code>LoadBalancerNotFound</Code><Message>a &lt; b</Message></Error>' +
      '<RequestId>r-1</RequestId></ErrorResponse>',
  )
  assert.match(encodeError('urn:x', { ...error, status: 500 }, 'r-1'), /<Type>Receiver<\/Type>/)
})

test('property: escaped text has nothing that ends an element or that XML cannot hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = escapeXml(text)
      assert.doesNotMatch(escaped, /[<>"\u0000-\u001f\ufffe\uffff]/)
      assert.doesNotMatch(escaped, /&(?!(?:amp|lt|gt|quot|#xD|#xA|#x9);)/)
      assert.ok(escaped.isWellFormed())
    }),
  )
})
