import { AurenError, type PullContext, type Pulled } from '@auren/core'
import { z } from 'zod'
import { refusalOf } from '../../vendor/refusal.js'
import type { Kind, Payload } from './payload.js'

const DAY = 86_400_000
/** WHOOP's first strap was sold in 2015. */
const BEGINNING = Date.UTC(2015, 0, 1)
/** Longest span of one walk through the pages: what was read is remembered after each. */
const WINDOW = 180 * DAY
/** Nights are scored late and edited: asked for again each time. */
const AGAIN = 10 * DAY
/** The most that WHOOP gives. */
const PAGE = 25

const Page = z.object({ records: z.array(z.unknown()), next_token: z.string().max(4000).nullish() })
const Night = z.object({
  id: z.union([z.string(), z.int()]),
  cycle_id: z.union([z.string(), z.int()]).nullish(),
  start: z.string(),
  end: z.string().nullish(),
  timezone_offset: z.string().nullish(),
})
const Waking = z.object({ sleep_id: z.union([z.string(), z.int()]) })
/** Longest wait that is believed, in seconds. */
const LONGEST_WAIT = 86_400

const State = z.object({ until: z.record(z.string(), z.int().min(0)).optional() })

type Night = z.infer<typeof Night>

const collections: readonly (readonly [kind: Kind, path: string])[] = [
  ['sleep', '/v2/activity/sleep'],
  ['recovery', '/v2/recovery'],
  ['workout', '/v2/activity/workout'],
  ['cycle', '/v2/cycle'],
]

/** What a notification named. What is gone is a deletion. */
export async function* pullOne(
  base: string,
  ctx: PullContext,
  what: { resource: string; id?: string },
): AsyncIterable<Pulled<Payload>> {
  const { resource, id } = what
  if (id === undefined) return
  if (resource !== 'sleep' && resource !== 'workout' && resource !== 'recovery') return
  const path = resource === 'workout' ? 'workout' : 'sleep'
  const item = await get(base, ctx, `/v2/activity/${path}/${encodeURIComponent(id)}`)
  if (item === null) {
    yield { payload: { kind: resource, items: [], missing: [id] } }
    return
  }
  const named = z.object({ id: z.union([z.string(), z.int()]) }).safeParse(item)
  if (!named.success || String(named.data.id) !== id)
    throw new AurenError('AUREN_VENDOR_FAILED', `WHOOP answered with another ${path} than was asked for.`, {
      plugin: 'whoop',
    })
  if (resource !== 'recovery') {
    yield { payload: { kind: resource, items: [item] } }
    return
  }
  // A recovery is named after its night, and found by the cycle that the night belongs to.
  const night = Night.safeParse(item).data
  if (night?.cycle_id == null) return
  const recovery = await get(base, ctx, `/v2/cycle/${encodeURIComponent(String(night.cycle_id))}/recovery`)
  // Of a nap there is none; the cycle's is another night's then.
  if (recovery === null || String(Waking.safeParse(recovery).data?.sleep_id) !== id)
    yield { payload: { kind: 'recovery', items: [], missing: [id] } }
  else yield { payload: { kind: 'recovery', items: [withNight(recovery, night)] } }
}

/** Everything since the last time, in windows, oldest first. */
export async function* pullAll(base: string, ctx: PullContext): AsyncIterable<Pulled<Payload>> {
  const parsed = State.safeParse(ctx.state)
  const until: Record<string, number> = { ...(parsed.success ? parsed.data.until : {}) }
  const nights = new Map<string, Night>()
  for (const [kind, path] of collections) {
    let from = until[kind] === undefined ? BEGINNING : Math.min(until[kind], ctx.now) - AGAIN
    while (from < ctx.now) {
      const to = Math.min(from + WINDOW, ctx.now + DAY)
      for await (const items of pages(base, ctx, path, from, to)) {
        if (kind === 'sleep') for (const item of items) keepNight(nights, item)
        const told =
          kind === 'recovery' ? await Promise.all(items.map((item) => joined(base, ctx, nights, item))) : items
        if (told.length > 0) yield { payload: { kind, items: told }, state: { until: { ...until } } }
      }
      until[kind] = Math.min(to, ctx.now)
      yield { payload: { kind, items: [] }, state: { until: { ...until } } }
      from = to
    }
  }
}

function keepNight(nights: Map<string, Night>, item: unknown): void {
  const night = Night.safeParse(item).data
  if (night) nights.set(String(night.id), night)
}

/** A recovery with its night, from those that have been read, or asked for. */
async function joined(base: string, ctx: PullContext, nights: Map<string, Night>, item: unknown): Promise<unknown> {
  const id = Waking.safeParse(item).data?.sleep_id
  if (id === undefined) return item
  if (!nights.has(String(id)))
    keepNight(nights, await get(base, ctx, `/v2/activity/sleep/${encodeURIComponent(String(id))}`))
  const night = nights.get(String(id))
  return night ? withNight(item, night) : item
}

function withNight(recovery: unknown, { start, end, timezone_offset }: Night): unknown {
  return end == null ? recovery : { ...(recovery as object), sleep: { start, end, timezone_offset } }
}

async function* pages(
  base: string,
  ctx: PullContext,
  path: string,
  from: number,
  to: number,
): AsyncIterable<unknown[]> {
  let token: string | null | undefined
  do {
    const query = new URLSearchParams({
      limit: String(PAGE),
      start: new Date(from).toISOString(),
      end: new Date(to).toISOString(),
      ...(token ? { nextToken: token } : {}),
    })
    const page = Page.safeParse(await get(base, ctx, `${path}?${query}`))
    if (!page.success)
      throw new AurenError('AUREN_VENDOR_FAILED', `WHOOP's answer for ${path} is no page of records.`, {
        plugin: 'whoop',
      })
    if (page.data.next_token && page.data.next_token === token)
      throw new AurenError('AUREN_VENDOR_FAILED', `WHOOP repeats a page of ${path}.`, { plugin: 'whoop' })
    token = page.data.next_token
    yield page.data.records
  } while (token)
}

/** Null where there is no such thing. @throws AurenError */
async function get(base: string, ctx: PullContext, path: string): Promise<unknown> {
  const answer = await ctx.fetch(`${base}/developer${path}`, { signal: ctx.signal })
  if (answer.status === 200) return answer.json()
  if (answer.status === 404) return null
  const told = Number(answer.headers['retry-after'] ?? answer.headers['x-ratelimit-reset'])
  throw refusalOf(answer, { plugin: 'whoop', name: 'WHOOP', told: Math.min(told, LONGEST_WAIT) })
}
