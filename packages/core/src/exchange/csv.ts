import { metric as metricOf } from '../catalogue/index.js'
import type { Exported } from './fhir.js'

/** Columns of the table. Times are ISO 8601 in UTC; `offset` is minutes east of UTC where it is known. */
const csvColumns = [
  'shape',
  'name',
  'start',
  'end',
  'date',
  'value',
  'unit',
  'text',
  'offset',
  'zone_basis',
  'device',
  'device_type',
  'provider',
  'record_id',
  'received_at',
] as const
type Row = Partial<Record<(typeof csvColumns)[number], string | number | null>>

/**
 * An observation as rows of a table: one, and for a session one for each of its measures and stages, which have the
 * session's record in common with it. None for a deletion: what it withdrew is not in an export.
 */
export function* csvOf(observation: Exported): Iterable<string> {
  if (observation.shape === 'deletion') return
  const { shape, source, provider, offset, zoneBasis, recordId, receivedAt } = observation
  const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString())
  const base: Row = {
    shape,
    offset,
    zone_basis: zoneBasis,
    device: source.name,
    device_type: source.type,
    provider,
    record_id: recordId ?? null,
    received_at: iso(receivedAt),
  }
  switch (observation.shape) {
    case 'daily_total': {
      const { metric, date, value, unit } = observation
      return yield csvLine({ ...base, name: metric, date, value, unit })
    }
    case 'sample': {
      const { metric, start, end, value, unit } = observation
      return yield csvLine({ ...base, name: metric, start: iso(start), end: iso(end), value, unit })
    }
    case 'tag': {
      const { tag, start, end, value = null, unit = null, text = null } = observation
      return yield csvLine({ ...base, name: tag, start: iso(start), end: iso(end), value, unit, text })
    }
    case 'session': {
      const { kind, start, end, activity, vendorActivity, measures, stages = [], text } = observation
      const times = { start: iso(start), end: iso(end) }
      const said = [activity ?? vendorActivity, text].filter((words) => words !== undefined && words !== '').join(': ')
      yield csvLine({ ...base, ...times, name: kind, value: (end - start) / 1000, unit: 's', text: said })
      for (const [name, value] of Object.entries(measures))
        yield csvLine({ ...base, shape: `${shape} measure`, ...times, name, value, unit: metricOf(name)?.unit ?? null })
      for (const stage of stages)
        yield csvLine({
          ...base,
          shape: `${shape} stage`,
          name: stage.stage,
          start: iso(stage.start),
          end: iso(stage.end),
          value: (stage.end - stage.start) / 1000,
          unit: 's',
        })
    }
  }
}

/** The first line. */
export const csvHeader = `${csvColumns.join(',')}\r\n`

function csvLine(row: Row): string {
  return `${csvColumns.map((column) => cell(row[column] ?? null)).join(',')}\r\n`
}

/**
 * A cell by RFC 4180. Text that a spreadsheet would run as a formula is written behind an apostrophe: it comes from
 * devices and files, and nobody opens an export to run it.
 */
function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const inert = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}
