import type { PullContext, Pulled } from '@auren/core'
import { z } from 'zod'
import { lookup } from '../../vendor/lookup.js'
import { ask } from './api.js'
import type { Payload } from './payload.js'
import { dateOf, dayOf, Seen, watch } from './watch.js'

const DAY = 86_400_000
/** Longest span that all of the endpoints take. */
const WINDOW = 30 * DAY
/** 150 requests an hour: a quarter of a year; what is older comes with the export. */
const FIRST = 90 * DAY
/** Trackers are read late, and logs are edited. */
const AGAIN = 7 * DAY
const MOST_PAGES = 50

const State = z.object({
  until: z.number().optional(),
  /** Logs of late with their day: what is missing when it is asked for again has been deleted. */
  seen: Seen.optional(),
  zone: z.string().optional(),
})

/** Days that are fetched again for each collection of a notification. */
const ofDay = lookup<readonly string[]>({
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
})
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
  '/1/user/-/foods/log/caloriesIn/date/FROM/TO.json',
  '/1/user/-/foods/log/water/date/FROM/TO.json',
]
const Profile = z.object({ user: z.object({ timezone: z.string().max(100) }) })
const List = z.object({ activities: z.array(z.unknown()) })
const Next = z.object({ pagination: z.object({ next: z.string().max(2000).optional() }) })

/** The day of a notification, whole: it says no more than the date. */
export async function* pullOne(
  base: string,
  ctx: PullContext,
  { resource, params = {} }: { resource: string; params?: Record<string, string> },
): AsyncIterable<Pulled<Payload>> {
  const date = z.iso.date().safeParse(params.date).data
  const paths = ofDay[resource]
  if (!paths || date === undefined) return
  const state = State.safeParse(ctx.state).data ?? {}
  const zone = state.zone ?? (await zoneOf(base, ctx))
  let seen = state.seen ?? []
  for (const path of paths) {
    const document = await ask(ctx.fetch, `${base}${path.replace('DATE', date)}`, ctx.signal)
    if (document === null) continue
    // A day names the workouts that were logged, which need not be all: only the list says what is gone.
    const watched = resource === 'activities' ? { seen, missing: [] } : watch(document, seen, date, date, ctx.now)
    seen = watched.seen
    yield { payload: payloadOf(document, zone, date, watched.missing), state: { ...ctx.state, seen } }
  }
  if (resource === 'activities') yield* workouts(base, ctx, { first: date, last: date, seen, zone })
}

/** Everything since the last pull, in spans of a month. */
export async function* pullAll(base: string, ctx: PullContext): AsyncIterable<Pulled<Payload>> {
  const state = State.safeParse(ctx.state).data ?? {}
  const zone = await zoneOf(base, ctx)
  let seen = state.seen ?? []
  const today = Math.floor(ctx.now / DAY) * DAY
  // A person may be a day ahead of us.
  const end = today + DAY
  let from = state.until === undefined ? today - FIRST : Math.min(state.until, today) - AGAIN
  const kept = () => ({ until: Math.min(from, today), seen, ...(zone === null ? {} : { zone }) })
  // First, from where the spans begin: where this ends halfway, both are read again from the same day.
  for await (const pulled of workouts(base, ctx, { first: dateOf(from), last: dateOf(end), seen, zone })) {
    seen = State.safeParse(pulled.state).data?.seen ?? seen
    yield pulled
  }
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
    from = to + DAY
    yield { payload: { document: null }, state: kept() }
  }
}

/** Workouts of a span, from the list of logs, and at its end those that are gone from it. */
async function* workouts(
  base: string,
  ctx: PullContext,
  { first, last, seen, zone }: { first: string; last: string; seen: Seen; zone: string | null },
): AsyncIterable<Pulled<Payload>> {
  const found: unknown[] = []
  const pages = listPages(base, ctx, first)
  for (let page = await pages.next(); ; page = await pages.next()) {
    if (page.done) {
      // What was not read to its end says nothing about what is not in it.
      if (!page.value) return
      break
    }
    const items = List.safeParse(page.value).data?.activities ?? []
    found.push(...items)
    yield { payload: payloadOf(page.value, zone, null) }
    if ((dayOf(items.at(-1)) ?? '') > last) break
  }
  const watched = watch({ activities: found }, seen, first, last, ctx.now)
  yield {
    payload: payloadOf(null, zone, null, watched.missing),
    state: { ...ctx.state, seen: watched.seen },
  }
}

/** Pages of the list of logs from a day on, oldest first; their times have offsets. Returns whether it came to the end. */
async function* listPages(base: string, ctx: PullContext, first: string): AsyncGenerator<unknown, boolean> {
  // Whether "after" means with that day is not said: from the day before, either way.
  const afterDate = dateOf(Date.parse(first) - DAY)
  const query = new URLSearchParams({ afterDate, sort: 'asc', offset: '0', limit: '100' })
  let url = `${base}/1/user/-/activities/list.json?${query}`
  for (let page = 0; page < MOST_PAGES; page++) {
    const document = await ask(ctx.fetch, url, ctx.signal)
    if (document === null) return false
    yield document
    const next: string | undefined = Next.safeParse(document).data?.pagination.next
    // Only further pages of the same list, at the same place.
    const more = next && URL.canParse(next) ? new URL(next).search : ''
    const following = `${base}/1/user/-/activities/list.json${more}`
    if (more === '' || following === url) return true
    url = following
  }
  return false
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
