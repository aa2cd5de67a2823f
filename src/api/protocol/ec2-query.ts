// EC2's dialect of the Query protocol: lists are flat, names have an upper-case first letter, and answers and errors
// have envelopes of their own.

import { ApiError } from '../errors.ts'
import type { Protocol } from './protocol.ts'
import { parsedForm } from './query.ts'
import { decodeParameters, type QueryDialect } from './query-decoder.ts'
import { encodeMembers, escapeXml } from './xml.ts'

const dialect: QueryDialect = {
  memberNames(_structure, name, schema) {
    const traits = schema.getMergedTraits()
    const { ec2QueryName } = traits as { readonly ec2QueryName?: string }
    return [ec2QueryName ?? upperFirst(traits.xmlName ?? name)]
  },
  listItems: (_schema, node) => node,
}

export const ec2QueryProtocol: Protocol = {
  contentType: 'text/xml;charset=UTF-8',
  // EC2 does not tell whether the key or the signature is wrong.
  commonErrors: { InvalidClientTokenId: 'AuthFailure', SignatureDoesNotMatch: 'AuthFailure' },
  parse(request) {
    return parsedForm(request, (schema, root, constraints) => {
      const { input, missing, problems } = decodeParameters(dialect, schema, root, constraints)
      const [first] = missing
      if (first !== undefined) {
        throw new ApiError('MissingParameter', `The request must contain the parameter ${first}`)
      }
      if (problems.count > 0) throw new ApiError('InvalidParameterValue', problems.texts.join('; '))
      return input
    })
  },
  encodeOutput({ xmlNamespace }, { name, output: schema }, output, requestId) {
    return (
      `<?xml version="1.0" encoding="UTF-8"?>\n<${name}Response xmlns="${xmlNamespace}">` +
      `<requestId>${requestId}</requestId>${encodeMembers(schema, output)}</${name}Response>`
    )
  },
  encodeError(_xmlNamespace, { code, message }, requestId) {
    return (
      '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>' +
      `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error></Errors>` +
      `<RequestID>${requestId}</RequestID></Response>`
    )
  },
}

function upperFirst(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
