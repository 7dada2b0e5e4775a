import type { NormalizeContext, ObservationInput, SleepStage, StageInterval } from '@auren/core'
import type { z } from 'zod'
import { present } from '../../vendor/items.js'
import { lookup } from '../../vendor/lookup.js'
import type { Sleep } from './payload.js'
import { inNight, intoNight, minutesOf, type Night, offsetWritten } from './times.js'

const stages = lookup<SleepStage>({
  '0': 'awake',
  '1': 'rem',
  '2': 'light',
  '3': 'light',
  '4': 'deep',
  '5': 'no_data',
})
const source = { name: 'Polar', type: 'watch' } as const

/** A night, its heart rates, and Polar's score of it. */
export function* sleep(given: z.infer<typeof Sleep>, ctx: NormalizeContext): Iterable<ObservationInput> {
  const start = Date.parse(given.sleep_start_time)
  const end = Date.parse(given.sleep_end_time)
  if (end < start) return ctx.reject({ date: given.date }, 'order', 'sleep: its end is before its start')
  const night = {
    start,
    startOffset: offsetWritten(given.sleep_start_time),
    endOffset: offsetWritten(given.sleep_end_time),
  }
  const zone = ctx.zoneAt(end)
  const record = { source, offset: night.endOffset, zoneBasis: 'carried', recordId: `sleep/${given.date}` } as const
  const parts = [given.light_sleep, given.deep_sleep, given.rem_sleep]
  const asleep = parts.every((part) => part != null)
    ? parts.reduce<number>((sum, part) => sum + (part ?? 0), given.unrecognized_sleep_stage ?? 0)
    : null
  yield {
    shape: 'session',
    kind: 'sleep',
    start,
    end,
    stages: stagesOf(given, night, end, zone, ctx),
    measures: present({
      sleep_duration: asleep,
      sleep_light: given.light_sleep,
      sleep_deep: given.deep_sleep,
      sleep_rem: given.rem_sleep,
      sleep_awake: given.total_interruption_duration,
    }),
    ...record,
  }
  if (given.sleep_score != null && given.sleep_score > 0)
    yield {
      shape: 'sample',
      metric: 'polar.sleep_score',
      start: end,
      value: given.sleep_score,
      unit: '{score}',
      ...record,
    }
  const rates = byClock(given.heart_rate_samples, night, 'a heart rate of the night', ctx)
  const times = inNight(
    rates.map(({ time }) => time),
    night,
    zone,
  )
  if (!times)
    ctx.reject(
      { date: given.date },
      'clock_change',
      'sleep: when the clock changed is not known, nor the times of its heart rates',
    )
  for (const [i, at] of (times ?? []).entries()) {
    const value = rates[i]?.value ?? 0
    if (value > 0)
      yield { shape: 'sample', metric: 'heart_rate', start: Math.round(at), value, unit: '/min', ...record }
  }
}

function stagesOf(
  given: z.infer<typeof Sleep>,
  night: Night,
  end: number,
  zone: string | null,
  ctx: NormalizeContext,
): StageInterval[] {
  const held = byClock(given.hypnogram, night, 'a stage of the night', ctx)
  const times = inNight(
    held.map(({ time }) => time),
    night,
    zone,
  )
  if (!times) {
    ctx.reject(
      { date: given.date },
      'clock_change',
      'sleep: when the clock changed is not known, nor the times of its stages',
    )
    return []
  }
  // Stages are told to the minute: the first begins no earlier than the night.
  return times.flatMap((at, i) => {
    const from = Math.max(night.start, Math.round(at))
    const to = Math.min(end, Math.round(times[i + 1] ?? end))
    const stage = stages[String(held[i]?.value)] ?? 'no_data'
    return to > from ? [{ stage, start: from, end: to }] : []
  })
}

/** Values in the order of the night. */
function byClock(
  values: Record<string, unknown> | null | undefined,
  night: Night,
  what: string,
  ctx: NormalizeContext,
): { time: number; value: number }[] {
  return Object.entries(values ?? {})
    .flatMap(([clock, value]) => {
      const time = minutesOf(clock)
      if (time !== null && typeof value === 'number' && Number.isFinite(value)) return [{ time, value }]
      ctx.reject({ [clock]: value }, 'schema', `sleep: ${what}`)
      return []
    })
    .sort((a, b) => intoNight(a.time, night) - intoNight(b.time, night))
}
