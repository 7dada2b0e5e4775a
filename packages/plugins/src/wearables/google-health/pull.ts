import type { PullContext, Pulled } from '@auren/core'
import { z } from 'zod'
import { fetchPoints, fetchRollups, type Span } from './api.js'
import type { Payload } from './payload.js'
import { openPoint, recordOf, timeOf, windowRecord } from './points.js'
import { type DataTypeId, dataTypeOf, dataTypes, rollups } from './types.js'

const DAY = 86_400_000
/** The first Fitbit was sold in 2009. */
const BEGINNING = Date.UTC(2009, 0, 1)
const ROLLUPS_FIRST = 730 * DAY
const ROLLUPS_AGAIN = 7 * DAY
/** A notification of more than this is taken for this much, to its end; the pulls read the rest again. */
const MOST_NOTIFIED = 400 * DAY
/** Without times in a notification, what is new lately. */
const LATELY = 2 * DAY

const State = z.object({
  /** Until when data have been fetched (ms), by data type; of sums as `rollup/<type>`. */
  until: z.record(z.string(), z.number()).optional(),
  /** Records of late, with their time: what is missing when they are fetched again has been deleted. */
  seen: z.record(z.string(), z.array(z.tuple([z.string(), z.number()]))).optional(),
  lacking: z.array(z.string()).optional(),
})
interface Cursor {
  until: Record<string, number>
  seen: Record<string, [recordId: string, at: number][]>
  lacking: string[]
}

/** Everything since the last pull, data type by data type, span by span. */
export async function* pullAll(api: string, ctx: PullContext): AsyncIterable<Pulled<Payload>> {
  const cursor = cursorOf(ctx.state)
  cursor.lacking = []
  const state = () => structuredClone(cursor) as unknown as Record<string, unknown>
  for (const [type, { first, again }] of Object.entries(dataTypes) as [DataTypeId, (typeof dataTypes)[DataTypeId]][]) {
    const until = cursor.until[type]
    const from = until === undefined ? (first === null ? BEGINNING : ctx.now - first) : Math.min(until, ctx.now) - again
    for (const span of spansOf(type, { from, to: ctx.now })) {
      const payload = await fetched(api, ctx, type, span, cursor, false)
      if (payload === null) {
        cursor.lacking.push(type)
        break
      }
      cursor.until[type] = Math.min(span.to, ctx.now)
      yield { payload, state: state() }
    }
  }
  for (const [type, most] of Object.entries(rollups)) {
    const key = `rollup/${type}`
    const until = cursor.until[key]
    const from = until === undefined ? ctx.now - ROLLUPS_FIRST : Math.min(until, ctx.now) - ROLLUPS_AGAIN
    for (const span of split({ from: floor(from, DAY), to: ctx.now + 2 * DAY }, most)) {
      const found = await fetchRollups(api, ctx, type, span)
      if (found === null) {
        cursor.lacking.push(key)
        break
      }
      cursor.until[key] = Math.min(span.to, ctx.now)
      yield { payload: { dataType: type, points: [], rollups: found }, state: state() }
    }
  }
  yield { payload: { dataType: 'steps', points: [] }, state: state() }
}

/** What a notification named: what is there now in the span, and what is there no longer; and the sums of its days. */
export async function* pullOne(
  api: string,
  ctx: PullContext,
  { resource, params = {} }: { resource: string; params?: Record<string, string> },
): AsyncIterable<Pulled<Payload>> {
  const cursor = cursorOf(ctx.state)
  const named = { from: Date.parse(params.from ?? ''), to: Date.parse(params.to ?? '') }
  const to = Number.isFinite(named.to) ? named.to : ctx.now
  const from = Math.max(Number.isFinite(named.from) ? named.from : to - LATELY, to - MOST_NOTIFIED)
  const type = dataTypeOf(resource)
  if (type) {
    // What begins before a span may end in it, and a civil day begins half a day off.
    const margin = dataTypes[type].window === null ? DAY : 0
    const spans = spansOf(type, { from: from - margin, to: to + margin })
    for (const span of spans) {
      const payload = await fetched(api, ctx, type, span, cursor, params.deletion === 'true')
      if (payload === null) break
      yield { payload, state: { ...ctx.state, seen: structuredClone(cursor.seen) } }
    }
  }
  const most = rollups[resource]
  if (most === undefined) return
  for (const span of split({ from: floor(from, DAY) - DAY, to: to + 2 * DAY }, most)) {
    const found = await fetchRollups(api, ctx, resource, span)
    if (found === null) return
    yield { payload: { dataType: resource, points: [], rollups: found } }
  }
}

/** The points that lie in a span, and the records of it that are not there any longer. */
async function fetched(
  api: string,
  ctx: PullContext,
  type: DataTypeId,
  span: Span,
  cursor: Cursor,
  deletion: boolean,
): Promise<Payload | null> {
  const all = await fetchPoints(api, ctx, type, span)
  if (all === null) return null
  const found = new Map<string, number>()
  const points = all.filter((item) => {
    const point = openPoint(type, item)
    const at = point && timeOf(type, point.value)
    // What cannot be read is set aside by whoever normalizes it.
    if (!point || at === null) return true
    if (at < span.from || at >= span.to) return false
    found.set(recordOf(type, point.id, at), at)
    return true
  })
  const held = cursor.seen[type] ?? []
  const within = held.filter(([, at]) => at >= span.from && at < span.to)
  const gone = new Set(within.flatMap(([recordId]) => (found.has(recordId) ? [] : [recordId])))
  if (deletion) for (const recordId of recordsOf(type, span)) if (!found.has(recordId)) gone.add(recordId)
  const { again } = dataTypes[type]
  cursor.seen[type] = [...held.filter(([recordId]) => !gone.has(recordId) && !found.has(recordId)), ...found]
    .filter(([, at]) => at >= ctx.now - again - DAY)
    .sort((a, b) => a[1] - b[1])
  return { dataType: type, points, ...(gone.size > 0 ? { missing: [...gone].sort() } : {}) }
}

/** Every record that there could be in a span; of nights and exercises nobody knows. */
function* recordsOf(type: DataTypeId, { from, to }: Span): Iterable<string> {
  const { window, clock } = dataTypes[type]
  const step = clock === 'date' ? DAY : window
  if (step === null) return
  for (let at = floor(from, step); at < to; at += step)
    yield clock === 'date' ? recordOf(type, null, at) : windowRecord(type, at)
}

/** Whole records at a time: what is fetched replaces them. */
function spansOf(type: DataTypeId, { from, to }: Span): Span[] {
  const { window, span } = dataTypes[type]
  const step = window ?? DAY
  return split({ from: floor(from, step), to: floor(to, step) + step }, span)
}

function split({ from, to }: Span, most: number): Span[] {
  const spans: Span[] = []
  for (let at = from; at < to; at += most) spans.push({ from: at, to: Math.min(at + most, to) })
  return spans
}

function floor(at: number, step: number): number {
  return Math.floor(at / step) * step
}

function cursorOf(state: Record<string, unknown>): Cursor {
  const parsed = State.safeParse(state)
  const { until = {}, seen = {}, lacking = [] } = parsed.success ? parsed.data : {}
  return structuredClone({ until, seen, lacking }) as Cursor
}
