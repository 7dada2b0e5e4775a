import { DEFAULT_LOCALE } from './dates.js'

/** How a person reads numbers. */
export interface RenderOptions {
  /** BCP 47; default English, day before month. */
  locale?: string
  /** Default metric. */
  units?: 'metric' | 'imperial'
}

/** A number for people, in its unit. */
export interface Quantity {
  /** `55.4`, or `7 h 32 min` where the unit is inside. */
  value: string
  /** `bpm`; empty where it is inside `value` or there is none. */
  unit: string
}

/** What decides how a number is written, besides its unit. */
export interface Manner {
  /** The metric, because /min is bpm of a heart and breaths of lungs. */
  metric?: string
  /** A difference, spread or range: 1 °C more is 1.8 °F more, without the 32. */
  delta?: boolean
  /** Minutes on a clock that begins at this minute of the day. */
  clockOrigin?: number
  /** Decimal places beyond the usual ones; of durations and clocks the seconds first. */
  finer?: number
}

const numberFormats = new Map<string, Intl.NumberFormat>()

/** A number with at most `decimals` places, none that are only zeros, and separators of thousands. */
export function formatNumber(value: number, decimals: number, locale: string = DEFAULT_LOCALE): string {
  const key = `${locale}/${decimals}`
  let format = numberFormats.get(key)
  if (!format) {
    format = new Intl.NumberFormat(locale, { maximumFractionDigits: decimals })
    numberFormats.set(key, format)
  }
  const text = format.format(value).replace(/[\u202f\u00a0]/g, ' ')
  return /^-0(?:[.,]0*)?$/.test(text) ? text.slice(1) : text
}

/** Seconds for people: `7 h 32 min`, `45 min`, `8 min 20 s`, `30 s`; finer: `7 h 32 min 5 s`, `7 h 32 min 5.2 s`. */
export function formatDuration(seconds: number, locale: string = DEFAULT_LOCALE, finer = 0): string {
  const sign = seconds < 0 ? '−' : ''
  if (finer > 0) {
    const power = 10 ** (finer - 1)
    const exact = Math.round(Math.abs(seconds) * power) / power
    const [h, min] = [Math.floor(exact / 3600), Math.floor(exact / 60) % 60]
    const rest = formatNumber(exact - h * 3600 - min * 60, finer - 1, locale)
    return `${sign}${h ? `${formatNumber(h, 0, locale)} h ` : ''}${h || min ? `${min} min ` : ''}${rest} s`
  }
  const whole = Math.round(Math.abs(seconds))
  if (whole < 60) return `${whole === 0 ? '' : sign}${whole} s`
  if (whole < 600) return `${sign}${Math.floor(whole / 60)} min${whole % 60 ? ` ${whole % 60} s` : ''}`
  const minutes = Math.round(whole / 60)
  if (minutes < 60) return `${sign}${minutes} min`
  const hours = formatNumber(Math.floor(minutes / 60), 0, locale)
  return `${sign}${hours} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`
}

const clockFormats = new Map<string, Intl.DateTimeFormat>()

/** A minute of the day on the clock of the locale: `23:41`, `11:41 PM`; with its seconds: `23:41:12`. */
export function formatClock(minute: number, locale: string = DEFAULT_LOCALE, seconds = false): string {
  const key = `${locale}/${seconds}`
  let format = clockFormats.get(key)
  if (!format) {
    format = new Intl.DateTimeFormat(locale, { timeStyle: seconds ? 'medium' : 'short', timeZone: 'UTC' })
    clockFormats.set(key, format)
  }
  const shown = seconds ? minute : Math.round(minute)
  const whole = ((shown % 1440) + 1440) % 1440
  return format.format(whole * 60_000).replace(/[\u202f\u00a0]/g, ' ')
}

/** unit → words, decimals, and how it becomes imperial. */
const plain: Readonly<Record<string, { unit: string; decimals: number }>> = {
  ms: { unit: 'ms', decimals: 1 },
  '%': { unit: '%', decimals: 1 },
  kcal: { unit: 'kcal', decimals: 0 },
  '{steps}': { unit: 'steps', decimals: 0 },
  '{floors}': { unit: 'floors', decimals: 1 },
  '{score}': { unit: '', decimals: 1 },
  '{MET}': { unit: 'MET', decimals: 1 },
  'mm[Hg]': { unit: 'mmHg', decimals: 0 },
  'mg/dL': { unit: 'mg/dL', decimals: 0 },
  'mL/kg/min': { unit: 'ml/kg/min', decimals: 1 },
  'kg/m2': { unit: 'kg/m²', decimals: 1 },
  'dB[SPL]': { unit: 'dB', decimals: 1 },
  '[IU]': { unit: 'IU', decimals: 1 },
  '/h': { unit: 'per hour', decimals: 1 },
  mg: { unit: 'mg', decimals: 0 },
  g: { unit: 'g', decimals: 0 },
  W: { unit: 'W', decimals: 0 },
  deg: { unit: '°', decimals: 5 },
  code: { unit: '', decimals: 1 },
  '1': { unit: '', decimals: 2 },
}

function perMinute(metric: string | undefined): string {
  if (metric === 'respiratory_rate') return 'breaths/min'
  if (metric === undefined || metric.includes('heart_rate')) return 'bpm'
  return 'per min'
}

/** Units that another system writes otherwise: [metric, imperial], each a factor, words and decimals. */
const measured: Readonly<Record<string, readonly [Scaled, Scaled]>> = {
  'm/s': [
    { factor: 3.6, unit: 'km/h', decimals: 1 },
    { factor: 3600 / 1609.344, unit: 'mph', decimals: 1 },
  ],
  kg: [
    { factor: 1, unit: 'kg', decimals: 1 },
    { factor: 1 / 0.45359237, unit: 'lb', decimals: 1 },
  ],
  cm: [
    { factor: 1, unit: 'cm', decimals: 1 },
    { factor: 1 / 2.54, unit: 'in', decimals: 1 },
  ],
  mL: [
    { factor: 1, unit: 'ml', decimals: 0 },
    { factor: 1 / 29.5735295625, unit: 'fl oz', decimals: 1 },
  ],
}

interface Scaled {
  factor: number
  unit: string
  decimals: number
}

function distance(metres: number, { metric, finer = 0 }: Manner, imperial: boolean, locale: string): Quantity {
  const height = metric === 'elevation_gained'
  if (imperial) {
    const miles = metres / 1609.344
    if (height || Math.abs(miles) < 0.1) return { value: formatNumber(metres / 0.3048, finer, locale), unit: 'ft' }
    return { value: formatNumber(miles, 2 + finer, locale), unit: 'mi' }
  }
  if (height || Math.abs(metres) < 1000) return { value: formatNumber(metres, finer, locale), unit: 'm' }
  return { value: formatNumber(metres / 1000, 2 + finer, locale), unit: 'km' }
}

/**
 * A number in a UCUM unit for people. The only place where values are rounded: whoever shows a number shows this.
 * `unit` may end in `/wk`, for a change per week.
 */
export function formatQuantity(
  value: number,
  unit: string,
  options: RenderOptions = {},
  manner: Manner = {},
): Quantity {
  const locale = options.locale ?? DEFAULT_LOCALE
  const imperial = options.units === 'imperial'
  const { finer = 0 } = manner
  if (unit.endsWith('/wk')) {
    const weekly = formatQuantity(value, unit.slice(0, -3), options, { ...manner, delta: true })
    return { value: weekly.value, unit: weekly.unit ? `${weekly.unit} per week` : 'per week' }
  }
  if (manner.clockOrigin !== undefined && !manner.delta) {
    return { value: formatClock(value + manner.clockOrigin, locale, finer > 0), unit: '' }
  }
  if (unit === 's') return { value: formatDuration(value, locale, finer), unit: '' }
  if (unit === 'min')
    return { value: formatDuration(finer > 0 ? value * 60 : Math.round(value * 60), locale, finer), unit: '' }
  if (unit === '/min') return { value: formatNumber(value, 1 + finer, locale), unit: perMinute(manner.metric) }
  if (unit === 'm') return distance(value, manner, imperial, locale)
  if (unit === 'Cel') {
    const delta = manner.delta === true || manner.metric === 'skin_temperature_deviation'
    const shown = imperial ? value * 1.8 + (delta ? 0 : 32) : value
    return { value: formatNumber(shown, (delta ? 2 : 1) + finer, locale), unit: imperial ? '°F' : '°C' }
  }
  const scaled = measured[unit]?.[imperial ? 1 : 0]
  if (scaled) return { value: formatNumber(value * scaled.factor, scaled.decimals + finer, locale), unit: scaled.unit }
  const written = plain[unit] ?? { unit, decimals: 2 }
  return { value: formatNumber(value, written.decimals + finer, locale), unit: written.unit }
}

/** Value and unit in one string. */
export function joinQuantity({ value, unit }: Quantity): string {
  return unit === '' ? value : unit === '°' ? `${value}°` : `${value} ${unit}`
}
