import { z } from 'zod'

/**
 * Events of Terra (schema version 2022-03-16) as far as they are read, from its public OpenAPI description. Every field
 * is nullable there; unknown ones are left alone.
 */
const id = z.string().min(1).max(200)
const User = z.object({
  user_id: id,
  provider: z.string().max(100).nullish(),
  last_webhook_update: z.string().max(60).nullish(),
  scopes: z.string().max(5000).nullish(),
})

/** Anything that Terra sends. */
export const Event = z.object({
  type: z.string().min(1).max(100),
  user: User.nullish(),
  old_user: User.nullish(),
  new_user: User.nullish(),
  url: z.string().max(8000).nullish(),
  data: z.unknown().optional(),
})
export type Event = z.infer<typeof Event>

/** Types of data that are read. */
export const dataTypes = ['activity', 'sleep', 'daily', 'body', 'nutrition', 'menstruation'] as const
export type DataType = (typeof dataTypes)[number]

/** Data of one type, of one connection. */
export const Payload = z.object({
  type: z.enum(dataTypes),
  user: z.object({
    user_id: id,
    provider: z.string().max(100).nullish(),
    last_webhook_update: z.string().max(60).nullish(),
  }),
  data: z.array(z.unknown()).max(100_000),
})
export type Payload = z.infer<typeof Payload>

/** True for a type that is read. */
export function isDataType(type: string): type is DataType {
  return (dataTypes as readonly string[]).includes(type)
}

/** What is kept of a delivery: whose, from which vendor, when, and the data. Names and addresses of persons are not. */
export function dataOf({ user, data }: Pick<Event, 'user' | 'data'>, type: DataType): Payload {
  const { user_id = '', provider, last_webhook_update } = user ?? {}
  return { type, user: { user_id, provider, last_webhook_update }, data: Array.isArray(data) ? data : [] }
}

/** An object that may be null or absent, of loose content. */
const part = <S extends z.ZodRawShape>(shape: S) => z.object(shape).nullish()
const number = z.number().nullish()
const text = z.string().nullish()
/** Samples are looked at one by one: a broken one does not take the others with it. */
const samples = z.array(z.unknown()).max(200_000).nullish()

const metadata = z.object({
  start_time: z.string().min(10).max(60),
  end_time: z.string().min(10).max(60),
  timestamp_localization: number,
  summary_id: z.string().min(1).max(200).nullish(),
  upload_type: number,
  type: number,
  name: text,
  is_nap: z.boolean().nullish(),
})
export type Metadata = z.infer<typeof metadata>

const device_data = part({ name: text, manufacturer: text })
const heartRate = part({
  summary: part({
    avg_hr_bpm: number,
    max_hr_bpm: number,
    min_hr_bpm: number,
    resting_hr_bpm: number,
    avg_hrv_rmssd: number,
    avg_hrv_sdnn: number,
  }),
  detailed: part({ hr_samples: samples, hrv_samples_rmssd: samples, hrv_samples_sdnn: samples }),
})
const calories_data = part({ total_burned_calories: number, net_activity_calories: number, BMR_calories: number })
const elevation = part({ gain_actual_meters: number })
const detailedDistance = part({ step_samples: samples, distance_samples: samples, floors_climbed_samples: samples })
const active_durations_data = part({
  activity_seconds: number,
  inactivity_seconds: number,
  moderate_intensity_seconds: number,
  vigorous_intensity_seconds: number,
  standing_seconds: number,
})
const oxygen_data = part({
  avg_saturation_percentage: number,
  saturation_samples: samples,
  vo2max_ml_per_min_per_kg: number,
  vo2_samples: samples,
})

export const Activity = z.object({
  metadata,
  device_data,
  calories_data,
  heart_rate_data: heartRate,
  distance_data: part({
    summary: part({ distance_meters: number, steps: number, floors_climbed: number, elevation }),
  }),
  movement_data: part({
    avg_speed_meters_per_second: number,
    max_speed_meters_per_second: number,
    speed_samples: samples,
  }),
  power_data: part({ avg_watts: number, max_watts: number, power_samples: samples }),
  lap_data: part({ laps: samples }),
})
export type Activity = z.infer<typeof Activity>

export const Sleep = z.object({
  metadata,
  device_data,
  heart_rate_data: heartRate,
  sleep_durations_data: part({
    asleep: part({
      duration_asleep_state_seconds: number,
      duration_deep_sleep_state_seconds: number,
      duration_light_sleep_state_seconds: number,
      duration_REM_sleep_state_seconds: number,
    }),
    awake: part({ duration_awake_state_seconds: number, sleep_latency_seconds: number }),
    hypnogram_samples: samples,
    sleep_efficiency: number,
  }),
  respiration_data: part({
    breaths_data: part({ avg_breaths_per_min: number, samples }),
    oxygen_saturation_data: part({ avg_saturation_percentage: number, samples }),
  }),
  temperature_data: part({ delta: number }),
  readiness_data: part({ readiness: number }),
  scores: part({ sleep: number }),
})
export type Sleep = z.infer<typeof Sleep>

export const Daily = z.object({
  metadata,
  device_data,
  calories_data,
  active_durations_data,
  heart_rate_data: heartRate,
  oxygen_data,
  distance_data: part({
    steps: number,
    distance_meters: number,
    floors_climbed: number,
    elevation,
    detailed: detailedDistance,
  }),
  stress_data: part({ avg_stress_level: number, samples, body_battery_samples: samples }),
  scores: part({ activity: number, recovery: number, sleep: number }),
  strain_data: part({ strain_level: number }),
  MET_data: part({ MET_samples: samples }),
  tag_data: part({ tags: samples }),
})
export type Daily = z.infer<typeof Daily>

export const Body = z.object({
  metadata,
  device_data,
  measurements_data: part({ measurements: samples }),
  blood_pressure_data: part({ blood_pressure_samples: samples }),
  glucose_data: part({ blood_glucose_samples: samples, detailed_blood_glucose_samples: samples }),
  temperature_data: part({ body_temperature_samples: samples, skin_temperature_samples: samples }),
  oxygen_data,
  heart_data: part({ heart_rate_data: heartRate, rr_interval_samples: samples, pulse_wave_velocity_samples: samples }),
  hydration_data: part({ day_total_water_consumption_ml: number }),
})
export type Body = z.infer<typeof Body>

export const Nutrition = z.object({
  metadata,
  summary: part({
    macros: part({ calories: number, carbohydrates_g: number, protein_g: number, fat_g: number }),
    micros: part({ caffeine_mg: number }),
    water_ml: number,
  }),
})
export type Nutrition = z.infer<typeof Nutrition>

export const Menstruation = z.object({
  metadata,
  menstruation_data: part({ is_predicted_cycle: z.boolean().nullish(), menstruation_flow: samples }),
})
export type Menstruation = z.infer<typeof Menstruation>

/** Schema of one item, by type. */
export const schemas = {
  activity: Activity,
  sleep: Sleep,
  daily: Daily,
  body: Body,
  nutrition: Nutrition,
  menstruation: Menstruation,
} as const
