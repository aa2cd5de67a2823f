// Server certificates of IAM: upload, get, list, rename, delete.

import { randomInt } from 'node:crypto'
import type { ServerCertificateMetadata } from '@aws-sdk/client-iam'
import { readMaterial } from '../../certificates/material.ts'
import type { UnusableMaterial } from '../../certificates/unusable-material.ts'
import type { ServerCertificate } from '../../model/certificates.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError } from '../errors.ts'
import { withMaterialErrors } from '../material-errors.ts'
import { tagList } from '../tags.ts'
import { listPage, serverCertificateArn, theServerCertificate, type IamHandlers } from './resources.ts'
import { addTags, checkTags } from './tags.ts'

const ID_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export function serverCertificateHandlers({
  store,
  clock,
  settings,
}: ApiEnvironment): Pick<
  IamHandlers,
  | 'UploadServerCertificate'
  | 'GetServerCertificate'
  | 'ListServerCertificates'
  | 'UpdateServerCertificate'
  | 'DeleteServerCertificate'
> {
  return {
    async UploadServerCertificate(input, call) {
      const { facts, material } = withMaterialErrors(
        () =>
          readMaterial({
            certificate: input.CertificateBody,
            privateKey: input.PrivateKey,
            chain: input.CertificateChain,
          }),
        refuse,
      )
      checkTags(input.Tags)
      const { ServerCertificateName: name, Path: path = '/' } = input
      return await store.write(async (rows) => {
        const all = await rows.certificates.serverCertificates(call.accountId)
        if (all.some((other) => other.name === name)) throw alreadyExists(name)
        const max = settings.quotas.serverCertificates
        if (all.length >= max) {
          throw new ApiError('LimitExceeded', `Cannot exceed quota for ServerCertificatesPerAccount: ${max}`)
        }
        const certificate: ServerCertificate = {
          arn: serverCertificateArn(call, path, name),
          accountId: call.accountId,
          name,
          path,
          id: newId(),
          uploadedAt: Math.floor(clock.date()),
          facts,
        }
        await rows.certificates.insertServerCertificate(certificate, material)
        await addTags(rows, certificate.arn, input.Tags)
        const tags = await rows.tags.of(certificate.arn)
        return {
          ServerCertificateMetadata: metadata(certificate),
          ...(tags.length === 0 ? {} : { Tags: tagList(tags) }),
        }
      })
    },

    async GetServerCertificate(input, call) {
      return await store.read(async (rows) => {
        const found = await theServerCertificate(rows, call, input.ServerCertificateName)
        const material = await rows.certificates.publicMaterial(found.arn)
        if (material === undefined) throw new Error(`No material of ${found.arn}`)
        const tags = await rows.tags.of(found.arn)
        return {
          ServerCertificate: {
            ServerCertificateMetadata: metadata(found),
            // Terraform would make the certificate anew if the texts ended as files do.
            CertificateBody: material.certificate.trimEnd(),
            ...(material.chain === null ? {} : { CertificateChain: material.chain.trimEnd() }),
            ...(tags.length === 0 ? {} : { Tags: tagList(tags) }),
          },
        }
      })
    },

    async ListServerCertificates(input, call) {
      const { PathPrefix: prefix = '/' } = input
      return await store.read(async (rows) => {
        const all = await rows.certificates.serverCertificates(call.accountId)
        const wanted = all.filter(({ path }) => path.startsWith(prefix))
        const { items, more } = listPage('server-certificates', wanted, input)
        return { ServerCertificateMetadataList: items.map(metadata), ...more }
      })
    },

    async UpdateServerCertificate(input, call) {
      const { ServerCertificateName, NewServerCertificateName, NewPath } = input
      await store.write(async (rows) => {
        const old = await theServerCertificate(rows, call, ServerCertificateName)
        const { name = old.name, path = old.path } = { name: NewServerCertificateName, path: NewPath }
        const holder = await rows.certificates.serverCertificateByName(call.accountId, name)
        if (holder !== undefined && holder.arn !== old.arn) throw alreadyExists(name)
        const arn = serverCertificateArn(call, path, name)
        await rows.certificates.renameServerCertificate(old.arn, { arn, name, path })
      })
      return {}
    },

    async DeleteServerCertificate(input, call) {
      await store.write(async (rows) => {
        const { arn, id } = await theServerCertificate(rows, call, input.ServerCertificateName)
        const [user] = await rows.loadBalancers.withCertificate(arn)
        if (user !== undefined) {
          throw new ApiError(
            'DeleteConflict',
            `Certificate: ${id} is currently in use by ${user}. Please remove it first before deleting it from IAM.`,
          )
        }
        await rows.certificates.deleteServerCertificate(arn)
      })
      return {}
    },
  }
}

function metadata(certificate: ServerCertificate): ServerCertificateMetadata {
  return {
    Path: certificate.path,
    ServerCertificateName: certificate.name,
    ServerCertificateId: certificate.id,
    Arn: certificate.arn,
    UploadDate: new Date(certificate.uploadedAt),
    Expiration: new Date(certificate.facts.notAfter),
  }
}

function refuse({ problem, message }: UnusableMaterial): ApiError {
  return new ApiError(problem === 'key-mismatch' ? 'KeyPairMismatch' : 'MalformedCertificate', message)
}

function alreadyExists(name: string): ApiError {
  return new ApiError('EntityAlreadyExists', `The Server Certificate with name ${name} already exists.`)
}

/** As AWS makes them: the prefix of server certificates and 17 random characters. */
function newId(): string {
  const characters = Array.from({ length: 17 }, () => ID_CHARACTERS.charAt(randomInt(ID_CHARACTERS.length)))
  return `ASCA${characters.join('')}`
}
