import { type Auren, AurenError, type RawRequest } from '@auren/core'
import type { Request } from 'express'
import { z } from 'zod'
import { answered, type Route, route } from '../http/route.js'
import { stream } from '../http/sse.js'
import { readBody } from './body.js'
import { importEvents, receiveParts } from './imports.js'
import { showConnected, showRefused } from './returned-page.js'
import { Vendor, vendorsOf } from './vendors.js'

/** Largest webhook body, in bytes. */
const WEBHOOK_LIMIT = 4 * 1024 * 1024
/** Largest part of an upload: edge proxies cut longer requests. */
export const PART_LIMIT = 4 * 1024 * 1024

const Provider = z.object({ provider: z.string().regex(/^[a-z][a-z0-9-]{0,79}$/) })
const Id = z.object({
  id: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[\w.:-]+$/),
})

/** Webhooks: POST deliveries, GET and HEAD challenges. Nobody signs in here: the vendor's signature decides. */
export function webhookRoutes(auren: Auren, now: () => number): Route[] {
  const receive = async (request: Request, provider: string, method: RawRequest['method']) => {
    const body = method === 'POST' ? await readBody(request, WEBHOOK_LIMIT) : new Uint8Array()
    return auren.ingest.webhook(provider, {
      method,
      headers: flat(request.headers),
      query: flat(request.query),
      body,
      now: now(),
    })
  }
  const spec = (method: 'post' | 'get' | 'head', summary: string): Route =>
    route({
      method,
      path: '/webhooks/{provider}',
      tag: 'webhooks',
      summary,
      auth: false,
      params: Provider,
      rawBody: method === 'post',
      status: 200,
      async handle({ params, request, response }) {
        const answer = await receive(request, params.provider, method.toUpperCase() as RawRequest['method'])
        response.status(answer.status)
        for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, String(value))
        response.end(answer.body)
        return answered
      },
    })
  return [
    spec('post', 'A delivery: 2xx only after it is committed'),
    // Express answers HEAD with the GET handler unless HEAD comes first.
    spec('head', 'A vendor checks that the address exists'),
    spec('get', 'A vendor’s challenge'),
  ]
}

/** Imports of files: in parts, resumable, with progress. */
export function importRoutes(auren: Auren): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/imports',
      tag: 'imports',
      summary: 'Begin an upload: JSON {name, size?, plugin?, options?}; then PUT parts, then POST start',
      status: 201,
      body: z.object({
        name: z.string().min(1).max(300),
        size: z.int().min(0).optional(),
        plugin: Provider.shape.provider.optional(),
        options: z
          .record(z.string(), z.unknown())
          .optional()
          .describe('What there is to say of the file, where the plugin asks for it: the mapping of a csv'),
      }),
      handle: ({ body, user }) =>
        auren.ingest.uploads.begin(user, {
          name: body.name,
          ...(body.size === undefined ? {} : { size: body.size }),
          ...(body.plugin ? { plugin: body.plugin } : {}),
          ...(body.options ? { options: body.options } : {}),
        }),
    }),
    route({
      method: 'put',
      path: '/v1/imports/{id}/parts',
      tag: 'imports',
      summary: 'Append bytes at an offset (at most 4 MiB a part); a part sent twice does nothing',
      params: Id,
      query: z.object({ offset: z.coerce.number().int().min(0) }),
      rawBody: true,
      response: z.object({ size: z.int() }),
      async handle({ params, query, user, request }) {
        return auren.ingest.uploads.append(user, params.id, query.offset, await readBody(request, PART_LIMIT))
      },
    }),
    route({
      method: 'put',
      path: '/v1/imports/{id}/file',
      tag: 'imports',
      summary: 'The whole file as one streamed body (for local use; proxies cut long requests)',
      params: Id,
      rawBody: true,
      response: z.object({ size: z.int() }),
      handle: ({ params, user, request }) => receiveParts(auren, user, params.id, request),
    }),
    route({
      method: 'post',
      path: '/v1/imports/{id}/start',
      tag: 'imports',
      summary: 'The upload is complete: import it',
      params: Id,
      status: 202,
      handle: ({ params, user }) => auren.ingest.uploads.start(user, params.id),
    }),
    route({
      method: 'get',
      path: '/v1/imports',
      tag: 'imports',
      summary: 'Imports, newest first',
      handle: ({ user }) => auren.ingest.imports.list(user),
    }),
    route({
      method: 'get',
      path: '/v1/imports/{id}',
      tag: 'imports',
      summary: 'Where an import stands, and what it set aside',
      params: Id,
      handle: ({ params, user }) => auren.ingest.imports.get(user, params.id),
    }),
    route({
      method: 'get',
      path: '/v1/imports/{id}/events',
      tag: 'imports',
      summary: 'Progress as Server-Sent Events, until the import ends',
      params: Id,
      produces: 'text/event-stream',
      async handle({ params, user, response, signal }) {
        await auren.ingest.imports.get(user, params.id)
        await stream(response, importEvents(auren, user, params.id, signal))
        return answered
      },
    }),
    route({
      method: 'post',
      path: '/v1/imports/{id}/withdrawal',
      audit: 'data.withdraw',
      tag: 'imports',
      summary: 'Withdraw what this complete export lacks and earlier ones held; what was known can be read as of then',
      params: Id,
      status: 202,
      handle: ({ params, user }) => auren.ingest.imports.withdraw(user, params.id),
    }),
    route({
      method: 'delete',
      path: '/v1/imports/{id}/withdrawal',
      audit: 'data.restore',
      tag: 'imports',
      summary: 'Take that back: what it withdrew holds again',
      params: Id,
      status: 202,
      handle: ({ params, user }) => auren.ingest.imports.restore(user, params.id),
    }),
    route({
      method: 'delete',
      path: '/v1/imports/{id}',
      tag: 'imports',
      summary: 'Stop an import; what was imported so far stays',
      params: Id,
      status: 204,
      async handle({ params, user }) {
        await auren.ingest.imports.cancel(user, params.id)
        return undefined
      },
    }),
  ]
}

const Connected = z.object({
  provider: z.string(),
  account: z.string(),
  status: z.enum(['pending', 'active', 'revoked', 'error']),
  lastSyncAt: z.number().nullable(),
  error: z.string().nullable(),
  permissions: z.array(z.string()).nullable(),
})

/** Connections to vendors: by OAuth, on a page of theirs, or to a site of the person's own. */
export function connectionRoutes(auren: Auren, callback: (provider: string) => string): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/connections',
      tag: 'connections',
      summary: 'Which vendors are connected, and when they were last heard',
      handle: ({ user }) => auren.ingest.connections.list(user),
    }),
    route({
      method: 'get',
      path: '/v1/vendors',
      tag: 'connections',
      summary: 'Which vendors this installation knows, and how a person connects each',
      response: z.array(Vendor),
      handle: async () => vendorsOf(auren.plugins.list()),
    }),
    route({
      method: 'post',
      path: '/v1/connections/{provider}',
      tag: 'connections',
      summary:
        'Begin to connect: the address to send the person to; of a site of their own, connect it with what is given',
      params: Provider,
      // Without a body there is nothing that is given.
      body: z
        .object({
          given: z
            .record(z.string().max(40), z.string().max(4000))
            .optional()
            .describe('What opens the person’s own site, where the vendor has no sign-in: {url, token} of nightscout'),
        })
        .prefault({}),
      status: 201,
      response: z.object({
        url: z.string().describe('Where to send the person; empty where it is connected already'),
        state: z.string(),
        connection: Connected.optional(),
      }),
      handle: ({ params, body, user }) =>
        auren.ingest.connections.begin(user, params.provider, callback(params.provider), body.given),
    }),
    route({
      method: 'get',
      path: '/v1/connections/{provider}/callback',
      tag: 'connections',
      summary: 'Where the vendor sends the person back to',
      // The vendor's redirect carries no token; the one-time state names the person.
      auth: false,
      params: Provider,
      query: z.object({
        code: z.string().max(4096).optional(),
        state: z.string().max(4096).optional(),
        error: z.string().max(200).optional(),
      }),
      produces: 'text/html',
      async handle({ params, query, request, response }) {
        // Some vendors put what they add behind a second question mark.
        const state = query.state?.split('?')[0]
        try {
          if (query.error !== undefined || state === undefined)
            throw new AurenError(
              'AUREN_VENDOR_UNAUTHORIZED',
              'The vendor did not grant access. Begin again from the connections page.',
            )
          await auren.ingest.connections.finish(params.provider, { code: query.code, state })
        } catch (error) {
          // A person must not be left with a page of JSON.
          if (!showRefused(error, request, response)) throw error
          return answered
        }
        showConnected(response)
        return answered
      },
    }),
    route({
      method: 'post',
      path: '/v1/connections/{provider}/sync',
      tag: 'connections',
      summary: 'Fetch what is new now',
      params: Provider,
      status: 202,
      handle: ({ params, user }) => auren.ingest.connections.sync(user, params.provider),
    }),
    route({
      method: 'delete',
      path: '/v1/connections/{provider}',
      tag: 'connections',
      summary: 'Disconnect and destroy the tokens; data stays',
      params: Provider,
      status: 204,
      async handle({ params, user }) {
        await auren.ingest.connections.remove(user, params.provider)
        return undefined
      },
    }),
  ]
}

/** What was set aside. */
export function quarantineRoutes(auren: Auren): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/quarantine',
      tag: 'quarantine',
      summary: 'What was set aside, and why',
      query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100), all: z.stringbool().optional() }),
      handle: ({ query, user }) => auren.ingest.quarantine.list({ user, limit: query.limit, open: !query.all }),
    }),
    route({
      method: 'get',
      path: '/v1/quarantine/{id}',
      tag: 'quarantine',
      summary: 'One item, whole',
      params: Id,
      handle: ({ params, user }) => auren.ingest.quarantine.get(user, params.id),
    }),
    route({
      method: 'post',
      path: '/v1/quarantine/{id}/replay',
      audit: 'quarantine.replay',
      tag: 'quarantine',
      summary: 'Try it again, after a fix; twice is once',
      params: Id,
      handle: ({ params, user }) => auren.ingest.quarantine.replay(user, params.id),
    }),
  ]
}

/** First values only, and only strings: what a signature scheme reads. */
function flat(values: Record<string, unknown>): Record<string, string> {
  const result: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, value] of Object.entries(values)) {
    const first = Array.isArray(value) ? (value[0] as unknown) : value
    if (typeof first === 'string') result[name.toLowerCase()] = first
  }
  return result
}
