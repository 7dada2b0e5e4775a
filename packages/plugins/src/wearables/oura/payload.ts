import { z } from 'zod'

/**
 * Documents of Oura's API v2 (/v2/usercollection/*), as far as they are read. Unknown fields are left alone: Oura adds
 * some every few months. Shapes held to recorded answers; fields that only the specification names are optional.
 */
const id = z.string().min(1).max(200)
const day = z.iso.date()
const stamp = z.iso.datetime({ offset: true })
const nullable = (schema: z.ZodType<number>) => schema.nullish()
const number = nullable(z.number())
const contributors = z.record(z.string().max(80), z.number().nullable()).nullish()

/**
 * Values at a fixed interval in seconds from a timestamp; null where nothing was measured. Looked at by itself: a broken one
 * does not take its document along.
 */
export const Series = z.object({
  interval: z.number().positive(),
  items: z.array(z.number().nullable()).max(100_000),
  timestamp: stamp,
})
const series = z.unknown().optional()

export const Sleep = z.object({
  id,
  day,
  bedtime_start: stamp,
  bedtime_end: stamp,
  type: z.string().max(40).nullish(),
  average_breath: number,
  average_heart_rate: number,
  average_hrv: number,
  lowest_heart_rate: number,
  awake_time: number,
  deep_sleep_duration: number,
  light_sleep_duration: number,
  rem_sleep_duration: number,
  total_sleep_duration: number,
  time_in_bed: number,
  latency: number,
  efficiency: number,
  restless_periods: number,
  sleep_phase_5_min: z.string().max(2000).nullish(),
  heart_rate: series,
  hrv: series,
})

export const DailyReadiness = z.object({
  id,
  day,
  score: number,
  temperature_deviation: number,
  temperature_trend_deviation: number,
  contributors,
})
export const DailySleep = z.object({ id, day, score: number, contributors })
export const DailyActivity = z.object({
  id,
  day,
  score: number,
  steps: number,
  active_calories: number,
  total_calories: number,
  equivalent_walking_distance: number,
  high_activity_time: number,
  medium_activity_time: number,
  sedentary_time: number,
  met: series,
  contributors,
})
export const DailySpo2 = z.object({
  id,
  day,
  spo2_percentage: z.object({ average: number }).nullish(),
  breathing_disturbance_index: number,
})
export const DailyStress = z.object({ id, day, stress_high: number, recovery_high: number })
export const DailyResilience = z.object({ id, day, level: z.string().max(40).nullish(), contributors })
export const CardiovascularAge = z.object({ id: id.optional(), day, vascular_age: number })
export const Vo2Max = z.object({ id, day, vo2_max: number })
export const Workout = z.object({
  id,
  day,
  activity: z.string().max(120),
  start_datetime: stamp,
  end_datetime: stamp,
  calories: number,
  distance: number,
  intensity: z.string().max(40).nullish(),
  label: z.string().max(1000).nullish(),
  source: z.string().max(40).nullish(),
})
export const Moment = z.object({
  id,
  day,
  start_datetime: stamp,
  end_datetime: stamp,
  type: z.string().max(40),
  heart_rate: series,
  heart_rate_variability: series,
})
export const EnhancedTag = z.object({
  id,
  tag_type_code: z.string().max(120).nullish(),
  custom_name: z.string().max(300).nullish(),
  start_time: stamp,
  end_time: stamp.nullish(),
  comment: z.string().max(10_000).nullish(),
})
export const LegacyTag = z.object({
  id,
  timestamp: stamp,
  tags: z.array(z.string().max(120)).max(200).nullish(),
  text: z.string().max(10_000).nullish(),
})
export const RestModePeriod = z.object({
  id,
  start_day: day,
  start_time: stamp.nullish(),
  end_day: day.nullish(),
  end_time: stamp.nullish(),
})
export const HeartRate = z.object({ bpm: z.number(), source: z.string().max(40).nullish(), timestamp: stamp })

/** Collections that are read, with the schema of one document. */
export const collections = {
  sleep: Sleep,
  daily_sleep: DailySleep,
  daily_readiness: DailyReadiness,
  daily_activity: DailyActivity,
  daily_spo2: DailySpo2,
  daily_stress: DailyStress,
  daily_resilience: DailyResilience,
  daily_cardiovascular_age: CardiovascularAge,
  vO2_max: Vo2Max,
  workout: Workout,
  session: Moment,
  enhanced_tag: EnhancedTag,
  tag: LegacyTag,
  rest_mode_period: RestModePeriod,
  heartrate: HeartRate,
} as const
export type Collection = keyof typeof collections

/** Name of a collection, whatever the spelling of a notification (`vo2_max` is spelled `vO2_max` in paths). */
export function collectionOf(name: string): Collection | null {
  const wanted = name.toLowerCase()
  return (Object.keys(collections) as Collection[]).find((known) => known.toLowerCase() === wanted) ?? null
}

/** Documents of one collection as they were fetched, and ids that Oura no longer has. */
export const Payload = z.object({
  collection: z.string().max(60),
  documents: z.array(z.unknown()).max(100_000),
  missing: z.array(id).max(10_000).optional(),
})
export type Payload = z.infer<typeof Payload>

/** A webhook notification: ids only. */
export const Notification = z.object({
  event_type: z.enum(['create', 'update', 'delete']),
  data_type: z.string().min(1).max(60),
  object_id: id,
  event_time: z.string().max(60),
  user_id: z.string().min(1).max(200),
})
