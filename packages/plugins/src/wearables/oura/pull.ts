import { AurenError, type PullContext, type Pulled } from '@auren/core'
import { z } from 'zod'
import { type Refused, refusalOf } from '../../vendor/refusal.js'
import { type Collection, collectionOf, collections, type Payload } from './payload.js'

const DAY = 86_400_000
/** Scores and nights of the last days are rewritten by Oura: read again at every pull. */
const OVERLAP_DAYS = 10
/** The first ring was sold in 2015. */
const BEGINNING = '2015-01-01'
/** Longest span of heart rate in one request. */
const HEART_RATE_DAYS = 30

const Page = z.object({ data: z.array(z.unknown()), next_token: z.string().max(4000).nullish() })
const State = z.object({
  until: z.record(z.string(), z.iso.date()).optional(),
  lacking: z.array(z.string()).optional(),
})

/** One document that a notification named. A document that is gone is a deletion. */
export async function* pullOne(
  base: string,
  ctx: PullContext,
  what: { resource: string; id?: string },
): AsyncIterable<Pulled<Payload>> {
  const collection = collectionOf(what.resource)
  if (!collection || what.id === undefined) return
  const answer = await ctx.fetch(`${base}/v2/usercollection/${collection}/${encodeURIComponent(what.id)}`, {
    signal: ctx.signal,
  })
  if (answer.status === 404) {
    yield { payload: { collection, documents: [], missing: [what.id] } }
    return
  }
  check(answer, collection)
  const document = await answer.json()
  // Whatever Oura sends must be the document that was asked for.
  const named = z.object({ id: z.string() }).safeParse(document)
  if (named.success && named.data.id !== what.id) {
    throw new AurenError(
      'AUREN_VENDOR_FAILED',
      `Oura answered for another ${collection} document than was asked for.`,
      { plugin: 'oura' },
    )
  }
  yield { payload: { collection, documents: [document] } }
}

/** Everything since the last pull, collection by collection, page by page. */
export async function* pullAll(base: string, ctx: PullContext): AsyncIterable<Pulled<Payload>> {
  const parsed = State.safeParse(ctx.state)
  const state = { until: { ...(parsed.success ? parsed.data.until : {}) }, lacking: [] as string[] }
  const today = dateOf(ctx.now)
  for (const collection of Object.keys(collections) as Collection[]) {
    const since = state.until[collection]
    const from = since === undefined ? BEGINNING : dateOf(Date.parse(since) - OVERLAP_DAYS * DAY)
    for (const span of spansOf(collection, from, today, since === undefined)) {
      for await (const documents of pages(base, ctx, collection, span)) {
        if (documents === 'lacking') {
          state.lacking.push(collection)
          break
        }
        if (documents.length > 0) yield { payload: { collection, documents }, state: structuredClone(state) }
      }
    }
    if (!state.lacking.includes(collection)) state.until[collection] = today
    yield { payload: { collection, documents: [] }, state: structuredClone(state) }
  }
}

async function* pages(
  base: string,
  ctx: PullContext,
  collection: Collection,
  span: Record<string, string>,
): AsyncIterable<unknown[] | 'lacking'> {
  let token: string | null | undefined
  do {
    const query = new URLSearchParams({ ...span, ...(token ? { next_token: token } : {}) })
    const answer = await ctx.fetch(`${base}/v2/usercollection/${collection}?${query}`, { signal: ctx.signal })
    // A scope that was not granted, or a collection that this ring does not have: the others still come.
    if (answer.status === 403 || answer.status === 404) {
      yield 'lacking'
      return
    }
    check(answer, collection)
    const page = Page.safeParse(await answer.json())
    if (!page.success)
      throw new AurenError('AUREN_VENDOR_FAILED', `Oura's answer for ${collection} is no page of documents.`, {
        plugin: 'oura',
      })
    if (page.data.next_token && page.data.next_token === token)
      throw new AurenError('AUREN_VENDOR_FAILED', `Oura repeats a page of ${collection}.`, { plugin: 'oura' })
    token = page.data.next_token
    yield page.data.data
  } while (token)
}

function* spansOf(
  collection: Collection,
  from: string,
  today: string,
  first: boolean,
): Iterable<Record<string, string>> {
  const end = Date.parse(today) + 2 * DAY
  if (collection !== 'heartrate') {
    // The end is exclusive on some routes: ask for a day more than wanted.
    yield { start_date: from, end_date: dateOf(end) }
    return
  }
  // Heart rate is offered for recent weeks in the first pull; its years come with the export archive.
  const begin = first ? end - HEART_RATE_DAYS * DAY : Date.parse(from)
  for (let at = begin; at < end; at += HEART_RATE_DAYS * DAY) {
    yield {
      start_datetime: new Date(at).toISOString(),
      end_datetime: new Date(Math.min(at + HEART_RATE_DAYS * DAY, end)).toISOString(),
    }
  }
}

function check(answer: Refused, collection: string): void {
  if (answer.status !== 200) throw refusalOf(answer, { plugin: 'oura', name: 'Oura', what: collection })
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
