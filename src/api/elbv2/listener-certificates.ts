// Certificates of HTTPS listeners: which ones a listener can have, and the certificate list that SNI chooses from.

import type { Certificate as CertificateOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Listener, ListenerTls } from '../../model/resources.ts'
import type { RowReader } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError, validationError } from '../errors.ts'
import { certificateNotFound, checkCertificate } from '../load-balancing/certificates.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { nextMarker, pageOf, slicePage } from '../pagination.ts'
import { theListener } from './resources.ts'

export interface CertificateInput {
  readonly CertificateArn?: string | undefined
  readonly IsDefault?: boolean | undefined
}

export function listenerCertificateHandlers({
  store,
  directory,
  settings,
}: ApiEnvironment): Pick<
  Elbv2Handlers,
  'AddListenerCertificates' | 'RemoveListenerCertificates' | 'DescribeListenerCertificates'
> {
  const { quotas } = settings
  return {
    async AddListenerCertificates(input) {
      checkNotEmpty(input.Certificates)
      await store.read(async (rows) => await theHttpsListener(rows, input.ListenerArn))
      // The directory cannot be asked inside a transaction.
      const arns: string[] = []
      for (const certificate of input.Certificates)
        arns.push(await checkCertificate(directory, namedCertificate(certificate)))
      return await store.write(async (rows) => {
        const listener = await theHttpsListener(rows, input.ListenerArn)
        for (const arn of arns) await rows.listeners.addCertificate(listener.arn, arn)
        if (
          (await rows.listeners.certificateCount(listener.loadBalancerArn)) >
          quotas.certificatesPerLoadBalancer
        ) {
          throw new ApiError(
            'TooManyCertificates',
            `The maximum number of certificates per load balancer is '${quotas.certificatesPerLoadBalancer}'`,
          )
        }
        return { Certificates: arns.map((arn) => ({ CertificateArn: arn, IsDefault: false })) }
      })
    },

    async RemoveListenerCertificates(input) {
      checkNotEmpty(input.Certificates)
      await store.write(async (rows) => {
        const listener = await theHttpsListener(rows, input.ListenerArn)
        const list = await rows.listeners.certificates(listener.arn)
        for (const certificate of input.Certificates) {
          const arn = namedCertificate(certificate)
          // ALB-LSN-475: a default certificate that is in the list too leaves the list.
          if (!list.includes(arn)) {
            if (arn !== listener.tls.certificateArn) throw certificateNotFound(arn)
            throw new ApiError('OperationNotPermitted', 'Default certificate cannot be removed')
          }
          await rows.listeners.removeCertificate(listener.arn, arn)
        }
      })
      return {}
    },

    async DescribeListenerCertificates(input) {
      const page = pageOf('listener certificates', input)
      return await store.read(async (rows) => {
        const listener = await theHttpsListener(rows, input.ListenerArn)
        const list = await rows.listeners.certificates(listener.arn)
        const all: CertificateOutput[] = [
          { CertificateArn: listener.tls.certificateArn, IsDefault: true },
          ...list.map((arn) => ({ CertificateArn: arn, IsDefault: false })),
        ]
        const { items: Certificates, next } = slicePage(all, page)
        return { Certificates: [...Certificates], ...nextMarker('listener certificates', next) }
      })
    },
  }
}

/** The ARN that a call names. */
export function namedCertificate({ CertificateArn: arn, IsDefault }: CertificateInput): string {
  if (arn === undefined || arn === '') throw validationError('A certificate ARN must be specified')
  if (IsDefault !== undefined) throw validationError('IsDefault cannot be specified for a certificate')
  if (!/^arn:aws[a-z-]*:(?:acm|iam):/.test(arn)) {
    throw validationError(`'${arn}' is not a valid certificate ARN`)
  }
  return arn
}

function checkNotEmpty(certificates: readonly CertificateInput[]): void {
  if (certificates.length === 0) throw validationError('A certificate must be specified')
}

async function theHttpsListener(
  rows: RowReader,
  arn: string,
): Promise<Listener & { readonly tls: ListenerTls }> {
  const listener = await theListener(rows, arn)
  const { tls } = listener
  if (tls === null) throw validationError('Certificates can only be specified for HTTPS listeners')
  return { ...listener, tls }
}
