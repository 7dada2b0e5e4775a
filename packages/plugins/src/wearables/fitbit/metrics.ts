import type { WearablePlugin } from '@auren/core'

type Metrics = NonNullable<WearablePlugin['metrics']>
type Metric = Metrics[string]

const once = (title: string, unit: string, hard: readonly [number, number]): Metric => ({
  title,
  unit,
  aggregates: ['last'],
  hard,
  kind: 'vendor_score',
  sparse: true,
})
const sum = (title: string, unit: string, hard: readonly [number, number]): Metric => ({
  title,
  unit,
  aggregates: ['sum'],
  hard,
  kind: 'cumulative',
})

/** What only Fitbit computes, never merged with another vendor's. Stored under `fitbit.<name>`. */
export const metrics: Metrics = {
  'fitbit.sleep_score': once('Fitbit sleep score', '{score}', [0, 100]),
  'fitbit.readiness_score': once('Fitbit daily readiness', '{score}', [0, 100]),
  'fitbit.stress_score': once('Fitbit stress management score (higher is better)', '{score}', [0, 100]),
  'fitbit.active_zone_minutes': sum('Fitbit Active Zone Minutes (the higher zones count twice)', 'min', [0, 2880]),
  'fitbit.light_minutes': sum('Fitbit light activity', 'min', [0, 1440]),
  'fitbit.activity_energy': sum('Fitbit energy of active times, rest included', 'kcal', [0, 15_000]),
  'fitbit.run_vo2_max': once('Fitbit VO₂max of runs', 'mL/kg/min', [8, 100]),
  'fitbit.hrv_deep_sleep': once('Fitbit HRV (RMSSD) in deep sleep', 'ms', [0, 400]),
  'fitbit.non_rem_heart_rate': once('Fitbit heart rate in non-REM sleep', '/min', [20, 300]),
  'fitbit.oxygen_saturation_low': once('Fitbit lower bound of oxygen saturation in sleep', '%', [50, 100]),
  'fitbit.oxygen_saturation_high': once('Fitbit upper bound of oxygen saturation in sleep', '%', [50, 100]),
}
