import type { PullContext, Pulled } from '@auren/core'
import { z } from 'zod'
import { pagesOf } from './pages.js'
import { type Payload, type Resource, resources } from './payload.js'
import { withStates } from './states.js'

const DAY = 86_400
/** Changes are asked for from a little before the last pull: clocks differ, and answers lag behind. */
const OVERLAP = 3_600
/** The first scale was sold in 2009. */
const BEGINNING = Date.UTC(2009, 0, 1) / 1000
/** What lies further back is not watched for having been deleted. */
const WATCHED_DAYS = 30
/** Most records of a resource that are watched. */
const MOST_WATCHED = 1000
const INTRADAY_FIRST_DAYS = 7
const INTRADAY_AGAIN_DAYS = 2

const Seen = z.tuple([z.string(), z.number()])
const State = z.object({
  /** Unix second until which changes have been fetched, by resource. */
  until: z.record(z.string(), z.number()).optional(),
  /** Records of the last weeks: what is missing when they are listed again has been deleted. */
  seen: z.record(z.string(), z.array(Seen)).optional(),
  lacking: z.array(z.string()).optional(),
})
interface Cursor {
  until: Record<string, number>
  seen: Record<string, [recordId: string, second: number][]>
  lacking: string[]
}

/** Everything that has changed since the last pull, resource by resource. */
export async function* pullAll(base: string, ctx: PullContext): AsyncIterable<Pulled<Payload>> {
  const cursor = cursorOf(ctx.state)
  cursor.lacking = []
  for (const resource of Object.keys(resources) as Resource[]) yield* pullResource(base, ctx, resource, cursor)
}

/** What a notification has said to be new: all that has changed of its resource since the last pull. */
export async function* pullOne(
  base: string,
  ctx: PullContext,
  what: { resource: string; params?: Record<string, string> },
): AsyncIterable<Pulled<Payload>> {
  if (!Object.hasOwn(resources, what.resource)) return
  const cursor = cursorOf(ctx.state)
  const resource = what.resource as Resource
  // Before the first pull is done there is no cursor, and this must not set one: the years before would be missing.
  const first = cursor.until[resource] === undefined
  const [start, end] = [Number(what.params?.start), Number(what.params?.end)]
  const span = start > 0 && end >= start && end - start <= 400 * DAY ? { start, end } : undefined
  for await (const page of pullResource(base, ctx, resource, cursor, { ...(span ? { span } : {}), first }))
    yield first ? { payload: page.payload } : page
}

async function* pullResource(
  base: string,
  ctx: PullContext,
  resource: Resource,
  cursor: Cursor,
  { span, first = false }: { span?: { start: number; end: number }; first?: boolean } = {},
): AsyncIterable<Pulled<Payload>> {
  const now = Math.floor(ctx.now / 1000)
  const since = first ? now - DAY : cursor.until[resource]
  if (resource === 'intraday') {
    const from = now - (since === undefined ? INTRADAY_FIRST_DAYS : INTRADAY_AGAIN_DAYS) * DAY
    for (let at = Math.min(from, (since ?? from) - OVERLAP); at < now; at += DAY) {
      const window = { startdate: String(at), enddate: String(Math.min(at + DAY, now)) }
      for await (const page of pagesOf(base, ctx, resource, window)) {
        if (page === 'lacking') return lack(cursor, resource)
        if (page.items.length > 0) yield { payload: { resource, ...page } }
      }
    }
  } else {
    const from = Math.max(BEGINNING, (since ?? BEGINNING + OVERLAP) - OVERLAP)
    for await (const page of pagesOf(base, ctx, resource, { lastupdate: String(from) })) {
      if (page === 'lacking') return lack(cursor, resource)
      const items = resource === 'sleep' ? await withStates(base, ctx, page.items) : page.items
      note(cursor, resource, items, now)
      if (items.length > 0) yield { payload: { resource, ...page, items }, state: structuredClone(cursor) as never }
    }
    const missing = await gone(base, ctx, resource, cursor, span ?? { start: now - WATCHED_DAYS * DAY, end: now + DAY })
    if (missing.length > 0) yield { payload: { resource, items: [], missing }, state: structuredClone(cursor) as never }
  }
  cursor.until[resource] = now
  yield { payload: { resource, items: [] }, state: structuredClone(cursor) as never }
}

function lack(cursor: Cursor, resource: Resource): void {
  cursor.lacking.push(resource)
}

/** Record and second of an item, where it has an identity of its own. */
function recordOf(resource: Resource, item: unknown): [recordId: string, second: number] | null {
  if (resource === 'measures') {
    const group = resources.measures.pick({ grpid: true, date: true }).safeParse(item)
    return group.success ? [`measures/${group.data.grpid}`, group.data.date] : null
  }
  if (resource !== 'sleep' && resource !== 'workouts') return null
  const one = z.object({ id: z.union([z.int(), z.string()]), startdate: z.int() }).safeParse(item)
  return one.success ? [`${resource}/${one.data.id}`, one.data.startdate] : null
}

function note(cursor: Cursor, resource: Resource, items: readonly unknown[], now: number): void {
  const held = new Map(cursor.seen[resource] ?? [])
  for (const item of items) {
    const record = recordOf(resource, item)
    if (record && record[1] >= now - WATCHED_DAYS * DAY) held.set(...record)
  }
  cursor.seen[resource] = [...held]
    .filter(([, second]) => second >= now - WATCHED_DAYS * DAY)
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST_WATCHED)
}

/** Records of a span that were there and are not listed any longer. Withings tells of them by their absence only. */
async function gone(
  base: string,
  ctx: PullContext,
  resource: Resource,
  cursor: Cursor,
  { start, end }: { start: number; end: number },
): Promise<string[]> {
  const watched = (cursor.seen[resource] ?? []).filter(([, second]) => second > start && second < end)
  if (watched.length === 0) return []
  // Days are the person's, and begin and end elsewhere than ours: wider than what is looked for.
  const day = (second: number): string => new Date(second * 1000).toISOString().slice(0, 10)
  const window =
    resource === 'measures'
      ? { startdate: String(start - 1), enddate: String(end + 1) }
      : { startdateymd: day(start - 2 * DAY), enddateymd: day(end + 2 * DAY) }
  const listed = new Set<string>()
  for await (const page of pagesOf(base, ctx, resource, window)) {
    if (page === 'lacking') return []
    for (const item of page.items) listed.add(recordOf(resource, item)?.[0] ?? '')
  }
  const missing = watched.flatMap(([recordId]) => (listed.has(recordId) ? [] : [recordId]))
  cursor.seen[resource] = (cursor.seen[resource] ?? []).filter(([recordId]) => !missing.includes(recordId))
  return missing
}

function cursorOf(state: Record<string, unknown>): Cursor {
  const parsed = State.safeParse(state)
  const { until = {}, seen = {}, lacking = [] } = parsed.success ? parsed.data : {}
  return structuredClone({ until, seen, lacking }) as Cursor
}
