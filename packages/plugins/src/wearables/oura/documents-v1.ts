import { addDays } from '@auren/core'
import { z } from 'zod'
import { present } from '../../vendor/items.js'
import { lookup } from '../../vendor/lookup.js'
import type { Collection } from './payload.js'

/**
 * Documents of Oura's API v1, in which older account downloads are written: summaries of days, with minutes where v2 has
 * seconds, and a `summary_date` that for nights and readiness is the day before the one that the app shows.
 */
const number = z.number().nullish()
const values = z.array(z.number().nullable()).max(10_000).nullish()
const stamp = z.iso.datetime({ offset: true })
const day = z.iso.date()

const Sleep = z.object({
  summary_date: day,
  period_id: number,
  is_longest: number,
  bedtime_start: stamp,
  bedtime_end: stamp,
  total: number,
  deep: number,
  light: number,
  rem: number,
  awake: number,
  onset_latency: number,
  efficiency: number,
  hr_average: number,
  hr_lowest: number,
  rmssd: number,
  breath_average: number,
  hypnogram_5min: z.string().max(2000).nullish(),
  hr_5min: values,
  rmssd_5min: values,
  score: number,
  score_total: number,
  score_rem: number,
  score_deep: number,
  score_efficiency: number,
  score_latency: number,
  score_disturbances: number,
  score_alignment: number,
})
const Activity = z.object({
  summary_date: day,
  day_start: stamp.nullish(),
  score: number,
  steps: number,
  cal_active: number,
  cal_total: number,
  daily_movement: number,
  high: number,
  medium: number,
  inactive: number,
  met_1min: values,
  score_stay_active: number,
  score_move_every_hour: number,
  score_meet_daily_targets: number,
  score_training_frequency: number,
  score_training_volume: number,
  score_recovery_time: number,
})
const Readiness = z.object({
  summary_date: day,
  period_id: number,
  score: number,
  score_activity_balance: number,
  score_temperature: number,
  score_hrv_balance: number,
  score_previous_day: number,
  score_previous_night: number,
  score_recovery_index: number,
  score_resting_hr: number,
  score_sleep_balance: number,
})

interface Documents {
  collection: Collection
  documents: unknown[]
}

const readers = lookup<(document: unknown) => Documents[] | null>({
  sleep: (document) => ofSchema(Sleep, document, sleep),
  activity: (document) => ofSchema(Activity, document, activity),
  readiness: (document) => ofSchema(Readiness, document, readiness),
})

/** Whether a collection of this name, with this first document, is of v1. */
export function isVersion1(name: string, first: unknown): boolean {
  return Object.hasOwn(readers, name) && typeof first === 'object' && first !== null && 'summary_date' in first
}

/** The same in v2's words. What does not fit is handed on as it is: it is set aside where v2 is checked. */
export function fromVersion1(name: string, documents: readonly unknown[]): Documents[] {
  const byCollection = new Map<Collection, unknown[]>()
  const unread: Record<string, Collection> = {
    sleep: 'sleep',
    activity: 'daily_activity',
    readiness: 'daily_readiness',
  }
  for (const document of documents) {
    const made = readers[name]?.(document) ?? [{ collection: unread[name] as Collection, documents: [document] }]
    for (const { collection, documents: more } of made)
      byCollection.set(collection, [...(byCollection.get(collection) ?? []), ...more])
  }
  return [...byCollection].map(([collection, held]) => ({ collection, documents: held }))
}

function ofSchema<S extends z.ZodType>(
  schema: S,
  document: unknown,
  make: (document: z.infer<S>) => Documents[],
): Documents[] | null {
  const parsed = schema.safeParse(document)
  return parsed.success ? make(parsed.data) : null
}

function sleep(doc: z.infer<typeof Sleep>): Documents[] {
  const longest = doc.is_longest !== 0
  const date = doc.bedtime_end.slice(0, 10)
  const night = {
    id: `v1/${doc.summary_date}/${doc.period_id ?? doc.bedtime_start}`,
    day: date,
    type: longest ? 'long_sleep' : 'sleep',
    bedtime_start: doc.bedtime_start,
    bedtime_end: doc.bedtime_end,
    total_sleep_duration: doc.total,
    deep_sleep_duration: doc.deep,
    light_sleep_duration: doc.light,
    rem_sleep_duration: doc.rem,
    awake_time: doc.awake,
    latency: doc.onset_latency,
    efficiency: doc.efficiency,
    average_heart_rate: doc.hr_average,
    lowest_heart_rate: doc.hr_lowest,
    average_hrv: doc.rmssd,
    average_breath: doc.breath_average,
    sleep_phase_5_min: doc.hypnogram_5min,
    heart_rate: series(doc.hr_5min, doc.bedtime_start),
    hrv: series(doc.rmssd_5min, doc.bedtime_start),
  }
  const scores = {
    id: `v1/${date}`,
    day: date,
    score: doc.score,
    contributors: present({
      total_sleep: doc.score_total,
      rem_sleep: doc.score_rem,
      deep_sleep: doc.score_deep,
      efficiency: doc.score_efficiency,
      latency: doc.score_latency,
      restfulness: doc.score_disturbances,
      timing: doc.score_alignment,
    }),
  }
  return [
    { collection: 'sleep', documents: [night] },
    ...(longest ? [{ collection: 'daily_sleep' as const, documents: [scores] }] : []),
  ]
}

function activity(doc: z.infer<typeof Activity>): Documents[] {
  const seconds = (minutes: number | null | undefined): number | null => (minutes == null ? null : minutes * 60)
  const made = {
    id: `v1/${doc.summary_date}`,
    day: doc.summary_date,
    score: doc.score,
    steps: doc.steps,
    active_calories: doc.cal_active,
    total_calories: doc.cal_total,
    equivalent_walking_distance: doc.daily_movement,
    high_activity_time: seconds(doc.high),
    medium_activity_time: seconds(doc.medium),
    sedentary_time: seconds(doc.inactive),
    met: doc.day_start && doc.met_1min ? { interval: 60, items: doc.met_1min, timestamp: doc.day_start } : null,
    contributors: present({
      stay_active: doc.score_stay_active,
      move_every_hour: doc.score_move_every_hour,
      meet_daily_targets: doc.score_meet_daily_targets,
      training_frequency: doc.score_training_frequency,
      training_volume: doc.score_training_volume,
      recovery_time: doc.score_recovery_time,
    }),
  }
  return [{ collection: 'daily_activity', documents: [made] }]
}

function readiness(doc: z.infer<typeof Readiness>): Documents[] {
  const date = addDays(doc.summary_date, 1)
  const made = {
    id: `v1/${date}/${doc.period_id ?? 0}`,
    day: date,
    score: doc.score,
    contributors: present({
      activity_balance: doc.score_activity_balance,
      body_temperature: doc.score_temperature,
      hrv_balance: doc.score_hrv_balance,
      previous_day_activity: doc.score_previous_day,
      previous_night: doc.score_previous_night,
      recovery_index: doc.score_recovery_index,
      resting_heart_rate: doc.score_resting_hr,
      sleep_balance: doc.score_sleep_balance,
    }),
  }
  return [{ collection: 'daily_readiness', documents: [made] }]
}

/** Five-minute values; zero means that nothing was measured. */
function series(items: (number | null)[] | null | undefined, timestamp: string): unknown {
  return items && items.length > 0
    ? { interval: 300, items: items.map((value) => (value === 0 || value === 255 ? null : value)), timestamp }
    : null
}
