import { AurenError, type PullContext, type Pulled } from '@auren/core'
import { z } from 'zod'
import { refusalOf } from '../../vendor/refusal.js'
import type { Kind, Payload } from './payload.js'

const DAY = 86_400_000
/** How far back Polar gives the data of days; nights for four weeks, exercises for thirty days. */
const REACH_DAYS = 28
/** Watches are read late, and a day goes on: asked for again each time. */
const AGAIN_DAYS = 3

/** Longest wait that is believed, in seconds. */
const LONGEST_WAIT = 86_400

const State = z.object({ until: z.int().min(0).optional() })

/** Routes that give all that Polar still has, with the name of their list where they wrap it. */
const lists: readonly (readonly [kind: Kind, path: string, list: string | null])[] = [
  ['exercise', '/v3/exercises?samples=true', null],
  ['sleep', '/v3/users/sleep', 'nights'],
  ['recharge', '/v3/users/nightly-recharge', 'recharges'],
  ['activity', '/v3/users/activities', null],
  ['cardio_load', '/v3/users/cardio-load', null],
]

/** What a webhook told of. */
export async function* pullOne(
  base: string,
  ctx: PullContext,
  what: { resource: string; id?: string },
): AsyncIterable<Pulled<Payload>> {
  if (what.id === undefined) return
  const id = encodeURIComponent(what.id)
  const of = async (kind: Kind, path: string): Promise<Payload[]> => {
    const item = await get(base, ctx, path)
    return item === null ? [] : [{ kind, items: [item] }]
  }
  const payloads =
    what.resource === 'exercise'
      ? await of('exercise', `/v3/exercises/${id}?samples=true`)
      : what.resource === 'heart_rate'
        ? await of('heart_rate', `/v3/users/continuous-heart-rate/${id}`)
        : what.resource === 'activity'
          ? await of('activity', `/v3/users/activities/${id}`)
          : what.resource === 'sleep'
            ? [
                ...(await of('sleep', `/v3/users/sleep/${id}`)),
                ...(await of('recharge', `/v3/users/nightly-recharge/${id}`)),
              ]
            : []
  for (const payload of payloads) yield { payload }
}

/** What Polar still has of the last weeks. */
export async function* pullAll(base: string, ctx: PullContext): AsyncIterable<Pulled<Payload>> {
  const parsed = State.safeParse(ctx.state)
  const until = parsed.success ? parsed.data.until : undefined
  for (const [kind, path, list] of lists) {
    const answer = await get(base, ctx, path)
    const items = z
      .array(z.unknown())
      .nullish()
      .safeParse(list === null ? answer : (answer as Record<string, unknown> | null)?.[list])
    if (!items.success)
      throw new AurenError('AUREN_VENDOR_FAILED', `Polar's answer for ${kind} is no list.`, { plugin: 'polar' })
    if (items.data && items.data.length > 0) yield { payload: { kind, items: items.data } }
  }
  const first =
    until === undefined ? ctx.now - REACH_DAYS * DAY : Math.max(until, ctx.now - REACH_DAYS * DAY) - AGAIN_DAYS * DAY
  // A person's today may be tomorrow here.
  for (let at = first; at < ctx.now + 2 * DAY; at += DAY) {
    const date = new Date(at).toISOString().slice(0, 10)
    const rates = await get(base, ctx, `/v3/users/continuous-heart-rate/${date}`)
    if (rates !== null)
      yield { payload: { kind: 'heart_rate', items: [rates] }, state: { until: Math.min(at, ctx.now) } }
  }
  yield { payload: { kind: 'heart_rate', items: [] }, state: { until: ctx.now } }
}

/** Null where Polar has nothing. @throws AurenError */
async function get(base: string, ctx: PullContext, path: string): Promise<unknown> {
  const answer = await ctx.fetch(`${base}${path}`, { headers: { accept: 'application/json' }, signal: ctx.signal })
  if (answer.status === 200) return answer.json()
  // A consent that was not given is told as 403: the others still come.
  if (answer.status === 204 || answer.status === 403 || answer.status === 404) return null
  const told = Number(answer.headers['retry-after'] ?? answer.headers['ratelimit-reset']?.split(',')[0])
  throw refusalOf(answer, { plugin: 'polar', name: 'Polar', told: Math.min(told, LONGEST_WAIT), wait: 900 })
}
