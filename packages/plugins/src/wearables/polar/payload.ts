import { isoInstant } from '@auren/core'
import { z } from 'zod'

/**
 * Objects of AccessLink v3, as far as they are read. Older routes write their fields with hyphens: they are read after
 * those have become underscores. Unknown fields are left alone; every number may be missing.
 */
const number = z.number().finite().nullish()
const words = z.string().max(10_000).nullish()
const date = z.iso.date()
/** Local, without an offset. */
const local = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/)
  .refine((text) => Number.isFinite(isoInstant(`${text}Z`)), { message: 'no time of the calendar' })
/** Values by local `HH:MM`. */
const byMinute = z.record(z.string().max(10), z.unknown()).nullish()

export const Exercise = z.object({
  id: z.union([z.int(), z.string().min(1).max(100)]),
  device: words,
  start_time: local,
  start_time_utc_offset: number,
  duration: z.string().max(60),
  calories: number,
  distance: number,
  heart_rate: z.object({ average: number, maximum: number }).nullish(),
  sport: words,
  detailed_sport_info: words,
  samples: z.array(z.unknown()).max(100).nullish(),
})
export const SampleRow = z.object({
  recording_rate: z.number().min(0).max(86_400).nullish(),
  sample_type: z.union([z.string().max(10), z.int()]),
  data: z.string().max(5_000_000),
})

export const Sleep = z.object({
  date,
  sleep_start_time: z.iso.datetime({ offset: true }),
  sleep_end_time: z.iso.datetime({ offset: true }),
  light_sleep: number,
  deep_sleep: number,
  rem_sleep: number,
  unrecognized_sleep_stage: number,
  total_interruption_duration: number,
  sleep_score: number,
  hypnogram: byMinute,
  heart_rate_samples: byMinute,
})

export const Recharge = z.object({
  date,
  heart_rate_avg: number,
  heart_rate_variability_avg: number,
  breathing_rate_avg: number,
  ans_charge: number,
  nightly_recharge_status: number,
})

export const HeartRates = z.object({ date, heart_rate_samples: z.array(z.unknown()).max(100_000).nullish() })
export const HeartRate = z.object({
  heart_rate: z.number().finite(),
  sample_time: z.string().regex(/^\d\d:\d\d:\d\d(\.\d+)?$/),
})

export const Activity = z.object({
  date: date.nullish(),
  start_time: local.nullish(),
  created: z.string().max(60).nullish(),
  calories: number,
  active_calories: number,
  steps: number,
  active_steps: number,
  distance_from_steps: number,
})

export const Physical = z.object({
  id: z.union([z.int(), z.string().min(1).max(100)]),
  created: z.iso.datetime({ offset: true }),
  weight: number,
  height: number,
  vo2_max: number,
})

export const CardioLoad = z.object({ date, cardio_load: number, strain: number, tolerance: number })

export const kinds = [
  'exercise',
  'sleep',
  'recharge',
  'heart_rate',
  'activity',
  'physical',
  'cardio_load',
  'other',
] as const
export type Kind = (typeof kinds)[number]

/** Objects of one kind. `other` is what Polar says and is not read. */
export const Payload = z.object({ kind: z.enum(kinds), items: z.array(z.unknown()).max(10_000) })
export type Payload = z.infer<typeof Payload>

/** What a webhook tells of. Dates are the vendor's words: a calendar may not have them. */
export const Notification = z.object({
  event: z.string().min(1).max(100),
  user_id: z.union([z.int().min(0), z.string().min(1).max(100)]).optional(),
  entity_id: z.string().min(1).max(100).nullish(),
  date: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/)
    .nullish(),
})
