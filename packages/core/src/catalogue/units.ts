import { AurenError } from '../errors.js'
import { type MetricRegistry, metric } from './index.js'

/**
 * Conversions to the catalogue's UCUM units, as factors (value × factor + offset). Exact by definition where a
 * definition exists: international yard and pound (1959), thermochemical calorie (4.184 J), standard gravity;
 * glucose by its molar mass of 180.156 g/mol (1 mmol/L = 18.0156 mg/dL, rounded to 18.016 as CGM vendors do).
 */
type Factor = number | { factor: number; offset: number }

const hour = 3600
const kcalPerKJ = 1 / 4.184

const table: Readonly<Record<string, Readonly<Record<string, Factor>>>> = {
  '/min': {
    'count/min': 1,
    bpm: 1,
    '{beats}/min': 1,
    '{breaths}/min': 1,
    brpm: 1,
    '/s': 60,
    'count/s': 60,
    Hz: 60,
    '/h': 1 / 60,
  },
  '/h': { '/min': 60, 'count/hr': 1, '{events}/h': 1 },
  '%': { '1': 100, percent: 1, '[ratio]': 100 },
  kg: {
    g: 0.001,
    mg: 1e-6,
    lb: 0.45359237,
    '[lb_av]': 0.45359237,
    oz: 0.028349523125,
    '[oz_av]': 0.028349523125,
    st: 6.35029318,
    '[stone_av]': 6.35029318,
  },
  g: { kg: 1000, mg: 0.001, ug: 1e-6, '[oz_av]': 28.349523125 },
  mg: { g: 1000, ug: 0.001, mcg: 0.001, kg: 1e6 },
  m: {
    km: 1000,
    cm: 0.01,
    mm: 0.001,
    mi: 1609.344,
    '[mi_i]': 1609.344,
    yd: 0.9144,
    '[yd_i]': 0.9144,
    ft: 0.3048,
    '[ft_i]': 0.3048,
    in: 0.0254,
    '[in_i]': 0.0254,
    '[nmi_i]': 1852,
  },
  cm: { m: 100, mm: 0.1, km: 100_000, in: 2.54, '[in_i]': 2.54, ft: 30.48, '[ft_i]': 30.48 },
  Cel: {
    degC: 1,
    '°C': 1,
    degF: { factor: 5 / 9, offset: -160 / 9 },
    '[degF]': { factor: 5 / 9, offset: -160 / 9 },
    K: { factor: 1, offset: -273.15 },
  },
  'mm[Hg]': { mmHg: 1, kPa: 7.500_615_612_026, 'k[Pa]': 7.500_615_612_026, 'cm[H2O]': 0.735_559_240_4 },
  'mg/dL': { 'mmol/L': 18.016, 'mmol<180.1558800000541>/L': 18.016, 'g/L': 100, 'mg/L': 0.1 },
  kcal: { Cal: 1, cal: 0.001, kJ: kcalPerKJ, J: kcalPerKJ / 1000, MJ: kcalPerKJ * 1000 },
  min: { s: 1 / 60, ms: 1 / 60_000, h: 60, hr: 60, d: 1440 },
  s: { ms: 0.001, us: 1e-6, min: 60, h: hour, hr: hour, d: 24 * hour },
  ms: { s: 1000, us: 0.001 },
  mL: {
    L: 1000,
    l: 1000,
    cL: 10,
    dL: 100,
    fl_oz_us: 29.5735295625,
    '[foz_us]': 29.5735295625,
    '[foz_br]': 28.4130625,
    '[cup_us]': 236.5882365,
    '[pt_us]': 473.176473,
    '[pt_br]': 568.26125,
  },
  'mL/kg/min': { 'mL/min·kg': 1, 'ml/kg/min': 1, 'mL/min/kg': 1, 'mL/(kg.min)': 1, 'L/kg/min': 1000 },
  'm/s': { 'km/h': 1 / 3.6, 'km/hr': 1 / 3.6, 'mi/hr': 0.44704, '[mi_i]/h': 0.44704, '[ft_i]/s': 0.3048, mph: 0.44704 },
  W: { kW: 1000, 'kcal/d': 0.048_425_925_925_925_93 },
  'dB[SPL]': { dBASPL: 1, 'dB(A)': 1, dB: 1 },
  '[IU]': { IU: 1, U: 1, '[U]': 1 },
  '{steps}': { count: 1, '1': 1, steps: 1 },
  '{floors}': { count: 1, '1': 1, floors: 1 },
  '{MET}': { MET: 1, '[MET]': 1, 'kcal/(kg.h)': 1, 'kcal/hr·kg': 1 },
  '{score}': { '1': 1, count: 1, score: 1 },
  'kg/m2': { count: 1, '1': 1, 'kg/m^2': 1 },
  a: { years: 1, yr: 1 },
  code: { '1': 1, count: 1 },
}

/**
 * Converts a value into the unit of its metric.
 *
 * @param value in `unit`
 * @param unit UCUM, or a vendor's spelling listed here
 * @throws AurenError AUREN_METRIC_UNKNOWN, AUREN_UNIT_UNKNOWN
 */
export function convert(value: number, unit: string, metricId: string, registry?: MetricRegistry): number {
  const info = metric(metricId, registry)
  if (!info)
    throw new AurenError('AUREN_METRIC_UNKNOWN', `There is no metric "${metricId}" in the catalogue or in a plugin.`)
  return convertUnit(value, unit, info.unit)
}

/** Converts between a listed unit and one of the catalogue's. @throws AurenError AUREN_UNIT_UNKNOWN */
export function convertUnit(value: number, from: string, to: string): number {
  if (from === to) return value
  const known = Object.hasOwn(table, to) ? table[to] : undefined
  const factor = known && Object.hasOwn(known, from) ? known[from] : undefined
  if (factor === undefined)
    throw new AurenError('AUREN_UNIT_UNKNOWN', `A value in "${from}" cannot be converted to "${to}".`)
  const converted = typeof factor === 'number' ? value * factor : value * factor.factor + factor.offset
  // Twelve significant digits: more than any sensor has, and free of the noise of binary fractions.
  return Number(converted.toPrecision(12))
}
