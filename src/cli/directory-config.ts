// The part of the configuration file that says where networks and certificates are looked up.

import { z } from 'zod'

const REFRESH_SECONDS = 10

/** `{region}` is not a part of a URL as it stands. */
const endpoint = z
  .string()
  .refine(
    (text) => /^https?:\/\/[^/]/.test(text) && URL.canParse(text.replaceAll('{region}', 'us-east-2')),
    'a URL such as http://127.0.0.1:5000',
  )

/** The member `directory` of the file. */
export const directory = z
  .strictObject({
    ec2: endpoint.optional(),
    acm: endpoint.optional(),
    iam: endpoint.optional(),
    accessKeyId: z.string().min(1).optional(),
    secretAccessKey: z.string().min(1).optional(),
    sessionToken: z.string().min(1).optional(),
    refreshSeconds: z.number().min(1).max(3600).default(REFRESH_SECONDS),
  })
  .refine(
    ({ accessKeyId, secretAccessKey, sessionToken }) =>
      (accessKeyId === undefined) === (secretAccessKey === undefined) &&
      (sessionToken === undefined || accessKeyId !== undefined),
    'accessKeyId and secretAccessKey together, and sessionToken only with them',
  )
  .transform(({ ec2, acm, iam, accessKeyId, secretAccessKey, sessionToken, refreshSeconds }) => ({
    ec2: ec2 ?? null,
    acm: acm ?? null,
    iam: iam ?? null,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? null
        : { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    refreshMs: refreshSeconds * 1000,
  }))
