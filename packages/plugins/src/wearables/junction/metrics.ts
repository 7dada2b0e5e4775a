import type { WearablePlugin } from '@auren/core'

type Metrics = NonNullable<WearablePlugin['metrics']>
type Metric = Metrics[string]

const score = (title: string): Metric => ({
  title,
  unit: '{score}',
  aggregates: ['last'],
  hard: [0, 100],
  kind: 'vendor_score',
  sparse: true,
})
const value = (title: string, unit: string, most: number): Metric => ({
  title,
  unit,
  aggregates: ['last', 'mean'],
  hard: [0, most],
  kind: 'instant',
  sparse: true,
})
const sum = (title: string, unit: string, most: number): Metric => ({
  title,
  unit,
  aggregates: ['sum'],
  hard: [0, most],
  kind: 'cumulative',
  sparse: true,
})

/** Scores that Junction hands on from many providers, and what the catalogue has no place for. */
export const metrics: Metrics = {
  'junction.sleep_score': score('Sleep score (by Junction)'),
  'junction.readiness_score': score('Readiness score (by Junction)'),
  'junction.stress_level': { ...score('Stress level (by Junction)'), aggregates: ['mean', 'max'], sparse: false },
  'junction.heart_rate_dip': { ...value('Dip of the heart rate in sleep (by Junction)', '%', 100), hard: [-100, 100] },
  'junction.low_intensity_minutes': sum('Minutes of low intensity (by Junction)', 'min', 1440),
  'junction.wheelchair_pushes': sum('Wheelchair pushes (by Junction)', '{count}', 100_000),
  'junction.muscle_percentage': value('Muscle mass (by Junction)', '%', 100),
  'junction.bone_percentage': value('Bone mass (by Junction)', '%', 100),
  'junction.visceral_fat_index': value('Visceral fat index (by Junction)', '{index}', 100),
  'junction.protein_intake': sum('Protein eaten (by Junction)', 'g', 3000),
  'junction.fat_intake': sum('Fat eaten (by Junction)', 'g', 3000),
  'junction.cholesterol_total': value('Total cholesterol (by Junction)', 'mmol/L', 50),
  'junction.cholesterol_hdl': value('HDL cholesterol (by Junction)', 'mmol/L', 50),
  'junction.cholesterol_ldl': value('LDL cholesterol (by Junction)', 'mmol/L', 50),
  'junction.triglycerides': value('Triglycerides (by Junction)', 'mmol/L', 100),
  'junction.forced_expiratory_volume_1': value('Forced expiratory volume in a second (by Junction)', 'L', 15),
  'junction.forced_vital_capacity': value('Forced vital capacity (by Junction)', 'L', 15),
  'junction.peak_expiratory_flow': value('Peak expiratory flow (by Junction)', 'L/min', 1500),
  'junction.uv_exposure': value('UV exposure (by Junction)', '{index}', 30),
  'junction.falls': sum('Falls (by Junction)', '{count}', 1000),
  'junction.handwashings': sum('Hand washings (by Junction)', '{count}', 1000),
  'junction.inhaler_usage': sum('Uses of an inhaler (by Junction)', '{count}', 1000),
  'junction.swimming_strokes': sum('Swimming strokes (by Junction)', '{count}', 100_000),
  'junction.exercise_minutes': sum('Minutes of exercise (by Junction)', 'min', 1440),
  'junction.heart_rate_alerts': sum('Heart rate alerts (by Junction)', '{count}', 1000),
  'junction.sleep_apnea_alerts': sum('Sleep apnea alerts (by Junction)', '{count}', 1000),
  'junction.breathing_disturbances': value('Breathing disturbances in sleep (by Junction)', '{count}', 1000),
}
