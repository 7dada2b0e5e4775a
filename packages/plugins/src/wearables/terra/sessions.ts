import type { ObservationInput, SleepStage, StageInterval } from '@auren/core'
import { z } from 'zod'
import { efficiencyOf, present } from '../../vendor/items.js'
import { activityOf } from './activities.js'
import { heartSamples, oxygenSamples } from './heart.js'
import { type Item, sample, series } from './make.js'
import type { Activity, Sleep } from './payload.js'

/** A workout, with its laps and what was measured in it. Its sums are in the session only: the day has them too. */
export function* workout(data: Activity, item: Item): Iterable<ObservationInput> {
  const { metadata, distance_data, calories_data, movement_data: movement, power_data: power } = data
  const begun = item.at(metadata.start_time)
  const ended = item.at(metadata.end_time)
  if (!begun || !ended) return item.ctx.reject(data, 'schema', 'activity: start_time or end_time is no time')
  if (ended.at <= begun.at) return item.ctx.reject(data, 'order', 'activity: end_time is not after start_time')
  const [activity, word] = activityOf(metadata.type)
  if (word === null) item.ctx.reject({ type: metadata.type }, 'unknown_code', 'activity: the type is not known')
  const summary = data.heart_rate_data?.summary
  const laps = [...lapsOf(data, item)]
  yield {
    shape: 'session',
    kind: 'workout',
    start: begun.at,
    end: ended.at,
    activity,
    ...(word === null ? {} : { vendorActivity: word }),
    ...(laps.length > 0 ? { laps } : {}),
    measures: present({
      distance: distance_data?.summary?.distance_meters,
      steps: distance_data?.summary?.steps,
      floors_climbed: distance_data?.summary?.floors_climbed,
      elevation_gained: distance_data?.summary?.elevation?.gain_actual_meters,
      energy_active: calories_data?.net_activity_calories,
      energy_total: calories_data?.total_burned_calories,
      heart_rate: summary?.avg_hr_bpm || null,
      heart_rate_max: summary?.max_hr_bpm || null,
      heart_rate_min: summary?.min_hr_bpm || null,
      speed: movement?.avg_speed_meters_per_second,
      speed_max: movement?.max_speed_meters_per_second,
      power: power?.avg_watts,
      power_max: power?.max_watts,
    }),
    ...(metadata.name ? { text: metadata.name.slice(0, 10_000) } : {}),
    offset: begun.offset,
    zoneBasis: begun.zoneBasis,
    ...item.record(),
  }
  yield* heartSamples(item, data.heart_rate_data)
  yield* series(item, movement?.speed_samples, { value: 'speed_meters_per_second', metric: 'speed', unit: 'm/s' })
  yield* series(item, power?.power_samples, { value: 'watts', metric: 'power', unit: 'W' })
}

const Lap = z.object({
  start_time: z.string().max(60),
  end_time: z.string().max(60),
  distance_meters: z.number().nullish(),
  avg_hr_bpm: z.number().nullish(),
  calories: z.number().nullish(),
})

function* lapsOf(
  { lap_data }: Activity,
  item: Item,
): Iterable<{ start: number; end: number; measures: Record<string, number> }> {
  for (const given of lap_data?.laps ?? []) {
    const lap = Lap.safeParse(given)
    const begun = lap.success ? item.at(lap.data.start_time) : null
    const ended = lap.success ? item.at(lap.data.end_time) : null
    if (!lap.success || !begun || !ended) item.ctx.reject(given, 'schema', 'activity: a lap has no times')
    else if (ended.at < begun.at) item.ctx.reject(given, 'order', 'activity: a lap ends before it starts')
    else
      yield {
        start: begun.at,
        end: ended.at,
        measures: present({
          distance: lap.data.distance_meters,
          heart_rate: lap.data.avg_hr_bpm || null,
          energy_total: lap.data.calories,
        }),
      }
  }
}

const stages: Readonly<Record<number, SleepStage>> = {
  0: 'no_data',
  1: 'awake',
  2: 'asleep_unspecified',
  3: 'out_of_bed',
  4: 'light',
  5: 'deep',
  6: 'rem',
}

/** A night or nap, with its stages and what was measured in it. */
export function* night(data: Sleep, item: Item): Iterable<ObservationInput> {
  const begun = item.at(data.metadata.start_time)
  const ended = item.at(data.metadata.end_time)
  if (!begun || !ended) return item.ctx.reject(data, 'schema', 'sleep: start_time or end_time is no time')
  if (ended.at <= begun.at) return item.ctx.reject(data, 'order', 'sleep: end_time is not after start_time')
  const { asleep, awake, hypnogram_samples, sleep_efficiency } = data.sleep_durations_data ?? {}
  const summary = data.heart_rate_data?.summary
  const breaths = data.respiration_data?.breaths_data
  const timeline = stagesOf(hypnogram_samples ?? [], begun.at, ended.at, item)
  yield {
    shape: 'session',
    kind: 'sleep',
    start: begun.at,
    end: ended.at,
    ...(data.metadata.is_nap == null ? {} : { nap: data.metadata.is_nap }),
    ...(timeline.length > 0 ? { stages: timeline } : {}),
    measures: present({
      sleep_duration: asleep?.duration_asleep_state_seconds,
      sleep_deep: asleep?.duration_deep_sleep_state_seconds,
      sleep_light: asleep?.duration_light_sleep_state_seconds,
      sleep_rem: asleep?.duration_REM_sleep_state_seconds,
      sleep_awake: awake?.duration_awake_state_seconds,
      sleep_latency: awake?.sleep_latency_seconds,
      sleep_efficiency: efficiencyOf(sleep_efficiency),
      heart_rate: summary?.avg_hr_bpm || null,
      heart_rate_min: summary?.min_hr_bpm || null,
      heart_rate_max: summary?.max_hr_bpm || null,
      hrv_rmssd: summary?.avg_hrv_rmssd || null,
      hrv_sdnn: summary?.avg_hrv_sdnn || null,
      respiratory_rate: breaths?.avg_breaths_per_min || null,
    }),
    // A night belongs to where it ends.
    offset: ended.offset,
    zoneBasis: ended.zoneBasis,
    ...item.record(),
  }
  yield* heartSamples(item, data.heart_rate_data)
  yield* series(item, breaths?.samples, {
    value: 'breaths_per_min',
    metric: 'respiratory_rate',
    unit: '/min',
    least: 1,
  })
  yield* oxygenSamples(item, data.respiration_data?.oxygen_saturation_data?.samples)
  // One value for the night stands at its end, so that it counts for the day on which the night ends.
  const once = (metric: string, value: number | null | undefined, unit: string): ObservationInput[] =>
    value == null ? [] : [sample(item, ended, metric, value, unit)]
  yield* once('skin_temperature_deviation', data.temperature_data?.delta, 'Cel')
  yield* once('terra.readiness_score', data.readiness_data?.readiness, '{score}')
  yield* once('terra.sleep_score', data.scores?.sleep, '{score}')
}

const Stage = z.object({ timestamp: z.string().max(60), level: z.number() })

/** A stage lasts until the next one, the last until the end. */
function stagesOf(samples: readonly unknown[], start: number, end: number, item: Item): StageInterval[] {
  const points: { at: number; stage: SleepStage }[] = []
  for (const given of samples) {
    const point = Stage.safeParse(given)
    const when = point.success ? item.at(point.data.timestamp) : null
    if (!point.success || !when) item.ctx.reject(given, 'schema', 'sleep: a stage has no time or level')
    else points.push({ at: when.at, stage: stages[point.data.level] ?? 'no_data' })
  }
  points.sort((a, b) => a.at - b.at)
  const timeline: StageInterval[] = []
  for (const [index, { at, stage }] of points.entries()) {
    const from = Math.max(at, start)
    const to = Math.min(points[index + 1]?.at ?? end, end)
    const before = timeline.at(-1)
    if (to <= from) continue
    if (before?.stage === stage && before.end === from) before.end = to
    else timeline.push({ stage, start: from, end: to })
  }
  return timeline
}
