// Rows of certificates and of the local certificate authority. Private keys are sealed on the way in.

import type { Selectable } from 'kysely'
import type {
  AcmCertificate,
  CertificateFacts,
  CertificateMaterial,
  CertificateRequest,
  ServerCertificate,
} from '../../model/certificates.ts'
import type { Scope } from '../../model/resources.ts'
import type { AuthorityMaterial, CertificateWriter, PublicMaterial } from '../certificates.ts'
import { FORGOTTEN } from './sealed-secrets.ts'
import type { Tables } from './tables.ts'
import type { UnitOfWork } from './unit-of-work.ts'

const FACTS = ['arn', 'account_id', 'region', 'created_at', 'issued_at', 'facts', 'request'] as const
const SERVER_FACTS = ['arn', 'account_id', 'name', 'path', 'id', 'uploaded_at', 'facts'] as const

export class CertificateRows implements CertificateWriter {
  readonly #work: UnitOfWork

  constructor(work: UnitOfWork) {
    this.#work = work
  }

  async certificate(arn: string): Promise<AcmCertificate | undefined> {
    const row = await this.#work.db
      .selectFrom('certificates')
      .select(FACTS)
      .where('arn', '=', arn)
      .executeTakeFirst()
    return row && certificateOf(row)
  }

  async certificates(scope: Scope): Promise<readonly AcmCertificate[]> {
    const rows = await this.#work.db
      .selectFrom('certificates')
      .select(FACTS)
      .where('account_id', '=', scope.accountId)
      .where('region', '=', scope.region)
      .orderBy('sequence')
      .execute()
    return rows.map(certificateOf)
  }

  async certificatesByToken(scope: Scope, token: string): Promise<readonly AcmCertificate[]> {
    const rows = await this.#work.db
      .selectFrom('certificates')
      .select(FACTS)
      .where('account_id', '=', scope.accountId)
      .where('region', '=', scope.region)
      .where('idempotency_token', '=', token)
      .orderBy('sequence', 'desc')
      .execute()
    return rows.map(certificateOf)
  }

  async requestedCertificates(): Promise<readonly AcmCertificate[]> {
    const rows = await this.#work.db
      .selectFrom('certificates')
      .select(FACTS)
      .where('request', 'is not', null)
      .orderBy('sequence')
      .execute()
    return rows.map(certificateOf)
  }

  async serverCertificate(arn: string): Promise<ServerCertificate | undefined> {
    const row = await this.#work.db
      .selectFrom('server_certificates')
      .select(SERVER_FACTS)
      .where('arn', '=', arn)
      .executeTakeFirst()
    return row && serverCertificateOf(row)
  }

  async serverCertificateByName(accountId: string, name: string): Promise<ServerCertificate | undefined> {
    const row = await this.#work.db
      .selectFrom('server_certificates')
      .select(SERVER_FACTS)
      .where('account_id', '=', accountId)
      .where('name', '=', name)
      .executeTakeFirst()
    return row && serverCertificateOf(row)
  }

  async serverCertificates(accountId: string): Promise<readonly ServerCertificate[]> {
    const rows = await this.#work.db
      .selectFrom('server_certificates')
      .select(SERVER_FACTS)
      .where('account_id', '=', accountId)
      .orderBy('name')
      .execute()
    return rows.map(serverCertificateOf)
  }

  async material(arn: string): Promise<CertificateMaterial | undefined> {
    const row = await this.#work.db
      .selectFrom(tableOf(arn))
      .select(['certificate', 'chain', 'private_key'])
      .where('arn', '=', arn)
      .executeTakeFirst()
    if (row === undefined || row.private_key === FORGOTTEN) return undefined
    return {
      certificate: row.certificate,
      chain: row.chain,
      privateKey: this.#work.secrets.open(row.private_key),
    }
  }

  async publicMaterial(arn: string): Promise<PublicMaterial | undefined> {
    return await this.#work.db
      .selectFrom(tableOf(arn))
      .select(['certificate', 'chain'])
      .where('arn', '=', arn)
      .executeTakeFirst()
  }

  async authority(name: string): Promise<AuthorityMaterial | undefined> {
    const row = await this.#work.db
      .selectFrom('certificate_authorities')
      .select(['certificate', 'private_key'])
      .where('name', '=', name)
      .executeTakeFirst()
    return row && { certificate: row.certificate, privateKey: this.#work.secrets.open(row.private_key) }
  }

  async insertCertificate(
    certificate: AcmCertificate,
    material: CertificateMaterial,
    idempotencyToken?: string,
  ): Promise<void> {
    await this.#work.db
      .insertInto('certificates')
      .values({
        arn: certificate.arn,
        account_id: certificate.accountId,
        region: certificate.region,
        created_at: certificate.createdAt,
        issued_at: certificate.issuedAt,
        facts: JSON.stringify(certificate.facts),
        request: certificate.request && JSON.stringify(certificate.request),
        idempotency_token: idempotencyToken ?? null,
        ...this.#sealed(material),
      })
      .execute()
  }

  async replaceMaterial(
    arn: string,
    change: { readonly facts: CertificateFacts; readonly issuedAt: number },
    material: CertificateMaterial,
  ): Promise<void> {
    await this.#work.db
      .updateTable('certificates')
      .set({
        facts: JSON.stringify(change.facts),
        issued_at: change.issuedAt,
        ...this.#sealed(material),
      })
      .where('arn', '=', arn)
      .execute()
    await this.#changed(arn)
  }

  async updateRequest(arn: string, request: CertificateRequest): Promise<void> {
    await this.#work.db
      .updateTable('certificates')
      .set({ request: JSON.stringify(request) })
      .where('arn', '=', arn)
      .execute()
  }

  async deleteCertificate(arn: string): Promise<void> {
    await this.#work.db.deleteFrom('tags').where('resource_arn', '=', arn).execute()
    await this.#work.db.deleteFrom('certificates').where('arn', '=', arn).execute()
  }

  async insertServerCertificate(
    certificate: ServerCertificate,
    material: CertificateMaterial,
  ): Promise<void> {
    await this.#work.db
      .insertInto('server_certificates')
      .values({
        arn: certificate.arn,
        account_id: certificate.accountId,
        name: certificate.name,
        path: certificate.path,
        id: certificate.id,
        uploaded_at: certificate.uploadedAt,
        facts: JSON.stringify(certificate.facts),
        ...this.#sealed(material),
      })
      .execute()
  }

  async renameServerCertificate(
    arn: string,
    change: Pick<ServerCertificate, 'arn' | 'name' | 'path'>,
  ): Promise<void> {
    const { arn: newArn, name, path } = change
    await this.#work.db
      .updateTable('server_certificates')
      .set({ arn: newArn, name, path })
      .where('arn', '=', arn)
      .execute()
    await this.#work.db
      .updateTable('tags')
      .set({ resource_arn: newArn })
      .where('resource_arn', '=', arn)
      .execute()
    for (const table of ['listeners', 'listener_certificates'] as const) {
      await this.#work.db
        .updateTable(table)
        .set({ certificate_arn: newArn })
        .where('certificate_arn', '=', arn)
        .execute()
    }
    await this.#changed(newArn)
  }

  async deleteServerCertificate(arn: string): Promise<void> {
    await this.#work.db.deleteFrom('tags').where('resource_arn', '=', arn).execute()
    await this.#work.db.deleteFrom('server_certificates').where('arn', '=', arn).execute()
  }

  async insertAuthority(name: string, { certificate, privateKey }: AuthorityMaterial): Promise<void> {
    await this.#work.db
      .insertInto('certificate_authorities')
      .values({ name, certificate, private_key: this.#work.secrets.seal(privateKey) })
      .execute()
  }

  /** Notes who presents the certificate, which is not the same any more. */
  async #changed(arn: string): Promise<void> {
    const { changes, rows } = this.#work
    for (const user of await rows.loadBalancers.withCertificate(arn)) changes.loadBalancers.add(user)
  }

  #sealed({ certificate, chain, privateKey }: CertificateMaterial) {
    return { certificate, chain, private_key: this.#work.secrets.seal(privateKey) }
  }
}

/** The service in an ARN says where it is kept. */
function tableOf(arn: string): 'certificates' | 'server_certificates' {
  return /^arn:[^:]*:iam:/.test(arn) ? 'server_certificates' : 'certificates'
}

function certificateOf(
  row: Pick<Selectable<Tables['certificates']>, (typeof FACTS)[number]>,
): AcmCertificate {
  return {
    arn: row.arn,
    accountId: row.account_id,
    region: row.region,
    createdAt: row.created_at,
    issuedAt: row.issued_at,
    facts: JSON.parse(row.facts) as CertificateFacts,
    request: row.request === null ? null : (JSON.parse(row.request) as CertificateRequest),
  }
}

function serverCertificateOf(
  row: Pick<Selectable<Tables['server_certificates']>, (typeof SERVER_FACTS)[number]>,
): ServerCertificate {
  return {
    arn: row.arn,
    accountId: row.account_id,
    name: row.name,
    path: row.path,
    id: row.id,
    uploadedAt: row.uploaded_at,
    facts: JSON.parse(row.facts) as CertificateFacts,
  }
}
