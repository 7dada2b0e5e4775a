import { AurenError } from '../errors.js'
import { type MetricInfo, type MetricRegistry, metric } from './index.js'

/**
 * Conversions to the catalogue's UCUM units, as factors (value × factor + offset), by target unit. Sources:
 * international yard and pound of 1959 (yd = 0.9144 m, lb = 0.45359237 kg, exact); thermochemical calorie 4.184 J
 * (exact; HealthKit's and the catalogue's); conventional millimetre of mercury 133.322387415 Pa and of water 9.80665 Pa
 * (ISO 80000-4); US fluid ounce 29.5735295625 mL and imperial 28.4130625 mL (exact); glucose 1 mmol/L = 18.016 mg/dL
 * (the catalogue; the unit `mmol<M>/L` of HealthKit names its own molar mass M in g/mol); ℃ = (℉ − 32) × 5/9.
 *
 * Per cent: `%` means per cent, always; a fraction must say so with the unit `1`. Nothing is guessed from the value:
 * a plugin whose vendor writes fractions under the name `%` (HealthKit: oxygen saturation, body fat, blood alcohol,
 * fibrillation burden) says `1`, or multiplies by itself.
 */
type Factor = number | { factor: number; offset: number }

const HOUR = 3600
const KCAL_PER_KJ = 1 / 4.184
const MMHG_PER_PA = 1 / 133.322387415
const length = { km: 1000, dm: 0.1, cm: 0.01, mm: 0.001, mi: 1609.344, yd: 0.9144, ft: 0.3048, in: 0.0254 } as const
const fahrenheit = { factor: 5 / 9, offset: -160 / 9 }

const table: Readonly<Record<string, Readonly<Record<string, Factor>>>> = {
  '/min': {
    ...same('count/min', 'bpm', 'BPM', 'beats/min', 'beat/min', 'beats/minute', 'breaths/min', 'brpm', 'rpm', 'spm'),
    ...same('{beats}/min', '{breaths}/min', '{steps}/min', 'steps/min', '1/min', 'min-1'),
    '/s': 60,
    'count/s': 60,
    Hz: 60,
    '/h': 1 / 60,
    'count/hr': 1 / 60,
  },
  '/h': { ...same('count/hr', 'count/h', '{events}/h', 'count', '1/h'), '/min': 60, 'count/min': 60 },
  '%': { ...same('percent', 'pct'), '1': 100, fraction: 100, '[ratio]': 100 },
  kg: {
    ...same('kilogram', 'kilograms'),
    g: 0.001,
    mg: 1e-6,
    ...both(['lb', 'lbs', '[lb_av]'], 0.45359237),
    ...both(['oz', '[oz_av]'], 0.028349523125),
    ...both(['st', '[stone_av]'], 6.35029318),
  },
  g: { kg: 1000, mg: 0.001, ...both(['ug', 'mcg', 'μg', 'µg'], 1e-6), ...both(['oz', '[oz_av]'], 28.349523125) },
  mg: { g: 1000, kg: 1e6, ...both(['ug', 'mcg', 'μg', 'µg'], 0.001) },
  m: {
    ...same('meter', 'meters', 'metre', 'metres'),
    ...length,
    ...both(['[mi_i]', 'mile', 'miles'], length.mi),
    ...both(['[yd_i]', 'yard', 'yards'], length.yd),
    ...both(['[ft_i]', 'feet'], length.ft),
    ...both(['[in_i]', 'inch', 'inches'], length.in),
    '[nmi_i]': 1852,
  },
  cm: { m: 100, dm: 10, mm: 0.1, km: 1e5, ...both(['in', '[in_i]'], 2.54), ...both(['ft', '[ft_i]'], 30.48) },
  Cel: {
    ...same('degC', '°C', 'C', 'celsius'),
    ...both(['degF', '[degF]', '°F', 'F', 'fahrenheit'], fahrenheit),
    K: { factor: 1, offset: -273.15 },
  },
  'mm[Hg]': {
    ...same('mmHg', 'mm Hg'),
    ...both(['kPa', 'k[Pa]'], 1000 * MMHG_PER_PA),
    Pa: MMHG_PER_PA,
    ...both(['cmAq', 'cm[H2O]'], 98.0665 * MMHG_PER_PA),
  },
  'mg/dL': { ...same('mg/dl'), ...both(['mmol/L', 'mmol/l'], 18.016), 'g/L': 100, 'mg/L': 0.1 },
  kcal: {
    ...same('Cal', 'Calories', 'kilocalorie'),
    ...both(['cal', 'smallCal'], 0.001),
    ...both(['kJ', 'kj'], KCAL_PER_KJ),
    J: KCAL_PER_KJ / 1000,
    MJ: KCAL_PER_KJ * 1000,
  },
  min: {
    ...same('minute', 'minutes'),
    ...both(['s', 'sec', 'seconds'], 1 / 60),
    ms: 1 / 60_000,
    ...both(['h', 'hr', 'hour', 'hours'], 60),
    d: 1440,
  },
  s: {
    ...same('sec', 'second', 'seconds'),
    ms: 0.001,
    us: 1e-6,
    min: 60,
    ...both(['h', 'hr', 'hour', 'hours'], HOUR),
    d: 24 * HOUR,
  },
  ms: { ...both(['s', 'sec'], 1000), us: 0.001, min: 60_000 },
  mL: {
    ...same('ml', 'cm3', 'cc'),
    ...both(['L', 'l'], 1000),
    dL: 100,
    cL: 10,
    ...both(['fl_oz_us', '[foz_us]'], 29.5735295625),
    ...both(['fl_oz_imp', '[foz_br]'], 28.4130625),
    ...both(['cup_us', '[cup_us]'], 236.5882365),
    ...both(['pt_us', '[pt_us]'], 473.176473),
    ...both(['pt_imp', '[pt_br]'], 568.26125),
  },
  'mL/kg/min': {
    ...same(
      'mL/min·kg',
      'ml/min·kg',
      'mL/kg·min',
      'ml/kg/min',
      'mL/min/kg',
      'mL/(kg.min)',
      'mL/(min.kg)',
      'mL/(kg·min)',
      'ml/(kg·min)',
    ),
    'L/kg/min': 1000,
  },
  'm/s': {
    ...both(['km/h', 'km/hr', 'kph'], 1 / 3.6),
    ...both(['mi/hr', 'mi/h', '[mi_i]/h', 'mph'], length.mi / HOUR),
    ...both(['ft/s', '[ft_i]/s'], length.ft),
    'm/min': 1 / 60,
    'cm/s': 0.01,
  },
  W: { ...same('watt', 'watts'), kW: 1000, 'kcal/d': 4184 / 86_400, 'kcal/hr': 4184 / HOUR },
  'dB[SPL]': same('dBASPL', 'dB(A)', 'dBA', 'dB'),
  '[IU]': same('IU', 'U', '[U]', 'units'),
  '{steps}': same('count', '1', 'steps', '{count}'),
  '{floors}': same('count', '1', 'floors', '{count}'),
  '{MET}': same('MET', '[MET]', 'MET(s)', 'kcal/(kg.h)', 'kcal/hr·kg', 'kcal/kg·hr', '1'),
  '{score}': same('1', 'count', 'score', '{count}', 'appleEffortScore'),
  'kg/m2': same('count', '1', 'kg/m^2', 'kg/m²'),
  deg: same('°', 'degree'),
  a: same('years', 'yr', 'year'),
  code: same('1', 'count', '{code}'),
}

/** A difference of temperatures has no zero to shift. */
const differences: Readonly<Record<string, number>> = {
  ...same('degC', '°C', 'K', 'delta degC'),
  ...(both(['degF', '[degF]', '°F', 'delta degF'], 5 / 9) as Record<string, number>),
}

function same(...units: string[]): Record<string, number> {
  return Object.fromEntries(units.map((unit) => [unit, 1]))
}

function both(units: readonly string[], factor: Factor): Record<string, Factor> {
  return Object.fromEntries(units.map((unit) => [unit, factor]))
}

/**
 * Converts a value into the unit of its metric.
 * @param value in `unit`
 * @param unit UCUM, or a vendor's spelling listed here
 * @throws AurenError AUREN_METRIC_UNKNOWN, AUREN_UNIT_UNKNOWN
 */
export function convert(value: number, unit: string, metricId: string, registry?: MetricRegistry): number {
  const info = metric(metricId, registry)
  if (!info) throw new AurenError('AUREN_METRIC_UNKNOWN', 'There is no such metric in the catalogue or in a plugin.')
  return convertTo(value, unit, info)
}

/** Converts a value into the unit of a metric that has been looked up. @throws AurenError AUREN_UNIT_UNKNOWN */
export function convertTo(value: number, unit: string, { id, unit: to }: Pick<MetricInfo, 'id' | 'unit'>): number {
  if (unit === to) return value
  const factor = to === 'Cel' && id.endsWith('_deviation') ? own(differences, unit) : factorOf(unit, to)
  if (factor === undefined)
    throw new AurenError('AUREN_UNIT_UNKNOWN', `${id} cannot be converted to "${to}" from the unit that it came in.`)
  if (factor === 1) return value
  const converted = typeof factor === 'number' ? value * factor : value * factor.factor + factor.offset
  // Twelve significant digits: more than any sensor has, and free of the noise of binary fractions.
  return Number(converted.toPrecision(12))
}

function factorOf(from: string, to: string): Factor | undefined {
  const known = own(table, to)
  const listed = known && own(known, from)
  if (listed !== undefined || to !== 'mg/dL') return listed
  const molar = /^mmol<(\d{1,4}(?:\.\d{1,20})?)>\/[Ll]$/.exec(from)
  return molar ? Number(molar[1]) / 10 : undefined
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** Converts a plain amount ("5 miles") into one of the catalogue's units. @throws AurenError AUREN_UNIT_UNKNOWN */
export function convertUnit(value: number, from: string, to: string): number {
  return convertTo(value, from, { id: 'The amount', unit: to })
}
