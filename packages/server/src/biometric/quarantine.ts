import { type Auren, AurenError, asAurenError, type QuarantineItem, type UserId } from '@auren/core'
import { z } from 'zod'
import { type Guard, type Route, route } from '../http/route.js'

const Id = z.object({ id: z.uuid() })
const names = {
  provider: z
    .string()
    .regex(/^[a-z][a-z0-9.-]{0,79}$/)
    .optional(),
  reason: z
    .string()
    .regex(/^[\w.-]{1,80}$/)
    .optional(),
}
/** Most items of one request that replays many. */
const MOST_ITEMS = 5000
const PAGE = 200

/** An item as an operator sees it: whose it is, and in which account, are keyed hashes, as in the audit log. */
const Seen = z.object({
  id: z.string(),
  person: z.string().nullable(),
  provider: z.string(),
  account: z.string(),
  rawRef: z.string(),
  receivedAt: z.int(),
  reason: z.string(),
  replayedAt: z.int().nullable(),
  detail: z.string().optional(),
  item: z.unknown().optional(),
})

/**
 * The quarantine of all persons, and of nobody, for who runs the installation. What was set aside is a person's data: it
 * is shown where that is asked for, and the audit log notes it before.
 */
export function operatorRoutes(auren: Pick<Auren, 'ingest' | 'identity'>, note: Guard['note']): Route[] {
  const operate = { scope: 'operate', tag: 'operator' } as const
  const { operator } = auren.ingest.quarantine
  const hashOf = (text: string): Promise<string> => {
    if (auren.identity) return auren.identity.hashOf(text)
    throw new AurenError('AUREN_CAPABILITY_MISSING', 'No storage plugin keeps an audit log: add one that does.')
  }
  const seen = async (item: QuarantineItem): Promise<z.infer<typeof Seen>> => ({
    id: item.id,
    person: item.user === null ? null : await hashOf(item.user),
    provider: item.provider,
    account: await hashOf(`account ${item.provider} ${item.account}`),
    rawRef: item.rawRef,
    receivedAt: item.receivedAt,
    reason: item.reason,
    replayedAt: item.replayedAt,
  })
  const replay = async (actor: UserId, { id, user: subject }: QuarantineItem): ReturnType<typeof operator.replay> => {
    await note({ action: 'quarantine.replay', actor, subject, reason: 'operate' })
    return operator.replay(id)
  }

  return [
    route({
      ...operate,
      method: 'get',
      path: '/v1/operator/quarantine',
      summary: 'What was set aside, of everybody and of nobody, newest first, without what it holds',
      query: z.object({
        ...names,
        limit: z.coerce.number().int().min(1).max(1000).default(100),
        all: z.stringbool().optional(),
        after: z.uuid().optional(),
      }),
      response: z.array(Seen),
      async handle({ query: { provider, reason, limit, all, after } }) {
        const filter = { limit, ...chosen({ provider, reason, after }), ...(all ? {} : { open: true }) }
        return Promise.all((await operator.list(filter)).map(seen))
      },
    }),
    route({
      ...operate,
      method: 'get',
      path: '/v1/operator/quarantine/{id}',
      summary: 'One item; with reveal=true also what it holds, which the audit log notes',
      params: Id,
      query: z.object({ reveal: z.stringbool().default(false) }),
      response: Seen,
      async handle({ params, query, user }) {
        const item = await operator.get(params.id)
        if (!query.reveal) return seen(item)
        await note({ action: 'quarantine.read', actor: user, subject: item.user, reason: 'operate' })
        return { ...(await seen(item)), detail: item.detail, item: item.item }
      },
    }),
    route({
      ...operate,
      method: 'post',
      path: '/v1/operator/quarantine/{id}/replay',
      summary: 'Try it again, whoever’s it is; twice is once',
      params: Id,
      response: z.object({ accepted: z.int(), quarantined: z.int(), alreadyReplayed: z.boolean() }),
      handle: async ({ params, user }) => replay(user, await operator.get(params.id)),
    }),
    route({
      ...operate,
      method: 'post',
      path: '/v1/operator/quarantine/replay',
      summary: 'Try again all that a filter names and that has not been replayed; twice is once',
      body: z.strictObject({ ...names, after: z.uuid().optional() }),
      response: z.object({
        replayed: z.int(),
        accepted: z.int(),
        quarantined: z.int(),
        /** What cannot be replayed as things stand, and stays. */
        refused: z.array(z.object({ id: z.string(), code: z.string() })),
        /** `after` of the request that goes on where this one stopped; null where it came to the end. */
        next: z.string().nullable(),
      }),
      async handle({ body, user, signal }) {
        const sum = { replayed: 0, accepted: 0, quarantined: 0, refused: [] as { id: string; code: string }[] }
        let tried = 0
        let { after } = body
        while (tried < MOST_ITEMS && !signal.aborted) {
          // Backwards in time: what a replay sets aside anew is not met again.
          const page = await operator.list({ ...chosen({ ...body, after }), open: true, limit: PAGE })
          for (const item of page) {
            if (signal.aborted) break
            tried++
            try {
              const { accepted, quarantined, alreadyReplayed } = await replay(user, item)
              sum.replayed += alreadyReplayed ? 0 : 1
              sum.accepted += accepted
              sum.quarantined += quarantined
            } catch (thrown) {
              const error = asAurenError(thrown)
              if (error.retryable) throw error
              sum.refused.push({ id: item.id, code: error.code })
            }
          }
          after = page.at(-1)?.id ?? after
          if (page.length < PAGE) return { ...sum, next: null }
        }
        return { ...sum, next: after ?? null }
      },
    }),
  ]
}

/** Without what was not said. */
function chosen<T extends Record<string, string | undefined>>(given: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: string
  }
}
