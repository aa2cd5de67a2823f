// Answers of the AWS Query protocol: outputs and errors as the XML bodies that SDKs read.

import type { NormalizedSchema } from '@smithy/core/schema'
import type { Operation } from '../model.ts'
import type { ErrorAnswer } from './protocol.ts'

/** Body of a successful answer. */
export function encodeResponse(
  xmlNamespace: string,
  operation: Operation,
  output: object,
  requestId: string,
): string {
  const { name } = operation
  return (
    `<${name}Response xmlns="${xmlNamespace}">` +
    `<${name}Result>${encodeMembers(operation.output, output)}</${name}Result>` +
    `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`
  )
}

/** Body of an error answer. */
export function encodeError(xmlNamespace: string, error: ErrorAnswer, requestId: string): string {
  const type = error.status >= 500 ? 'Receiver' : 'Sender'
  return (
    `<ErrorResponse xmlns="${xmlNamespace}"><Error><Type>${type}</Type><Code>${escapeXml(error.code)}</Code>` +
    `<Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`
  )
}

/** The members of a structure, each as an element. */
export function encodeMembers(schema: NormalizedSchema, value: object): string {
  let xml = ''
  for (const [name, member] of schema.structIterator()) {
    const field = (value as Readonly<Record<string, unknown>>)[name]
    if (field !== undefined && field !== null) {
      xml += encode(member, field, member.getMergedTraits().xmlName ?? name)
    }
  }
  return xml
}

function encode(schema: NormalizedSchema, value: unknown, tag: string): string {
  if (schema.isListSchema()) {
    const item = schema.getValueSchema()
    const isFlat = schema.getMergedTraits().xmlFlattened !== undefined
    const itemTag = isFlat ? tag : (item.getMergedTraits().xmlName ?? 'member')
    const items = (value as readonly unknown[]).map((entry) => encode(item, entry, itemTag)).join('')
    return isFlat ? items : `<${tag}>${items}</${tag}>`
  }
  if (schema.isMapSchema()) {
    const entries = Object.entries(value as object).map(
      ([key, entry]) =>
        `<entry><key>${escapeXml(key)}</key>${encode(schema.getValueSchema(), entry, 'value')}</entry>`,
    )
    return `<${tag}>${entries.join('')}</${tag}>`
  }
  if (schema.isStructSchema()) return `<${tag}>${encodeMembers(schema, value as object)}</${tag}>`
  if (value instanceof Date) return `<${tag}>${value.toISOString()}</${tag}>`
  if (value instanceof Uint8Array) return `<${tag}>${Buffer.from(value).toString('base64')}</${tag}>`
  return `<${tag}>${escapeXml(String(value))}</${tag}>`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
  '\n': '&#xA;',
  '\t': '&#x9;',
}

/** Text for an element. What XML 1.0 cannot write (other controls, lone surrogates) becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"\r\n\t]/g, (character) => ENTITIES[character] ?? character)
}
