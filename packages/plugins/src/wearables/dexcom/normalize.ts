import { Flag, type NormalizeContext, type ObservationInput } from '@auren/core'
import type { z } from 'zod'
import { lookup } from '../../vendor/lookup.js'
import { entry } from './events.js'
import { judge, judgeEntered } from './glucose.js'
import { type Base, Event, type Payload, Reading, Share } from './payload.js'
import { meter, sensorOf } from './sources.js'
import { type Placed, place, placeShare } from './times.js'

/** Records of one collection as observations: instants by the system's clock, offsets by what the person saw. */
export function* normalize({ collection, records }: Payload, ctx: NormalizeContext): Iterable<ObservationInput> {
  const read = readers[collection]
  for (const record of records) {
    const aside = (reason: string, detail: string): void => ctx.reject(record, reason, `${collection}: ${detail}`)
    if (read) yield* read(record, aside)
    else aside('no_measurement', 'what this collection holds is no measurement.')
  }
}

type Aside = (reason: string, detail: string) => void
type Reader = (record: unknown, aside: Aside) => Iterable<ObservationInput>

const readers = lookup<Reader>({ egvs, calibrations, events, share })

function* egvs(given: unknown, aside: Aside): Iterable<ObservationInput> {
  const record = parse(Reading, given, aside)
  const when = record && placed(record, aside)
  if (!when) return
  const judged = judge(record.value, record.unit, record.status)
  if ('reason' in judged) return aside(judged.reason, judged.detail)
  const source = sensorOf(record.transmitterGeneration)
  yield { shape: 'sample', metric: 'glucose', ...judged, ...when, source, recordId: idOf('egv', record) }
}

function* calibrations(given: unknown, aside: Aside): Iterable<ObservationInput> {
  const record = parse(Reading, given, aside)
  const when = record && placed(record, aside)
  if (!when) return
  const judged = judgeEntered(record.value, record.unit)
  if ('reason' in judged) return aside(judged.reason, judged.detail)
  const recordId = idOf('calibration', record)
  yield { shape: 'sample', metric: 'glucose', ...judged, ...when, source: meter, flags: Flag.manual, recordId }
}

function* events(given: unknown, aside: Aside): Iterable<ObservationInput> {
  const record = parse(Event, given, aside)
  if (!record) return
  const recordId = idOf('event', record)
  // Deleted by the person: whatever else it says is no longer so.
  if (record.eventStatus === 'deleted') return yield { shape: 'deletion', recordId }
  const when = placed(record, aside)
  if (!when) return
  const text = String(record.value ?? '').trim()
  const value = /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : null
  const unit = record.unit ?? null
  yield* entry({ recordId, type: record.eventType, subType: record.eventSubType ?? '', value, text, unit, when }, aside)
}

function* share(given: unknown, aside: Aside): Iterable<ObservationInput> {
  const record = parse(Share, given, aside)
  if (!record) return
  const when = placeShare(record.ST, record.DT)
  if (!when) return aside('time_unreadable', 'the record has no time that can be read.')
  const judged = judge(record.Value, 'mg/dL', null)
  if ('reason' in judged) return aside(judged.reason, judged.detail)
  const recordId = `share/${when.start}`
  yield { shape: 'sample', metric: 'glucose', ...judged, ...when, source: sensorOf(null), recordId }
}

function parse<S extends z.ZodType>(schema: S, given: unknown, aside: Aside): z.infer<S> | null {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  aside('schema', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
  return null
}

function placed(record: Base, aside: Aside): Placed | null {
  const when = place(record.systemTime, record.displayTime)
  if (!when) aside('time_unreadable', 'the record has no time that can be read.')
  return when
}

/** The vendor's id; the older API has none for readings, which are told apart by when they were. */
function idOf(kind: string, record: Base): string {
  return `${kind}/${record.recordId ?? record.eventId ?? record.systemTime}`
}
