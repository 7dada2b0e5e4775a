import { z } from 'zod'

/** Objects of WHOOP's API v2, as far as they are read. Unknown fields are left alone; every number may be missing. */
const number = z.number().finite().nullish()
const stamp = z.iso.datetime({ offset: true })
/** UUIDs since v2, numbers before. */
const id = z.union([z.int().min(0), z.string().min(1).max(100)])
const state = z.string().max(100).nullish()

const timed = {
  created_at: stamp.nullish(),
  updated_at: stamp.nullish(),
  start: stamp,
  end: stamp.nullish(),
  timezone_offset: z.string().max(20).nullish(),
  score_state: state,
}

export const Sleep = z.object({
  ...timed,
  id,
  nap: z.boolean().nullish(),
  score: z
    .object({
      stage_summary: z
        .object({
          total_in_bed_time_milli: number,
          total_awake_time_milli: number,
          total_no_data_time_milli: number,
          total_light_sleep_time_milli: number,
          total_slow_wave_sleep_time_milli: number,
          total_rem_sleep_time_milli: number,
        })
        .nullish(),
      respiratory_rate: number,
      sleep_performance_percentage: number,
      sleep_consistency_percentage: number,
      sleep_efficiency_percentage: number,
    })
    .nullish(),
})

export const Workout = z.object({
  ...timed,
  id,
  sport_id: z.int().nullish(),
  sport_name: z.string().max(1000).nullish(),
  score: z
    .object({
      strain: number,
      average_heart_rate: number,
      max_heart_rate: number,
      kilojoule: number,
      distance_meter: number,
      altitude_gain_meter: number,
    })
    .nullish(),
})

export const Cycle = z.object({
  ...timed,
  id,
  score: z.object({ strain: number, kilojoule: number }).nullish(),
})

/** Of a recovery, the night that it was read from is put beside it: it has no time of its own. */
export const Recovery = z.object({
  sleep_id: id,
  cycle_id: id.nullish(),
  created_at: stamp,
  updated_at: stamp.nullish(),
  score_state: state,
  score: z
    .object({
      recovery_score: number,
      resting_heart_rate: number,
      hrv_rmssd_milli: number,
      spo2_percentage: number,
      skin_temp_celsius: number,
    })
    .nullish(),
  sleep: z.object({ end: stamp, start: stamp, timezone_offset: z.string().max(20).nullish() }).nullish(),
})

export const kinds = ['sleep', 'workout', 'recovery', 'cycle', 'body'] as const
export type Kind = (typeof kinds)[number]

/** Objects of one kind, and the ids of those that are gone. */
export const Payload = z.object({
  kind: z.enum(kinds),
  items: z.array(z.unknown()).max(10_000),
  missing: z.array(z.string().min(1).max(100)).max(10_000).optional(),
})
export type Payload = z.infer<typeof Payload>

/** What a webhook brings: what has changed, and whose it is. */
export const Notification = z.object({
  user_id: z.union([z.int().min(0), z.string().min(1).max(100)]),
  id,
  type: z.string().min(1).max(100),
})
