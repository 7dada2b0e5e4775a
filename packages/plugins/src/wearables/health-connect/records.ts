import { convertUnit, isAurenError, type ObservationInput } from '@auren/core'
import { type Held, timeOf, wordOf, zoned } from './base.js'
import { quantityOf } from './quantities.js'
import { exercise, sleep } from './sessions.js'

type Make = (held: Held) => Iterable<ObservationInput>

/** One value of a record, at its time. */
function* put(held: Held, metric: string, value: number, unit: string): Iterable<ObservationInput> {
  const { start, end, offset, shared } = held
  yield {
    shape: 'sample',
    metric,
    start,
    ...(end !== null && end > start ? { end } : {}),
    value,
    unit,
    ...zoned(offset),
    ...shared,
  }
}

/** A record with one field that is measured. `unit` goes without saying where the field is a plain number. */
function field(name: string, metric: string, unit: string): Make {
  return function* (held) {
    const found = quantityOf(held.fields[name], unit)
    if (found) yield* put(held, metric, ...found)
    else held.ctx.reject(held.fields, 'schema', `${held.type}: ${name} is missing or no quantity`)
  }
}

/** A record with samples, each at its time. */
function series(name: string, metric: string, unit: string, list = 'samples'): Make {
  return function* ({ type, fields, offset, shared, ctx }) {
    const given = fields[list]
    if (!Array.isArray(given)) {
      ctx.reject(fields, 'schema', `${type}: it has no ${list}`)
      return
    }
    for (const item of given as unknown[]) {
      const one = (typeof item === 'object' && item !== null ? item : {}) as { [name: string]: unknown }
      const when = timeOf(one.time)
      const found = quantityOf(one[name], unit)
      if (!when || !found) {
        ctx.reject(item, 'schema', `${type}: a sample has no time or value`)
        continue
      }
      yield { shape: 'sample', metric, start: when.at, value: found[0], unit: found[1], ...zoned(offset), ...shared }
    }
  }
}

/** Something that was so. `words` of a field's number, where that says more. */
function tag(name: string, of?: string, words: readonly string[] = []): Make {
  return function* ({ fields, start, end, offset, shared }) {
    const given = of === undefined ? undefined : fields[of]
    const text = typeof given === 'number' ? words[given] : typeof given === 'string' ? given.slice(0, 1000) : undefined
    yield {
      shape: 'tag',
      tag: name,
      start,
      ...(end !== null && end > start ? { end } : {}),
      ...(text ? { text } : {}),
      ...zoned(offset),
      ...shared,
    }
  }
}

const minutes =
  (metric: string): Make =>
  (held) =>
    put(held, metric, ((held.end ?? held.start) - held.start) / 60_000, 'min')

function* bloodPressure(held: Held): Iterable<ObservationInput> {
  const pair = (['systolic', 'diastolic'] as const).map(
    (name) => [name, quantityOf(held.fields[name], 'mm[Hg]')] as const,
  )
  if (pair.every(([, found]) => !found)) held.ctx.reject(held.fields, 'schema', 'BloodPressure: it has no values')
  for (const [name, found] of pair) if (found) yield* put(held, `blood_pressure_${name}`, ...found)
}

/** Flow as a code that grows with the flow: 1 unspecified, 2 light, 3 medium, 4 heavy. Theirs: 0 unknown … 3 heavy. */
function* flow(held: Held): Iterable<ObservationInput> {
  const given = held.fields.flow ?? 0
  const code =
    typeof given === 'number' ? given : ['unknown', 'light', 'medium', 'heavy'].indexOf(wordOf(given).toLowerCase())
  if (Number.isInteger(code) && code >= 0 && code <= 3) yield* put(held, 'menstrual_flow', code + 1, 'code')
  else held.ctx.reject(held.fields, 'unknown_code', 'MenstruationFlow: its flow is not known')
}

/** Deviations from a baseline; with the baseline, temperatures too. */
function* skinTemperature(held: Held): Iterable<ObservationInput> {
  const deviations = [...series('delta', 'skin_temperature_deviation', 'Cel', 'deltas')(held)]
  yield* deviations
  const baseline = quantityOf(held.fields.baseline, 'Cel')
  if (!baseline) return
  const from = baseline[1] === 'Cel' ? baseline[0] : convertUnit(...baseline, 'Cel')
  for (const one of deviations) {
    if (one.shape !== 'sample') continue
    const delta = one.unit === 'Cel' ? one.value : (one.value * 5) / 9
    yield { ...one, metric: 'skin_temperature', value: Number((from + delta).toPrecision(12)), unit: 'Cel' }
  }
}

const nutrients: readonly (readonly [field: string, metric: string, unit: string])[] = [
  ['energy', 'energy_intake', 'kcal'],
  ['caffeine', 'caffeine', 'g'],
  ['totalCarbohydrate', 'carbohydrate_intake', 'g'],
  ['protein', 'health-connect.protein', 'g'],
  ['totalFat', 'health-connect.total_fat', 'g'],
  ['saturatedFat', 'health-connect.saturated_fat', 'g'],
  ['sugar', 'health-connect.sugar', 'g'],
  ['dietaryFiber', 'health-connect.dietary_fiber', 'g'],
  ['sodium', 'health-connect.sodium', 'g'],
]
const meals = ['', 'breakfast', 'lunch', 'dinner', 'snack']

function* nutrition(held: Held): Iterable<ObservationInput> {
  const { fields } = held
  for (const [name, metric, unit] of nutrients) {
    const found = quantityOf(fields[name], unit)
    if (found) yield* put(held, metric, ...found)
  }
  const meal = typeof fields.mealType === 'number' ? meals[fields.mealType] : undefined
  if (typeof fields.name !== 'string' && !meal) return
  for (const one of tag('meal')(held)) {
    const text = [meal, typeof fields.name === 'string' ? fields.name : ''].filter(Boolean).join(': ')
    yield { ...one, ...(text ? { text: text.slice(0, 1000) } : {}) } as ObservationInput
  }
}

/** ActivityIntensityRecord: 0 moderate, 1 vigorous. */
function intensity(held: Held): Iterable<ObservationInput> {
  const given = held.fields.activityIntensityType
  const vigorous = given === 1 || /VIGOROUS/i.test(wordOf(given))
  return minutes(vigorous ? 'vigorous_minutes' : 'moderate_minutes')(held)
}

const makers: Readonly<{ [type: string]: Make }> = {
  Steps: field('count', 'steps', '{steps}'),
  Distance: field('distance', 'distance', 'm'),
  ElevationGained: field('elevation', 'elevation_gained', 'm'),
  FloorsClimbed: field('floors', 'floors_climbed', '{floors}'),
  ActiveCaloriesBurned: field('energy', 'energy_active', 'kcal'),
  TotalCaloriesBurned: field('energy', 'energy_total', 'kcal'),
  BasalMetabolicRate: field('basalMetabolicRate', 'health-connect.basal_metabolic_rate', 'W'),
  WheelchairPushes: field('count', 'health-connect.wheelchair_pushes', '{pushes}'),
  Hydration: field('volume', 'hydration', 'L'),
  HeartRate: series('beatsPerMinute', 'heart_rate', '/min'),
  StepsCadence: series('rate', 'cadence', '/min'),
  CyclingPedalingCadence: series('revolutionsPerMinute', 'cadence', '/min'),
  Power: series('power', 'power', 'W'),
  Speed: series('speed', 'speed', 'm/s'),
  RestingHeartRate: field('beatsPerMinute', 'resting_heart_rate', '/min'),
  HeartRateVariabilityRmssd: field('heartRateVariabilityMillis', 'hrv_rmssd', 'ms'),
  OxygenSaturation: field('percentage', 'oxygen_saturation', '%'),
  RespiratoryRate: field('rate', 'respiratory_rate', '/min'),
  BodyTemperature: field('temperature', 'body_temperature', 'Cel'),
  BasalBodyTemperature: field('temperature', 'basal_body_temperature', 'Cel'),
  BloodGlucose: field('level', 'glucose', 'mmol/L'),
  Weight: field('weight', 'weight', 'kg'),
  Height: field('height', 'height', 'm'),
  BodyFat: field('percentage', 'body_fat', '%'),
  LeanBodyMass: field('mass', 'lean_mass', 'kg'),
  BoneMass: field('mass', 'bone_mass', 'kg'),
  BodyWaterMass: field('mass', 'health-connect.body_water_mass', 'kg'),
  Vo2Max: field('vo2MillilitersPerMinuteKilogram', 'vo2_max', 'mL/kg/min'),
  BloodPressure: bloodPressure,
  SkinTemperature: skinTemperature,
  Nutrition: nutrition,
  ActivityIntensity: intensity,
  MindfulnessSession: minutes('mindful_minutes'),
  MenstruationFlow: flow,
  MenstruationPeriod: tag('menstruation'),
  IntermenstrualBleeding: tag('intermenstrual_bleeding'),
  OvulationTest: tag('ovulation_test', 'result', ['inconclusive', 'positive', 'high', 'negative']),
  CervicalMucus: tag('cervical_mucus', 'appearance', ['', 'dry', 'sticky', 'creamy', 'watery', 'egg white', 'unusual']),
  SexualActivity: tag('sexual_activity', 'protectionUsed', ['', 'protected', 'unprotected']),
  SleepSession: sleep,
  ExerciseSession: exercise,
}

/** What a record becomes. One that is not known is set aside whole. */
export function* observe(held: Held): Iterable<ObservationInput> {
  const make = Object.hasOwn(makers, held.type) ? makers[held.type] : undefined
  if (!make) {
    held.ctx.reject(held.fields, 'unknown_type', `${held.type.slice(0, 80)} is not read`)
    return
  }
  try {
    yield* make(held)
  } catch (error) {
    if (!isAurenError(error)) throw error
    held.ctx.reject(held.fields, 'unknown_unit', `${held.type}: a unit is of another kind`)
  }
}
