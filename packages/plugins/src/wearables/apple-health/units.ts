import { convert, isAurenError } from '@auren/core'
import { lookup } from '../../vendor/lookup.js'
import { textOf } from './xml/text.js'

/**
 * HealthKit's unit strings (HKUnit.unitString) as UCUM. Only what is spelled differently; numbers are not touched here,
 * except that HealthKit's `%` is a fraction (see {@link percentOf}).
 */
const spelled = lookup<string>({
  'count/min': '/min',
  'count/s': '/s',
  'count/hr': '/h',
  degC: 'Cel',
  degF: '[degF]',
  lb: '[lb_av]',
  oz: '[oz_av]',
  st: '[stone_av]',
  mi: '[mi_i]',
  yd: '[yd_i]',
  ft: '[ft_i]',
  in: '[in_i]',
  Cal: 'kcal',
  hr: 'h',
  mmHg: 'mm[Hg]',
  cmAq: 'cm[H2O]',
  IU: '[IU]',
  dBASPL: 'dB[SPL]',
  'km/hr': 'km/h',
  'mi/hr': '[mi_i]/h',
  'ft/s': '[ft_i]/s',
  fl_oz_us: '[foz_us]',
  cup_us: '[cup_us]',
  pt_us: '[pt_us]',
  fl_oz_imp: '[foz_br]',
  pt_imp: '[pt_br]',
  // Without its molar mass the unit still means HealthKit's glucose: HKUnitMolarMassBloodGlucose.
  'mmol/L': 'mmol<180.15588000005408>/L',
  'mmol/l': 'mmol<180.15588000005408>/L',
  mcg: 'ug',
  μg: 'ug',
  'mL/min·kg': 'mL/kg/min',
  'ml/min·kg': 'mL/kg/min',
  'mL/kg·min': 'mL/kg/min',
  'kcal/hr·kg': '{MET}',
  'kcal/kg·hr': '{MET}',
  appleEffortScore: '{score}',
})

const seen = new Map<string, string>()

/** UCUM code of a HealthKit unit; the string itself where they are spelled alike, or where it is not known. */
export function unitOf(raw: string): string {
  const known = seen.get(raw)
  if (known !== undefined) return known
  const text = textOf(raw).trim().slice(0, 40)
  // `mmol<180.1558800000541>/L` names the molar mass; a bracket that is not escaped has been blanked out by the frame.
  const unit = spelled[text] ?? text.replace(/^mmol /, 'mmol<')
  if (seen.size >= 1000) seen.clear()
  seen.set(Buffer.from(raw, 'utf16le').toString('utf16le'), unit)
  return unit
}

/**
 * Per cent of a HealthKit percentage. HealthKit stores fractions and the export writes them with the unit `%`
 * (`value="0.97"` is 97 %), but apps and tools that re-export write 97. What cannot be a percentage of this quantity is
 * a fraction: for SpO₂, body fat and the burden of fibrillation up to 1, for blood alcohol below 0.01 (1 % kills).
 */
export function percentOf(value: number, fractionBelow: number): number {
  // 0.97 × 100 is 97.00000000000001 − ε in binary; twelve digits are more than any sensor has.
  return value <= fractionBelow ? Number((value * 100).toPrecision(12)) : value
}

/**
 * A workout's number in the catalogue's unit of a metric.
 * @returns null where the unit is not of that kind
 */
export function measureOf(value: number, raw: string, metric: string): number | null {
  if (!Number.isFinite(value)) return null
  try {
    return convert(value, unitOf(raw), metric)
  } catch (error) {
    if (isAurenError(error)) return null
    throw error
  }
}

/** `6575 cm` in metres: a quantity as metadata writes it. Null where it is none. */
export function lengthOf(text: string): number | null {
  const found = /^(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?) ?(\S{1,10})$/.exec(text.slice(0, 60))
  return found ? measureOf(Number(found[1]), found[2] as string, 'distance') : null
}
