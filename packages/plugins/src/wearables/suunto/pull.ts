import { AurenError, type PullContext, type Pulled } from '@auren/core'
import { z } from 'zod'
import { refusalOf } from '../../vendor/refusal.js'
import type { Kind, Payload } from './payload.js'

const DAY = 86_400_000
/** Longest span of one request for the data of days. */
const WINDOW = 28 * DAY
/** A new developer may ask two hundred times a week: a quarter of a year takes a dozen. */
const FIRST = 84 * DAY
/** Nights grow and watches are read late: asked for again each time. */
const AGAIN = 7 * DAY
const PAGE = 50
/** What is asked for along a workout; a name that Suunto does not know would fail the request. */
const EXTENSIONS = 'SummaryExtension,HeartrateStreamExtension,SpeedStreamExtension'

const State = z.object({ until: z.record(z.string(), z.int().min(0)).optional() })
const Wrapped = z.object({ payload: z.unknown().optional() })
const samples: readonly Kind[] = ['sleep', 'activity', 'recovery']

/** Where and with what Suunto is asked. */
export interface Api {
  base: string
  subscriptionKey: string
}

/** The workout of a notification, with what was measured along it. */
export async function* pullOne(
  api: Api,
  ctx: PullContext,
  what: { resource: string; id?: string },
): AsyncIterable<Pulled<Payload>> {
  if (what.resource !== 'workout' || what.id === undefined) return
  const answer = await get(api, ctx, `/v3/workouts/${encodeURIComponent(what.id)}?extensions=${EXTENSIONS}`)
  // A key that Suunto does not know is answered with nothing at all.
  if (answer === null) return
  const payload = Wrapped.safeParse(answer).data?.payload
  const workouts = Array.isArray(payload) ? payload : [payload]
  const named = z.array(z.object({ workoutKey: z.union([z.string(), z.int()]) })).safeParse(workouts)
  if (!named.success || named.data.some(({ workoutKey }) => String(workoutKey) !== what.id))
    throw new AurenError('AUREN_VENDOR_FAILED', 'Suunto answered with another workout than was asked for.', {
      plugin: 'suunto',
    })
  yield { payload: { kind: 'workouts', items: workouts } }
}

/** Workouts that were changed since the last time, and the days since, in windows. */
export async function* pullAll(api: Api, ctx: PullContext): AsyncIterable<Pulled<Payload>> {
  const parsed = State.safeParse(ctx.state)
  const until: Record<string, number> = { ...(parsed.success ? parsed.data.until : {}) }
  const state = () => ({ until: { ...until } })
  for await (const items of workouts(api, ctx, until.workouts))
    yield { payload: { kind: 'workouts', items }, state: state() }
  until.workouts = ctx.now
  for (const kind of [...samples, 'statistics' as const]) {
    let from = until[kind] === undefined ? ctx.now - FIRST : Math.min(until[kind], ctx.now) - AGAIN
    while (from < ctx.now) {
      const to = Math.min(from + WINDOW, ctx.now)
      const items = listOf(
        await get(api, ctx, kind === 'statistics' ? statisticsPath(from, to) : samplesPath(kind, from, to)),
      )
      until[kind] = to
      yield { payload: { kind, items }, state: state() }
      from = to
    }
  }
  yield { payload: { kind: 'workouts', items: [] }, state: state() }
}

function samplesPath(kind: Kind, from: number, to: number): string {
  return `/247samples/${kind}?from=${from}&to=${to - 1}`
}

function statisticsPath(from: number, to: number): string {
  const stamp = (at: number): string => new Date(at).toISOString().slice(0, 19)
  return `/247/daily-activity-statistics?${new URLSearchParams({ startdate: stamp(from), enddate: stamp(to) })}`
}

/** Pages of workouts by when they were changed; a workout may be edited for good. */
async function* workouts(api: Api, ctx: PullContext, since: number | undefined): AsyncIterable<unknown[]> {
  for (let offset = 0; ; offset += PAGE) {
    const query = new URLSearchParams({
      since: String(since === undefined ? 0 : Math.max(0, since - DAY)),
      limit: String(PAGE),
      offset: String(offset),
      'filter-by-modification-time': 'true',
    })
    const items = listOf(await get(api, ctx, `/v3/workouts/?${query}`))
    if (items.length > 0) yield items
    if (items.length < PAGE) return
  }
}

/** Lists come bare or wrapped. */
function listOf(answer: unknown): unknown[] {
  const wrapped = Wrapped.safeParse(answer)
  const list = z.array(z.unknown()).safeParse(Array.isArray(answer) ? answer : (wrapped.data?.payload ?? []))
  if (list.success) return list.data
  throw new AurenError('AUREN_VENDOR_FAILED', 'Suunto answered with something that is no list.', { plugin: 'suunto' })
}

/** Null where the answer is empty. @throws AurenError */
async function get({ base, subscriptionKey }: Api, ctx: PullContext, path: string): Promise<unknown> {
  const answer = await ctx.fetch(`${base}${path}`, {
    headers: { 'ocp-apim-subscription-key': subscriptionKey, accept: 'application/json' },
    signal: ctx.signal,
  })
  if (answer.status === 200) return (await answer.text()).trim() === '' ? null : answer.json()
  // The gateway calls a limit "unauthorized", too.
  const limited = answer.status === 429 || (answer.status === 401 && /RateLimitExceeded/.test(await answer.text()))
  throw refusalOf(limited ? { ...answer, status: 429 } : answer, { plugin: 'suunto', name: 'Suunto', wait: 120 })
}
