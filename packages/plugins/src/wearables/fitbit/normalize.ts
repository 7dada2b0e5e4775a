import type { NormalizeContext, ObservationInput } from '@auren/core'
import { z } from 'zod'
import { reading } from '../../vendor/items.js'
import { bodyLogs } from './body.js'
import { type Clock, personsClock } from './clock.js'
import { daily, dayList, Summary, seriesNames, shapeNames, some, summary } from './days.js'
import { intraday, intradayNames, nightMinutes } from './intraday.js'
import { maybe, Notice, type Payload } from './payload.js'
import { Sleep, sleep } from './sleep.js'
import { Workout, workout } from './workouts.js'

const Minutes = z.object({ dateTime: z.iso.date(), minutes: z.array(z.unknown()).max(2000) })
const Dated = z.array(z.object({ dateTime: z.iso.date() })).min(1)
/** What answers hold besides, of which nothing was measured. */
const beside = ['goals', 'pagination', 'meta', 'summary', 'activities-heart-intraday-summary']

/** An answer of the Web API, whichever: what is in it is known by the names of its lists. */
export function* normalize(payload: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  for (const recordId of payload.missing ?? []) yield { shape: 'deletion', recordId }
  const clock = personsClock(ctx.zoneAt, payload.zone)
  const { document, date } = payload
  if (Array.isArray(document)) yield* listOf(document, clock, ctx)
  else if (isObject(document)) yield* answer(document, date ?? dateIn(document), clock, ctx)
  else if (document != null) ctx.reject({}, 'schema', 'An answer that is neither a list nor an object.')
}

/** Days of oxygen come as a bare list; so do notifications. */
function* listOf(items: readonly unknown[], clock: Clock, ctx: NormalizeContext): Iterable<ObservationInput> {
  for (const item of items) {
    if (Notice.safeParse(item).success)
      ctx.reject(item, 'notification', 'It only tells what is to be fetched: nothing is measured in it.')
    else if (isObject(item) && 'minutes' in item) yield* nights('spo2', [item], clock, ctx)
    else yield* dayList('spo2', [item], ctx)
  }
}

function* answer(
  document: Record<string, unknown>,
  date: string | null,
  clock: Clock,
  ctx: NormalizeContext,
): Iterable<ObservationInput> {
  const day = z.object({ summary: Summary }).safeParse(document)
  if ('activities' in document && day.success) {
    if (date) yield* summary(date, day.data.summary)
    else ctx.reject({}, 'no_date', 'activities: nothing says of which day these sums are')
  }
  if ('value' in document && 'dateTime' in document) yield* dayList('spo2', [document], ctx)
  else if ('minutes' in document) yield* nights('spo2', [document], clock, ctx)
  for (const [name, value] of Object.entries(document)) {
    if (Array.isArray(value)) yield* named(name, value, date, clock, ctx)
    else if (intradayNames.includes(name)) yield* intraday(name, value, date, clock, ctx)
    else if (name === 'user') ctx.reject({}, 'not_read', 'profile: nothing is measured in it')
    else if (isObject(value) && !beside.includes(name) && name !== 'value')
      ctx.reject({ name }, 'not_read', `${name.slice(0, 60)}: a part that is not read`)
  }
  if ('water' in document || 'foods' in document) yield* eaten(document, date, ctx)
}

function* named(
  name: string,
  items: readonly unknown[],
  date: string | null,
  clock: Clock,
  ctx: NormalizeContext,
): Iterable<ObservationInput> {
  if (name === 'sleep')
    for (const item of items) yield* reading(Sleep, name, (one) => sleep(one, clock, ctx))(item, ctx)
  else if (name === 'activities')
    for (const item of items) yield* reading(Workout, name, (one) => workout(one, clock, 'Kilometer', ctx))(item, ctx)
  else if (name === 'weight' || name === 'fat') yield* bodyLogs(items, name, 'kg', clock, ctx)
  else if (name === 'hrv' && items.some((item) => isObject(item) && 'minutes' in item))
    yield* nights('hrv', items, clock, ctx)
  else if (seriesNames.includes(name) || shapeNames.includes(name)) yield* dayList(name, items, ctx)
  else if (/^body-/.test(name))
    ctx.reject({ name }, 'carried_forward', `${name.slice(0, 60)}: it says the last value for days without one`)
  // The sums of the day say the same.
  else if (name !== 'water' && name !== 'foods' && name !== 'minutes' && items.length > 0)
    ctx.reject({ name, date }, 'not_read', `${name.slice(0, 60)}: a list that is not read`)
}

function* nights(
  name: 'spo2' | 'hrv',
  items: readonly unknown[],
  clock: Clock,
  ctx: NormalizeContext,
): Iterable<ObservationInput> {
  for (const item of items) {
    const parsed = Minutes.safeParse(item)
    if (parsed.success) yield* nightMinutes(name, parsed.data.minutes, clock, ctx)
    else ctx.reject(item, 'schema', `${name}: a night without its minutes`)
  }
}

/** What was drunk and eaten in a day. */
function* eaten(
  document: Record<string, unknown>,
  date: string | null,
  ctx: NormalizeContext,
): Iterable<ObservationInput> {
  const parsed = z.object({ summary: z.object({ water: maybe, calories: maybe, carbs: maybe }) }).safeParse(document)
  if (!parsed.success) return
  if (date === null) return ctx.reject({}, 'no_date', 'foods: nothing says of which day these sums are')
  const { water, calories, carbs } = parsed.data.summary
  yield* daily(date, 'water' in document ? 'water' : 'foods', [
    ['hydration', 'water' in document ? some(water) : null, 'mL'],
    ['energy_intake', some(calories), 'kcal'],
    ['carbohydrate_intake', some(carbs), 'g'],
  ])
}

/** The day that an answer is of, by what is in it. */
function dateIn(document: Record<string, unknown>): string | null {
  const [first] = Array.isArray(document.activities) ? document.activities : []
  const started = z.object({ startDate: z.iso.date() }).safeParse(first)
  if (started.success) return started.data.startDate
  for (const [name, value] of Object.entries(document)) {
    const dated = /^activities-/.test(name) ? Dated.safeParse(value) : null
    if (dated?.success) return dated.data[0]?.dateTime ?? null
  }
  return null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
