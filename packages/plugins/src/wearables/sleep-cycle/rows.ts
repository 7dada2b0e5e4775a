import { Flag, type ObservationInput, type Source } from '@auren/core'
import type { CivilTime, Placed, Row } from '../../files/index.js'
import { type WallClock, wallClock } from '../../files/wall-clock.js'
import { known, measures, told } from './columns.js'
import { moodOf, tagsOf } from './notes.js'

/** What one row is read with. */
interface LineContext {
  line: number
  time(text: string | undefined): CivilTime | null
  reject(item: unknown, reason: string, detail: string): void
}

/** Reads the rows of one document: names are counted, and an unknown column is said once. */
export type RowReader = (row: Row, ctx: LineContext) => Iterable<ObservationInput>

const phone: Source = { name: 'Sleep Cycle', type: 'phone' }
const entered: Source = { name: 'Sleep Cycle', type: 'manual' }
/** What stands where nothing is: the app writes a dash for a regularity that is not known yet. */
const nothing = /^(?:[-–—]|null|none|n\/a)?$/i
/** The app writes no marks of thousands; a comma is the decimal one, however many digits follow. */
const number = /^[+-]?\d{1,15}(?:[.,]\d{1,15})?(?:e[+-]?\d{1,3})?$/i

/** Of one document. */
export function rowReader(zoneAt: (at: number) => string | null): RowReader {
  const clock = wallClock(zoneAt)
  const said = new Set<string>()
  const counts = new Map<string, number>()

  const nameOf = (local: string): string => {
    const name = `night/${local.slice(0, 19)}`
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return count > 1 ? `${name}/${count}` : name
  }

  return function* (row, { line, time, reject }) {
    const aside = (reason: string, detail: string): void => reject({ line }, reason, `Line ${line} ${detail}`)
    for (const [column, value] of Object.entries(row)) {
      if (value === '' || known.has(column) || said.has(column)) continue
      said.add(column)
      aside('unknown_column', `has something in "${column.slice(0, 60)}", which is not known. It is said once.`)
    }
    const numberIn = (column: string): number | null => {
      const text = (row[column] ?? '').replace(/\s*%$/, '').trim()
      if (nothing.test(text)) return null
      const value = number.test(text) ? Number(text.replace(',', '.')) : Number.NaN
      if (Number.isFinite(value)) return value
      aside('value_unreadable', `has no number in "${column}".`)
      return null
    }

    const [began, ended] = [time(row.start), time(row.end)]
    const inBed = secondsOf(row['time in bed']) ?? numberIn('time in bed (seconds)')
    if (!began || !ended) return aside('row_unreadable', 'has no times that can be read.')
    const { start, end } = spanOf(clock, line, began, ended, inBed)
    if (end.at <= start.at) return aside('row_unreadable', 'ends before it begins.')

    const record = { recordId: nameOf(began.local) }
    const atEnd = { ...record, offset: end.offset, zoneBasis: end.basis }
    const values = Object.entries(measures).map(([id, column]) => [id, numberIn(column)] as const)
    yield {
      shape: 'session',
      kind: 'sleep',
      start: start.at,
      end: end.at,
      measures: measured(new Map(values)),
      source: phone,
      ...atEnd,
    }
    for (const [metric, column, unit] of told) {
      const value = numberIn(column)
      if (value !== null) yield { shape: 'sample', metric, start: end.at, value, unit, source: phone, ...atEnd }
    }
    // Zero is what the app writes where none was taken.
    const pulse = numberIn('heart rate (bpm)') || null
    if (pulse !== null)
      yield {
        shape: 'sample',
        metric: 'heart_rate',
        start: end.at,
        value: pulse,
        unit: '/min',
        source: phone,
        ...atEnd,
      }
    const mood = moodOf(row.mood ?? '')
    if (mood !== null) yield { shape: 'tag', tag: mood, start: end.at, source: entered, flags: Flag.manual, ...atEnd }
    // Notes are of the evening before: what was so when the person went to bed.
    const atStart = { ...record, offset: start.offset, zoneBasis: start.basis, source: entered, flags: Flag.manual }
    for (const [tag, text] of tagsOf(row.notes ?? '')) yield { shape: 'tag', tag, start: start.at, text, ...atStart }
  }
}

/** What a night has. Zeros throughout say that nothing was told apart, not that nobody slept. */
function measured(values: ReadonlyMap<string, number | null>): Record<string, number> {
  const stages = ['sleep_awake', 'sleep_light', 'sleep_deep', 'sleep_rem']
  const apart = stages.some((stage) => (values.get(stage) ?? 0) > 0)
  // Awake all the time that it took: the app found no sleep. Zero without that is a night from before it told sleep.
  const slept = (values.get('sleep_duration') ?? 0) > 0 || (values.get('sleep_latency') ?? 0) > 0
  return Object.fromEntries(
    [...values].flatMap(([id, value]): [string, number][] => {
      if (value === null || value < 0) return []
      return (stages.includes(id) ? apart : slept) ? [[id, value]] : []
    }),
  )
}

/** Both ends of a night. Where the clock shows an hour twice, the time in bed tells which of the two is meant. */
function spanOf(
  clock: WallClock,
  line: number,
  began: CivilTime,
  ended: CivilTime,
  inBed: number | null,
): { start: Placed; end: Placed } {
  const start = clock.place(`${line}/on`, began, inBed === null ? null : 0)
  const onward = { start, end: clock.place(`${line}/on`, ended, inBed) }
  if (inBed === null) return onward
  const end = clock.place(`${line}/back`, ended, inBed)
  const backward = { start: clock.place(`${line}/back`, began, 0), end }
  const off = (span: typeof onward): number => Math.abs(span.end.at - span.start.at - inBed * 1000)
  return off(backward) < off(onward) ? backward : onward
}

/** `7:49` in bed → seconds. */
function secondsOf(text: string | undefined): number | null {
  const found = /^(\d{1,3}):([0-5]\d)(?::([0-5]\d))?$/.exec(text ?? '')
  return found ? Number(found[1]) * 3600 + Number(found[2]) * 60 + Number(found[3] ?? 0) : null
}
