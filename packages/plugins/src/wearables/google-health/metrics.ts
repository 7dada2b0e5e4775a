import type { WearablePlugin } from '@auren/core'

type Metrics = NonNullable<WearablePlugin['metrics']>
type Metric = Metrics[string]

const minutes = (title: string): Metric => ({
  title,
  unit: 'min',
  aggregates: ['sum'],
  hard: [0, 2880],
  kind: 'cumulative',
})
const once = (title: string, unit: string, hard: readonly [number, number]): Metric => ({
  title,
  unit,
  aggregates: ['last'],
  hard,
  kind: 'vendor_score',
  sparse: true,
})

/** What only Google computes, never merged with another vendor's. Stored under `google-health.<name>`. */
export const metrics: Metrics = {
  'google-health.active_zone_minutes': minutes('Google Active Zone Minutes (the higher zones count twice)'),
  'google-health.light_minutes': minutes('Google light activity'),
  'google-health.run_vo2_max': once('Google VO₂max of runs', 'mL/kg/min', [8, 100]),
  'google-health.hrv_deep_sleep': once('Google HRV (RMSSD) in deep sleep', 'ms', [0, 400]),
  'google-health.non_rem_heart_rate': once('Google heart rate in non-REM sleep', '/min', [20, 300]),
  'google-health.oxygen_saturation_low': once('Google lower bound of oxygen saturation in sleep', '%', [50, 100]),
  'google-health.oxygen_saturation_high': once('Google upper bound of oxygen saturation in sleep', '%', [50, 100]),
}
