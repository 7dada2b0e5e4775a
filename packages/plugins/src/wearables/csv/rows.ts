import { activityNamed, convertTo, type MetricInfo, metric, type ObservationInput, type Source } from '@auren/core'
import { columnName, readNumber } from '../../files/index.js'
import type { Row } from '../../files/types.js'
import type { Mapping, Measure } from './mapping.js'
import { type Clock, cell, type Placed, place } from './times.js'

/** What a row is read with. */
export interface RowReading extends Omit<Clock, 'series'> {
  line: number
  reject(item: unknown, reason: string, detail: string): void
}

const nothing = new Set(['', '-', '--', '—', 'na', 'n/a', 'nan', 'null', 'none', '#n/a'])

type Reading = RowReading & Clock

/** A row → observations. What cannot be read in it is set aside by itself, by line and column, without its value. */
export function* readRow(row: Row, given: RowReading): Iterable<ObservationInput> {
  const { mapping } = given
  const { sleep, workout, long } = mapping
  // What other devices measured, and other measures of a long table, may begin again at the top.
  const series = `${sourceOf(row, mapping).name}\n${long ? cell(row, long.name) : ''}`
  const ctx: Reading = { ...given, series }
  const record = recordOf(row, ctx)
  if (sleep) yield* sessionOf('sleep', row, sleep, record, ctx)
  if (workout) yield* sessionOf('workout', row, workout, record, ctx)
  const values = [...valuesOf(row, ctx)]
  const tags = Object.entries(mapping.tags).filter(([column]) => isThere(cell(row, column), mapping))
  if (values.length + tags.length === 0) return
  if (mapping.day !== undefined) yield* ofDay(row, mapping.day, values, tags, record, ctx)
  else yield* atTime(row, values, tags, record, ctx)
}

type Record = Pick<ObservationInput & { shape: 'sample' }, 'source' | 'recordId' | 'version'>
type Given = { metric: string; value: number; unit: string }
type Tags = [column: string, to: { tag: string }][]

function* atTime(row: Row, values: Given[], tags: Tags, record: Record, ctx: Reading): Iterable<ObservationInput> {
  const { mapping } = ctx
  // Of a night that is written down in the morning, the rest of the row stands where it ends; of a workout, where it begins.
  const of = mapping.time ?? mapping.sleep?.end ?? mapping.workout?.start
  const begun = mapping.time === undefined && mapping.sleep ? place(row, mapping.sleep.start, ctx) : null
  const when = of === undefined ? null : place(row, of, ctx, begun ?? undefined)
  if (!when) return ctx.reject({ line: ctx.line }, 'time_unreadable', `Line ${ctx.line}: its time cannot be read.`)
  const until = mapping.end === undefined ? null : place(row, mapping.end, ctx, when)
  if (until && until.at < when.at)
    return ctx.reject({ line: ctx.line }, 'order', `Line ${ctx.line}: it ends before it begins.`)
  const { at: start, offset, zoneBasis } = when
  const end = until && until.at > start ? { end: until.at } : {}
  for (const one of values) yield { shape: 'sample', ...one, start, ...end, offset, zoneBasis, ...record }
  for (const one of tags) yield { ...tagOf(one, row, mapping), start, ...end, offset, zoneBasis, ...record }
}

function* ofDay(
  row: Row,
  day: string,
  values: Given[],
  tags: Tags,
  record: Record,
  ctx: Reading,
): Iterable<ObservationInput> {
  const date = ctx.read(cell(row, day))?.local.slice(0, 10)
  if (date === undefined)
    return ctx.reject({ line: ctx.line }, 'time_unreadable', `Line ${ctx.line}: its date cannot be read.`)
  for (const one of values) yield { shape: 'daily_total', ...one, date, offset: null, zoneBasis: 'absent', ...record }
  const noon =
    tags.length > 0
      ? place({ ...row, [columnName(day)]: `${date} 12:00` }, day, {
          ...ctx,
          mapping: { ...ctx.mapping, format: 'auto' },
          read: (text) => ctx.read(text),
        })
      : null
  if (noon)
    for (const one of tags)
      yield {
        ...tagOf(one, row, ctx.mapping),
        start: noon.at,
        offset: noon.offset,
        zoneBasis: noon.zoneBasis,
        ...record,
      }
}

function tagOf([column, { tag }]: Tags[number], row: Row, mapping: Mapping) {
  const text = cell(row, column)
  const value = numberOf(text, mapping)
  const said = /^(x|yes|true|ja|si|sí|oui|✓|✔)$/i.test(text)
  return { shape: 'tag' as const, tag, ...(value !== null ? { value } : said ? {} : { text: text.slice(0, 10_000) }) }
}

/** The numbers of a row, in the unit that they are written in. */
function* valuesOf(row: Row, ctx: Reading): Iterable<Given> {
  const { mapping, line } = ctx
  for (const [column, of] of Object.entries(mapping.columns)) {
    const value = read(row, column, ctx)
    if (value !== null) yield { metric: of.metric, value, unit: unitOf(of) }
  }
  const { long } = mapping
  if (!long || !isThere(cell(row, long.value), mapping)) return
  const name = cell(row, long.name)
  const of = Object.hasOwn(long.metrics, name) ? long.metrics[name] : undefined
  if (!of)
    return ctx.reject({ line }, 'not_mapped', `Line ${line}: '${name.slice(0, 60)}' is not among "long.metrics".`)
  const value = read(row, long.value, ctx)
  const unit = (long.unit && cell(row, long.unit)) || unitOf(of)
  if (value !== null) yield { metric: of.metric, value, unit: unit.slice(0, 40) }
}

function unitOf({ metric: id, unit }: Measure): string {
  return unit ?? (metric(id) as MetricInfo).unit
}

function read(row: Row, column: string, { mapping, line, reject }: Reading): number | null {
  const text = cell(row, column)
  if (!isThere(text, mapping)) return null
  const value = numberOf(text, mapping)
  if (value === null) reject({ line, column }, 'number_unreadable', `Line ${line}: '${column}' is no number.`)
  return value
}

function isThere(text: string, { missing }: Mapping): boolean {
  return !nothing.has(text.toLowerCase()) && !missing.includes(text)
}

function numberOf(text: string, { decimal }: Mapping): number | null {
  if (decimal === undefined) return readNumber(text)
  const plain = text.replace(/[\s\u00a0\u202f']/g, '').replaceAll(decimal === ',' ? '.' : ',', '')
  return readNumber(decimal === ',' ? plain.replace(',', '.') : plain)
}

type Session = NonNullable<Mapping['sleep']> & NonNullable<Mapping['workout']>

function* sessionOf(
  kind: 'sleep' | 'workout',
  row: Row,
  of: Partial<Session> & Pick<Session, 'start' | 'end' | 'measures'>,
  record: Record,
  ctx: Reading,
): Iterable<ObservationInput> {
  const { mapping, line } = ctx
  const columns = [of.start, of.end].map((time) => (typeof time === 'string' ? time : time.column))
  // A day without a night is an empty cell, not a fault.
  if (columns.every((column) => !isThere(cell(row, column), mapping))) return
  const begun = place(row, of.start, ctx)
  const ended = begun && place(row, of.end, ctx, begun)
  if (!begun || !ended)
    return ctx.reject({ line }, 'time_unreadable', `Line ${line}: start or end of the ${kind} cannot be read.`)
  if (ended.at <= begun.at)
    return ctx.reject({ line }, 'order', `Line ${line}: the ${kind} does not end after it begins.`)
  const measures: { [id: string]: number } = {}
  for (const [column, measure] of Object.entries(of.measures)) {
    const value = read(row, column, ctx)
    if (value === null) continue
    measures[measure.metric] = convertTo(value, unitOf(measure), metric(measure.metric) as MetricInfo)
  }
  const word = of.activity && ('is' in of.activity ? of.activity.is : cell(row, of.activity.column))
  const text = of.text === undefined ? '' : cell(row, of.text)
  const nap = of.nap === undefined ? '' : cell(row, of.nap)
  const where: Placed = kind === 'sleep' ? ended : begun
  yield {
    shape: 'session',
    kind,
    start: begun.at,
    end: ended.at,
    ...(isThere(nap, mapping) ? { nap: !/^(0|no|false|nein|non)$/i.test(nap) } : {}),
    ...(kind === 'workout' ? { activity: (word && activityNamed(word)) || 'other' } : {}),
    ...(word ? { vendorActivity: word.slice(0, 200) } : {}),
    measures,
    ...(isThere(text, mapping) ? { text: text.slice(0, 10_000) } : {}),
    offset: where.offset,
    zoneBasis: where.zoneBasis,
    ...record,
  }
}

function recordOf(row: Row, ctx: Reading): Record {
  const { mapping } = ctx
  const { record, version } = mapping
  const id = record === undefined ? '' : cell(row, record)
  const modified = version === undefined ? '' : cell(row, version)
  const number = /^\d+(\.\d+)?$/.test(modified) ? Number(modified) : place(row, version ?? '', ctx)?.at
  return {
    source: sourceOf(row, mapping),
    ...(id === '' ? {} : { recordId: id.slice(0, 300) }),
    ...(version !== undefined && number !== undefined ? { version: number } : {}),
  }
}

function sourceOf(row: Row, { source }: Mapping): Source {
  if (typeof source === 'string') return { name: source, type: 'unknown' }
  const said = source.column === undefined ? '' : cell(row, source.column)
  return { name: (said || source.name || 'csv').slice(0, 200), type: source.type ?? 'unknown' }
}
