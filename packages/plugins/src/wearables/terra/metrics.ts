import type { WearablePlugin } from '@auren/core'

type Metrics = NonNullable<WearablePlugin['metrics']>
type Metric = Metrics[string]

const score = (title: string, most = 100): Metric => ({
  title,
  unit: '{score}',
  aggregates: ['last'],
  hard: [0, most],
  kind: 'vendor_score',
  sparse: true,
})
const intake = (title: string, unit: string, most: number): Metric => ({
  title,
  unit,
  aggregates: ['sum'],
  hard: [0, most],
  kind: 'cumulative',
  sparse: true,
})

/** Scores that Terra hands on from many vendors, and what the catalogue has no place for. Stored under `terra.<name>`. */
export const metrics: Metrics = {
  'terra.sleep_score': score('Sleep score (by Terra)'),
  'terra.readiness_score': score('Readiness score (by Terra)'),
  'terra.activity_score': score('Activity score (by Terra)'),
  'terra.recovery_score': score('Recovery score (by Terra)'),
  'terra.strain_level': score('Strain (by Terra)', 1000),
  'terra.stress_level': { ...score('Stress level (by Terra)'), aggregates: ['mean', 'max'], sparse: false },
  'terra.body_battery': { ...score('Body battery (by Terra)'), aggregates: ['min', 'max'], sparse: false },
  'terra.pulse_wave_velocity': { ...score('Pulse wave velocity (by Terra)', 40), unit: 'm/s' },
  'terra.protein_intake': intake('Protein eaten (by Terra)', 'g', 3000),
  'terra.fat_intake': intake('Fat eaten (by Terra)', 'g', 3000),
}
