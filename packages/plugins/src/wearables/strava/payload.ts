import { z } from 'zod'

/**
 * Objects of Strava's API v3 as far as they are read (SummaryActivity, DetailedActivity, StreamSet). Unknown fields are
 * left alone. Held to the recorded answers of stravalib and Strava's public reference.
 */
const number = z.number().nullish()
const seconds = z.number().int().nonnegative().max(10_000_000)
/** Numbers longer than a double holds exactly come as text. */
const id = z.union([z.int().positive(), z.string().regex(/^\d{1,25}$/)]).transform(String)
const stamp = z.iso.datetime({ offset: true })

export const Lap = z.object({
  start_date: stamp,
  elapsed_time: seconds,
  moving_time: number,
  distance: number,
  average_heartrate: number,
  max_heartrate: number,
  average_watts: number,
  total_elevation_gain: number,
})

export const Activity = z.object({
  id,
  name: z.string().nullish(),
  description: z.string().nullish(),
  type: z.string().nullish(),
  sport_type: z.string().nullish(),
  start_date: stamp,
  /** Seconds from UTC where the activity began. */
  utc_offset: number,
  /** Local time that is written as if it were UTC. */
  start_date_local: stamp.nullish().catch(null),
  /** `(GMT-08:00) America/Los_Angeles` */
  timezone: z.string().nullish(),
  elapsed_time: seconds,
  moving_time: number,
  distance: number,
  total_elevation_gain: number,
  calories: number,
  average_heartrate: number,
  max_heartrate: number,
  average_watts: number,
  max_watts: number,
  device_watts: z.boolean().nullish(),
  average_cadence: number,
  average_speed: number,
  max_speed: number,
  manual: z.boolean().nullish(),
  trainer: z.boolean().nullish(),
  device_name: z.string().nullish(),
  laps: z.array(z.unknown()).max(5000).nullish(),
  /** Streams by type, as they were fetched beside it. */
  streams: z.record(z.string().max(40), z.unknown()).nullish(),
})
export type Activity = z.infer<typeof Activity>

/** A series; all of one activity have the same length. */
export const Stream = z.object({ data: z.array(z.number().nullable()).max(200_000) })

/** Activities as they were fetched, and ids of those that Strava no longer shows us. */
export const Payload = z.object({
  /** `detail`: fetched one by one; `list`: abridged, as the list gives them. */
  from: z.enum(['detail', 'list']),
  activities: z.array(z.unknown()).max(10_000),
  missing: z
    .array(z.string().regex(/^\d{1,25}$/))
    .max(10_000)
    .optional(),
})
export type Payload = z.infer<typeof Payload>

/** An event of the webhook: ids only. */
export const Event = z.object({
  object_type: z.string().max(40),
  object_id: id,
  aspect_type: z.string().max(40),
  owner_id: id,
  subscription_id: id,
  event_time: z.int().nonnegative(),
  updates: z.record(z.string().max(60), z.unknown()).default({}),
})
export type Event = z.infer<typeof Event>

/** Id of an athlete; null where there is none. */
export function accountOf(athlete: unknown): string | null {
  const parsed = z.object({ id }).safeParse(athlete)
  return parsed.success ? parsed.data.id : null
}
