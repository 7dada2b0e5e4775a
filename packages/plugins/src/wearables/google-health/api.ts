import { AurenError, type PullContext } from '@auren/core'
import { refusalOf } from '../../vendor/refusal.js'
import { Page } from './payload.js'
import { type DataTypeId, dataTypes } from './types.js'

/** Most points of a page; nights and exercises come by 25. */
const PAGE = 10_000
const SESSIONS = 25
/** A span that does not end in so many pages is not one. */
const MOST_PAGES = 400

/** A span of time, its end not included. */
export interface Span {
  from: number
  to: number
}

const iso = (at: number): string => new Date(at).toISOString()
const day = (at: number): string => iso(at).slice(0, 10)
const DAY = 86_400_000

/**
 * All points of a span, page by page; what lies around it may come along where filters take civil times. Days are asked
 * for merged, as the app shows them; all else by source, so that the person's own ranks decide. Null where the person
 * has not granted it.
 */
export async function fetchPoints(
  api: string,
  ctx: PullContext,
  type: DataTypeId,
  { from, to }: Span,
): Promise<unknown[] | null> {
  const { clock, filter } = dataTypes[type]
  const path = `${type.replaceAll('-', '_')}.${filter}`
  const [begin, end] =
    clock === 'physical'
      ? [iso(from), iso(to)]
      : clock === 'date'
        ? [day(from), day(to)]
        : [day(from - DAY), day(to + 2 * DAY)]
  const points: unknown[] = []
  let token: string | null | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = new URLSearchParams({
      filter: `${path} >= "${begin}" AND ${path} < "${end}"`,
      pageSize: String(type === 'sleep' || type === 'exercise' ? SESSIONS : PAGE),
      ...(token ? { pageToken: token } : {}),
    })
    const method = clock === 'date' ? ':reconcile' : ''
    const answer = await ask(api, ctx, `/v4/users/me/dataTypes/${type}/dataPoints${method}?${query}`)
    if (answer === null) return null
    // One by one: there may be more than fit into the arguments of a call.
    for (const point of answer.dataPoints ?? answer.reconciledDataPoints ?? []) points.push(point)
    if (!answer.nextPageToken) return points
    if (answer.nextPageToken === token) throw failed(`repeats a page of ${type}`)
    token = answer.nextPageToken
  }
  throw failed(`has no end of pages of ${type}`)
}

/** Sums of the days that a span touches. */
export async function fetchRollups(
  api: string,
  ctx: PullContext,
  type: string,
  { from, to }: Span,
): Promise<unknown[] | null> {
  const civil = (at: number) => {
    const [year, month, date] = day(at).split('-').map(Number)
    return { date: { year, month, day: date } }
  }
  const answer = await ask(api, ctx, `/v4/users/me/dataTypes/${type}/dataPoints:dailyRollUp`, {
    range: { start: civil(from), end: civil(to) },
    windowSizeDays: 1,
  })
  return answer && (answer.rollupDataPoints ?? [])
}

async function ask(api: string, ctx: PullContext, path: string, body?: unknown): Promise<Page | null> {
  const answer = await ctx.fetch(`${api}${path}`, {
    signal: ctx.signal,
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  // A scope that was not granted, or a data type that this account does not have: the others still come.
  if (answer.status === 403 || answer.status === 404) return null
  if (answer.status !== 200) throw refusalOf(answer, { plugin: 'google-health', name: 'Google' })
  const page = Page.safeParse(await answer.json())
  if (!page.success) throw failed('answered with something that is no page of points')
  return page.data
}

function failed(what: string): AurenError {
  return new AurenError('AUREN_VENDOR_FAILED', `Google ${what}.`, { plugin: 'google-health' })
}
