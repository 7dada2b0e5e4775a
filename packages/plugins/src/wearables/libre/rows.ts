import { createHash } from 'node:crypto'
import { Flag, type ObservationInput, type Source } from '@auren/core'
import type { CivilTime, Row } from '../../files/index.js'
import { wallClock } from '../../files/wall-clock.js'
import { type GlucoseUnit, glucoseUnits, known } from './columns.js'

/** What one row is read with. */
interface LineContext {
  line: number
  time(text: string | undefined): CivilTime | null
  number(text: string | undefined): number | null
  reject(item: unknown, reason: string, detail: string): void
}

/** Reads the rows of one document, which know of each other: of the repeated hour, and of readings that are there twice. */
export type RowReader = (row: Row, ctx: LineContext) => Iterable<ObservationInput>

/** The first sensor was sold in 2014; a reader without a battery begins in the year 1. */
const BEGINNING = Date.UTC(2014, 0)
/** What a sensor says outside its range: that it is above or below, and no number. */
const beyond = /^(?:hi|lo|high|low|hoch|niedrig|haut|bas|alto|bajo|basso|hoog|laag|[<>≤≥].*)$/i
const readings = [
  ['historic', 'historic glucose'],
  ['scan', 'scan glucose'],
  ['strip', 'strip glucose'],
] as const
const ketones = [
  ['ketone', 'ketone mmol/l'],
  ['historic-ketone', 'historic ketone mmol/l'],
  ['scan-ketone', 'scan ketone mmol/l'],
] as const
const doses = [
  ['rapid', 'rapid-acting insulin (units)'],
  ['long', 'long-acting insulin (units)'],
] as const
/** What a reader's calculator made a rapid-acting dose of: the dose has them in it. */
const parts = ['meal insulin (units)', 'correction insulin (units)', 'user change insulin (units)']
const marks = [
  ['non-numeric rapid-acting insulin', 'insulin_rapid'],
  ['non-numeric long-acting insulin', 'insulin_long'],
  ['non-numeric food', 'meal'],
] as const

/** Of one document, in the unit that its header names. */
export function rowReader(unit: GlucoseUnit, zoneAt: (at: number) => string | null): RowReader {
  const clock = wallClock(zoneAt)
  const told = new Set<string>()
  /** Readings of a device by instant. */
  const seen = new Map<string, Map<number, number[]>>()
  /** How often a device's kind of row has stood at a local time. */
  const counts = new Map<string, Map<number, number>>()

  const devices = new Map<string, string>()

  /** A name for the device that is the same in each export, and tells no serial number. */
  const deviceOf = (name: string, serial: string): string => {
    const whole = `${name}\n${serial}`
    const device = devices.get(whole) ?? createHash('sha256').update(whole).digest('hex').slice(0, 12)
    devices.set(whole, device)
    return device
  }
  const recordId = (device: string, kind: string, local: string): string => {
    const key = `${device}/${kind}`
    const times = counts.get(key) ?? new Map<number, number>()
    counts.set(key, times)
    const at = Date.parse(`${local}Z`)
    const count = (times.get(at) ?? 0) + 1
    times.set(at, count)
    return `${key}/${local.slice(0, 19)}${count > 1 ? `/${count}` : ''}`
  }
  const isTwice = (device: string, at: number, value: number): boolean => {
    const times = seen.get(device) ?? new Map<number, number[]>()
    seen.set(device, times)
    const values = times.get(at) ?? []
    if (values.includes(value)) return true
    times.set(at, [...values, value])
    return false
  }

  return function* (row, { line, time, number, reject }) {
    const aside = (reason: string, detail: string): void => reject({ line }, reason, `Line ${line} ${detail}`)
    for (const [column, value] of Object.entries(row)) {
      if (value === '' || known.has(column) || told.has(column)) continue
      told.add(column)
      aside('unknown_column', `has something in "${column.slice(0, 60)}", which is not known. It is said once.`)
    }
    if (row['previous time'] || row['updated time']) return aside('clock_set', 'says that the clock was set.')
    const civil = time(row['device timestamp'])
    if (!civil || Date.parse(`${civil.local}Z`) < BEGINNING) return aside('time_unreadable', 'has no time.')

    const name = (row.device ?? '').slice(0, 150) || 'FreeStyle Libre'
    const device = deviceOf(name, row['serial number'] ?? '')
    const { at, offset, basis } = clock.place(`${device}/${row['record type'] ?? ''}`, civil)
    const when = { start: at, offset, zoneBasis: basis }
    const record = (kind: string, source: Source) => ({
      ...when,
      source,
      recordId: recordId(device, kind, civil.local),
    })
    const sensor: Source = { name, type: 'cgm' }
    /** Whether the row has anything that is known. */
    let any = false
    /** Null: nothing there, or nothing that can be read. */
    const numberIn = (column: string): number | null => {
      const text = row[column] ?? ''
      if (text === '') return null
      any = true
      if (beyond.test(text)) {
        aside('out_of_range', `has no number in "${column}": it is beyond what the device measures.`)
        return null
      }
      const value = number(text)
      if (value === null) aside('value_unreadable', `has no number in "${column}".`)
      return value
    }

    for (const [kind, column] of readings) {
      const value = numberIn(`${column} ${unit}`)
      if (value === null) continue
      const blood = kind === 'strip'
      if (!blood && isTwice(device, at, value)) {
        aside('duplicate_reading', 'has a reading that the device has already given for this minute.')
        continue
      }
      const source: Source = blood ? { name: `${name} (test strip)`, type: 'unknown' } : sensor
      yield { shape: 'sample', metric: 'glucose', value, unit: glucoseUnits[unit], ...record(kind, source) }
    }
    for (const [kind, column] of ketones) {
      const value = numberIn(column)
      if (value !== null)
        yield { shape: 'sample', metric: 'libre.ketone', value, unit: 'mmol/L', ...record(kind, sensor) }
    }

    const entered = (kind: string) => ({ ...record(kind, { name, type: 'manual' }), flags: Flag.manual })
    for (const [kind, column] of doses) {
      const value = numberIn(column)
      if (value !== null) yield { shape: 'sample', metric: 'insulin', value, unit: '[IU]', ...entered(kind) }
    }
    if (parts.some((column) => row[column])) {
      any = true
      if (!row['rapid-acting insulin (units)']) aside('dose_in_parts', 'has the parts of a dose, and not the dose.')
    }
    const grams = numberIn('carbohydrates (grams)')
    if (grams !== null)
      yield { shape: 'sample', metric: 'carbohydrate_intake', value: grams, unit: 'g', ...entered('carbohydrates') }
    // How many grams a serving has is the person's own setting, and not in the file.
    const servings = numberIn('carbohydrates (servings)')
    if (servings !== null && grams === null)
      yield { shape: 'tag', tag: 'meal', value: servings, unit: 'servings', ...entered('servings') }
    for (const [column, tag] of marks) {
      const mark = row[column] ?? ''
      if (mark === '' || mark === '0') continue
      any = true
      yield { shape: 'tag', tag, ...entered(tag) }
    }
    if (row.notes) {
      any = true
      yield { shape: 'tag', tag: 'note', text: row.notes.slice(0, 10_000), ...entered('note') }
    }
    if (!any) aside('row_empty', 'has nothing in it that is read.')
  }
}
