import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { metric, metricIds } from '../../src/catalogue/index.js'
import { convert } from '../../src/catalogue/units.js'

// Expected values: NIST SP 811 (appendix B), the definitions of 1959, and the unit names of HealthKit and Health Connect.
const known: readonly [value: number, unit: string, metric: string, expected: number][] = [
  [72, 'count/min', 'heart_rate', 72],
  [72, 'bpm', 'heart_rate', 72],
  [1.2, 'Hz', 'heart_rate', 72],
  [154.323583529414, 'lb', 'weight', 70],
  [11, 'st', 'weight', 69.85322498],
  [2469.17733647, 'oz', 'weight', 69.9999999998],
  [70_000, 'g', 'weight', 70],
  [1, 'mi', 'distance', 1609.344],
  [26.21875, '[mi_i]', 'distance', 42194.988],
  [100, 'yd', 'distance_swimming', 91.44],
  [6, 'ft', 'height', 182.88],
  [70, 'in', 'height', 177.8],
  [1.78, 'm', 'height', 178],
  [98.6, 'degF', 'body_temperature', 37],
  [310.15, 'K', 'body_temperature', 37],
  [1.8, 'degF', 'skin_temperature_deviation', 1],
  [0.4, 'K', 'skin_temperature_deviation', 0.4],
  [4184, 'kJ', 'energy_active', 1000],
  [4184, 'J', 'energy_active', 1],
  [250, 'Cal', 'energy_active', 250],
  [5.5, 'mmol/L', 'glucose', 99.088],
  [5.5, 'mmol<180.1558800000541>/L', 'glucose', 99.0857340000298],
  [100, 'mg/dL', 'glucose', 100],
  [0.97, '1', 'oxygen_saturation', 97],
  [97, '%', 'oxygen_saturation', 97],
  [0.5, '%', 'oxygen_saturation', 0.5],
  [0.215, 'fraction', 'body_fat', 21.5],
  [36, 'km/hr', 'speed', 10],
  [10, 'mi/hr', 'speed', 4.4704],
  [42.1, 'mL/min·kg', 'vo2_max', 42.1],
  [8, 'fl_oz_us', 'hydration', 236.5882365],
  [1.5, 'L', 'hydration', 1500],
  [16, 'kPa', 'blood_pressure_systolic', 120.009852135],
  [80, 'mmHg', 'blood_pressure_diastolic', 80],
  [65, 'dBASPL', 'audio_environmental', 65],
  [0.25, 'hr', 'active_minutes', 15],
  [28_800_000, 'ms', 'sleep_duration', 28_800],
  [0.045, 's', 'hrv_rmssd', 45],
  [8000, 'count', 'steps', 8000],
  [95, 'mcg', 'caffeine', 0.095],
  [12, 'count', 'apnea_hypopnea_index', 12],
  [22.5, 'count', 'bmi', 22.5],
  [4, 'kcal/hr·kg', 'met', 4],
  [1, 'kW', 'power', 1000],
]

describe('units', () => {
  it.each(known)('%f %s of %s is %f', (value, unit, id, expected) => {
    const converted = convert(value, unit, id)
    expect(Math.abs(converted - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)))
  })

  it('takes every metric in its own unit as it is', () => {
    for (const id of metricIds) expect(convert(1.234567890123456, metric(id)?.unit ?? '', id)).toBe(1.234567890123456)
  })

  it.each(['furlong', '', '__proto__', 'constructor', 'mmol<x>/L'])('does not know "%s"', (unit) => {
    for (const id of ['weight', 'glucose', 'skin_temperature_deviation'])
      expect(() => convert(1, unit, id)).toThrow(expect.objectContaining({ code: 'AUREN_UNIT_UNKNOWN' }))
  })

  it('does not know other metrics', () => {
    expect(() => convert(1, 'kg', '__proto__')).toThrow(expect.objectContaining({ code: 'AUREN_METRIC_UNKNOWN' }))
  })

  it('keeps the order and the zero of a scale, back and forth', () => {
    const there: readonly [string, string, number][] = [
      ['lb', 'weight', 1 / 0.45359237],
      ['mi', 'distance', 1 / 1609.344],
      ['kJ', 'energy_active', 4.184],
      ['mmol/L', 'glucose', 1 / 18.016],
      ['km/h', 'speed', 3.6],
      ['kPa', 'blood_pressure_systolic', 0.133322387415],
      ['fl_oz_us', 'hydration', 1 / 29.5735295625],
    ]
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.constantFrom(...there),
        (value, [unit, id, back]) => {
          expect(Math.abs(convert(value * back, unit, id) - value)).toBeLessThanOrEqual(
            1e-9 * Math.max(1, Math.abs(value)),
          )
        },
      ),
    )
    fc.assert(
      fc.property(fc.double({ min: -40, max: 200, noNaN: true }), (celsius) => {
        expect(Math.abs(convert((celsius * 9) / 5 + 32, 'degF', 'body_temperature') - celsius)).toBeLessThan(1e-8)
      }),
    )
  })
})
