// What an HTTPS listener presents: its certificates with their keys, as far as these are here, and its policy.

import { createHash } from 'node:crypto'

import { loadBalancerAttributes, effectiveAttributes } from '../../model/attributes.ts'
import type { CertificateFacts, CertificateMaterial } from '../../model/certificates.ts'
import { sessionHeaderNames } from '../../model/listener-attributes.ts'
import type { Listener } from '../../model/resources.ts'
import type { CertificateUnit, ListenerTlsUnit, ListenerUnit } from '../../snapshot/application-units.ts'
import type { RowReader } from '../../store/store.ts'

/** The certificates of one load balancer, each once, while its unit is built. */
export class PresentedCertificates {
  readonly problems: string[] = []
  /** What is closed because it is not offered, which is no fault of what was configured. */
  readonly notices: string[] = []
  readonly #rows: RowReader
  readonly #units = new Map<string, CertificateUnit | null>()

  constructor(rows: RowReader) {
    this.#rows = rows
  }

  get units(): readonly CertificateUnit[] {
    return [...this.#units.values()].filter((unit) => unit !== null)
  }

  /** What a listener presents; null where it must not serve, and `notices` says why. */
  async of(
    listener: Listener,
    loadBalancerSet: ReadonlyMap<string, string>,
  ): Promise<ListenerTlsUnit | null> {
    const { tls, port } = listener
    if (tls === null) return null
    if (tls.mutualAuthentication.mode !== 'off') {
      this.notices.push(
        `Listener on port ${port} is closed: mutual authentication (${tls.mutualAuthentication.mode}) is not offered yet`,
      )
      return null
    }
    const { certificateArn } = tls
    const present: string[] = []
    for (const arn of await this.#rows.listeners.certificates(listener.arn))
      if (await this.#add(arn, port)) present.push(arn)
    const hasDefault = await this.#add(certificateArn, port)
    const attributes = effectiveAttributes(loadBalancerAttributes, loadBalancerSet)
    return {
      policy: tls.sslPolicy,
      defaultCertificate: hasDefault ? certificateArn : null,
      certificates: present,
      isHttp2Offered: attributes.get('routing.http2.enabled') !== 'false',
    }
  }

  /** Whether the certificate can be presented. */
  async #add(arn: string, port: number): Promise<boolean> {
    let unit = this.#units.get(arn)
    if (unit === undefined) {
      unit = await certificateUnit(this.#rows, arn)
      this.#units.set(arn, unit)
    }
    if (unit === null) {
      this.problems.push(
        `Listener on port ${port} cannot present ${arn}: its private key is not here (import the certificate with its key)`,
      )
    }
    return unit !== null
  }
}

async function certificateUnit({ certificates }: RowReader, arn: string): Promise<CertificateUnit | null> {
  const material = await certificates.material(arn)
  const found = (await certificates.certificate(arn)) ?? (await certificates.serverCertificate(arn))
  if (material === undefined || found === undefined) return null
  const { facts } = found
  const chain = [material.certificate, material.chain ?? ''].map((text) => text.trim()).join('\n')
  return {
    arn,
    fingerprint: fingerprint(material),
    names: namesOf(facts),
    keyAlgorithm: facts.keyAlgorithm,
    signatureAlgorithm: facts.signatureAlgorithm,
    notBefore: facts.notBefore,
    notAfter: facts.notAfter,
    chain: `${chain.trim()}\n`,
    privateKey: material.privateKey,
  }
}

/** Subject and alternative names count alike (ALB-LSN-236). */
function namesOf({ domainName, subjectAlternativeNames }: CertificateFacts): string[] {
  return [...new Set([domainName, ...subjectAlternativeNames].filter((name) => name !== ''))]
}

function fingerprint({ certificate, chain, privateKey }: CertificateMaterial): string {
  return createHash('sha256')
    .update(`${certificate}\n${chain ?? ''}\n${privateKey}`)
    .digest('base64url')
}

/** The headers that tell targets of the client's session; nothing where they are off (ALB-LB-170). */
export function sessionHeaders(
  loadBalancerSet: ReadonlyMap<string, string>,
  listenerSet: ReadonlyMap<string, string>,
): Pick<ListenerUnit, 'sessionHeaders'> {
  if (loadBalancerSet.get('routing.http.x_amzn_tls_version_and_cipher_suite.enabled') !== 'true') return {}
  return { sessionHeaders: sessionHeaderNames(listenerSet) }
}
