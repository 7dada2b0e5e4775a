import type { PullContext, Pulled } from '@auren/core'
import { z } from 'zod'
import { get, notAsked } from './api.js'
import { collections, type Payload } from './payload.js'
import { place } from './times.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** The longest span of one request is 30 days. */
const WINDOW = 30 * DAY
/** Gaps are filled from the sensor's memory, and entries are corrected, for about a day. */
const AGAIN = DAY
/** What Dexcom has received is offered after an hour in the United States, and after three elsewhere. */
const DELAY = 3 * HOUR
/** The first of its sensors that kept what it measured. A range that begins before is none. */
const BEGINNING = Date.UTC(2012, 0)

const Moment = z.object({ systemTime: z.string().max(60) })
const Range = z.object({ start: Moment.nullish(), end: Moment.nullish() }).nullish()
const DataRange = z.object({ userId: z.string().min(1).max(200), egvs: Range, events: Range, calibrations: Range })
const Page = z.object({ userId: z.string().max(200).nullish(), records: z.array(z.unknown()) })
const State = z.object({
  /** Read up to, by collection. */
  until: z.record(z.string(), z.number()).optional(),
  /** When the last pull that went through began. */
  synced: z.number().optional(),
})

/** The range of dates that an account has; of what has come since, where that is asked. */
type DataRange = z.infer<typeof DataRange>

/** What was received: also long ago measured, and late uploaded. */
export function rangeOf(answer: unknown): DataRange {
  const range = DataRange.safeParse(answer)
  if (!range.success) throw notAsked('the range of dates')
  return range.data
}

/** Everything new, collection by collection, in spans that the API takes. */
export async function* pullAll(base: string, ctx: PullContext): AsyncIterable<Pulled<Payload>> {
  const parsed = State.safeParse(ctx.state)
  const { until: held = {}, synced } = parsed.success ? parsed.data : {}
  const until = { ...held }
  const since = synced === undefined ? '' : `?lastSyncTime=${stampOf(synced - DELAY)}`
  const init = { signal: ctx.signal }
  const range = rangeOf(await get(ctx.fetch, `${base}/v3/users/self/dataRange${since}`, 'the range of dates', init))
  if (range.userId !== ctx.account) throw notAsked('the range of dates', false)

  for (const collection of collections) {
    const from = begin(range[collection]?.start?.systemTime, until[collection], synced)
    for (let at = from ?? ctx.now; at < ctx.now; at += WINDOW) {
      const end = Math.min(at + WINDOW, ctx.now)
      const query = `startDate=${stampOf(at)}&endDate=${stampOf(end)}`
      const answer = await get(ctx.fetch, `${base}/v3/users/self/${collection}?${query}`, collection, init)
      const page = Page.safeParse(answer)
      if (!page.success) throw notAsked(collection)
      // Whatever Dexcom sends must be of the person whose connection it is.
      if (page.data.userId != null && page.data.userId !== ctx.account) throw notAsked(collection, false)
      until[collection] = end
      const state = { until: { ...until }, ...(synced === undefined ? {} : { synced }) }
      if (page.data.records.length > 0) yield { payload: { collection, records: page.data.records }, state }
    }
  }
  yield { payload: { collection: 'egvs', records: [] }, state: { until, synced: ctx.now } }
}

/** Where to read from: what has come since, the last day again, and all of it at first. Null where there is nothing. */
function begin(start: string | undefined, until: number | undefined, synced: number | undefined): number | null {
  const told = start === undefined ? undefined : place(start, null)?.start
  const first = told === undefined ? null : Math.max(told, BEGINNING)
  if (until === undefined) return first
  const again = until - AGAIN
  // A first pull that broke off goes on where it was; it knows of no later one what has come since.
  return synced === undefined || first === null ? again : Math.min(first, again)
}

/** UTC without saying so, as the API wants it. */
function stampOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19)
}
