import { lookup } from '../../vendor/lookup.js'

/** How the points of one metric become samples. */
export interface Quantity {
  metric: string
  /** The metric's unit where the app says `count`, which does not tell what is counted. */
  count?: string
  /** Of `%`: values up to this are fractions, whatever the unit says. */
  fraction?: number
}

const rows: readonly (readonly [names: string, metric: string, more?: Omit<Quantity, 'metric'>])[] = [
  ['heart_rate', 'heart_rate'],
  ['resting_heart_rate', 'resting_heart_rate'],
  ['walking_heart_rate_average walking_heart_rate', 'walking_heart_rate_average'],
  ['cardio_recovery heart_rate_recovery heart_rate_recovery_one_minute', 'heart_rate_recovery_1min'],
  ['heart_rate_variability heart_rate_variability_sdnn', 'hrv_sdnn'],
  ['blood_oxygen_saturation oxygen_saturation', 'oxygen_saturation', { fraction: 1 }],
  ['respiratory_rate', 'respiratory_rate'],
  ['body_temperature', 'body_temperature'],
  ['basal_body_temperature', 'basal_body_temperature'],
  ['apple_sleeping_wrist_temperature sleeping_wrist_temperature wrist_temperature', 'skin_temperature'],
  ['blood_pressure_systolic', 'blood_pressure_systolic'],
  ['blood_pressure_diastolic', 'blood_pressure_diastolic'],
  ['blood_glucose', 'glucose'],
  ['blood_alcohol_content', 'blood_alcohol_content', { fraction: 0.01 }],
  ['step_count steps', 'steps', { count: '{steps}' }],
  ['walking_running_distance distance_walking_running', 'distance'],
  ['cycling_distance distance_cycling', 'distance_cycling'],
  ['swimming_distance distance_swimming', 'distance_swimming'],
  ['flights_climbed', 'floors_climbed', { count: '{floors}' }],
  ['active_energy active_energy_burned', 'energy_active'],
  ['basal_energy_burned resting_energy basal_energy', 'energy_basal'],
  ['apple_exercise_time exercise_time', 'active_minutes'],
  ['apple_stand_time stand_time', 'stand_minutes'],
  ['physical_effort', 'met'],
  ['weight_body_mass weight body_mass weight_and_body_mass', 'weight'],
  ['height', 'height'],
  ['body_mass_index', 'bmi', { count: 'kg/m2' }],
  ['body_fat_percentage', 'body_fat', { fraction: 1 }],
  ['lean_body_mass', 'lean_mass'],
  ['waist_circumference', 'waist_circumference'],
  ['vo2_max vo2max', 'vo2_max'],
  ['dietary_water water', 'hydration'],
  ['dietary_caffeine caffeine', 'caffeine'],
  ['dietary_energy dietary_energy_consumed', 'energy_intake'],
  ['carbohydrates dietary_carbohydrates', 'carbohydrate_intake'],
  ['insulin_delivery', 'insulin'],
  ['environmental_audio_exposure environmental_audio', 'audio_environmental'],
  ['headphone_audio_exposure headphone_audio', 'audio_headphone'],
  ['time_in_daylight', 'daylight_minutes'],
  ['mindful_minutes mindful_session', 'mindful_minutes'],
  ['cycling_cadence', 'cadence'],
  ['cycling_power running_power', 'power'],
  ['running_speed cycling_speed', 'speed'],
  ['atrial_fibrillation_burden', 'afib_burden', { fraction: 1 }],
  ['breathing_disturbances sleeping_breathing_disturbances', 'apnea_hypopnea_index', { count: '/h' }],
]

/** Metrics of the app that are read, by its own names of several versions. */
export const quantities: ReadonlyMap<string, Quantity> = new Map(
  rows.flatMap(([names, metric, more]) => names.split(' ').map((name) => [name, { metric, ...more }] as const)),
)

/** Metrics that add up over time. */
export const cumulative: ReadonlySet<string> = new Set([
  'steps',
  'distance',
  'distance_cycling',
  'distance_swimming',
  'floors_climbed',
  'energy_active',
  'energy_basal',
  'active_minutes',
  'stand_minutes',
  'hydration',
  'caffeine',
  'energy_intake',
  'carbohydrate_intake',
  'insulin',
  'daylight_minutes',
  'mindful_minutes',
])

/** `Weight & Body Mass` → `weight_body_mass`: the name in a table as it is in JSON. */
export function nameOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
}

/** Units that are spelled in another way than the catalogue's converter knows; tables have them in lower case. */
const spelled = lookup<string>({
  degc: 'Cel',
  degf: '[degF]',
  hr: 'h',
  kmph: 'km/h',
  'kcal/hr·kg': '{MET}',
  'kcal/kg·hr': '{MET}',
  times: 'count',
  mmhg: 'mm[Hg]',
  dbaspl: 'dB[SPL]',
  iu: '[IU]',
  w: 'W',
  watts: 'W',
  'mmol/l': 'mmol/L',
  // Over the telephone's language this is the kilocalorie of food labels.
  Cal: 'kcal',
})

/** UCUM code of a unit; the text itself where they are spelled alike. */
export function unitOf(text: string | null | undefined): string {
  const unit = (text ?? '').trim().slice(0, 40)
  return spelled[unit] ?? spelled[unit.toLowerCase()] ?? unit
}

/** Value and unit of a point. What cannot be a percentage of this quantity is a fraction that was called `%`. */
export function measured(
  { count, fraction }: Quantity,
  value: number,
  units: string | null | undefined,
): [number, string] {
  const unit = unitOf(units)
  if (count !== undefined && (unit === 'count' || unit === '')) return [value, count]
  // Twelve digits: more than any sensor has, and free of the noise of binary fractions.
  if (fraction !== undefined && unit === '%' && value <= fraction) return [Number((value * 100).toPrecision(12)), '%']
  return [value, unit]
}
