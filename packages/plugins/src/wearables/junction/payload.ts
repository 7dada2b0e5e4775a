import { z } from 'zod'

/**
 * Resources of Junction as far as they are read, from its public client libraries. Summaries are whole objects; of a
 * time series, each item is a group of samples of one source.
 */
export const Payload = z.object({
  /** Junction's name, as in its API: `sleep`, `heartrate`, `body_weight` … */
  resource: z.string().min(1).max(80),
  items: z.array(z.unknown()).max(100_000),
})
export type Payload = z.infer<typeof Payload>

/** Anything that Junction sends. */
export const Event = z.object({
  event_type: z.string().min(1).max(200),
  user_id: z.string().min(1).max(200).nullish(),
  data: z.unknown().optional(),
})
export type Event = z.infer<typeof Event>

/** The end of a historical backfill: what may be asked for now. */
export const Backfill = z.object({
  user_id: z.string().min(1).max(200).nullish(),
  start_date: z.string().max(60).nullish(),
  end_date: z.string().max(60).nullish(),
})

const number = z.number().nullish()
const stamp = z.string().min(1).max(60)
const word = z.string().max(300).nullish()

/** Where something comes from; `name` and `slug` are the older form. */
export const Origin = z
  .object({ provider: word, type: word, app_id: word, device_id: word, slug: word, name: word })
  .nullish()
export type Origin = z.infer<typeof Origin>

const summary = {
  id: z.string().min(1).max(200),
  source: Origin,
  updated_at: word,
  created_at: word,
  timezone_offset: number,
  time_zone: word,
}

export const Activity = z.object({
  ...summary,
  calendar_date: z.iso.date(),
  calories_total: number,
  calories_active: number,
  steps: number,
  distance: number,
  low: number,
  medium: number,
  high: number,
  floors_climbed: number,
  wheelchair_push: number,
  heart_rate: z.object({ resting_bpm: number, avg_walking_bpm: number }).nullish(),
})

export const Body = z.object({
  ...summary,
  calendar_date: z.iso.date().nullish(),
  date: stamp,
  weight: number,
  height: number,
  fat: number,
  water_percentage: number,
  muscle_mass_percentage: number,
  bone_mass_percentage: number,
  visceral_fat_index: number,
  body_mass_index: number,
  lean_body_mass_kilogram: number,
  waist_circumference_centimeter: number,
})

export const Sleep = z.object({
  ...summary,
  calendar_date: z.iso.date(),
  bedtime_start: stamp,
  bedtime_stop: stamp.nullish(),
  /** So in older versions. */
  bedtime_end: stamp.nullish(),
  type: word,
  total: number,
  awake: number,
  light: number,
  rem: number,
  deep: number,
  latency: number,
  efficiency: number,
  hr_average: number,
  hr_lowest: number,
  hr_resting: number,
  hr_dip: number,
  average_hrv: number,
  respiratory_rate: number,
  skin_temperature: number,
  temperature_delta: number,
  score: number,
  recovery_readiness_score: number,
  /** Samples of the night, where they were asked for. */
  sleep_stream: z.unknown().optional(),
  /** The stages, where the pull has put them beside their night. */
  sleep_cycle: z.unknown().optional(),
})

export const SleepCycle = z.object({
  ...summary,
  sleep_id: z.string().max(200).nullish(),
  session_start: stamp,
  session_end: stamp,
  stage_start_offset_second: z.array(z.number()).max(5000),
  stage_end_offset_second: z.array(z.number()).max(5000),
  stage_type: z.array(z.number()).max(5000),
  source_provider: word,
  source_type: word,
  source_app_id: word,
})

export const Workout = z.object({
  ...summary,
  time_start: stamp,
  time_end: stamp,
  title: word,
  sport: z.object({ name: word, slug: word }).nullish(),
  calories: number,
  distance: number,
  steps: number,
  average_hr: number,
  max_hr: number,
  total_elevation_gain: number,
  average_speed: number,
  max_speed: number,
  average_watts: number,
  max_watts: number,
})

export const Meal = z.object({
  ...summary,
  timestamp: stamp,
  data: z.record(
    z.string(),
    z
      .object({
        energy: z.object({ unit: z.enum(['kcal', 'kJ']), value: z.number() }).nullish(),
        macros: z
          .object({ carbs: number, protein: number, water: number, fats: z.object({ total: number }).nullish() })
          .nullish(),
      })
      .nullable(),
  ),
})

export const Cycle = z.object({
  ...summary,
  is_predicted: z.boolean().nullish(),
  menstrual_flow: z.array(z.unknown()).max(200).nullish(),
  basal_body_temperature: z.array(z.unknown()).max(200).nullish(),
  source_provider: word,
  source_type: word,
})

/** Samples of one source. */
export const Group = z.object({ source: Origin, data: z.array(z.unknown()).max(200_000) })

export const Sample = z.object({
  timestamp: stamp.nullish(),
  start: stamp.nullish(),
  end: stamp.nullish(),
  timezone_offset: number,
  unit: z.string().max(60).nullish(),
  type: word,
  value: z.union([z.number(), z.string().max(10_000)]).nullish(),
  systolic: number,
  diastolic: number,
  sensor_location: word,
  intensity: word,
  tags: z.array(z.string().max(100)).max(50).nullish(),
})
export type Sample = z.infer<typeof Sample>
