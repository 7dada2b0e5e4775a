/**
 * Numbers as people read them. The same rules as the engine's own (`query/format.ts` in core), because a number here
 * must be written as in the sentence it stands in; `test/format.test.ts` holds the two together.
 */

/** How the person reads numbers. */
export interface Reader {
  /** BCP 47 */
  locale: string
  units: 'metric' | 'imperial'
}

/** Where the person has not said how: English words, day before month, metric. */
export const DEFAULT_READER: Reader = { locale: 'en-GB', units: 'metric' }

/** What decides how a number is written, besides its unit. */
export interface Manner {
  metric?: string | undefined
  /** A difference or a spread: 1 °C more is 1.8 °F more, without the 32. */
  delta?: boolean | undefined
  /** Minutes on a clock that begins at this minute of the day. */
  clockOrigin?: number | undefined
}

export interface Quantity {
  value: string
  /** Empty where it is inside `value`, or there is none. */
  unit: string
}

const numbers = new Map<string, Intl.NumberFormat>()

/** A number with at most `decimals` places. */
export function formatNumber(value: number, decimals: number, locale: string): string {
  const key = `${locale}/${decimals}`
  let format = numbers.get(key)
  if (!format) {
    format = new Intl.NumberFormat(locale, { maximumFractionDigits: decimals })
    numbers.set(key, format)
  }
  const text = format.format(value).replace(/[\u202f\u00a0]/g, ' ')
  return /^-0(?:[.,]0*)?$/.test(text) ? text.slice(1) : text
}

/** Seconds as `7 h 32 min`, `45 min`, `8 min 20 s`. */
export function formatDuration(seconds: number, locale: string): string {
  const sign = seconds < 0 ? '−' : ''
  const whole = Math.round(Math.abs(seconds))
  if (whole < 60) return `${whole === 0 ? '' : sign}${whole} s`
  if (whole < 600) return `${sign}${Math.floor(whole / 60)} min${whole % 60 ? ` ${whole % 60} s` : ''}`
  const minutes = Math.round(whole / 60)
  if (minutes < 60) return `${sign}${minutes} min`
  const rest = minutes % 60
  return `${sign}${formatNumber(Math.floor(minutes / 60), 0, locale)} h${rest ? ` ${rest} min` : ''}`
}

function formatClock(minute: number, locale: string): string {
  const whole = ((Math.round(minute) % 1440) + 1440) % 1440
  const format = new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone: 'UTC' })
  return format.format(whole * 60_000).replace(/[\u202f\u00a0]/g, ' ')
}

interface Written {
  unit: string
  decimals: number
  factor?: number
}

const plain: Readonly<Record<string, Written>> = {
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

/** Units that the two systems write differently. */
const scaled: Readonly<Record<string, Readonly<Record<Reader['units'], Written>>>> = {
  'm/s': {
    metric: { factor: 3.6, unit: 'km/h', decimals: 1 },
    imperial: { factor: 3600 / 1609.344, unit: 'mph', decimals: 1 },
  },
  kg: { metric: { unit: 'kg', decimals: 1 }, imperial: { factor: 1 / 0.45359237, unit: 'lb', decimals: 1 } },
  cm: { metric: { unit: 'cm', decimals: 1 }, imperial: { factor: 1 / 2.54, unit: 'in', decimals: 1 } },
  mL: { metric: { unit: 'ml', decimals: 0 }, imperial: { factor: 1 / 29.5735295625, unit: 'fl oz', decimals: 1 } },
}

function distance(metres: number, metric: string | undefined, { locale, units }: Reader): Quantity {
  const height = metric === 'elevation_gained'
  if (units === 'imperial') {
    const miles = metres / 1609.344
    if (height || Math.abs(miles) < 0.1) return { value: formatNumber(metres / 0.3048, 0, locale), unit: 'ft' }
    return { value: formatNumber(miles, 2, locale), unit: 'mi' }
  }
  if (height || Math.abs(metres) < 1000) return { value: formatNumber(metres, 0, locale), unit: 'm' }
  return { value: formatNumber(metres / 1000, 2, locale), unit: 'km' }
}

function perMinute(metric: string | undefined): string {
  if (metric === 'respiratory_rate') return 'breaths/min'
  return metric === undefined || metric.includes('heart_rate') ? 'bpm' : 'per min'
}

/** A number in a UCUM unit for people; the only place of the app where values are rounded. */
export function formatQuantity(value: number, unit: string, reader: Reader, manner: Manner = {}): Quantity {
  const { locale, units } = reader
  if (unit.endsWith('/wk')) {
    const weekly = formatQuantity(value, unit.slice(0, -3), reader, { ...manner, delta: true })
    return { value: weekly.value, unit: weekly.unit ? `${weekly.unit} per week` : 'per week' }
  }
  if (manner.clockOrigin !== undefined && !manner.delta)
    return { value: formatClock(value + manner.clockOrigin, locale), unit: '' }
  if (unit === 's') return { value: formatDuration(value, locale), unit: '' }
  if (unit === 'min') return { value: formatDuration(Math.round(value * 60), locale), unit: '' }
  if (unit === '/min') return { value: formatNumber(value, 1, locale), unit: perMinute(manner.metric) }
  if (unit === 'm') return distance(value, manner.metric, reader)
  if (unit === 'Cel') {
    const delta = manner.delta === true || manner.metric === 'skin_temperature_deviation'
    const imperial = units === 'imperial'
    const shown = imperial ? value * 1.8 + (delta ? 0 : 32) : value
    return { value: formatNumber(shown, delta ? 2 : 1, locale), unit: imperial ? '°F' : '°C' }
  }
  const written = scaled[unit]?.[units] ?? plain[unit] ?? { unit, decimals: 2 }
  return { value: formatNumber(value * (written.factor ?? 1), written.decimals, locale), unit: written.unit }
}

/** Value and unit in one string. */
export function joinQuantity({ value, unit }: Quantity): string {
  return unit === '' ? value : unit === '°' ? `${value}°` : `${value} ${unit}`
}

/** Two numbers of one kind: `52 to 58 bpm`, `6 h 57 min to 7 h 59 min`. */
export function joinRange(low: Quantity, high: Quantity): string {
  if (low.unit !== high.unit || low.unit === '') return `${joinQuantity(low)} to ${joinQuantity(high)}`
  return `${low.value} to ${joinQuantity(high)}`
}

/** Bytes as `1.4 GB`, in steps of a thousand as file managers write them. */
export function formatBytes(bytes: number, locale: string): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3))
  return `${formatNumber(bytes / 1000 ** step, step < 2 ? 0 : 1, locale)} ${units[step]}`
}
