// How the owner of a domain would show ACM that it is theirs: the records and mail addresses that are described. Nobody
// looks them up; the local authority signs for any name.

import { createHash } from 'node:crypto'
import type { DomainStatus, DomainValidation } from '@aws-sdk/client-acm'
import type { AcmCertificate, CertificateRequest } from '../../model/certificates.ts'

/** Mailboxes that ACM writes to, in the validation domain. */
const MAILBOXES = ['administrator', 'hostmaster', 'postmaster', 'webmaster', 'admin']

/** One entry per name of the certificate. */
export function domainValidations(
  { accountId, facts }: AcmCertificate,
  request: CertificateRequest,
  status: DomainStatus,
): DomainValidation[] {
  return facts.subjectAlternativeNames.map((name) => {
    const domain = name.replace(/^\*\./, '')
    const common = {
      DomainName: name,
      ValidationDomain: request.validationDomains[name] ?? name,
      ValidationStatus: status,
      ValidationMethod: request.validationMethod,
    }
    if (request.validationMethod === 'DNS') {
      return { ...common, ResourceRecord: resourceRecord(accountId, domain) }
    }
    const mailDomain = (request.validationDomains[name] ?? domain).replace(/^\*\./, '')
    return { ...common, ValidationEmails: MAILBOXES.map((mailbox) => `${mailbox}@${mailDomain}`) }
  })
}

/** The same for every certificate of the account, so that one record serves all of them, as in ACM. */
function resourceRecord(accountId: string, domain: string) {
  const hash = createHash('sha256').update(`${accountId} ${domain}`).digest('hex')
  // Letters only, as AWS's own labels.
  const label = hash.slice(52, 62).replaceAll(/\d/g, (digit) => 'ghijklmnop'.charAt(Number(digit)))
  return {
    Name: `_${hash.slice(0, 32)}.${domain}.`,
    Type: 'CNAME' as const,
    Value: `_${hash.slice(20, 52)}.${label}.acm-validations.aws.`,
  }
}
