import { createHash } from 'node:crypto'
import { Flag, type ObservationInput } from '@auren/core'
import { csvPart, exportReader, type Row, type RowContext } from '../../files/index.js'
import { type WallClock, wallClock } from '../../files/wall-clock.js'
import { lookup } from '../../vendor/lookup.js'
import { aliases, kinds, known, subTypes } from './columns.js'
import { entry } from './events.js'
import { judge, judgeEntered } from './glucose.js'
import { meter, sensorOf } from './sources.js'

const units = ['mg/dl', 'mmol/l'] as const
/** What a sensor says outside its range. */
const beyond = /^(?:low|high|niedrig|hoch|bajo|alto|basso|bas|haut|faible|élevé|laag|hoog|[<>].*)$/i

/** What the rows of one document know of each other. */
interface Held {
  clock: WallClock
  counts: Map<string, { count: number; value: string }>
  told: Set<string>
}

/** The CSV of Clarity. */
export const clarity = exportReader({
  plugin: 'dexcom',
  parts: units.map((unit) => {
    const documents = new WeakMap<object, Held>()
    return csvPart({
      path: /\.(csv|txt)$/i,
      needs: ['timestamp', 'event type', `glucose value (${unit})`],
      dates: ['timestamp'],
      aliases,
      row(row, ctx) {
        const held = documents.get(ctx.shared) ?? {
          clock: wallClock(ctx.zoneAt),
          counts: new Map(),
          told: new Set<string>(),
        }
        documents.set(ctx.shared, held)
        return readRow(row, unit, held, ctx)
      },
    })
  }),
})

function* readRow(row: Row, unit: string, held: Held, ctx: RowContext): Iterable<ObservationInput> {
  const { line } = ctx
  const aside = (reason: string, detail: string): void => ctx.reject({ line }, reason, `Line ${line}: ${detail}`)
  const written = row['event type'] ?? ''
  const kind = kinds[written.toLowerCase()] ?? written.toLowerCase()
  // Who it is, which devices there are, and how their alerts are set: nothing that was measured.
  if (kind === 'about') return
  for (const [column, value] of Object.entries(row)) {
    if (value === '' || known.has(column) || held.told.has(column)) continue
    held.told.add(column)
    aside('unknown_column', `"${column.slice(0, 60)}" has something in it and is not known. It is said once.`)
  }
  const civil = ctx.time(row.timestamp)
  if (!civil) return aside('time_unreadable', 'there is no time.')

  const transmitter = hash(row['transmitter id'] || row['source device id'] || '')
  const ticks = ctx.number(row['transmitter time'])
  const when = held.clock.place(`${transmitter}/${kind === 'egv' ? kind : 'entered'}`, civil, ticks)
  const placed = { start: when.at, offset: when.offset, zoneBasis: when.basis }
  const glucose = row[`glucose value (${unit})`] ?? ''
  // The counter of the transmitter is not moved by any clock; entries have none.
  const named = `${kind}/${transmitter}/${kind === 'egv' && ticks !== null ? ticks : civil.local.slice(0, 19)}`
  const before = held.counts.get(named)
  const said = `${when.at} ${glucose}`
  if (kind === 'egv' && before?.value === said)
    return aside('duplicate_reading', 'the transmitter has given this reading already.')
  const count = (before?.count ?? 0) + 1
  held.counts.set(named, { count, value: said })
  const recordId = `clarity/${named}${count > 1 ? `/${count}` : ''}`

  if (kind === 'egv' || kind === 'calibration') {
    if (beyond.test(glucose)) return aside('out_of_range', 'the sensor says only that it is beyond what it measures.')
    const value = ctx.number(glucose)
    if (value === null && glucose !== '') return aside('value_unreadable', 'the glucose is no number.')
    const judged = kind === 'egv' ? judge(value, unit, null) : judgeEntered(value, unit)
    if ('reason' in judged) return aside(judged.reason, judged.detail)
    const source = kind === 'egv' ? sensorOf(/\bG[4567]\b/i.exec(row['source device id'] ?? '')?.[0]) : meter
    const flags = kind === 'egv' ? {} : { flags: Flag.manual }
    yield { shape: 'sample', metric: 'glucose', ...judged, ...placed, source, ...flags, recordId }
    return
  }
  const subType = row['event subtype'] ?? ''
  const values = lookup<number | null>({
    insulin: ctx.number(row['insulin value (u)']),
    carbs: ctx.number(row['carb value (grams)']),
    exercise: minutesOf(row.duration ?? ''),
  })
  yield* entry(
    {
      recordId,
      type: kind,
      subType: subTypes[subType.toLowerCase()] ?? subType,
      value: values[kind] ?? null,
      text: subType,
      unit: null,
      when: placed,
    },
    aside,
  )
}

/** `00:45:00` → 45 */
function minutesOf(text: string): number | null {
  const found = /^(\d{1,3}):(\d\d)(?::(\d\d))?$/.exec(text)
  return found ? Number(found[1]) * 60 + Number(found[2]) + Number(found[3] ?? 0) / 60 : null
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
