import { timeOf } from './base.js'
import type { Forwarded } from './payload.js'

/** Lists of HC Webhook: the type of their items, and how their fields are called in the API. */
const kinds: Readonly<{ [list: string]: readonly [type: string, fields: Readonly<{ [name: string]: string }>] }> = {
  steps: ['Steps', { count: 'count' }],
  distance: ['Distance', { meters: 'distance' }],
  active_calories: ['ActiveCaloriesBurned', { calories: 'energy' }],
  total_calories: ['TotalCaloriesBurned', { calories: 'energy' }],
  weight: ['Weight', { kilograms: 'weight' }],
  height: ['Height', { meters: 'height' }],
  blood_pressure: ['BloodPressure', { systolic: 'systolic', diastolic: 'diastolic' }],
  blood_glucose: ['BloodGlucose', { mmol_per_liter: 'level' }],
  oxygen_saturation: ['OxygenSaturation', { percentage: 'percentage' }],
  body_temperature: ['BodyTemperature', { celsius: 'temperature' }],
  basal_body_temperature: ['BasalBodyTemperature', { celsius: 'temperature' }],
  respiratory_rate: ['RespiratoryRate', { rate: 'rate' }],
  resting_heart_rate: ['RestingHeartRate', { bpm: 'beatsPerMinute' }],
  heart_rate_variability: ['HeartRateVariabilityRmssd', { rmssd_millis: 'heartRateVariabilityMillis' }],
  hydration: ['Hydration', { liters: 'volume' }],
  basal_metabolic_rate: ['BasalMetabolicRate', { watts: 'basalMetabolicRate' }],
  body_fat: ['BodyFat', { percentage: 'percentage' }],
  lean_body_mass: ['LeanBodyMass', { kilograms: 'mass' }],
  bone_mass: ['BoneMass', { kilograms: 'mass' }],
  vo2_max: ['Vo2Max', { ml_per_kg_per_min: 'vo2MillilitersPerMinuteKilogram' }],
  menstruation_flow: ['MenstruationFlow', { flow: 'flow' }],
  menstruation_period: ['MenstruationPeriod', {}],
  intermenstrual_bleeding: ['IntermenstrualBleeding', {}],
  ovulation_test: ['OvulationTest', { result: 'result' }],
  cervical_mucus: ['CervicalMucus', { appearance: 'appearance' }],
  sexual_activity: ['SexualActivity', { protection_used: 'protectionUsed' }],
  exercise: ['ExerciseSession', { type: 'exerciseType' }],
  nutrition: [
    'Nutrition',
    {
      calories: 'energy',
      protein_grams: 'protein',
      carbs_grams: 'totalCarbohydrate',
      fat_grams: 'totalFat',
      sugar_grams: 'sugar',
      sodium_grams: 'sodium',
      dietary_fiber_grams: 'dietaryFiber',
      name: 'name',
    },
  ],
}

type Item = { [name: string]: unknown }

/** Lists that need more than other names. */
const special: Readonly<{ [list: string]: (item: Item) => Item }> = {
  heart_rate: ({ bpm, time }) => ({ type: 'HeartRate', time, samples: [{ time, beatsPerMinute: bpm }] }),
  skin_temperature: ({ time, delta_celsius, baseline_celsius }) => ({
    type: 'SkinTemperature',
    time,
    deltas: [{ time, delta: delta_celsius }],
    ...(typeof baseline_celsius === 'number' ? { baseline: baseline_celsius } : {}),
  }),
  sleep({ session_end_time, duration_seconds, stages }) {
    const end = timeOf(session_end_time)?.at
    const parts = Array.isArray(stages) ? (stages as Item[]) : []
    return {
      type: 'SleepSession',
      startTime: end === undefined || typeof duration_seconds !== 'number' ? undefined : end - duration_seconds * 1000,
      endTime: session_end_time,
      stages: parts.map((part) => ({ stage: part?.stage, startTime: part?.start_time, endTime: part?.end_time })),
    }
  },
}

/** Records of Health Connect in what HC Webhook sends; lists that are not known are handed to `unknown`. */
export function* recordsOf(payload: Forwarded, unknown: (list: string, count: number) => void): Iterable<unknown> {
  for (const [list, items] of Object.entries(payload)) {
    if (!Array.isArray(items)) continue
    const make = Object.hasOwn(special, list) ? special[list] : undefined
    const kind = Object.hasOwn(kinds, list) ? kinds[list] : undefined
    if (!make && !kind) {
      unknown(list, items.length)
      continue
    }
    for (const item of items as unknown[]) {
      if (typeof item !== 'object' || item === null) yield item
      else if (make) yield make(item as Item)
      else if (kind) yield renamed(item as Item, ...kind)
    }
  }
}

function renamed(item: Item, type: string, fields: Readonly<{ [name: string]: string }>): Item {
  const { time, start_time, end_time } = item
  const made: Item = { type, time, startTime: start_time, endTime: end_time }
  for (const [name, to] of Object.entries(fields)) if (item[name] !== undefined) made[to] = item[name]
  return made
}
