import type { NormalizeContext, ObservationInput } from '@auren/core'
import type { z } from 'zod'
import { reading } from '../../vendor/items.js'
import { exercise } from './exercise.js'
import {
  Activity,
  CardioLoad,
  Exercise,
  HeartRate,
  HeartRates,
  type Kind,
  type Payload,
  Physical,
  Recharge,
  Sleep,
} from './payload.js'
import { sleep } from './sleep.js'
import { inDay, minutesOf, placed } from './times.js'

type Reader = (item: unknown, ctx: NormalizeContext) => Iterable<ObservationInput>

/** What Polar's objects say. An object that cannot be read is set aside, and the others go on. */
export function* normalize({ kind, items }: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  for (const item of items) yield* readers[kind](underscored(item), ctx)
}

const readers: Readonly<Record<Kind, Reader>> = {
  exercise: reading(Exercise, 'exercise', exercise),
  sleep: reading(Sleep, 'sleep', sleep),
  recharge: reading(Recharge, 'nightly recharge', recharge),
  heart_rate: reading(HeartRates, 'continuous heart rate', heartRates),
  activity: reading(Activity, 'daily activity', activity),
  physical: reading(Physical, 'physical information', physical),
  cardio_load: reading(CardioLoad, 'cardio load', cardioLoad),
  other(item, ctx) {
    ctx.reject(item, 'not_read', 'Polar says more than is read; see docs/plugins/polar.md')
    return []
  },
}

/** Older routes write `start-time`, newer ones `start_time`. Keys of a night's clock times have neither. */
function underscored(item: unknown): unknown {
  if (Array.isArray(item)) return item.map(underscored)
  if (typeof item !== 'object' || item === null) return item
  return Object.fromEntries(Object.entries(item).map(([key, value]) => [key.replaceAll('-', '_'), underscored(value)]))
}

const source = { name: 'Polar', type: 'watch' } as const

type DailyValue = readonly [metric: string, value: number | null | undefined, unit: string]

/** Values of Polar's own date. */
function* ofDay(
  date: string,
  record: { recordId: string; version?: number },
  values: readonly DailyValue[],
): Iterable<ObservationInput> {
  for (const [metric, value, unit] of values)
    if (value != null)
      yield { shape: 'daily_total', metric, date, value, unit, source, offset: null, zoneBasis: 'absent', ...record }
}

function recharge(given: z.infer<typeof Recharge>): Iterable<ObservationInput> {
  return ofDay(given.date, { recordId: `recharge/${given.date}` }, [
    ['hrv_rmssd', given.heart_rate_variability_avg || null, 'ms'],
    ['respiratory_rate', given.breathing_rate_avg || null, '/min'],
    ['polar.nightly_heart_rate', given.heart_rate_avg || null, '/min'],
    ['polar.ans_charge', given.ans_charge, '{score}'],
    ['polar.nightly_recharge', given.nightly_recharge_status || null, 'code'],
  ])
}

function* heartRates(given: z.infer<typeof HeartRates>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const read: { time: number; value: number }[] = []
  for (const sample of given.heart_rate_samples ?? []) {
    const parsed = HeartRate.safeParse(sample)
    const time = parsed.success ? minutesOf(parsed.data.sample_time) : null
    if (!parsed.success || time === null) ctx.reject(sample, 'schema', 'continuous heart rate: a sample')
    else if (parsed.data.heart_rate > 0) read.push({ time, value: parsed.data.heart_rate })
  }
  const at = inDay(
    given.date,
    read.map(({ time }) => time),
    ctx.zoneAt,
  )
  for (const [i, { value }] of read.entries()) {
    const { at: start, offset } = at[i] as (typeof at)[number]
    yield {
      shape: 'sample',
      metric: 'heart_rate',
      start: Math.round(start),
      value,
      unit: '/min',
      source,
      offset,
      zoneBasis: 'floating',
      recordId: `heart-rate/${given.date}`,
    }
  }
}

function activity(given: z.infer<typeof Activity>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const date = given.date ?? given.start_time?.slice(0, 10)
  if (date === undefined) {
    ctx.reject(given, 'no_date', 'daily activity: it has no date')
    return []
  }
  const made = Date.parse(given.created ?? '')
  return ofDay(date, { recordId: `activity/${date}`, ...(Number.isNaN(made) ? {} : { version: made }) }, [
    ['steps', given.steps ?? given.active_steps, '{steps}'],
    ['energy_total', given.calories, 'kcal'],
    ['energy_active', given.active_calories, 'kcal'],
    ['distance', given.distance_from_steps, 'm'],
  ])
}

function* physical(given: z.infer<typeof Physical>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const { at: start } = placed(given.created.slice(0, 19), 0, ctx.zoneAt)
  const values: readonly DailyValue[] = [
    ['weight', given.weight, 'kg'],
    ['height', given.height, 'cm'],
    ['vo2_max', given.vo2_max, 'mL/kg/min'],
  ]
  for (const [metric, value, unit] of values)
    if (value != null && value > 0)
      yield {
        shape: 'sample',
        metric,
        start,
        value,
        unit,
        source,
        offset: null,
        zoneBasis: 'absent',
        recordId: `physical/${given.id}`,
      }
}

function cardioLoad(given: z.infer<typeof CardioLoad>): Iterable<ObservationInput> {
  const load = given.cardio_load
  return ofDay(given.date, { recordId: `cardio-load/${given.date}` }, [
    // Below zero where there is none.
    ['polar.cardio_load', load != null && load >= 0 ? load : null, '{score}'],
  ])
}
