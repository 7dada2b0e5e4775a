import { convertUnit } from '../../catalogue/units.js'
import { stem } from './stem.js'

/** What a unit measures, which tells what an unnamed quantity is about. */
export type Dimension =
  | 'time'
  | 'length'
  | 'energy'
  | 'mass'
  | 'rate'
  | 'speed'
  | 'share'
  | 'temperature'
  | 'volume'
  | 'pressure'
  | 'other'

/** A unit as it was said, in a spelling that the catalogue's conversions know. */
export interface Unit {
  ucum: string
  dimension: Dimension
}

const rows: readonly (readonly [ucum: string, dimension: Dimension, words: string])[] = [
  ['s', 'time', 'second, seconds, sec, secs, s'],
  ['min', 'time', 'minute, minutes, min, mins'],
  ['h', 'time', 'hour, hours, hr, hrs, h'],
  ['km', 'length', 'kilometre, kilometer, kilometres, kilometers, km, kms, k'],
  ['mi', 'length', 'mile, miles, mi'],
  ['m', 'length', 'metre, meter, metres, meters, m'],
  ['ft', 'length', 'foot, feet, ft'],
  ['yd', 'length', 'yard, yards, yd'],
  ['cm', 'length', 'centimetre, centimeter, centimetres, centimeters, cm'],
  ['in', 'length', 'inch, inches'],
  ['kcal', 'energy', 'kcal, kilocalorie, kilocalories, cal, cals'],
  ['kJ', 'energy', 'kilojoule, kilojoules, kj'],
  ['kg', 'mass', 'kilogram, kilograms, kilo, kilos, kg, kgs'],
  ['lb', 'mass', 'pound, pounds, lb, lbs'],
  ['st', 'mass', 'stone, stones'],
  ['/min', 'rate', 'bpm, beats per minute, beats a minute, beats'],
  ['km/h', 'speed', 'kmh, kph, km h, kilometers per hour, kilometres per hour, km per hour, km an hour'],
  ['mph', 'speed', 'mph, miles per hour, miles an hour'],
  ['%', 'share', 'percent, percents, pct'],
  ['Cel', 'temperature', 'degrees celsius, celsius, degrees c, degrees, degree'],
  ['degF', 'temperature', 'degrees fahrenheit, fahrenheit, degrees f'],
  ['mL', 'volume', 'millilitre, milliliter, millilitres, milliliters, ml'],
  ['L', 'volume', 'litre, liter, litres, liters, l'],
  ['mm[Hg]', 'pressure', 'mmhg'],
  ['mg/dL', 'other', 'mg dl'],
  ['mmol/L', 'other', 'mmol, mmol l'],
  ['ms', 'other', 'ms, millisecond, milliseconds'],
  ['mg', 'other', 'milligram, milligrams, mg'],
  ['g', 'mass', 'gram, grams, g'],
  ['W', 'other', 'watt, watts, w'],
]

/** Words of units, longest phrases included. */
export const unitWords: readonly (readonly [unit: Unit, words: readonly string[]])[] = rows.map(
  ([ucum, dimension, words]) => [{ ucum, dimension }, words.split(', ')],
)

/** Words that are a unit only right after a number: `h`, `m`, `min`, `hr`, `second`. */
export const shortUnits: ReadonlySet<string> = new Set(
  ['s', 'm', 'h', 'hr', 'k', 'min', 'l', 'g', 'w', 'c', 'f', 'second', 'degree', 'cal', 'mi', 'beat', 'sec', 'ms'].map(
    stem,
  ),
)

/** Seconds, metres and so on of a dimension, for numbers whose field is found by their unit. */
export const fieldOfDimension: Partial<Readonly<Record<Dimension, string>>> = {
  time: 'duration',
  length: 'distance',
  energy: 'energy_active',
  rate: 'heart_rate',
  speed: 'speed',
}

/** A quantity in the unit of what it is compared with; null where the two have nothing to do with each other. */
export function inUnit(value: number, from: string, to: string): number | null {
  try {
    return convertUnit(value, from, to)
  } catch {
    return null
  }
}
