import type { WearablePlugin } from '@auren/core'

type Metrics = NonNullable<WearablePlugin['metrics']>
type Metric = Metrics[string]

const score = (title: string): Metric => ({
  title,
  unit: '{score}',
  aggregates: ['last'],
  hard: [0, 100],
  plausible: [0, 100],
  kind: 'vendor_score',
  sparse: true,
})

const contributors = {
  readiness: [
    'activity_balance',
    'body_temperature',
    'hrv_balance',
    'previous_day_activity',
    'previous_night',
    'recovery_index',
    'resting_heart_rate',
    'sleep_balance',
    'sleep_regularity',
  ],
  sleep: ['deep_sleep', 'efficiency', 'latency', 'rem_sleep', 'restfulness', 'timing', 'total_sleep'],
  activity: [
    'meet_daily_targets',
    'move_every_hour',
    'recovery_time',
    'stay_active',
    'training_frequency',
    'training_volume',
  ],
  resilience: ['sleep_recovery', 'daytime_recovery', 'stress'],
} as const

/** Scores of Oura's own, never merged with another vendor's. Stored under `oura.<name>`. */
export const metrics: Metrics = {
  'oura.readiness_score': score('Oura readiness score'),
  'oura.sleep_score': score('Oura sleep score'),
  'oura.activity_score': score('Oura activity score'),
  ...Object.fromEntries(
    Object.entries(contributors).flatMap(([group, names]) =>
      names.map((name) => [`oura.${group}_${name}`, score(`Oura ${group} contributor: ${name.replaceAll('_', ' ')}`)]),
    ),
  ),
  'oura.resilience_level': {
    title: 'Oura resilience level (1 limited to 5 exceptional)',
    unit: '{score}',
    aggregates: ['last'],
    hard: [1, 5],
    kind: 'vendor_score',
    sparse: true,
  },
  'oura.vascular_age': {
    title: 'Oura vascular age',
    unit: 'a',
    aggregates: ['last'],
    hard: [10, 120],
    plausible: [18, 100],
    kind: 'vendor_score',
    sparse: true,
  },
  'oura.temperature_trend_deviation': {
    title: 'Oura temperature trend deviation',
    unit: 'Cel',
    aggregates: ['last'],
    hard: [-10, 10],
    plausible: [-3, 3],
    kind: 'vendor_score',
    sparse: true,
  },
  'oura.breathing_disturbance_index': {
    title: 'Oura breathing disturbance index',
    unit: '{score}',
    aggregates: ['last'],
    hard: [0, 200],
    kind: 'vendor_score',
    sparse: true,
  },
  // The lowest heart rate of the night is not a resting heart rate (vendors differ): kept under its own name.
  'oura.lowest_sleeping_heart_rate': {
    title: 'Oura lowest heart rate of the night',
    unit: '/min',
    aggregates: ['last'],
    hard: [20, 150],
    plausible: [30, 110],
    kind: 'vendor_score',
    sparse: true,
  },
  'oura.stress_high': {
    title: 'Oura time in high stress',
    unit: 'min',
    aggregates: ['last'],
    hard: [0, 1500],
    kind: 'vendor_score',
    sparse: true,
  },
  'oura.recovery_high': {
    title: 'Oura time in high recovery',
    unit: 'min',
    aggregates: ['last'],
    hard: [0, 1500],
    kind: 'vendor_score',
    sparse: true,
  },
  'oura.equivalent_walking_distance': {
    title: 'Oura equivalent walking distance',
    unit: 'm',
    aggregates: ['last'],
    hard: [0, 500_000],
    kind: 'vendor_score',
    sparse: true,
  },
}
