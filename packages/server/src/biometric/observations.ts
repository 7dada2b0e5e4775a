import { type Auren, AurenError, isoInstant, type ObservationInput } from '@auren/core'
import { z } from 'zod'
import { type Route, route } from '../http/route.js'
import { readBody } from './body.js'

/** Largest payload that a person's app posts, in bytes: edge proxies cut longer requests. */
const POSTED_LIMIT = 4 * 1024 * 1024
/** Most observations of one request. */
const MOST_ITEMS = 5000
const KEY = /^[\x21-\x7e]{1,255}$/

const Item = z.looseObject({ shape: z.enum(['sample', 'session', 'daily_total', 'tag', 'deletion']) }).meta({
  description: 'An observation; times in ms since 1970 or ISO 8601 with an offset, which is then the local one',
})

const Batch = z.object({
  /** Name of the app; observations of two apps are never one. */
  app: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,60}$/)
    .default('app'),
  observations: z.array(z.unknown()).min(1).max(MOST_ITEMS),
})

/** The generic way in, for an app of one's own: a batch, an outcome per item, once per Idempotency-Key. */
export function observationRoutes(auren: Auren): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/observations',
      tag: 'observations',
      summary: 'Observations of an app of one’s own: kept when this answers; needs an Idempotency-Key',
      body: Batch,
      response: z.object({
        id: z.string(),
        accepted: z.int(),
        quarantined: z.int(),
        items: z.array(
          z.object({
            status: z.enum(['accepted', 'quarantined']),
            reason: z.string().optional(),
            detail: z.string().optional(),
          }),
        ),
      }),
      async handle({ body, user, request, response }) {
        const key = request.headers['idempotency-key']
        if (typeof key !== 'string' || !KEY.test(key))
          throw new AurenError(
            'AUREN_INPUT_INVALID',
            'Send an Idempotency-Key: a name of this batch, such as a UUID, that is the same when it is sent again.',
          )
        const { duplicate, ...outcome } = await auren.ingest.observations({
          userId: user,
          // Its own room of names: nothing that is sent here passes for a vendor's.
          provider: `app.${body.app}`,
          key,
          observations: body.observations.map((item) => completed(item, body.app)),
          traceparent: request.headers.traceparent as string | undefined,
        })
        if (duplicate) response.setHeader('idempotent-replayed', 'true')
        return outcome
      },
    }),
    route({
      method: 'post',
      path: '/v1/payloads/{provider}',
      tag: 'observations',
      summary: 'A payload of an app on the person’s phone, as its plugin documents it: kept when this answers',
      params: z.object({ provider: z.string().regex(/^[a-z][a-z0-9-]{0,79}$/) }),
      rawBody: true,
      response: z.object({ id: z.string(), accepted: z.int(), quarantined: z.int() }),
      async handle({ params, user, request, response }) {
        const key = request.headers['idempotency-key']
        if (key !== undefined && (typeof key !== 'string' || !KEY.test(key)))
          throw new AurenError('AUREN_INPUT_INVALID', 'An Idempotency-Key is a name of 1 to 255 visible letters.')
        const { duplicate, ...outcome } = await auren.ingest.posted(params.provider, {
          userId: user,
          body: await readBody(request, POSTED_LIMIT),
          ...(key === undefined ? {} : { key }),
          traceparent: request.headers.traceparent as string | undefined,
        })
        if (duplicate) response.setHeader('idempotent-replayed', 'true')
        return outcome
      },
    }),
  ]
}

/**
 * Fills in what an app need not say: the source is the app itself, and an ISO time carries the local offset, as does an
 * `offset` that is said beside a time in milliseconds. What is not an observation stays as it is, to be set aside with its
 * reason.
 */
function completed(item: unknown, app: string): ObservationInput {
  const parsed = Item.safeParse(item)
  if (!parsed.success) return item as ObservationInput
  const given = parsed.data
  const times = inMs(given)
  const { stages, laps, target } = given
  const whole = {
    ...given,
    ...times,
    ...(Array.isArray(stages) ? { stages: stages.map(within) } : {}),
    ...(Array.isArray(laps) ? { laps: laps.map(within) } : {}),
    ...(target === undefined ? {} : { target: within(target) }),
  }
  if (given.shape === 'deletion') return whole as unknown as ObservationInput
  const night = given.shape === 'session' && given.kind === 'sleep'
  const said = (night ? timeOf(given.end) : null) ?? timeOf(given.start)
  const offset = given.offset === undefined ? (said?.offset ?? null) : given.offset
  const zoneBasis = offset === null ? 'absent' : 'carried'
  return { source: { name: app, type: 'app' }, zoneBasis, ...whole, offset } as unknown as ObservationInput
}

/** A part of an observation that has times of its own. */
function within(part: unknown): unknown {
  return typeof part === 'object' && part !== null ? { ...part, ...inMs(part) } : part
}

/** The times of an object that are written as text, as instants. */
function inMs(of: object): Record<string, number> {
  return Object.fromEntries(
    ['start', 'end', 'createdAt'].flatMap((name): [string, number][] => {
      const time = timeOf((of as Record<string, unknown>)[name])
      return time ? [[name, time.at]] : []
    }),
  )
}

/** ISO 8601 with an offset, as an instant and that offset in minutes; null where it is no such text. */
function timeOf(value: unknown): { at: number; offset: number | null } | null {
  if (typeof value !== 'string') return null
  const match = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|([+-])(\d\d):?(\d\d))$/.exec(value)
  const at = isoInstant(value)
  if (!match || Number.isNaN(at)) return null
  const minutes = Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0)
  return { at, offset: match[1] === undefined ? null : match[1] === '-' ? -minutes : minutes }
}
