import type { WearablePlugin } from '@auren/core'

type Metrics = NonNullable<WearablePlugin['metrics']>
type Metric = Metrics[string]

const score = (title: string, aggregates: readonly string[] = ['last']): Metric => ({
  title,
  unit: '{score}',
  aggregates,
  hard: [0, 100],
  plausible: [0, 100],
  kind: 'vendor_score',
  sparse: aggregates[0] === 'last',
})
const minutes = (title: string): Metric => ({
  title,
  unit: 'min',
  aggregates: ['last'],
  hard: [0, 1440],
  kind: 'vendor_score',
  sparse: true,
})
const milliseconds = (title: string): Metric => ({
  title,
  unit: 'ms',
  aggregates: ['last'],
  hard: [0, 400],
  plausible: [5, 250],
  kind: 'vendor_score',
  sparse: true,
})

/** What only Garmin computes, never merged with another vendor's. Stored under `garmin.<name>`. */
export const metrics: Metrics = {
  'garmin.stress_score': score('Garmin stress level', ['mean', 'max']),
  'garmin.stress_score_day': score('Garmin average stress level of the day'),
  'garmin.stress_score_day_max': score('Garmin highest stress level of the day'),
  'garmin.stress_time': minutes('Garmin time under stress'),
  'garmin.stress_time_rest': minutes('Garmin time at rest'),
  'garmin.stress_time_activity': minutes('Garmin time too active to measure stress'),
  'garmin.stress_time_low': minutes('Garmin time under low stress'),
  'garmin.stress_time_medium': minutes('Garmin time under medium stress'),
  'garmin.stress_time_high': minutes('Garmin time under high stress'),
  'garmin.body_battery': score('Garmin Body Battery', ['min', 'max']),
  'garmin.body_battery_charged': score('Garmin Body Battery charged in the day'),
  'garmin.body_battery_drained': score('Garmin Body Battery drained in the day'),
  'garmin.sleep_score': score('Garmin sleep score'),
  'garmin.training_readiness': score('Garmin training readiness'),
  // Garmin's own idea of being active, not the guideline's.
  'garmin.active_time': minutes('Garmin active time'),
  'garmin.hrv_last_night_average': milliseconds('Garmin average HRV of the night'),
  'garmin.hrv_last_night_high': milliseconds('Garmin highest five minutes of HRV of the night'),
  'garmin.hrv_sdrr': milliseconds('Garmin SDRR of a health snapshot'),
  'garmin.vo2_max_cycling': {
    title: 'Garmin VO₂max for cycling',
    unit: 'mL/kg/min',
    aggregates: ['last'],
    hard: [8, 100],
    plausible: [15, 85],
    kind: 'vendor_score',
    sparse: true,
  },
  'garmin.fitness_age': {
    title: 'Garmin fitness age',
    unit: 'a',
    aggregates: ['last'],
    hard: [10, 120],
    plausible: [18, 100],
    kind: 'vendor_score',
    sparse: true,
  },
}
