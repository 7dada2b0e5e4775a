import { metric as metricOf } from '../../src/catalogue/index.js'
import type { DayRow, StoredSample, StoredSession, StoredTag } from '../../src/memory/ports.js'
import { rollUpSessions } from '../../src/memory/session-days.js'
import { describeDay } from '../../src/memory/statistics.js'
import type { MemoryLongTermContent } from '../../src/testing/memory-long-term.js'
import { plus, run, sample, session, tag, utc } from './person.js'

/** The day on which every sealed question is asked: a Wednesday. */
export const TODAY = '2025-03-12'
const FROM = '2023-01-01'
const SAMPLED_FROM = '2024-01-01'
const HOUR = 3_600_000

type Draw = (low: number, high: number) => number

/** A stream of numbers that is the same for the same seed (mulberry32). */
function drawing(seed: number): Draw {
  let state = seed
  return (low, high) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return low + (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * (high - low)
  }
}

/** One value a day: metric, low, high, decimals (0: whole numbers, so that "at least" and "over" differ). */
const daily: readonly [string, number, number, number][] = [
  ['resting_heart_rate', 48, 66, 1],
  ['walking_heart_rate_average', 85, 110, 1],
  ['heart_rate_recovery_1min', 15, 45, 1],
  ['body_temperature', 35.8, 37.6, 2],
  ['basal_body_temperature', 36, 37, 2],
  ['skin_temperature', 32, 36, 2],
  ['skin_temperature_deviation', -1, 1, 3],
  ['blood_pressure_systolic', 105, 145, 0],
  ['blood_pressure_diastolic', 62, 95, 0],
  ['distance', 2_000, 16_000, 1],
  ['distance_cycling', 0, 50_000, 1],
  ['distance_swimming', 0, 2_500, 1],
  ['floors_climbed', 0, 25, 0],
  ['elevation_gained', 0, 700, 1],
  ['energy_basal', 1_400, 1_700, 1],
  ['energy_total', 1_800, 3_500, 1],
  ['active_minutes', 5, 150, 0],
  ['moderate_minutes', 0, 90, 0],
  ['vigorous_minutes', 0, 60, 0],
  ['stand_minutes', 60, 700, 0],
  ['sedentary_minutes', 300, 800, 0],
  ['weight', 77, 84, 2],
  ['height', 178, 181, 1],
  ['bmi', 23, 27, 2],
  ['body_fat', 17, 24, 2],
  ['lean_mass', 58, 66, 2],
  ['muscle_mass', 40, 48, 2],
  ['bone_mass', 2.8, 3.4, 3],
  ['body_water', 50, 62, 2],
  ['waist_circumference', 82, 95, 1],
  ['vo2_max', 38, 49, 2],
  ['hydration', 800, 3_200, 0],
  ['caffeine', 0, 320, 0],
  ['energy_intake', 1_500, 3_200, 0],
  ['carbohydrate_intake', 120, 380, 0],
  ['insulin', 18, 46, 1],
  ['daylight_minutes', 10, 240, 0],
  ['mindful_minutes', 0, 30, 0],
  ['garmin.stress_score', 10, 70, 1],
  ['garmin.body_battery', 5, 60, 0],
  ['oura.readiness_score', 50, 98, 0],
  ['oura.sleep_score', 50, 98, 0],
  ['whoop.strain_score', 4, 19, 2],
  ['afib_burden', 0, 3, 2],
  ['apnea_hypopnea_index', 0.5, 9, 2],
  ['mood', -1, 1, 2],
  ['wear_time', 900, 1_440, 0],
]

/** Samples: metric, low, high, every n hours, first and last hour; an interval of an hour where `sum`. */
const sampled: readonly [string, number, number, number, number, number, boolean?][] = [
  ['heart_rate', 48, 160, 1, 0, 23],
  ['hrv_rmssd', 20, 90, 1, 0, 9],
  ['oxygen_saturation', 92, 99.5, 3, 0, 23],
  ['respiratory_rate', 11, 19, 1, 0, 7],
  ['glucose', 65, 190, 1, 0, 23],
  ['audio_environmental', 40, 90, 2, 0, 23],
  ['audio_headphone', 55, 95, 4, 8, 22],
  ['steps', 0, 1_500, 1, 6, 22, true],
  ['energy_active', 0, 90, 1, 0, 23, true],
]

/** Workouts: activity, least and most metres (0: none said). */
const activities: readonly [string, number, number][] = [
  ['running', 3_000, 16_000],
  ['trail_running', 5_000, 21_000],
  ['treadmill_running', 3_000, 9_000],
  ['cycling', 10_000, 70_000],
  ['indoor_cycling', 8_000, 30_000],
  ['swimming', 500, 2_500],
  ['pool_swimming', 500, 3_000],
  ['walking', 1_000, 7_000],
  ['hiking', 5_000, 22_000],
  ['rowing', 1_000, 8_000],
  ['indoor_rowing', 1_000, 6_000],
  ['yoga', 0, 0],
  ['pilates', 0, 0],
  ['tennis', 0, 0],
  ['strength_training', 0, 0],
  ['core_training', 0, 0],
  ['high_intensity_interval_training', 0, 0],
]

const tags: readonly [string, number][] = [
  ['alcohol', 0.25],
  ['illness', 0.04],
  ['travel', 0.08],
]

const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals))

function clock(minutes: number): string {
  const whole = ((minutes % 1_440) + 1_440) % 1_440
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
}

function nightOf(date: string, draw: Draw): StoredSession {
  const down = utc(`${date}T00:00:00`) + Math.round(draw(-120, 90)) * 60_000
  const asleep = Math.round(draw(4.5, 9.2) * 60) * 60
  const awake = Math.round(draw(5, 70)) * 60
  const deep = Math.round(asleep * draw(0.12, 0.24))
  const rem = Math.round(asleep * draw(0.16, 0.28))
  return session('sleep', date, down, down + (asleep + awake) * 1_000, {
    measures: {
      sleep_duration: asleep,
      sleep_deep: deep,
      sleep_rem: rem,
      sleep_light: asleep - deep - rem,
      sleep_awake: awake,
      sleep_latency: Math.round(draw(120, 2_400)),
      sleep_efficiency: rounded((100 * asleep) / (asleep + awake), 1),
    },
  })
}

function workoutsOf(date: string, draw: Draw): StoredSession[] {
  return activities.flatMap(([activity, least, most]) => {
    if (draw(0, 1) > 0.13) return []
    const measures: Record<string, number> = {
      energy_active: rounded(draw(80, 900), 1),
      heart_rate: rounded(draw(95, 160), 1),
      heart_rate_max: rounded(draw(161, 190), 0),
      ...(most > 0
        ? { distance: rounded(draw(least, most), 0), elevation_gained: rounded(draw(0, 900), 0), speed: draw(1, 9) }
        : {}),
    }
    return [run(date, clock(Math.round(draw(6 * 60, 21 * 60))), Math.round(draw(15, 110)), { activity, measures })]
  })
}

/** Samples that only a workout has. */
function efforts(workout: StoredSession, draw: Draw): StoredSample[] {
  const found: StoredSample[] = []
  for (let at = workout.start + 60_000; at < workout.end; at += 600_000) {
    found.push(sample('heart_rate', at, rounded(draw(90, 188), 1)))
    if (/running/.test(workout.activity ?? '')) found.push(sample('cadence', at, rounded(draw(150, 186), 1)))
    if (/cycling/.test(workout.activity ?? '')) found.push(sample('power', at, rounded(draw(90, 320), 1)))
    found.push(sample('speed', at, rounded(draw(1, 9), 2)))
  }
  return found
}

function dayRow(metric: string, date: string, values: readonly StoredSample[]): DayRow {
  const info = metricOf(metric)
  if (!info) throw new Error(`The sealed person has a metric that is not in the catalogue: ${metric}`)
  const measured = values.map(({ start, end, value }) => ({ start, end: end ?? start, value }))
  return { metric, source: 'merged', date, coverage: 1, parts: null, ...describeDay(info, measured, null) }
}

/** A person with something of nearly everything; the daily rows of what has samples and sessions come from these. */
export function sealedPerson(seed: number): MemoryLongTermContent {
  const draw = drawing(seed)
  const [days, samples, sessions, held]: [DayRow[], StoredSample[], StoredSession[], StoredTag[]] = [[], [], [], []]
  for (let date = FROM; date <= TODAY; date = plus(date, 1)) {
    const midnight = utc(`${date}T00:00:00`)
    const own: StoredSession[] = [nightOf(date, draw), ...workoutsOf(date, draw)]
    sessions.push(...own)
    for (const [name, chance] of tags) if (draw(0, 1) < chance) held.push(tag(name, date))
    for (const kind of ['sleep', 'workout'] as const) {
      const roles = new Map(own.map(({ id }) => [id, { main: true, nap: false, counts: true }]))
      const candidates = own.map((one) => ({ ...one, type: 'watch' as const, laps: 0, version: null, first: 0 }))
      for (const { slots: _slots, whole: _whole, ...row } of rollUpSessions(kind, date, candidates, roles))
        days.push({ ...row, coverage: 1 })
    }
    for (const [metric, low, high, decimals] of daily)
      days.push(dayRow(metric, date, [sample(metric, midnight + 7 * HOUR, rounded(draw(low, high), decimals))]))
    const fresh: StoredSample[] = []
    for (const [metric, low, high, step, first, last, sum] of sampled)
      for (let hour = first; hour <= last; hour += step) {
        const start = midnight + hour * HOUR + (sum ? 0 : Math.round(draw(0, 50)) * 60_000)
        const more = sum ? { end: start + HOUR } : {}
        fresh.push(sample(metric, start, rounded(draw(low, high), sum ? 0 : 1), more))
      }
    for (const workout of own) if (workout.kind === 'workout') fresh.push(...efforts(workout, draw))
    const names = [...new Set(fresh.map(({ metric }) => metric))]
    for (const name of names)
      days.push(
        dayRow(
          name,
          date,
          fresh.filter(({ metric }) => metric === name),
        ),
      )
    if (date >= SAMPLED_FROM) samples.push(...fresh)
  }
  return { days, samples, sessions, tags: held }
}
