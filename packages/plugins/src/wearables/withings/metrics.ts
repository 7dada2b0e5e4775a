import type { WearablePlugin } from '@auren/core'

type Metrics = NonNullable<WearablePlugin['metrics']>
type Metric = Metrics[string]

const own = (title: string, unit: string, hard: readonly [number, number]): Metric => ({
  title,
  unit,
  aggregates: ['last'],
  hard,
  kind: 'vendor_score',
  sparse: true,
})
const score = (title: string): Metric => own(title, '{score}', [0, 100])

/** What only Withings measures, or counts in a way of its own. Stored under `withings.<name>`. */
export const metrics: Metrics = {
  'withings.sleep_score': score('Withings sleep score'),
  'withings.breathing_disturbances': score('Withings breathing disturbances'),
  'withings.snoring': own('Withings time snoring', 'min', [0, 1440]),
  'withings.fat_mass': own('Withings fat mass', 'kg', [0, 400]),
  // The catalogue's body water is a share of the weight; this is a mass.
  'withings.body_water_mass': own('Withings body water', 'kg', [0, 400]),
  'withings.extracellular_water': own('Withings extracellular water', 'kg', [0, 400]),
  'withings.intracellular_water': own('Withings intracellular water', 'kg', [0, 400]),
  'withings.visceral_fat': own('Withings visceral fat rating', '{score}', [0, 60]),
  'withings.basal_metabolic_rate': own('Withings basal metabolic rate', 'kcal', [0, 10_000]),
  'withings.metabolic_age': own('Withings metabolic age', 'a', [0, 130]),
  'withings.pulse_wave_velocity': own('Withings pulse wave velocity', 'm/s', [1, 40]),
  'withings.vascular_age': own('Withings vascular age', 'a', [0, 130]),
  'withings.nerve_health_left': score('Withings nerve health score, left foot'),
  'withings.nerve_health_right': score('Withings nerve health score, right foot'),
  'withings.nerve_health': score('Withings nerve health score'),
  'withings.qrs_interval': own('Withings QRS interval', 'ms', [20, 400]),
  'withings.pr_interval': own('Withings PR interval', 'ms', [20, 800]),
  'withings.qt_interval': own('Withings QT interval', 'ms', [100, 1000]),
  'withings.corrected_qt_interval': own('Withings corrected QT interval', 'ms', [100, 1000]),
  'withings.skin_conductance': own('Withings electrochemical skin conductance, feet', 'uS', [0, 200]),
  'withings.skin_conductance_left': own('Withings electrochemical skin conductance, left foot', 'uS', [0, 200]),
  'withings.skin_conductance_right': own('Withings electrochemical skin conductance, right foot', 'uS', [0, 200]),
}

/** Metric and unit of a type of measure (`meastype`). */
export const measureTypes: Readonly<Record<number, readonly [metric: string, unit: string]>> = {
  1: ['weight', 'kg'],
  4: ['height', 'm'],
  5: ['lean_mass', 'kg'],
  6: ['body_fat', '%'],
  8: ['withings.fat_mass', 'kg'],
  9: ['blood_pressure_diastolic', 'mmHg'],
  10: ['blood_pressure_systolic', 'mmHg'],
  11: ['heart_rate', 'bpm'],
  12: ['body_temperature', 'Cel'],
  54: ['oxygen_saturation', '%'],
  71: ['body_temperature', 'Cel'],
  73: ['skin_temperature', 'Cel'],
  76: ['muscle_mass', 'kg'],
  77: ['withings.body_water_mass', 'kg'],
  88: ['bone_mass', 'kg'],
  91: ['withings.pulse_wave_velocity', 'm/s'],
  123: ['vo2_max', 'mL/kg/min'],
  135: ['withings.qrs_interval', 'ms'],
  136: ['withings.pr_interval', 'ms'],
  137: ['withings.qt_interval', 'ms'],
  138: ['withings.corrected_qt_interval', 'ms'],
  155: ['withings.vascular_age', 'a'],
  158: ['withings.nerve_health_left', '{score}'],
  159: ['withings.nerve_health_right', '{score}'],
  167: ['withings.nerve_health', '{score}'],
  168: ['withings.extracellular_water', 'kg'],
  169: ['withings.intracellular_water', 'kg'],
  170: ['withings.visceral_fat', '{score}'],
  196: ['withings.skin_conductance', 'uS'],
  197: ['withings.skin_conductance_left', 'uS'],
  198: ['withings.skin_conductance_right', 'uS'],
  226: ['withings.basal_metabolic_rate', 'kcal'],
  227: ['withings.metabolic_age', 'a'],
}

/** Types that are known and have no place here: fibrillation as a verdict (130, 139), and parts of the body (173-175). */
export const leftOut: ReadonlySet<number> = new Set([130, 139, 173, 174, 175])
