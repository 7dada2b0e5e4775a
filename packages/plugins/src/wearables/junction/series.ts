import type { NormalizeContext, ObservationInput } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'
import { Group, Sample } from './payload.js'
import { providerOf, sourceOf } from './sources.js'
import { place } from './times.js'

/** What a time series is read as: metric and unit; `least`: values below it mean "not measured". */
type Reading = readonly [metric: string, unit: string, least?: number]

/** Time series by their name in the API. */
export const series = lookup<Reading>({
  heartrate: ['heart_rate', 'bpm', 1],
  hrv: ['hrv_rmssd', 'ms', 1],
  respiratory_rate: ['respiratory_rate', '/min', 1],
  blood_oxygen: ['oxygen_saturation', '%', 1],
  glucose: ['glucose', 'mmol/L'],
  body_temperature: ['body_temperature', 'Cel'],
  basal_body_temperature: ['basal_body_temperature', 'Cel'],
  body_temperature_delta: ['skin_temperature_deviation', 'Cel'],
  body_weight: ['weight', 'kg'],
  body_fat: ['body_fat', '%'],
  body_mass_index: ['bmi', 'kg/m2'],
  lean_body_mass: ['lean_mass', 'kg'],
  waist_circumference: ['waist_circumference', 'cm'],
  vo2_max: ['vo2_max', 'mL/kg/min'],
  heart_rate_recovery_one_minute: ['heart_rate_recovery_1min', 'bpm'],
  afib_burden: ['afib_burden', '%'],
  steps: ['steps', '{steps}'],
  distance: ['distance', 'm'],
  floors_climbed: ['floors_climbed', '{floors}'],
  calories_active: ['energy_active', 'kcal'],
  calories_basal: ['energy_basal', 'kcal'],
  water: ['hydration', 'mL'],
  caffeine: ['caffeine', 'g'],
  carbohydrates: ['carbohydrate_intake', 'g'],
  insulin_injection: ['insulin', '[IU]'],
  mindfulness_minutes: ['mindful_minutes', 'min'],
  daylight_exposure: ['daylight_minutes', 'min'],
  stand_duration: ['stand_minutes', 'min'],
  stress_level: ['junction.stress_level', '{score}', 0],
  wheelchair_push: ['junction.wheelchair_pushes', '{count}'],
  fall: ['junction.falls', '{count}'],
  handwashing: ['junction.handwashings', '{count}'],
  inhaler_usage: ['junction.inhaler_usage', '{count}'],
  heart_rate_alert: ['junction.heart_rate_alerts', '{count}'],
  sleep_apnea_alert: ['junction.sleep_apnea_alerts', '{count}'],
  sleep_breathing_disturbance: ['junction.breathing_disturbances', '{count}'],
  workout_swimming_stroke: ['junction.swimming_strokes', '{count}'],
  workout_duration: ['junction.exercise_minutes', 'min'],
  uv_exposure: ['junction.uv_exposure', '{index}'],
  forced_expiratory_volume_1: ['junction.forced_expiratory_volume_1', 'L'],
  forced_vital_capacity: ['junction.forced_vital_capacity', 'L'],
  peak_expiratory_flow_rate: ['junction.peak_expiratory_flow', 'L/min'],
})

/** Series that hold more than one measured thing, or words. */
export const mixed = ['blood_pressure', 'cholesterol', 'note'] as const

/** What is left alone, and why; said with each delivery. */
export const unread = lookup<string>({
  hypnogram: 'stages are taken from sleep_cycle',
  workout_distance: 'it is the distance of workouts, which `distance` has too',
  workout_stream: 'a notice without data',
  stand_hour: 'no measure: whether somebody stood in an hour',
  electrocardiogram: 'no voltages are kept',
  electrocardiogram_voltage: 'no voltages are kept',
  ige: 'an allergen panel of a laboratory',
  igg: 'an allergen panel of a laboratory',
  profile: 'nothing measured',
  device: 'nothing measured',
  source: 'nothing measured',
  raw: 'data in the form of the provider itself',
})

/** Units in which a sample may say its value, where they differ from what the documentation promises. */
const said = lookup<string>({
  'mg/dL': 'mg/dL',
  'mg/dl': 'mg/dL',
  '°F': '[degF]',
  lb: 'lb',
  lbs: 'lb',
  mg: 'mg',
  kJ: 'kJ',
})

const cholesterol = lookup<string>({
  total: 'junction.cholesterol_total',
  hdl: 'junction.cholesterol_hdl',
  ldl: 'junction.cholesterol_ldl',
  triglycerides: 'junction.triglycerides',
})

/**
 * Samples of a series. They have no id: the same time of the same source is the same sample, and the value that was
 * received last holds.
 */
export function* readSeries(resource: string, group: unknown, ctx: NormalizeContext): Iterable<ObservationInput> {
  const parsed = Group.safeParse(group)
  if (!parsed.success) return ctx.reject(group, 'schema', `${resource}: a group has no list of samples`)
  const provider = providerOf(parsed.data.source)
  const source = sourceOf(parsed.data.source)
  for (const one of parsed.data.data) {
    const sample = Sample.safeParse(one)
    if (!sample.success) {
      ctx.reject(one, 'schema', `${resource}: a sample is not of the documented form`)
      continue
    }
    const given = sample.data
    const when = place(given.start ?? given.timestamp, provider, given, ctx)
    const until = given.end ? place(given.end, provider, given, ctx) : null
    if (!when) ctx.reject(one, 'schema', `${resource}: a sample has no time`)
    else if (until && until.at < when.at) ctx.reject(one, 'order', `${resource}: a sample ends before it starts`)
    else
      for (const what of readingsOf(resource, given, ctx))
        yield {
          ...what,
          start: when.at,
          ...(until && until.at > when.at ? { end: until.at } : {}),
          offset: when.offset,
          zoneBasis: when.zoneBasis,
          source,
        }
  }
}

type Reader =
  | { shape: 'sample'; metric: string; value: number; unit: string }
  | { shape: 'tag'; tag: string; text: string }

function* readingsOf(resource: string, given: Sample, ctx: NormalizeContext): Iterable<Reader> {
  if (resource === 'blood_pressure') {
    if (given.systolic == null || given.diastolic == null)
      return ctx.reject(given, 'schema', 'blood_pressure: a reading lacks one of its two values')
    yield { shape: 'sample', metric: 'blood_pressure_systolic', value: given.systolic, unit: 'mmHg' }
    yield { shape: 'sample', metric: 'blood_pressure_diastolic', value: given.diastolic, unit: 'mmHg' }
    return
  }
  if (resource === 'note') {
    if (typeof given.value !== 'string' || given.value === '')
      return ctx.reject(given, 'schema', 'note: a note has no words')
    const about = given.tags?.find((tag) => tag !== 'unspecified' && /^[a-z_]{1,60}$/.test(tag))
    yield { shape: 'tag', tag: about ?? 'note', text: given.value }
    return
  }
  if (given.value == null) return
  if (typeof given.value !== 'number') return ctx.reject(given, 'schema', `${resource}: a value is no number`)
  const [metric, unit, least] =
    resource === 'cholesterol'
      ? [cholesterol[given.type ?? ''], 'mmol/L', undefined]
      : (series[resource] ?? [undefined, '', undefined])
  if (metric === undefined) return ctx.reject(given, 'unknown_code', `${resource}: the type is not known`)
  if (given.value < (least ?? Number.NEGATIVE_INFINITY)) return
  yield { shape: 'sample', metric, value: given.value, unit: said[given.unit ?? ''] ?? unit }
}
