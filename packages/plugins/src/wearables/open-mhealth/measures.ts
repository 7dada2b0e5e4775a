import { lookup } from '../../vendor/lookup.js'

/** How one measure stands in a schema, and what it is here. */
export interface Measure {
  metric: string
  schema: readonly [namespace: 'omh' | 'ieee', name: string, version: string]
  /** Field of the body. */
  field: string
  /** Units of the schema, the first is written; UCUM where the converter spells it in another way. */
  units: readonly string[]
  /** Fields of the body that tell it from others of its schema, and that are written with it. */
  also?: Readonly<Record<string, string>>
  /** Written with it, and not asked for. */
  fixed?: Readonly<Record<string, string>>
  /** Of what happens over a time: an instant says nothing. */
  interval?: true
}

/** Measures with one value, the more particular before the general. */
export const measures: readonly Measure[] = [
  {
    metric: 'resting_heart_rate',
    schema: ['omh', 'heart-rate', '2.0'],
    field: 'heart_rate',
    units: ['beats/min'],
    also: { temporal_relationship_to_physical_activity: 'at rest' },
  },
  { metric: 'heart_rate', schema: ['omh', 'heart-rate', '2.0'], field: 'heart_rate', units: ['beats/min'] },
  { metric: 'rr_interval', schema: ['omh', 'rr-interval', '1.0'], field: 'rr_interval', units: ['ms'] },
  {
    metric: 'oxygen_saturation',
    schema: ['omh', 'oxygen-saturation', '2.0'],
    field: 'oxygen_saturation',
    units: ['%'],
    fixed: { system: 'peripheral capillary', measurement_method: 'pulse oximetry' },
  },
  {
    metric: 'respiratory_rate',
    schema: ['omh', 'respiratory-rate', '2.0'],
    field: 'respiratory_rate',
    units: ['breaths/min'],
  },
  {
    metric: 'basal_body_temperature',
    schema: ['omh', 'body-temperature', '4.0'],
    field: 'body_temperature',
    units: ['C', 'F', 'K'],
    also: { temporal_relationship_to_sleep: 'on waking' },
  },
  ...['wrist', 'finger', 'toe'].map(
    (place): Measure => ({
      metric: 'skin_temperature',
      schema: ['omh', 'body-temperature', '4.0'],
      field: 'body_temperature',
      units: ['C', 'F', 'K'],
      also: { measurement_location: place },
    }),
  ),
  {
    metric: 'body_temperature',
    schema: ['omh', 'body-temperature', '4.0'],
    field: 'body_temperature',
    units: ['C', 'F', 'K'],
  },
  { metric: 'glucose', schema: ['omh', 'blood-glucose', '4.0'], field: 'blood_glucose', units: ['mg/dL', 'mmol/L'] },
  {
    metric: 'weight',
    schema: ['omh', 'body-weight', '3.0'],
    field: 'body_weight',
    units: ['kg', 'g', 'lb', 'oz', 'mg'],
  },
  {
    metric: 'height',
    schema: ['omh', 'body-height', '2.0'],
    field: 'body_height',
    units: ['cm', 'm', 'mm', 'in', 'ft'],
  },
  { metric: 'bmi', schema: ['omh', 'body-mass-index', '3.0'], field: 'body_mass_index', units: ['kg/m^2', 'kg/m2'] },
  { metric: 'body_fat', schema: ['omh', 'body-fat-percentage', '2.0'], field: 'body_fat_percentage', units: ['%'] },
  { metric: 'steps', schema: ['omh', 'step-count', '3.0'], field: 'step_count', units: ['steps'], interval: true },
  {
    metric: 'energy_active',
    schema: ['omh', 'calories-burned', '2.0'],
    field: 'kcal_burned',
    units: ['kcal'],
    interval: true,
  },
  {
    metric: 'moderate_minutes',
    schema: ['omh', 'minutes-moderate-activity', '1.0'],
    field: 'minutes_moderate_activity',
    units: ['min'],
    interval: true,
  },
  { metric: 'speed', schema: ['omh', 'speed', '1.0'], field: 'speed', units: ['m/s', 'km/h'] },
  {
    metric: 'audio_environmental',
    schema: ['ieee', 'ambient-sound', '1.0'],
    field: 'ambient_sound',
    units: ['dB', 'dBA'],
  },
  {
    metric: 'open-mhealth.ambient_temperature',
    schema: ['ieee', 'ambient-temperature', '1.0'],
    field: 'ambient_temperature',
    units: ['C', 'F', 'K'],
  },
]

/** Metrics that share a schema with another one; which it is stands beside the data point. */
export const sharing: readonly Measure[] = [
  {
    metric: 'energy_total',
    schema: ['omh', 'calories-burned', '2.0'],
    field: 'kcal_burned',
    units: ['kcal'],
    interval: true,
  },
  {
    metric: 'active_minutes',
    schema: ['omh', 'minutes-moderate-activity', '1.0'],
    field: 'minutes_moderate_activity',
    units: ['min'],
    interval: true,
  },
  ...(
    [
      ['distance', 'walking or running'],
      ['distance_cycling', 'cycling'],
      ['distance_swimming', 'swimming'],
    ] as const
  ).map(
    ([metric, activity_name]): Measure => ({
      metric,
      schema: ['ieee', 'physical-activity', '1.0'],
      field: 'distance',
      units: ['m', 'km', 'mi', 'ft', 'yd', 'cm', 'mm', 'in'],
      fixed: { activity_name },
      interval: true,
    }),
  ),
]

/** Statistics over a time that are kept, each as a metric of its own: they are no measurements. */
export const statistics = ['average', 'maximum', 'minimum', 'median'] as const
/** All that the schemas know. */
export const allStatistics: ReadonlySet<string> = new Set([
  ...statistics,
  'count',
  'standard deviation',
  'sum',
  'variance',
  '20th percentile',
  '80th percentile',
  'lower quartile',
  'upper quartile',
  'quartile deviation',
  '1st quintile',
  '2nd quintile',
  '3rd quintile',
  '4th quintile',
])

/** Enumerations of fields that say how something was measured: another word than these is against the schema. */
export const words: Readonly<Record<string, ReadonlySet<string>>> = {
  temporal_relationship_to_physical_activity: new Set([
    'at rest',
    'active',
    'before exercise',
    'after exercise',
    'during exercise',
  ]),
  temporal_relationship_to_sleep: new Set(['before sleeping', 'during sleep', 'on waking']),
  temporal_relationship_to_meal: new Set([
    'fasting',
    'not fasting',
    'before meal',
    'after meal',
    'before breakfast',
    'after breakfast',
    'before lunch',
    'after lunch',
    'before dinner',
    'after dinner',
    'with meal',
    'with food',
    '2 hours postprandial',
  ]),
}

/** Units of the schemas that the converter spells in another way. */
export const spelled = lookup<string>({ 'kg/m^2': 'kg/m2' })
