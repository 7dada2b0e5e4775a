import { createHash } from 'node:crypto'
import { AurenError, type PullContext, type Pulled } from '@auren/core'
import { z } from 'zod'
import { get, notAsked } from './api.js'
import { accountOf, type Payload } from './payload.js'

const DAY = 86_400
const PAGE = 100
/** The list is read again from so long before the last pull: watches upload late, and people edit. */
const AGAIN_DAYS = 14
/** Older activities keep what the list says: two requests each would take days of the limit. */
const DETAILED_DAYS = 30
/** Details of one pull: two requests each, of the hundred that a quarter of an hour has. */
const MOST_DETAILS = 40
const MOST_SEEN = 500

const Listed = z
  .object({ id: z.union([z.int(), z.string()]).transform(String), start_date: z.iso.datetime({ offset: true }) })
  .loose()
const Seen = z.tuple([z.string(), z.string(), z.number()])
const State = z.object({ after: z.number().optional(), seen: z.array(Seen).optional() })
type Seen = z.infer<typeof Seen>

/** Fields of the list by whose change an edited activity is known. */
const telling = [
  'name',
  'sport_type',
  'type',
  'start_date',
  'utc_offset',
  'distance',
  'moving_time',
  'elapsed_time',
  'total_elevation_gain',
  'average_heartrate',
  'trainer',
] as const

/** The activity that an event named: whether it was made, changed or deleted is seen when it is fetched. */
export async function* pullOne(
  api: string,
  ctx: PullContext,
  what: { resource: string; id?: string },
): AsyncIterable<Pulled<Payload>> {
  if (what.resource !== 'activity' || what.id === undefined || !/^\d{1,25}$/.test(what.id)) return
  yield { payload: await detail(api, ctx, what.id) }
}

/** Everything new: the list, and one by one what is recent and was not seen like this. */
export async function* pullAll(api: string, ctx: PullContext): AsyncIterable<Pulled<Payload>> {
  const parsed = State.safeParse(ctx.state)
  const { after, seen: held = [] } = parsed.success ? parsed.data : {}
  const now = Math.floor(ctx.now / 1000)
  const from = after === undefined ? 0 : Math.max(0, after - AGAIN_DAYS * DAY)
  const seen = new Map<string, Seen>(held.map((one) => [one[0], one]))
  const listed = new Set<string>()
  let details = 0
  const state = (until = after): Record<string, unknown> => ({
    ...(until === undefined ? {} : { after: until }),
    seen: [...seen.values()]
      .filter(([, , start]) => start > now - DETAILED_DAYS * DAY)
      .sort((a, b) => b[2] - a[2])
      .slice(0, MOST_SEEN),
  })

  for (let page = 1; ; page++) {
    const items = await get(ctx, `${api}/athlete/activities?after=${from}&page=${page}&per_page=${PAGE}`, 'the list')
    if (!Array.isArray(items)) throw notAsked('the list')
    if (items.length === 0) break
    const abridged: unknown[] = []
    for (const item of items) {
      const one = Listed.safeParse(item)
      if (!one.success) {
        abridged.push(item)
        continue
      }
      const { id, start_date } = one.data
      if (listed.has(id)) continue
      listed.add(id)
      const start = Math.floor(Date.parse(start_date) / 1000)
      const mark = fingerprint(one.data)
      if (seen.get(id)?.[1] === mark) continue
      if (start <= now - DETAILED_DAYS * DAY || details >= MOST_DETAILS) {
        abridged.push(item)
        continue
      }
      details++
      const payload = await detail(api, ctx, id)
      if (!payload.missing) seen.set(id, [id, mark, start])
      yield { payload, state: state() }
    }
    if (abridged.length > 0) yield { payload: { from: 'list', activities: abridged }, state: state() }
  }

  // What was there and is not listed any longer is looked up: it may be deleted, or hidden from us.
  for (const [id, , start] of [...seen.values()]) {
    if (listed.has(id) || start <= Math.max(from, now - DETAILED_DAYS * DAY) || details++ >= MOST_DETAILS) continue
    const payload = await detail(api, ctx, id)
    if (payload.missing) seen.delete(id)
    yield { payload, state: state() }
  }
  yield { payload: { from: 'list', activities: [] }, state: state(now) }
}

async function detail(api: string, ctx: PullContext, id: string): Promise<Payload> {
  const activity = await get(ctx, `${api}/activities/${id}?include_all_efforts=false`, 'an activity')
  if (activity === null) return { from: 'detail', activities: [], missing: [id] }
  const named = z
    .object({ id: z.union([z.int(), z.string()]).transform(String), athlete: z.unknown() })
    .safeParse(activity)
  // Whatever Strava sends must be what was asked for, and of the person whose connection it is.
  if (!named.success || named.data.id !== id || accountOf(named.data.athlete) !== ctx.account)
    throw new AurenError('AUREN_VENDOR_FAILED', 'Strava answered with an activity that was not asked for.', {
      plugin: 'strava',
      retryable: false,
    })
  const keys = 'time,heartrate,watts,cadence,velocity_smooth'
  // What was typed in has no streams.
  const streams = await get(ctx, `${api}/activities/${id}/streams?keys=${keys}&key_by_type=true`, 'the streams')
  return { from: 'detail', activities: [{ ...(activity as object), ...(streams === null ? {} : { streams }) }] }
}

function fingerprint(item: Readonly<Record<string, unknown>>): string {
  return createHash('sha256')
    .update(JSON.stringify(telling.map((field) => item[field] ?? null)))
    .digest('base64url')
    .slice(0, 16)
}
