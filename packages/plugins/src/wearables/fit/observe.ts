import type { NormalizeContext, ObservationInput, Source } from '@auren/core'
import { zonesOf } from '../../vendor/zones.js'
import { moment, noteRecord, type Recorded, workouts } from './activity.js'
import { type Item, instantOf, number } from './make.js'
import type { Message } from './messages.js'
import { endMonitoring, monitoring, monitoringInfo, startMonitoring } from './monitoring.js'
import { vitals, WEIGHT } from './vitals.js'

const FILE_ID = 0
const SPORT = 12
const SESSION = 18
const LAP = 19
const RECORD = 20
const DEVICE = 23
const ACTIVITY = 34
const MONITORING = 55
const MONITORING_INFO = 103

/** Messages that are read. */
export const wanted: ReadonlySet<number> = new Set([
  ...[FILE_ID, SPORT, SESSION, LAP, RECORD, DEVICE, ACTIVITY, MONITORING, MONITORING_INFO],
  ...vitals.keys(),
])

const MOST_SESSIONS = 1000
const MOST_LAPS = 5000
/** Device index of the one that writes the file. */
const CREATOR = 0
const QUARTER = 900

/** Whose observations these are, and how a device is called. */
export interface Observing {
  vendor: string
  /** Name of a product by the numbers of its maker and itself; null where it is not known. */
  nameOf(manufacturer: number, product: number): string | null
  /** Of what is measured all day, where the vendor's own days have a source to stand beside. */
  wellness?: Source
}

/** What has to be known of a file before its first observation: much of it stands at its end. */
interface Context {
  id: Message | null
  sessions: Message[]
  laps: Message[]
  sport: Message | null
  recorded: Recorded
  offset: number | null
  /** FIT seconds of when the offset was so. */
  offsetAt: number | null
  productName: string | null
  persons: Set<number>
  count: number
}

/**
 * Observations of one FIT file. It is read twice, so that nothing is held but its sessions and laps.
 * @param messages begins to read the file anew at each call
 */
export function* observe(
  messages: () => Iterable<Message>,
  observing: Observing,
  ctx: NormalizeContext,
): Iterable<ObservationInput> {
  const known = contextOf(messages())
  const left = new Map<string, { reason: string; detail: string; count: number }>()
  const item = itemOf(known, observing, ctx, (reason, detail) => {
    const held = left.get(detail) ?? { reason, detail, count: 0 }
    held.count++
    if (left.has(detail) || left.size < 100) left.set(detail, held)
  })
  yield* workouts(known.sessions, known.laps, known.sport, known.recorded, item)
  const sports = sportsOf(known)
  const day = startMonitoring()
  for (const message of messages()) {
    if (message.number === RECORD) yield* moment(message, sports(number(message, 253)), known.recorded, item)
    else if (message.number === MONITORING) yield* monitoring(message, day, item)
    else if (message.number === MONITORING_INFO) monitoringInfo(message, day)
    else if (message.number === WEIGHT.message && known.persons.size > 1)
      item.leave('ambiguous_person', 'weighings of a scale that several persons use')
    else yield* vitals.get(message.number)?.(message, item) ?? []
  }
  yield* endMonitoring(day, item)
  for (const { reason, detail, count } of left.values()) ctx.reject({ count }, reason, `${count} × ${detail}`)
}

function contextOf(messages: Iterable<Message>): Context {
  const known: Context = {
    id: null,
    sessions: [],
    laps: [],
    sport: null,
    recorded: { first: null, last: null, from: null, to: null, cadences: 0, fast: 0 },
    offset: null,
    offsetAt: null,
    productName: null,
    persons: new Set(),
    count: 0,
  }
  for (const message of messages) {
    known.count++
    switch (message.number) {
      case FILE_ID:
        known.id ??= message
        if (typeof message.fields[8] === 'string') known.productName ??= message.fields[8]
        break
      case SESSION:
        if (known.sessions.length < MOST_SESSIONS) known.sessions.push(message)
        break
      case LAP:
        if (known.laps.length < MOST_LAPS) known.laps.push(message)
        break
      case SPORT:
        known.sport ??= message
        break
      case RECORD:
        noteRecord(message, known.recorded)
        break
      case DEVICE:
        if (message.fields[0] === CREATOR && typeof message.fields[27] === 'string')
          known.productName ??= message.fields[27]
        break
      case ACTIVITY:
        noteOffset(message, 5, known)
        break
      case MONITORING_INFO:
        noteOffset(message, 0, known)
        break
      case WEIGHT.message:
        known.persons.add(number(message, WEIGHT.person) ?? -1)
        break
    }
  }
  return known
}

/** The difference of both clocks, as a whole quarter of an hour: people live by those, and watches drift. */
function noteOffset(message: Message, field: number, known: Context): void {
  const utc = number(message, 253)
  const local = number(message, field)
  if (known.offset !== null || utc === null || local === null) return
  const offset = Math.round((local - utc) / QUARTER) * QUARTER
  if (Math.abs(offset) > 18 * 3600) return
  known.offset = offset
  known.offsetAt = utc
}

function itemOf(
  known: Context,
  { vendor, nameOf, wellness }: Observing,
  ctx: NormalizeContext,
  leave: Item['leave'],
): Item {
  const id = known.id
  const manufacturer = id ? number(id, 1) : null
  const product = id ? number(id, 2) : null
  const listed = manufacturer !== null && product !== null ? nameOf(manufacturer, product) : null
  const name = (listed ?? known.productName ?? '').trim().slice(0, 200) || 'FIT device'
  const source: Source = { name, type: /\bedge\b/i.test(name) ? 'unknown' : 'watch' }
  const created = id ? number(id, 4) : null
  const serial = id ? number(id, 3) : null
  const at = instantOf(known.offsetAt)
  return {
    ctx,
    source,
    wellness: wellness ?? source,
    vendor,
    zone: zonesOf(at ?? 0, null, at === null ? null : known.offset, ctx),
    record:
      instantOf(created) === null
        ? {}
        : // A copy that was cut off must not replace the whole one.
          { recordId: `fit/${manufacturer ?? 0}-${product ?? 0}-${serial ?? 0}/${created}`, version: known.count },
    leave,
  }
}

/** The sport at a moment: of the session that it is in, or of the file. */
function sportsOf({ sessions, sport }: Context): (seconds: number | null) => number | null {
  const starts = sessions
    .map((session) => ({ from: number(session, 2) ?? 0, sport: number(session, 5) }))
    .sort((a, b) => a.from - b.from)
  const fallback = sport ? number(sport, 0) : null
  if (starts.length <= 1) return () => starts[0]?.sport ?? fallback
  return (seconds) => {
    let found = starts[0]?.sport ?? fallback
    for (const one of starts) if (seconds !== null && one.from <= seconds) found = one.sport
    return found
  }
}
