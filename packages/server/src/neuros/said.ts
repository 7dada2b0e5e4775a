import type { Auren } from '@auren/core'
import { z } from 'zod'
import { type Route, route } from '../http/route.js'
import { Id } from './routes.js'

/** What a person says in their own words, and what of it contradicts what. */
export function saidRoutes(auren: Auren): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/notes',
      tag: 'memory',
      summary: 'Keep a note, with drafts of what the rules read in it, to be confirmed (PATCH) or undone (DELETE)',
      status: 201,
      body: z.object({ text: z.string().trim().min(1).max(4000) }),
      handle: ({ body, user }) => auren.memory.for(user).note(body.text),
    }),
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
