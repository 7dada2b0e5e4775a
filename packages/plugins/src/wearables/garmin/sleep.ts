import type { NormalizeContext, ObservationInput, SleepStage, StageInterval } from '@auren/core'
import type { z } from 'zod'
import { present } from '../../vendor/items.js'
import { lookup } from '../../vendor/lookup.js'
import { type Item, itemOf, type Revision, sample, series } from './make.js'
import { Nap, type Sleep } from './payload.js'

type Night = z.infer<typeof Sleep>

/** What a night is called while more of it may come; what is not named here is as good as it gets. */
const ranks = lookup<number>({
  OFF_WRIST: 0,
  AUTO_TENTATIVE: 1,
  AUTO_FINAL: 2,
  ENHANCED_TENTATIVE: 3,
})
const BEST = 4
/** More than the seconds of any night. */
const RANK = 1_000_000

/** Levels of Garmin's map, with the field that has their sum. */
const levels = lookup<{ stage: SleepStage; sum: keyof Night }>({
  deep: { stage: 'deep', sum: 'deepSleepDurationInSeconds' },
  light: { stage: 'light', sum: 'lightSleepDurationInSeconds' },
  rem: { stage: 'rem', sum: 'remSleepInSeconds' },
  awake: { stage: 'awake', sum: 'awakeDurationInSeconds' },
  unmeasurable: { stage: 'no_data', sum: 'unmeasurableSleepInSeconds' },
  unmeasurableSleep: { stage: 'no_data', sum: 'unmeasurableSleepInSeconds' },
})
/** By how much the levels may differ from their sums, in seconds. */
const SLACK = 300

/**
 * A night. It grows while the person sleeps, then is refined: by its `validation`, and while that says that it is not yet
 * final by its length. What the person has corrected outranks both.
 */
export function night(summary: Night, id: string, ctx: NormalizeContext): Revision[] {
  const validation = (summary.validation ?? '').toUpperCase()
  const rank = Object.hasOwn(ranks, validation) ? (ranks[validation] as number) : BEST
  const inBed = lengthOf(summary)
  if (inBed <= 0) {
    ctx.reject(summary, 'order', 'sleeps: a night without any length')
    return []
  }
  const frame = {
    recordId: `sleeps/${id}`,
    version: rank * RANK + (rank < BEST ? Math.min(Math.round(inBed), RANK - 1) : 0),
    startTimeInSeconds: summary.startTimeInSeconds,
    offsetInSeconds: summary.startTimeOffsetInSeconds,
    durationInSeconds: inBed,
    manual: validation === 'MANUAL',
  }
  return [{ ...frame, observations: () => nightOf(summary, validation, itemOf(frame, ctx)) }]
}

/** Asleep by the sums; null where there are none. */
function asleepOf(summary: Night): number | null {
  const { deepSleepDurationInSeconds: deep, lightSleepDurationInSeconds: light, remSleepInSeconds: rem } = summary
  const sum = (deep ?? 0) + (light ?? 0) + (rem ?? 0)
  return sum > 0 ? sum : null
}

/**
 * From going to sleep to getting up. `durationInSeconds` is without the time awake by one page of Garmin's and with it in
 * its examples, so the longer reading holds, and the map of levels where it goes a little beyond.
 */
function lengthOf(summary: Night): number {
  const awake = summary.awakeDurationInSeconds ?? 0
  const unmeasurable = summary.unmeasurableSleepInSeconds ?? summary.unmeasurableSleepDurationInSeconds ?? 0
  const told = Math.max(summary.durationInSeconds ?? 0, (asleepOf(summary) ?? 0) + awake + unmeasurable)
  const ends = Object.values(summary.sleepLevelsMap ?? {}).flatMap((spans) =>
    spans.map((span) => span.endTimeInSeconds),
  )
  const mapped = Math.max(0, ...ends) - summary.startTimeInSeconds
  return mapped > told && mapped - told <= SLACK ? mapped : told
}

function* nightOf(summary: Night, validation: string, item: Item): Iterable<ObservationInput> {
  const { start, end } = item
  const asleep = asleepOf(summary)
  const stages = stagesOf(summary, item)
  const offWrist = validation === 'OFF_WRIST'
  // Where the watch could tell no levels, zero is not "no deep sleep".
  const level = (value: number | null | undefined): number | null => (asleep === null || value == null ? null : value)
  yield {
    shape: 'session',
    kind: 'sleep',
    start,
    end,
    nap: false,
    ...(stages.length > 0 ? { stages } : {}),
    measures: present({
      sleep_duration: asleep ?? (offWrist ? null : summary.durationInSeconds),
      sleep_deep: level(summary.deepSleepDurationInSeconds),
      sleep_light: level(summary.lightSleepDurationInSeconds),
      sleep_rem: level(summary.remSleepInSeconds),
      sleep_awake: level(summary.awakeDurationInSeconds),
    }),
    ...item.zone(end),
    ...item.record(),
  }
  yield* series(item, summary.timeOffsetSleepRespiration, 'respiratory_rate', '/min')
  yield* series(item, summary.timeOffsetSleepSpo2, 'oxygen_saturation', '%')
  const score = summary.overallSleepScore?.value
  if (score != null && score >= 0) yield sample(item, end, 'garmin.sleep_score', score, '{score}')
  for (const given of summary.naps ?? []) yield* nap(given, item)
}

/** The levels of the night in order, where they agree with their own sums and with the night. */
function stagesOf(summary: Night, { start, end, ctx }: Item): StageInterval[] {
  const stages: StageInterval[] = []
  let fits = true
  for (const [name, spans] of Object.entries(summary.sleepLevelsMap ?? {})) {
    const level = levels[name]
    if (!level) ctx.reject({ level: name.slice(0, 60) }, 'unknown_code', 'sleeps: a level of sleep that is not known')
    let seconds = 0
    for (const { startTimeInSeconds, endTimeInSeconds } of spans) {
      const span = { start: Math.round(startTimeInSeconds * 1000), end: Math.round(endTimeInSeconds * 1000) }
      if (span.end <= span.start) continue
      seconds += (span.end - span.start) / 1000
      stages.push({ stage: level?.stage ?? 'no_data', ...span })
    }
    const sum = level ? summary[level.sum] : null
    if (typeof sum === 'number' && Math.abs(sum - seconds) > SLACK) fits = false
  }
  stages.sort((a, b) => a.start - b.start || a.end - b.end)
  const last = stages.at(-1)
  if (stages.some((stage, i) => stage.start < (stages[i - 1]?.end ?? start) - 1000) || (last && last.end > end + 1000))
    fits = false
  if (fits) return stages
  ctx.reject(
    { sleepLevelsMap: summary.sleepLevelsMap },
    'stages_inconsistent',
    'sleeps: the levels overlap, or do not agree with their sums',
  )
  return []
}

/** A nap of the day that the night's summary brings along; it has a clock of its own. */
function* nap(given: unknown, item: Item): Iterable<ObservationInput> {
  const read = Nap.safeParse(given)
  if (!read.success) {
    item.ctx.reject(given, 'schema', 'sleeps: a nap without start or length')
    return
  }
  const { recordId, version } = item.record()
  const nap = itemOf(
    {
      recordId,
      version,
      startTimeInSeconds: read.data.napStartTimeInSeconds,
      offsetInSeconds: read.data.napOffsetInSeconds,
      durationInSeconds: read.data.napDurationInSeconds,
      manual: read.data.napValidation?.toUpperCase() === 'MANUAL',
    },
    item.ctx,
  )
  yield {
    shape: 'session',
    kind: 'sleep',
    start: nap.start,
    end: nap.end,
    nap: true,
    measures: { sleep_duration: read.data.napDurationInSeconds },
    ...nap.zone(nap.end),
    ...nap.record(),
  }
}
