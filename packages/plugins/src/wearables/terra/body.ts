import type { ObservationInput } from '@auren/core'
import { heartSamples, oxygenSamples } from './heart.js'
import { daily, type Item, series } from './make.js'
import type { Body } from './payload.js'

/** Fields of a weighing, or of whatever else was measured of the body: metric and unit. */
const measurements = [
  ['weight_kg', 'weight', 'kg'],
  ['height_cm', 'height', 'cm'],
  ['BMI', 'bmi', 'kg/m2'],
  ['bodyfat_percentage', 'body_fat', '%'],
  ['bone_mass_g', 'bone_mass', 'g'],
  ['muscle_mass_g', 'muscle_mass', 'g'],
  ['lean_mass_g', 'lean_mass', 'g'],
  ['water_percentage', 'body_water', '%'],
  ['insulin_units', 'insulin', 'U'],
] as const

/** What was measured of the body on a day, each at its own time. */
export function* body(data: Body, item: Item): Iterable<ObservationInput> {
  for (const [value, metric, unit] of measurements)
    yield* series(item, data.measurements_data?.measurements, { time: 'measurement_time', value, metric, unit })
  const pressures = data.blood_pressure_data?.blood_pressure_samples
  yield* series(item, pressures, { value: 'systolic_bp', metric: 'blood_pressure_systolic', unit: 'mmHg' })
  yield* series(item, pressures, { value: 'diastolic_bp', metric: 'blood_pressure_diastolic', unit: 'mmHg' })
  // The detailed series repeats the other at a higher rate.
  const glucose = data.glucose_data?.detailed_blood_glucose_samples?.length
    ? data.glucose_data.detailed_blood_glucose_samples
    : data.glucose_data?.blood_glucose_samples
  yield* series(item, glucose, { value: 'blood_glucose_mg_per_dL', metric: 'glucose', unit: 'mg/dL' })
  const temperature = data.temperature_data
  yield* series(item, temperature?.body_temperature_samples, {
    value: 'temperature_celsius',
    metric: 'body_temperature',
    unit: 'Cel',
  })
  yield* series(item, temperature?.skin_temperature_samples, {
    value: 'temperature_celsius',
    metric: 'skin_temperature',
    unit: 'Cel',
  })
  yield* oxygenSamples(item, data.oxygen_data?.saturation_samples)
  yield* series(item, data.oxygen_data?.vo2_samples, {
    value: 'vo2max_ml_per_min_per_kg',
    metric: 'vo2_max',
    unit: 'mL/kg/min',
  })
  const heart = data.heart_data
  yield* heartSamples(item, heart?.heart_rate_data)
  yield* series(item, heart?.rr_interval_samples, { value: 'rr_interval_ms', metric: 'rr_interval', unit: 'ms' })
  yield* series(item, heart?.pulse_wave_velocity_samples, {
    value: 'pulse_wave_velocity_meters_per_second',
    metric: 'terra.pulse_wave_velocity',
    unit: 'm/s',
  })
  yield* daily(item, 'resting_heart_rate', heart?.heart_rate_data?.summary?.resting_hr_bpm || null, 'bpm')
  yield* daily(item, 'vo2_max', data.oxygen_data?.vo2max_ml_per_min_per_kg || null, 'mL/kg/min')
  yield* daily(item, 'hydration', data.hydration_data?.day_total_water_consumption_ml, 'mL')
}
