import type { ObservationInput } from '@auren/core'
import { csvPart, exportReader, type Row, type RowContext } from '../../files/index.js'
import { present } from '../../vendor/items.js'
import { dayOf, samples } from './normalize.js'
import { activityOf } from './sports.js'
import { offsetOf, placeOf, placeOfEnd, source } from './times.js'

const MINUTE = 60

interface Spot {
  at: number
  offset: number | null
}

/** A civil time of a row: by its own offset, by the row's `Cycle timezone`, or by the person's zone. */
function spot(text: string | undefined, row: Row, ctx: RowContext): Spot | null {
  const time = ctx.time(text)
  if (!time) return null
  const asUtc = Date.parse(`${time.local}Z`)
  const offset = time.offset ?? offsetOf(row['cycle timezone']) ?? placeOf(null, asUtc, ctx.zoneAt).offset
  return { at: asUtc - (offset ?? 0) * 60_000, offset }
}

/** The first of several names of a column that the row has. */
function number(row: Row, ctx: RowContext, ...names: string[]): number | null {
  for (const name of names) {
    const text = row[name]
    if (!text) continue
    const value = ctx.number(text)
    if (value === null)
      ctx.reject({ column: name, line: ctx.line }, 'value_unreadable', `Line ${ctx.line}: "${name}" is no number.`)
    return value
  }
  return null
}

const seconds = (minutes: number | null): number | null => (minutes === null ? null : minutes * MINUTE)

function unreadable(row: Row, ctx: RowContext): void {
  ctx.reject(row, 'row_unreadable', `Line ${ctx.line} has no times that can be read, or they are not in order.`)
}

/** What a day had: the recovery on waking, and strain and energy of the whole cycle. Its night is in sleeps.csv. */
function* cycle(row: Row, ctx: RowContext): Iterable<ObservationInput> {
  const start = spot(row['cycle start time'], row, ctx)
  if (!start) return unreadable(row, ctx)
  const end = spot(row['cycle end time'], row, ctx)
  const place = placeOf(start.offset, start.at, ctx.zoneAt)
  const waking = spot(row['wake onset'], row, ctx)
  if (waking) {
    const asleep = spot(row['sleep onset'], row, ctx)
    const morning = placeOfEnd(waking.offset, asleep?.at ?? start.at, waking.at, ctx.zoneAt)
    yield* samples(waking.at, { source, ...morning }, [
      ['resting_heart_rate', number(row, ctx, 'resting heart rate (bpm)'), '/min'],
      ['hrv_rmssd', number(row, ctx, 'heart rate variability (ms)'), 'ms'],
      ['oxygen_saturation', number(row, ctx, 'blood oxygen %'), '%'],
      ['skin_temperature', number(row, ctx, 'skin temp (celsius)'), 'Cel'],
      ['whoop.recovery_score', number(row, ctx, 'recovery score %'), '%'],
    ])
  }
  // The day that goes on still grows.
  if (!end) return
  if (end.at < start.at) return unreadable(row, ctx)
  // WHOOP writes "cal" for what is kilocalories.
  const energy = number(row, ctx, 'energy burned (cal)', 'energy burned (kcal)')
  if (energy !== null)
    yield {
      shape: 'sample',
      metric: 'energy_total',
      start: start.at,
      end: end.at,
      value: energy,
      unit: 'kcal',
      source,
      ...place,
    }
  const strain = number(row, ctx, 'day strain')
  if (strain !== null)
    yield {
      shape: 'daily_total',
      metric: 'whoop.strain',
      date: dayOf(start.at, start.offset),
      value: strain,
      unit: '{score}',
      source,
      ...place,
    }
}

function* sleep(row: Row, ctx: RowContext): Iterable<ObservationInput> {
  const start = spot(row['sleep onset'], row, ctx)
  const end = spot(row['wake onset'], row, ctx)
  if (!start || !end || end.at < start.at) return unreadable(row, ctx)
  const place = placeOfEnd(end.offset, start.at, end.at, ctx.zoneAt)
  const nap = row.nap?.toLowerCase()
  yield {
    shape: 'session',
    kind: 'sleep',
    start: start.at,
    end: end.at,
    ...(nap === 'true' || nap === 'false' ? { nap: nap === 'true' } : {}),
    measures: present({
      sleep_duration: seconds(number(row, ctx, 'asleep duration (min)')),
      sleep_light: seconds(number(row, ctx, 'light sleep duration (min)')),
      sleep_deep: seconds(number(row, ctx, 'deep (sws) duration (min)', 'deep sleep duration (min)')),
      sleep_rem: seconds(number(row, ctx, 'rem duration (min)', 'rem sleep duration (min)')),
      sleep_awake: seconds(number(row, ctx, 'awake duration (min)')),
      sleep_efficiency: number(row, ctx, 'sleep efficiency %'),
      respiratory_rate: number(row, ctx, 'respiratory rate (rpm)') || null,
    }),
    source,
    ...place,
  }
  yield* samples(end.at, { source, ...place }, [
    ['whoop.sleep_performance', number(row, ctx, 'sleep performance %'), '%'],
    ['whoop.sleep_consistency', number(row, ctx, 'sleep consistency %'), '%'],
  ])
}

function* workout(row: Row, ctx: RowContext): Iterable<ObservationInput> {
  const start = spot(row['workout start time'], row, ctx)
  const end = spot(row['workout end time'], row, ctx)
  if (!start || !end || end.at < start.at) return unreadable(row, ctx)
  const { activity, word } = activityOf(row['activity name'], null)
  yield {
    shape: 'session',
    kind: 'workout',
    start: start.at,
    end: end.at,
    activity,
    vendorActivity: word,
    measures: present({
      heart_rate: number(row, ctx, 'average hr (bpm)') || null,
      heart_rate_max: number(row, ctx, 'max hr (bpm)') || null,
      energy_active: number(row, ctx, 'energy burned (cal)', 'energy burned (kcal)'),
      distance: number(row, ctx, 'distance (meters)') || null,
      elevation_gained: number(row, ctx, 'altitude gain (meters)'),
    }),
    source,
    ...placeOf(start.offset, start.at, ctx.zoneAt),
  }
}

/** Questions whose answers the catalogue of tags has a word for. */
const tags: readonly (readonly [RegExp, string])[] = [
  [/alcohol/i, 'alcohol'],
  [/caffeine|coffee/i, 'caffeine'],
  [/\b(sick|ill)\b|illness/i, 'illness'],
  [/travel/i, 'travel'],
  [/(eat|meal|food).*(late|close to bed)|late meal/i, 'late_meal'],
  [/stress/i, 'stress'],
  [/medicat/i, 'medication'],
]

const DAY_MS = 86_400_000
/** Local hour at which an evening's tag stands. */
const EVENING_MS = 20 * 3_600_000

/**
 * An answer of the journal. It is given in the morning about the day before: the evening that leads into the cycle, which
 * begins when the person falls asleep, before or after midnight. "No" is not a thing that was so, and leaves no tag.
 */
function* journal(row: Row, ctx: RowContext): Iterable<ObservationInput> {
  const start = spot(row['cycle start time'], row, ctx)
  const question = row['question text']?.trim() ?? ''
  const answer = row['answered yes']?.trim().toLowerCase() ?? ''
  if (!start || question === '') return unreadable(row, ctx)
  if (answer === 'false' || answer === 'no') return
  if (answer !== 'true' && answer !== 'yes')
    return ctx.reject(row, 'answer_unknown', `Line ${ctx.line}: the answer is neither true nor false.`)
  const clock = (start.offset ?? 0) * 60_000
  const day = Math.floor((start.at + clock - DAY_MS / 2) / DAY_MS) * DAY_MS
  const at = Math.min(day + EVENING_MS - clock, start.at)
  const tag = tags.find(([words]) => words.test(question))?.[1] ?? slugOf(question)
  const text = [question, row.notes?.trim()].filter(Boolean).join('\n').slice(0, 10_000)
  yield {
    shape: 'tag',
    tag,
    start: at,
    text,
    source: { ...source, type: 'manual' },
    ...placeOf(start.offset, at, ctx.zoneAt),
  }
}

function slugOf(question: string): string {
  const words = question
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  return words.slice(0, 100) || 'journal'
}

/** The archive that a person asks for in the app (Data Export): four CSV files. */
export const archive = exportReader({
  plugin: 'whoop',
  parts: [
    csvPart({
      path: /(^|\/)physiological_cycles\.csv$/i,
      needs: ['cycle start time', 'recovery score %'],
      row: cycle,
    }),
    csvPart({
      path: /(^|\/)sleeps\.csv$/i,
      needs: ['cycle start time', 'sleep onset', 'wake onset', 'nap'],
      row: sleep,
    }),
    csvPart({
      path: /(^|\/)workouts\.csv$/i,
      needs: ['cycle start time', 'workout start time', 'workout end time'],
      row: workout,
    }),
    csvPart({
      path: /(^|\/)journal_entries\.csv$/i,
      needs: ['cycle start time', 'question text', 'answered yes'],
      row: journal,
    }),
  ],
})
