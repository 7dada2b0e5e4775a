// Ten years of an invented person, a value a day and metric, for questions: cheap to make, plain to recompute.
import type { ObservationInput } from '@auren/core'
import { Temporal } from 'temporal-polyfill'

/** The last day there is. */
export const TODAY = '2026-06-30'

/** Metrics: what a day holds (a total that the vendor made, or one sample in the morning), and about which values. */
export const daily: Readonly<Record<string, { as: 'total' | 'sample'; unit: string; mean: number; swing: number }>> = {
  steps: { as: 'total', unit: '{steps}', mean: 9000, swing: 5000 },
  distance: { as: 'total', unit: 'm', mean: 6500, swing: 3500 },
  floors_climbed: { as: 'total', unit: '{floors}', mean: 11, swing: 10 },
  energy_active: { as: 'total', unit: 'kcal', mean: 520, swing: 300 },
  energy_basal: { as: 'total', unit: 'kcal', mean: 1650, swing: 60 },
  energy_total: { as: 'total', unit: 'kcal', mean: 2200, swing: 350 },
  active_minutes: { as: 'total', unit: 'min', mean: 60, swing: 45 },
  moderate_minutes: { as: 'total', unit: 'min', mean: 35, swing: 30 },
  vigorous_minutes: { as: 'total', unit: 'min', mean: 20, swing: 18 },
  sedentary_minutes: { as: 'total', unit: 'min', mean: 560, swing: 150 },
  hydration: { as: 'total', unit: 'mL', mean: 1900, swing: 700 },
  caffeine: { as: 'total', unit: 'mg', mean: 180, swing: 120 },
  energy_intake: { as: 'total', unit: 'kcal', mean: 2250, swing: 500 },
  carbohydrate_intake: { as: 'total', unit: 'g', mean: 260, swing: 90 },
  daylight_minutes: { as: 'total', unit: 'min', mean: 80, swing: 70 },
  resting_heart_rate: { as: 'sample', unit: '/min', mean: 56, swing: 8 },
  walking_heart_rate_average: { as: 'sample', unit: '/min', mean: 98, swing: 12 },
  heart_rate_recovery_1min: { as: 'sample', unit: '/min', mean: 28, swing: 9 },
  body_temperature: { as: 'sample', unit: 'Cel', mean: 36.6, swing: 0.5 },
  skin_temperature_deviation: { as: 'sample', unit: 'Cel', mean: 0, swing: 0.8 },
  blood_pressure_systolic: { as: 'sample', unit: 'mm[Hg]', mean: 121, swing: 14 },
  blood_pressure_diastolic: { as: 'sample', unit: 'mm[Hg]', mean: 77, swing: 9 },
  weight: { as: 'sample', unit: 'kg', mean: 73, swing: 3 },
  bmi: { as: 'sample', unit: 'kg/m2', mean: 23, swing: 1 },
  body_fat: { as: 'sample', unit: '%', mean: 18, swing: 3 },
  lean_mass: { as: 'sample', unit: 'kg', mean: 58, swing: 2 },
  muscle_mass: { as: 'sample', unit: 'kg', mean: 34, swing: 2 },
  bone_mass: { as: 'sample', unit: 'kg', mean: 3, swing: 0.2 },
  body_water: { as: 'sample', unit: '%', mean: 55, swing: 3 },
  vo2_max: { as: 'sample', unit: 'mL/kg/min', mean: 46, swing: 4 },
}

const base = { source: { name: 'Bench', type: 'watch' }, offset: 60, zoneBasis: 'carried' } as const

/** A number in [−1, 1) for a day and a purpose: a yearly wave and some noise. */
function wave(day: number, purpose: number): number {
  const noise = Math.sin(day * 12.9898 + purpose * 78.233) * 43_758.5453
  return 0.4 * Math.sin((day / 365.25) * 2 * Math.PI + purpose) + 0.6 * (2 * (noise - Math.floor(noise)) - 1)
}

/** Observations of a year. */
export function* observationsOf(year: number): Generator<ObservationInput> {
  let date = Temporal.PlainDate.from({ year, month: 1, day: 1 })
  for (; date.year === year && Temporal.PlainDate.compare(date, TODAY) <= 0; date = date.add({ days: 1 }))
    yield* observationsOn(date)
}

/** Observations of so many days that end with a date, itself included. */
export function* observationsUntil(last: Temporal.PlainDate, days: number): Generator<ObservationInput> {
  for (let back = days - 1; back >= 0; back--) yield* observationsOn(last.subtract({ days: back }))
}

/** Observations of a day: the metrics, a night, a workout on three days of seven, alcohol on one of six. */
export function* observationsOn(date: Temporal.PlainDate): Generator<ObservationInput> {
  const midnight = Date.parse(`${date}T00:00:00+01:00`)
  const day = midnight / 86_400_000
  for (const [purpose, [metric, { as, unit, mean, swing }]] of Object.entries(daily).entries()) {
    const value = Math.round((mean + swing * wave(day, purpose)) * 100) / 100
    if (as === 'total') yield { ...base, shape: 'daily_total', metric, date: date.toString(), value, unit }
    else yield { ...base, shape: 'sample', metric, start: midnight + 7 * 3_600_000, value, unit }
  }
  const woke = midnight + 7 * 3_600_000 + Math.round(wave(day, 40) * 60) * 60_000
  const asleep = Math.round(25_000 + 4000 * wave(day, 41))
  const measures = {
    sleep_duration: asleep,
    sleep_deep: Math.round(asleep * 0.2),
    sleep_rem: Math.round(asleep * 0.22),
  }
  yield { ...base, shape: 'session', kind: 'sleep', start: woke - (asleep + 1800) * 1000, end: woke, measures }
  if (date.dayOfWeek % 2 === 0) {
    const start = midnight + 18 * 3_600_000
    const seconds = Math.round(3000 + 1200 * wave(day, 42))
    const activity = date.dayOfWeek === 4 ? 'cycling' : 'running'
    const run = { distance: seconds * 2.8, heart_rate: 140 + Math.round(10 * wave(day, 43)) }
    yield { ...base, shape: 'session', kind: 'workout', activity, start, end: start + seconds * 1000, measures: run }
  }
  if (date.day % 6 === 0) yield { ...base, shape: 'tag', tag: 'alcohol', start: midnight + 20 * 3_600_000 }
}
