import { AurenError, type PullContext, type Pulled } from '@auren/core'
import { z } from 'zod'
import { refusalOf } from '../../vendor/refusal.js'
import { resourceOf, seriesNames, summaryNames } from './normalize.js'
import type { Settings } from './options.js'
import type { Payload } from './payload.js'

const DAY = 86_400_000
/** Asked for at once. */
const WINDOW_DAYS = 90
/** Junction keeps what the provider's backfill brought; a year is the longest that most give. */
const FIRST_DAYS = 365
/** Junction takes late data for seven days. */
const AGAIN_DAYS = 8
/** Pages of one window: a cursor that never ends is a fault. */
const MOST_PAGES = 500

const State = z.object({ until: z.record(z.string(), z.iso.date()).optional() })
const Groups = z.object({
  groups: z.record(z.string(), z.array(z.unknown())),
  next_cursor: z.string().max(2000).nullish(),
  next: z.string().max(2000).nullish(),
})
type Api = NonNullable<Settings['api']>

/** Everything of the last days, resource by resource, in windows. */
export async function* pullAll(api: Api, ctx: PullContext): AsyncIterable<Pulled<Payload>> {
  const parsed = State.safeParse(ctx.state)
  const until: Record<string, string> = { ...(parsed.success ? parsed.data.until : {}) }
  const today = dateOf(ctx.now)
  // Stages come with their nights.
  for (const resource of [...summaryNames.filter((name) => name !== 'sleep_cycle'), ...seriesNames]) {
    const since = until[resource]
    const from = since === undefined ? ctx.now - FIRST_DAYS * DAY : Date.parse(since) - AGAIN_DAYS * DAY
    for await (const payload of windows(api, ctx, resource, from, ctx.now + DAY))
      yield { payload, state: { until: { ...until } } }
    until[resource] = today
    yield { payload: { resource, items: [] }, state: { until: { ...until } } }
  }
}

/** What an event named: a resource over some days. */
export async function* pullOne(
  api: Api,
  ctx: PullContext,
  what: { resource: string; params?: Record<string, string> },
): AsyncIterable<Pulled<Payload>> {
  const resource = what.resource === 'sleep_cycle' ? 'sleep' : resourceOf(what.resource)
  if (!(summaryNames as readonly string[]).includes(resource) && !seriesNames.includes(resource)) return
  const from = Date.parse(what.params?.from ?? '')
  const to = Date.parse(what.params?.to ?? '')
  const first = Number.isFinite(from) ? Math.max(from, ctx.now - 20 * FIRST_DAYS * DAY) : ctx.now - AGAIN_DAYS * DAY
  for await (const payload of windows(api, ctx, resource, first, Number.isFinite(to) ? to + DAY : ctx.now + DAY))
    yield { payload }
}

async function* windows(
  api: Api,
  ctx: PullContext,
  resource: string,
  from: number,
  to: number,
): AsyncIterable<Payload> {
  for (let at = from; at < to; at += WINDOW_DAYS * DAY) {
    const span = { start_date: dateOf(at), end_date: dateOf(Math.min(at + WINDOW_DAYS * DAY, to)) }
    if ((summaryNames as readonly string[]).includes(resource)) {
      const items = await summaries(api, ctx, resource, span)
      if (items === null) return
      const cycles = resource === 'sleep' && items.length > 0 ? await summaries(api, ctx, 'sleep_cycle', span) : null
      if (items.length > 0) yield { resource, items: cycles ? withStages(items, cycles) : items }
    } else for await (const items of pages(api, ctx, resource, span)) if (items.length > 0) yield { resource, items }
  }
}

/** Null where Junction has no such thing of this person. */
async function summaries(
  api: Api,
  ctx: PullContext,
  resource: string,
  span: Record<string, string>,
): Promise<unknown[] | null> {
  const answer = await ask(api, ctx, `/v2/summary/${resource}/${encodeURIComponent(ctx.account)}`, span)
  if (answer === null) return null
  const list = z.record(z.string(), z.unknown()).safeParse(answer)
  const items = list.success ? (list.data[resource] ?? list.data[`${resource}s`]) : null
  if (!Array.isArray(items)) throw failed(`Junction answered ${resource} without its list.`)
  return items
}

async function* pages(
  api: Api,
  ctx: PullContext,
  resource: string,
  span: Record<string, string>,
): AsyncIterable<unknown[]> {
  let cursor: string | null = null
  for (let page = 0; page < MOST_PAGES; page++) {
    const path = `/v2/timeseries/${encodeURIComponent(ctx.account)}/${resource}/grouped`
    const answer = await ask(api, ctx, path, { ...span, ...(cursor === null ? {} : { next_cursor: cursor }) })
    if (answer === null) return
    const read = Groups.safeParse(answer)
    if (!read.success) throw failed(`Junction answered ${resource} without groups.`)
    yield Object.values(read.data.groups).flat()
    cursor = read.data.next_cursor ?? read.data.next ?? null
    if (cursor === null) return
  }
  throw failed(`Junction's pages of ${resource} do not end.`)
}

/** Puts the stages beside the night that they are of: two records of one night would be rivals. */
export function withStages(nights: readonly unknown[], cycles: readonly unknown[]): unknown[] {
  const Named = z.object({ sleep_id: z.string() })
  const byNight = new Map(
    cycles.flatMap((cycle) => {
      const named = Named.safeParse(cycle)
      return named.success ? [[named.data.sleep_id, cycle] as const] : []
    }),
  )
  return nights.map((night) => {
    const id = (night as { id?: unknown } | null)?.id
    const cycle = typeof id === 'string' ? byNight.get(id) : undefined
    return cycle === undefined ? night : { ...(night as object), sleep_cycle: cycle }
  })
}

async function ask(
  { base, apiKey }: Api,
  ctx: PullContext,
  path: string,
  query: Record<string, string>,
): Promise<unknown> {
  const answer = await ctx.fetch(`${base}${path}?${new URLSearchParams(query)}`, {
    headers: { 'x-vital-api-key': apiKey, accept: 'application/json' },
    signal: ctx.signal,
  })
  if (answer.status === 200) return answer.json()
  // Not of this person's providers, or not of this team's plan.
  if (answer.status === 404 || answer.status === 403) return null
  if (answer.status === 401)
    throw new AurenError(
      'AUREN_CONFIG_INVALID',
      'Junction does not accept apiKey. Look at the dashboard, and whether baseURL is of the same region.',
      { plugin: 'junction' },
    )
  throw refusalOf(answer, { plugin: 'junction', name: 'Junction' })
}

function failed(message: string, retryable = false): AurenError {
  return new AurenError('AUREN_VENDOR_FAILED', message, { plugin: 'junction', retryable })
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
