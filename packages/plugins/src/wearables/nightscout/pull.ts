import type { PullContext, Pulled } from '@auren/core'
import { z } from 'zod'
import { failed, openSite, refused, type Site } from './api.js'
import type { Settings } from './options.js'
import { type Collection, collections, Doc, numberIn, type Payload } from './payload.js'
import { placeEntry, placeTreatment } from './times.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Documents of one request. */
const PAGE = 1000
/** A list that never ends is a fault. */
const MOST_PAGES = 20_000
/** The project began in 2013. */
const BEGINNING = Date.UTC(2013, 0)
/** Phones upload what they had no network for, and persons write down yesterday's meals. */
const AGAIN = 2 * DAY

const Held = z.object({
  /** Read up to. */
  top: z.number(),
  /** A pass that is under way: it goes back in time from `below` to `floor`. */
  below: z.number().optional(),
  floor: z.number().optional(),
  /** Changes are known up to this time of the site. */
  modified: z.number(),
})
type Held = z.infer<typeof Held>
const State = z.partialRecord(z.enum(collections), Held)
type State = Partial<Record<Collection, Held>>
const Status = z.object({ settings: z.object({ units: z.string().max(40) }) })

/**
 * Everything new: by time, which finds what any uploader wrote; and what the API v3 tells of changes and deletions, however
 * old the documents are.
 */
export async function* pullAll(settings: Settings, ctx: PullContext): AsyncIterable<Pulled<Payload>> {
  const parsed = State.safeParse(ctx.state)
  const state: State = parsed.success ? { ...parsed.data } : {}
  const site = await openSite(settings, ctx)
  const status = Status.safeParse(await site.get('/api/v1/status.json', {}))
  const units = status.success ? { units: status.data.settings.units } : {}
  const payloadOf = (collection: Collection, records: unknown[]): Payload => ({ collection, ...units, records })

  for (const collection of collections) {
    const held = state[collection]
    if (held?.below !== undefined) yield* pass(collection, held as Held & { below: number })
    const before = state[collection]
    const floor = before ? before.top - AGAIN : BEGINNING
    const modified = before?.modified ?? ctx.now - HOUR
    yield* pass(collection, { top: ctx.now, below: ctx.now + DAY, floor, modified })
    if (site.v3) yield* changes(collection)
  }

  /** Backwards from the newest, page by page, so that empty years cost nothing. */
  async function* pass(collection: Collection, from: Held & { below: number }): AsyncIterable<Pulled<Payload>> {
    const { floor = BEGINNING, top, modified } = from
    let below = from.below
    for (let page = 0; ; page++) {
      if (page === MOST_PAGES) throw failed(`Nightscout's ${collection} do not end.`)
      const records = await newest(site, collection, floor, below)
      const oldest = oldestOf(collection, records)
      const ends = records.length < PAGE || oldest === null || oldest <= floor
      // More of the same millisecond may be on the next page; where it is all of it, that one is passed.
      below = oldest === null ? below : Math.min(oldest, below - 1)
      state[collection] = ends ? { top, modified } : { top, modified, below, floor }
      if (records.length > 0 || ends) yield { payload: payloadOf(collection, records), state: { ...state } }
      if (ends) return
    }
  }

  /** What the site has changed since: only documents that were written by the API v3 are among it. */
  async function* changes(collection: Collection): AsyncIterable<Pulled<Payload>> {
    for (let page = 0; page < MOST_PAGES; page++) {
      const held = state[collection] as Held
      const records = await site.list(`/api/v3/${collection}/history/${held.modified}`, { now: String(ctx.now) })
      // A site of before, or a token that may not.
      if (records === null) return
      const latest = Math.max(...records.map(modifiedOf))
      // Others of that millisecond may be on the next page: it is asked for again, unless it was all there was.
      const goesOn = latest > held.modified + 1
      state[collection] = { ...held, modified: goesOn ? latest - 1 : held.modified }
      if (records.length > 0) yield { payload: payloadOf(collection, records), state: { ...state } }
      if (!goesOn) return
    }
    throw failed(`Nightscout's changes of ${collection} do not end.`)
  }
}

/** One page by the API v1, which every site has, newest first. */
async function newest(site: Site, collection: Collection, floor: number, below: number): Promise<unknown[]> {
  const [field, from, to] =
    collection === 'entries'
      ? ['date', String(floor), String(below)]
      : ['created_at', new Date(floor).toISOString(), new Date(below).toISOString()]
  const query = { [`find[${field}][$gte]`]: from, [`find[${field}][$lte]`]: to, count: String(PAGE) }
  const records = await site.list(`/api/v1/${collection}.json`, query)
  if (records === null) throw refused()
  return records
}

function oldestOf(collection: Collection, records: readonly unknown[]): number | null {
  const place = collection === 'entries' ? placeEntry : placeTreatment
  const times = records.flatMap((record) => {
    const doc = Doc.safeParse(record)
    const when = doc.success ? place(doc.data) : null
    return when ? [when.start] : []
  })
  return times.length === 0 ? null : times.reduce((least, at) => Math.min(least, at))
}

function modifiedOf(record: unknown): number {
  const doc = Doc.safeParse(record)
  const modified = doc.success ? numberIn(doc.data, 'srvModified') : null
  return modified === null || Number.isNaN(modified) ? Number.NEGATIVE_INFINITY : modified
}
