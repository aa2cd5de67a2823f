// Certificates with their private keys, and the local certificate authority, as the rest of the program sees them.

import type {
  AcmCertificate,
  CertificateFacts,
  CertificateMaterial,
  CertificateRequest,
  ServerCertificate,
} from '../model/certificates.ts'
import type { Scope } from '../model/resources.ts'

export interface CertificateReader {
  certificate(arn: string): Promise<AcmCertificate | undefined>
  /** In order of creation. */
  certificates(scope: Scope): Promise<readonly AcmCertificate[]>
  /** Certificates that were requested with this idempotency token, newest first. */
  certificatesByToken(scope: Scope, token: string): Promise<readonly AcmCertificate[]>

  /** Certificates that were requested, of all accounts and Regions. */
  requestedCertificates(): Promise<readonly AcmCertificate[]>

  serverCertificate(arn: string): Promise<ServerCertificate | undefined>
  serverCertificateByName(accountId: string, name: string): Promise<ServerCertificate | undefined>
  /** In order of name. */
  serverCertificates(accountId: string): Promise<readonly ServerCertificate[]>

  /** Certificate, chain and opened private key; `arn` is of either service. Undefined too where the key was forgotten. */
  material(arn: string): Promise<CertificateMaterial | undefined>
  /** Certificate and chain alone; `arn` is of either service. */
  publicMaterial(arn: string): Promise<PublicMaterial | undefined>

  /** A signer of the local certificate authority, by its name. */
  authority(name: string): Promise<AuthorityMaterial | undefined>
}

export interface CertificateWriter extends CertificateReader {
  insertCertificate(
    certificate: AcmCertificate,
    material: CertificateMaterial,
    idempotencyToken?: string,
  ): Promise<void>
  /** Another certificate under the same ARN; listeners that have it present it from now on. */
  replaceMaterial(
    arn: string,
    change: { readonly facts: CertificateFacts; readonly issuedAt: number },
    material: CertificateMaterial,
  ): Promise<void>
  updateRequest(arn: string, request: CertificateRequest): Promise<void>
  /** With its tags. */
  deleteCertificate(arn: string): Promise<void>

  insertServerCertificate(certificate: ServerCertificate, material: CertificateMaterial): Promise<void>
  /** Its tags, and what uses it, follow to the new ARN. */
  renameServerCertificate(
    arn: string,
    change: Pick<ServerCertificate, 'arn' | 'name' | 'path'>,
  ): Promise<void>
  /** With its tags. */
  deleteServerCertificate(arn: string): Promise<void>

  insertAuthority(name: string, material: AuthorityMaterial): Promise<void>
}

export type PublicMaterial = Omit<CertificateMaterial, 'privateKey'>
export type AuthorityMaterial = Omit<CertificateMaterial, 'chain'>
