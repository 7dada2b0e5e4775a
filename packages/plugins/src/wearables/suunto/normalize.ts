import type { Instant, NormalizeContext, ObservationInput, Source, ZoneBasis } from '@auren/core'
import type { z } from 'zod'
import { present, setAside } from '../../vendor/items.js'
import { lookup } from '../../vendor/lookup.js'
import { Activity, type Payload, Recovery, Sleep, Statistic, StatisticSample, Workout } from './payload.js'
import { workout } from './workouts.js'

const watch: Source = { name: 'Suunto', type: 'watch' }
/** Entries of activity are ten minutes apart. */
const STEP = 600_000

/** Items of one kind → observations. An item that does not fit its schema is set aside by itself. */
export function* normalize(payload: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  const { kind, items } = payload
  if (kind === 'workouts') for (const item of parsed(items, Workout, kind, ctx)) yield* workout(item, ctx)
  else if (kind === 'sleep') yield* nights(parsed(items, Sleep, kind, ctx), ctx)
  else if (kind === 'activity') yield* activity(parsed(items, Activity, kind, ctx))
  else if (kind === 'recovery') yield* recovery(parsed(items, Recovery, kind, ctx))
  else yield* statistics(parsed(items, Statistic, kind, ctx), ctx)
}

function parsed<S extends z.ZodType>(items: readonly unknown[], schema: S, kind: string, ctx: NormalizeContext) {
  return items.flatMap((item): z.infer<S>[] => {
    const read = schema.safeParse(item)
    if (read.success) return [read.data]
    setAside(item, kind, read.error, ctx)
    return []
  })
}

/** Minutes from UTC that a stamp carries. `Z` says nothing of the place. */
function zoneOf(stamp: string): { offset: number | null; zoneBasis: ZoneBasis } {
  const [, sign, hours, minutes] = /([+-])(\d\d):?(\d\d)$/.exec(stamp) ?? []
  if (sign === undefined) return { offset: null, zoneBasis: 'absent' }
  const offset = Number(hours) * 60 + Number(minutes)
  return { offset: sign === '-' ? -offset : offset, zoneBasis: 'carried' }
}

/** A sleep is sent again and again while it grows: the longest account of it holds. */
function* nights(entries: readonly z.infer<typeof Sleep>[], ctx: NormalizeContext): Iterable<ObservationInput> {
  const longest = new Map<string, z.infer<typeof Sleep>>()
  for (const entry of entries) {
    const id = String(entry.entryData.SleepId)
    const held = longest.get(id)
    if (!held || entry.entryData.Duration >= held.entryData.Duration) longest.set(id, entry)
  }
  for (const [id, { timestamp, entryData: data }] of longest) {
    const begin = data.BedtimeStart ?? timestamp
    const start = Date.parse(begin)
    const end = data.BedtimeEnd ? Date.parse(data.BedtimeEnd) : start + Math.round(data.Duration * 1000)
    if (end <= start) {
      ctx.reject({ SleepId: data.SleepId }, 'order', 'sleep: its end is not after its start')
      continue
    }
    const base = { source: watch, recordId: `sleep/${id}`, version: data.Duration, ...zoneOf(data.BedtimeEnd ?? begin) }
    const { DeepSleepDuration: deep, LightSleepDuration: light, REMSleepDuration: rem } = data
    const asleep = (deep ?? 0) + (light ?? 0) + (rem ?? 0)
    yield {
      shape: 'session',
      kind: 'sleep',
      start,
      end,
      nap: data.IsNap === true,
      measures: present({
        sleep_duration: asleep > 0 ? asleep : data.Duration,
        sleep_deep: asleep > 0 ? deep : null,
        sleep_light: asleep > 0 ? light : null,
        sleep_rem: asleep > 0 ? rem : null,
        sleep_awake: data.WakeAfterSleepOnsetDuration,
        heart_rate: data.HRAvg || null,
        heart_rate_min: data.HRMin || null,
        hrv_rmssd: data.AvgHRV || null,
      }),
      ...base,
    }
    const score = data.SleepQualityScore
    if (score != null)
      yield { shape: 'sample', metric: 'suunto.sleep_score', start: end, value: score, unit: '{score}', ...base }
  }
}

/** Of entries with one time the last word on each value holds. */
function byTime<E extends { timestamp: string; entryData: object }>(entries: readonly E[]): Map<Instant, E> {
  const held = new Map<Instant, E>()
  for (const entry of entries) {
    const at = Date.parse(entry.timestamp)
    const before = held.get(at)
    const told = Object.entries(entry.entryData).filter(([, value]) => value != null)
    held.set(at, before ? { ...entry, entryData: { ...before.entryData, ...Object.fromEntries(told) } } : entry)
  }
  return new Map([...held].sort(([a], [b]) => a - b))
}

function* activity(entries: readonly z.infer<typeof Activity>[]): Iterable<ObservationInput> {
  const times = byTime(entries)
  const starts = [...times.keys()]
  for (const [i, [at, { timestamp, entryData: data }]] of [...times].entries()) {
    const base = { source: watch, recordId: `activity/${at}`, ...zoneOf(timestamp) }
    const end = Math.min(at + STEP, starts[i + 1] ?? at + STEP)
    const tell = function* (metric: string, value: number | null | undefined, unit: string, over: boolean) {
      if (value == null) return
      yield { shape: 'sample' as const, metric, start: at, ...(over ? { end } : {}), value, unit, ...base }
    }
    yield* tell('heart_rate', data.HR || null, '/min', false)
    yield* tell('steps', data.StepCount, '{steps}', true)
    yield* tell('energy_total', data.EnergyConsumption, 'J', true)
    yield* tell('oxygen_saturation', data.SpO2 || null, '1', false)
    yield* tell('hrv_rmssd', data.HRV || null, 'ms', false)
  }
}

function* recovery(entries: readonly z.infer<typeof Recovery>[]): Iterable<ObservationInput> {
  for (const [at, { timestamp, entryData: data }] of byTime(entries)) {
    const base = {
      shape: 'sample',
      start: at,
      source: watch,
      recordId: `recovery/${at}`,
      ...zoneOf(timestamp),
    } as const
    if (data.Balance != null) yield { ...base, metric: 'suunto.balance', value: data.Balance, unit: '1' }
    // Zero means that it could not be told.
    if (data.StressState) yield { ...base, metric: 'suunto.stress_state', value: data.StressState, unit: 'code' }
  }
}

const sums = lookup<readonly [metric: string, unit: string]>({
  stepcount: ['steps', '{steps}'],
  energyconsumption: ['energy_total', 'J'],
})

/** Sums of a day. Of several watches the one that says most: they were worn by one person. */
function* statistics(groups: readonly z.infer<typeof Statistic>[], ctx: NormalizeContext): Iterable<ObservationInput> {
  const days = new Map<string, { name: string; date: string; value: number }>()
  for (const { Name, Aggregation, Sources } of groups) {
    const name = Name.toLowerCase()
    if (!Object.hasOwn(sums, name) || (Aggregation ?? 'sum').toLowerCase() !== 'sum') {
      ctx.reject({ Name, Aggregation }, 'not_read', 'statistics: another value than the sums of steps and energy')
      continue
    }
    for (const given of Sources.flatMap(({ Samples }) => Samples)) {
      const read = StatisticSample.safeParse(given)
      const value = read.success && read.data.Value != null ? Number(read.data.Value) : null
      if (!read.success || (value !== null && !Number.isFinite(value)))
        ctx.reject(given, 'schema', 'statistics: a sample')
      else if (value !== null) {
        const date = read.data.TimeISO8601.slice(0, 10)
        const key = `${name}/${date}`
        if (value >= (days.get(key)?.value ?? 0)) days.set(key, { name, date, value })
      }
    }
  }
  for (const [key, { name, date, value }] of days) {
    const [metric, unit] = sums[name] as readonly [string, string]
    const base = { source: watch, offset: null, zoneBasis: 'absent', recordId: `statistics/${key}` } as const
    yield { shape: 'daily_total', metric, date, value, unit, ...base }
  }
}
