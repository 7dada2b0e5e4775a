import type { NormalizeContext, ObservationInput, SleepStage, StageInterval } from '@auren/core'
import { Flag } from '@auren/core'
import { z } from 'zod'
import { readTime } from '../../files/index.js'
import { present } from '../../vendor/items.js'
import { lookup } from '../../vendor/lookup.js'
import { overlay, timelineOf } from '../../vendor/timeline.js'
import type { Clock } from './clock.js'
import { id, maybe, number, text, words } from './payload.js'
import { tracker } from './sources.js'

/** A clock that jumps by this much has been set to or from summer. */
const HOUR = 3_600_000
/** How far the written end and the duration may be apart before the duration is believed. */
const TOLERANCE = 5 * 60_000

const Level = z.object({ dateTime: text, level: text, seconds: number })
const list = z.array(z.unknown()).max(10_000).nullish().catch(null)
export const Sleep = z.object({
  logId: id,
  startTime: text,
  endTime: text.nullish().catch(null),
  duration: number,
  efficiency: maybe,
  isMainSleep: z.boolean().nullish().catch(null),
  mainSleep: z.boolean().nullish().catch(null),
  minutesAsleep: maybe,
  minutesAwake: maybe,
  minutesToFallAsleep: maybe,
  logType: words,
  type: words,
  levels: z
    .object({ data: list, shortData: list, summary: z.record(z.string(), z.unknown()).nullish().catch(null) })
    .nullish()
    .catch(null),
  /** Of version 1 of the API: a code for each minute. */
  minuteData: list,
})

const stages = lookup<SleepStage>({
  wake: 'awake',
  awake: 'awake',
  // Of the older kind: neither awake nor counted as asleep.
  restless: 'awake',
  asleep: 'asleep_unspecified',
  unknown: 'no_data',
  light: 'light',
  deep: 'deep',
  rem: 'rem',
})
const codes = lookup<SleepStage>({ '1': 'asleep_unspecified', '2': 'awake', '3': 'awake' })

/** A night or nap, of the API or of an export: they have the same ids. */
export function* sleep(
  item: z.infer<typeof Sleep>,
  clock: Clock,
  ctx: Pick<NormalizeContext, 'reject'>,
): Iterable<ObservationInput> {
  const from = readTime(item.startTime)
  const until = item.endTime ? readTime(item.endTime) : null
  if (!from || item.duration <= 0) return ctx.reject(item, 'schema', 'sleep: it has no start or no duration')
  const start = clock.place(from).at
  // A duration passes whatever clocks are set to meanwhile; the written end may have been counted on from the start.
  let end = start + Math.round(item.duration)
  const written = until && clock.place(until).at
  if (written && written > start && Math.abs(written - end) < TOLERANCE) end = written
  const changes = clock.at(start).offset !== clock.at(end).offset
  const timeline = timelineOf(stagesOf(item, { local: from.local, start, changes }, ctx), start, end)
  const minutes = (level: string): number | null => {
    const found = z.object({ minutes: number }).safeParse(item.levels?.summary?.[level])
    return found.success ? found.data.minutes * 60 : null
  }
  const staged = item.type === 'stages'
  const manual = item.logType === 'manual'
  const main = item.isMainSleep ?? item.mainSleep
  yield {
    shape: 'session',
    kind: 'sleep',
    start,
    end,
    ...(main == null ? {} : { nap: !main }),
    ...(timeline.length > 0 ? { stages: timeline } : {}),
    measures: present({
      sleep_duration: item.minutesAsleep == null ? null : item.minutesAsleep * 60,
      sleep_awake: item.minutesAwake == null ? null : item.minutesAwake * 60,
      sleep_latency: item.minutesToFallAsleep == null ? null : item.minutesToFallAsleep * 60,
      sleep_efficiency: item.efficiency || null,
      sleep_deep: staged ? minutes('deep') : null,
      sleep_light: staged ? minutes('light') : null,
      sleep_rem: staged ? minutes('rem') : null,
    }),
    source: manual ? { name: tracker.name, type: 'manual' } : tracker,
    ...zoneOf(end, from, clock),
    ...(manual ? { flags: Flag.manual } : {}),
    recordId: `sleep/${item.logId}`,
  }
}

/** A night belongs to where it ends. */
function zoneOf(end: number, from: { offset: number | null }, clock: Clock) {
  return from.offset === null ? clock.at(end) : { offset: from.offset, zoneBasis: 'carried' as const }
}

interface Segment {
  /** As the clock on the wall had it (ms). */
  wall: number
  at: number
  length: number
  stage: SleepStage
}

/** Stages in the time that passed; short awakenings lie upon them. */
function stagesOf(
  { levels, minuteData }: z.infer<typeof Sleep>,
  { local, start, changes }: { local: string; start: number; changes: boolean },
  ctx: Pick<NormalizeContext, 'reject'>,
): StageInterval[] {
  if (!levels?.data?.length)
    return (minuteData ?? []).flatMap((one, minute) => {
      const code = z.object({ value: z.coerce.string() }).safeParse(one)
      const stage = (code.success && codes[code.data.value]) || 'no_data'
      return [{ stage, start: start + minute * 60_000, end: start + (minute + 1) * 60_000 }]
    })
  const read = (given: readonly unknown[] | null | undefined) =>
    (given ?? []).flatMap((one) => {
      const parsed = Level.safeParse(one)
      const time = parsed.success ? readTime(parsed.data.dateTime) : null
      if (parsed.success && time && parsed.data.seconds > 0)
        return [{ wall: Date.parse(`${time.local}Z`), length: parsed.data.seconds * 1000, level: parsed.data.level }]
      ctx.reject(one, 'schema', 'sleep: a level has no time or no length')
      return []
    })
  const segments: Segment[] = []
  const zero = Date.parse(`${local}Z`)
  for (const { wall, length, level } of read(levels.data)) {
    const last = segments.at(-1)
    // Levels follow each other: when the clocks change, a gap of an hour on the wall is none in the night.
    const gap = last ? wall - (last.wall + last.length) : wall - zero
    const passed = changes && Math.abs(Math.abs(gap) - HOUR) < 1000 ? 0 : gap
    const at = (last ? last.at + last.length : start) + passed
    segments.push({ wall, at, length, stage: stages[level] ?? 'no_data' })
  }
  const below = segments.map(({ stage, at, length }) => ({ stage, start: at, end: at + length }))
  const wakes = read(levels.shortData).flatMap(({ wall, length, level }) => {
    const under = segments.findLast((one) => one.wall <= wall && wall < one.wall + one.length)
    if (!under || stages[level] !== 'awake') return []
    const from = under.at + wall - under.wall
    return [{ stage: 'awake' as const, start: from, end: from + length }]
  })
  return overlay(timelineOf(below, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY), wakes)
}
