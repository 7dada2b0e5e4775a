import type { Auren } from '@auren/core'
import { z } from 'zod'
import { type Route, route } from '../http/route.js'

const Id = z.object({ id: z.uuid() })

/** Reading anew what was kept of a vendor, after its normalizer was mended: what would change, and changing it. */
export function replayRoutes(auren: Auren): Route[] {
  const { replays } = auren.ingest
  return [
    route({
      method: 'post',
      path: '/v1/replays',
      audit: 'data.replay',
      tag: 'replays',
      summary: 'Read anew what was kept of a vendor; with dryRun only tell what would change',
      status: 202,
      body: z.strictObject({
        provider: z.string().regex(/^[a-z][a-z0-9-]{0,79}$/),
        account: z.string().min(1).max(300).optional(),
        from: z.iso.date().optional(),
        to: z.iso.date().optional(),
        dryRun: z.boolean().default(false),
      }),
      handle: ({ body: { provider, account, from, to, dryRun }, user }) =>
        replays.start(user, {
          provider,
          dryRun,
          ...(account === undefined ? {} : { account }),
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        }),
    }),
    route({
      method: 'get',
      path: '/v1/replays',
      tag: 'replays',
      summary: 'The last twenty replays, newest first',
      handle: ({ user }) => replays.list(user),
    }),
    route({
      method: 'get',
      path: '/v1/replays/{id}',
      tag: 'replays',
      summary: 'Where a replay stands, and what it changes: counts by metric and day, and examples',
      params: Id,
      handle: ({ params, user }) => replays.get(user, params.id),
    }),
    route({
      method: 'delete',
      path: '/v1/replays/{id}',
      tag: 'replays',
      summary: 'Stop a replay; what it has changed so far stays',
      params: Id,
      status: 204,
      async handle({ params, user }) {
        await replays.cancel(user, params.id)
        return undefined
      },
    }),
  ]
}
