import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DELIVERED_NAME,
  deliveredKey,
  endTimeMs,
  isBucketName,
  isSafePrefix,
  parseSpoolName,
} from './names.ts'

const NAME =
  '123456789012_us-east-2_app.my-loadbalancer.1234567890abcdef_172.160.1.192_20220215T2340Z_0_20sg8hgm.log'

test('a spool name is read back into its parts, open or complete', () => {
  const file = parseSpoolName(NAME)
  assert.equal(file?.loadBalancer, 'app.my-loadbalancer.1234567890abcdef')
  assert.equal(file?.nodeAddress, '172.160.1.192')
  assert.equal(file?.isOpen, false)
  assert.equal(parseSpoolName(`${NAME}.open`)?.isOpen, true)
  assert.equal(
    parseSpoolName(NAME.replace('Z_0_', 'Z_1_').replace('20sg8hgm', 'aaaaaaaa'))?.group,
    file?.group,
  )
  for (const other of ['x.log', `${NAME}.delivery`, `../${NAME}`, NAME.replace('T2340Z', '')]) {
    assert.equal(parseSpoolName(other), undefined, other)
  }
})

test('ALB-OBS-115 ALB-OBS-122 ALB-OBS-124 ALB-OBS-127 ALB-OBS-128 a key has the shape of the guide', () => {
  const file = parseSpoolName(NAME)
  assert.ok(file !== undefined)
  const name =
    '123456789012_elasticloadbalancing_us-east-2_app.my-loadbalancer.1234567890abcdef_20220215T2340Z_172.160.1.192_20sg8hgm.log.gz'
  const folder = 'AWSLogs/123456789012/elasticloadbalancing/us-east-2/2022/02/15'
  assert.equal(deliveredKey(file, '', '20sg8hgm'), `${folder}/${name}`)
  assert.equal(deliveredKey(file, 'p/q', '20sg8hgm'), `p/q/${folder}/${name}`)
  assert.match(name, DELIVERED_NAME)
  assert.equal(endTimeMs(file), Date.UTC(2022, 1, 15, 23, 40))
})

test('CLB-464 the files of a Classic Load Balancer have its name alone, and are not compressed', () => {
  const file = parseSpoolName(
    '123456789012_us-west-2_my-loadbalancer_172.160.1.192_20140215T2340Z_0_20sg8hgm.log',
  )
  assert.equal(file?.kind, 'classic')
  assert.equal(parseSpoolName(NAME)?.kind, 'application')
  const name =
    '123456789012_elasticloadbalancing_us-west-2_my-loadbalancer_20140215T2340Z_172.160.1.192_20sg8hgm.log'
  const folder = 'AWSLogs/123456789012/elasticloadbalancing/us-west-2/2014/02/15'
  assert.equal(deliveredKey(file, 'my-app', '20sg8hgm'), `my-app/${folder}/${name}`)
  assert.match(name, DELIVERED_NAME)
  for (const other of [`${name}.gz`, name.replace('my-loadbalancer', 'app.a.b'), `${name}.part`]) {
    assert.doesNotMatch(other, DELIVERED_NAME)
  }
})

test('an IPv6 node address has no colon in the key', () => {
  const file = parseSpoolName(NAME.replace('172.160.1.192', 'fd00::1'))
  assert.ok(file !== undefined)
  assert.match(deliveredKey(file, '', 'aaaaaaaa'), /_fd00\.\.1_aaaaaaaa\.log\.gz$/)
})

test('no bucket name and no prefix leads out of the log root', () => {
  for (const name of ['my-bucket', 'a.b', '123']) assert.ok(isBucketName(name), name)
  for (const name of ['..', 'a', 'a/b', 'A-b', 'a..b', '.ab', 'ab-', 'a'.repeat(64), '']) {
    assert.ok(!isBucketName(name), name)
  }
  for (const prefix of ['', 'p', 'p/q', 'p.q', '..p']) assert.ok(isSafePrefix(prefix), prefix)
  for (const prefix of ['..', 'p/../..', '/p', 'p/', 'p//q', '.', 'a\\b', 'a\nb', 'a\0b']) {
    assert.ok(!isSafePrefix(prefix), JSON.stringify(prefix))
  }
})
