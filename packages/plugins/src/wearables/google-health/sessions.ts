import type { NormalizeContext, ObservationInput, StageInterval } from '@auren/core'
import { z } from 'zod'
import { present } from '../../vendor/items.js'
import { overlay, timelineOf } from '../../vendor/timeline.js'
import { activityOf } from './activities.js'
import { maybe } from './payload.js'
import type { Base } from './points.js'
import { stageOf } from './stages.js'
import { Interval, Stamp, zoned } from './times.js'

type Context = Pick<NormalizeContext, 'reject'>
const words = z.string().max(10_000).nullish().catch(null)
const stamp = Stamp.nullish().catch(null)
const list = z.array(z.unknown()).max(5000).nullish().catch(null)
const Piece = z.object({ startTime: Stamp, endTime: Stamp, type: z.string().max(60).nullish() })

export const Sleep = z.object({
  interval: Interval,
  stages: list,
  outOfBedSegments: list,
  summary: z
    .object({
      minutesToFallAsleep: maybe,
      minutesAsleep: maybe,
      minutesAwake: maybe,
      stagesSummary: z
        .array(z.object({ type: z.string().max(60).nullish(), minutes: maybe }))
        .max(50)
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
  metadata: z.object({ nap: z.boolean().nullish() }).nullish().catch(null),
  createTime: stamp,
  updateTime: stamp,
})

/** A night or nap: its last update holds. */
export function* sleep(item: z.infer<typeof Sleep>, base: Base, ctx: Context): Iterable<ObservationInput> {
  const [start, end] = [Date.parse(item.interval.startTime), Date.parse(item.interval.endTime)]
  if (end <= start) return ctx.reject(item, 'order', 'sleep: its end is not after its start')
  const staged = timelineOf(piecesOf(item.stages, ctx, 'a stage'), start, end)
  const away = piecesOf(item.outOfBedSegments, ctx, 'a segment out of bed').map((one) => ({
    ...one,
    stage: 'out_of_bed' as const,
    start: Math.max(one.start, start),
    end: Math.min(one.end, end),
  }))
  const stages = overlay(staged, away)
  const { summary } = item
  const minutes = (type: string): number | null =>
    summary?.stagesSummary?.find((one) => one.type?.toUpperCase() === type)?.minutes ?? null
  yield {
    shape: 'session',
    kind: 'sleep',
    start,
    end,
    ...(item.metadata?.nap == null ? {} : { nap: item.metadata.nap }),
    ...(stages.length > 0 ? { stages } : {}),
    measures: present({
      sleep_duration: inSeconds(summary?.minutesAsleep),
      sleep_deep: inSeconds(minutes('DEEP')),
      sleep_light: inSeconds(minutes('LIGHT')),
      sleep_rem: inSeconds(minutes('REM')),
      sleep_awake: inSeconds(summary?.minutesAwake),
      sleep_latency: inSeconds(summary?.minutesToFallAsleep),
    }),
    // A night belongs to where it ends.
    ...zoned(end, item.interval.endUtcOffset, item.interval.civilEndTime),
    ...base,
    ...revision(item),
  }
}

function piecesOf(given: readonly unknown[] | null | undefined, ctx: Context, what: string): StageInterval[] {
  return (given ?? []).flatMap((one) => {
    const parsed = Piece.safeParse(one)
    const [start, end] = parsed.success ? [Date.parse(parsed.data.startTime), Date.parse(parsed.data.endTime)] : [0, 0]
    if (parsed.success && end > start) return [{ stage: stageOf(parsed.data.type ?? ''), start, end }]
    ctx.reject(one, 'schema', `sleep: ${what} has no times, or they are not in order`)
    return []
  })
}

const Metrics = z
  .object({
    caloriesKcal: maybe,
    distanceMillimeters: maybe,
    steps: maybe,
    averageSpeedMillimetersPerSecond: maybe,
    averageHeartRateBeatsPerMinute: maybe,
    elevationGainMillimeters: maybe,
  })
  .nullish()
  .catch(null)
const Split = z.object({ startTime: Stamp, endTime: Stamp, metricsSummary: Metrics })

export const Exercise = z.object({
  interval: Interval,
  exerciseType: words,
  displayName: words,
  metricsSummary: Metrics,
  splitSummaries: list,
  splits: list,
  notes: words,
  createTime: stamp,
  updateTime: stamp,
})

/** A workout with its laps. */
export function* exercise(item: z.infer<typeof Exercise>, base: Base, ctx: Context): Iterable<ObservationInput> {
  const [start, end] = [Date.parse(item.interval.startTime), Date.parse(item.interval.endTime)]
  if (end < start) return ctx.reject(item, 'order', 'exercise: its end is before its start')
  const laps = (item.splitSummaries?.length ? item.splitSummaries : (item.splits ?? [])).flatMap((one) => {
    const parsed = Split.safeParse(one)
    if (parsed.success) {
      const [from, to] = [Date.parse(parsed.data.startTime), Date.parse(parsed.data.endTime)]
      if (to >= from) return [{ start: from, end: to, measures: measuresOf(parsed.data.metricsSummary) }]
    }
    ctx.reject(one, 'schema', 'exercise: a split has no times, or they are not in order')
    return []
  })
  const word = (item.displayName || item.exerciseType || '').slice(0, 200)
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end,
    activity: activityOf(item.exerciseType),
    ...(word === '' ? {} : { vendorActivity: word }),
    ...(laps.length > 0 ? { laps } : {}),
    measures: measuresOf(item.metricsSummary),
    ...(item.notes ? { text: item.notes } : {}),
    ...zoned(start, item.interval.startUtcOffset, item.interval.civilStartTime),
    ...base,
    ...revision(item),
  }
}

function measuresOf(given: z.infer<typeof Metrics>): Record<string, number> {
  return present({
    // Zero where the kind of exercise has none of it.
    energy_active: given?.caloriesKcal || null,
    distance: thousandth(given?.distanceMillimeters),
    steps: given?.steps || null,
    speed: thousandth(given?.averageSpeedMillimetersPerSecond),
    heart_rate: given?.averageHeartRateBeatsPerMinute || null,
    elevation_gained: thousandth(given?.elevationGainMillimeters),
  })
}

function thousandth(value: number | null | undefined): number | null {
  return value ? Number((value / 1000).toPrecision(12)) : null
}

function inSeconds(minutes: number | null | undefined): number | null {
  return minutes == null || minutes < 0 ? null : minutes * 60
}

function revision({
  createTime,
  updateTime,
}: {
  createTime?: string | null | undefined
  updateTime?: string | null | undefined
}) {
  return {
    ...(updateTime ? { version: Date.parse(updateTime) } : {}),
    ...(createTime ? { createdAt: Date.parse(createTime) } : {}),
  }
}
