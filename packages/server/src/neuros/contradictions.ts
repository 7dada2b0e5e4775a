import type { Auren } from '@auren/core'
import { z } from 'zod'
import { type Route, route } from '../http/route.js'
import { Id } from './routes.js'

/** What contradicts what: read and decide. */
export function contradictionRoutes(auren: Auren): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/contradictions',
      tag: 'memory',
      summary: 'What contradicts what among the memories, the open ones first, with both sides',
      query: z.object({
        /** `true`: those that wait for a decision; `false`: those that are closed. */
        open: z.enum(['true', 'false']).optional(),
        as_of: z.coerce.number().int().optional(),
      }),
      async handle({ query: { open, as_of }, user }) {
        const memory = auren.memory.for(user)
        const as = as_of === undefined ? {} : { asOf: as_of }
        const found = await memory.contradictions({ ...(open === undefined ? {} : { open: open === 'true' }), ...as })
        const records = found.length === 0 ? [] : await memory.list(as)
        return found.map((contradiction) => ({
          ...contradiction,
          sides: contradiction.between.flatMap((id) => records.find((record) => record.id === id) ?? []),
        }))
      },
    }),
    route({
      method: 'patch',
      path: '/v1/contradictions/{id}',
      tag: 'memory',
      summary: 'Decide a contradiction: one memory holds, the other is put aside, and both stay readable',
      params: z.object({ id: Id }),
      body: z.object({ keep: Id }),
      handle: ({ params, body, user }) => auren.memory.for(user).resolve(params.id, body.keep),
    }),
  ]
}
