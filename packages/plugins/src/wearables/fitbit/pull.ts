import type { PullContext, Pulled } from '@auren/core'
import { z } from 'zod'
import { ask } from './api.js'
import type { Payload } from './payload.js'

const DAY = 86_400_000
/** Longest span that all of the endpoints take. */
const WINDOW = 30 * DAY
/** 150 requests an hour: a quarter of a year; what is older comes with the export. */
const FIRST = 90 * DAY
/** Trackers are read late, and logs are edited. */
const AGAIN = 7 * DAY
const WATCHED = 31 * DAY
const MOST_PAGES = 50

const State = z.object({
  until: z.number().optional(),
  /** Logs of late with their day: what is missing when it is asked for again has been deleted. */
  seen: z.array(z.tuple([z.string(), z.iso.date()])).optional(),
  zone: z.string().optional(),
})
type Seen = [recordId: string, date: string][]

/** Days that are fetched again for each collection of a notification. */
const ofDay: Readonly<Record<string, readonly string[]>> = {
  activities: [
    '/1/user/-/activities/date/DATE.json',
    '/1/user/-/activities/heart/date/DATE/1d/1min.json',
    '/1/user/-/activities/steps/date/DATE/1d/1min.json',
    '/1/user/-/activities/active-zone-minutes/date/DATE/1d.json',
  ],
  sleep: [
    '/1.2/user/-/sleep/date/DATE.json',
    '/1/user/-/hrv/date/DATE.json',
    '/1/user/-/br/date/DATE.json',
    '/1/user/-/spo2/date/DATE.json',
    '/1/user/-/temp/skin/date/DATE.json',
  ],
  body: ['/1/user/-/body/log/weight/date/DATE.json', '/1/user/-/body/log/fat/date/DATE.json'],
  foods: ['/1/user/-/foods/log/date/DATE.json', '/1/user/-/foods/log/water/date/DATE.json'],
}
const activity = ['steps', 'distance', 'floors', 'elevation', 'calories', 'caloriesBMR', 'heart']
const minutes = ['minutesSedentary', 'minutesLightlyActive', 'minutesFairlyActive', 'minutesVeryActive']
/** What is fetched of a span of days. */
const ofSpan = [
  '/1.2/user/-/sleep/date/FROM/TO.json',
  '/1/user/-/body/log/weight/date/FROM/TO.json',
  '/1/user/-/body/log/fat/date/FROM/TO.json',
  ...[...activity, ...minutes].map((name) => `/1/user/-/activities/${name}/date/FROM/TO.json`),
  '/1/user/-/hrv/date/FROM/TO.json',
  '/1/user/-/br/date/FROM/TO.json',
  '/1/user/-/spo2/date/FROM/TO.json',
  '/1/user/-/temp/skin/date/FROM/TO.json',
  '/1/user/-/cardioscore/date/FROM/TO.json',
]
/** Logs with an identity, by the list that they come in. */
const logs: Readonly<Record<string, string>> = { sleep: 'sleep', activities: 'activity', weight: 'weight', fat: 'fat' }
const Log = z.object({
  logId: z.union([z.int(), z.string()]),
  dateOfSleep: z.iso.date().optional(),
  startDate: z.iso.date().optional(),
  date: z.iso.date().optional(),
})
const Profile = z.object({ user: z.object({ timezone: z.string().max(100) }) })
const Next = z.object({ pagination: z.object({ next: z.string().max(2000).optional() }) })

/** The day of a notification, whole: it says no more than the date. */
export async function* pullOne(
  base: string,
  ctx: PullContext,
  { resource, params = {} }: { resource: string; params?: Record<string, string> },
): AsyncIterable<Pulled<Payload>> {
  const date = z.iso.date().safeParse(params.date).data
  const paths = Object.hasOwn(ofDay, resource) ? ofDay[resource] : undefined
  if (!paths || date === undefined) return
  const state = State.safeParse(ctx.state).data ?? {}
  const zone = state.zone ?? (await zoneOf(base, ctx))
  let seen = (state.seen ?? []) as Seen
  for (const path of paths) {
    const document = await ask(ctx.fetch, `${base}${path.replace('DATE', date)}`, ctx.signal)
    if (document === null) continue
    const watched = watch(document, seen, date, date, ctx.now)
    seen = watched.seen
    yield { payload: payloadOf(document, zone, date, watched.missing), state: { ...ctx.state, seen } }
  }
}

/** Everything since the last pull, in spans of a month. */
export async function* pullAll(base: string, ctx: PullContext): AsyncIterable<Pulled<Payload>> {
  const state = State.safeParse(ctx.state).data ?? {}
  const zone = await zoneOf(base, ctx)
  let seen = (state.seen ?? []) as Seen
  const today = Math.floor(ctx.now / DAY) * DAY
  // A person may be a day ahead of us.
  const end = today + DAY
  let from = state.until === undefined ? today - FIRST : Math.min(state.until, today) - AGAIN
  const kept = () => ({ until: Math.min(from, today), seen, ...(zone === null ? {} : { zone }) })
  while (from <= end) {
    const to = Math.min(from + WINDOW - DAY, end)
    const [first, last] = [dateOf(from), dateOf(to)]
    for (const path of ofSpan) {
      const url = `${base}${path.replace('FROM', first).replace('TO', last)}`
      const document = await ask(ctx.fetch, url, ctx.signal)
      if (document === null) continue
      const watched = watch(document, seen, first, last, ctx.now)
      seen = watched.seen
      yield { payload: payloadOf(document, zone, null, watched.missing), state: { ...ctx.state, seen } }
    }
    for await (const document of activities(base, ctx, first)) yield { payload: payloadOf(document, zone, null) }
    from = to + DAY
    yield { payload: { document: null }, state: kept() }
  }
}

/** Logs of activities from a day on, page by page; its times have offsets. */
async function* activities(base: string, ctx: PullContext, first: string): AsyncIterable<unknown> {
  const query = new URLSearchParams({ afterDate: first, sort: 'asc', offset: '0', limit: '100' })
  let url: string | null = `${base}/1/user/-/activities/list.json?${query}`
  for (let page = 0; url !== null && page < MOST_PAGES; page++) {
    const document = await ask(ctx.fetch, url, ctx.signal)
    if (document === null) return
    yield document
    const next: string | undefined = Next.safeParse(document).data?.pagination.next
    // Only further pages of the same list, at the same place.
    const query = next && URL.canParse(next) ? new URL(next).search : ''
    const following: string = `${base}/1/user/-/activities/list.json${query}`
    url = query === '' || following === url ? null : following
  }
}

/** What of the logs of these days is there now, and what is not any longer. */
function watch(
  document: unknown,
  seen: Seen,
  first: string,
  last: string,
  now: number,
): { seen: Seen; missing: string[] } {
  const found = new Map<string, string>()
  const kinds = new Set<string>()
  for (const [name, kind] of Object.entries(logs)) {
    const list = z.object({ [name]: z.array(z.unknown()) }).safeParse(document)
    if (!list.success) continue
    kinds.add(kind)
    for (const item of (list.data as Record<string, unknown[]>)[name] ?? []) {
      const log = Log.safeParse(item)
      const date = log.data?.dateOfSleep ?? log.data?.startDate ?? log.data?.date
      if (log.success && date) found.set(`${kind}/${log.data.logId}`, date)
    }
  }
  const isOf = ([recordId, date]: Seen[number]): boolean =>
    kinds.has(recordId.split('/')[0] ?? '') && date >= first && date <= last
  const missing = seen.flatMap((one) => (isOf(one) && !found.has(one[0]) ? [one[0]] : []))
  const oldest = dateOf(now - WATCHED)
  const kept = seen.filter((one) => !isOf(one) && !found.has(one[0]))
  return { seen: [...kept, ...found].filter(([, date]) => date >= oldest), missing }
}

function payloadOf(document: unknown, zone: string | null, date: string | null, missing: string[] = []): Payload {
  return {
    document,
    ...(date === null ? {} : { date }),
    ...(zone === null ? {} : { zone }),
    ...(missing.length > 0 ? { missing } : {}),
  }
}

async function zoneOf(base: string, ctx: PullContext): Promise<string | null> {
  const profile = Profile.safeParse(await ask(ctx.fetch, `${base}/1/user/-/profile.json`, ctx.signal))
  return profile.data?.user.timezone ?? null
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
