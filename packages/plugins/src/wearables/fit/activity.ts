import type { ObservationInput } from '@auren/core'
import { present } from '../../vendor/items.js'
import { lookup } from '../../vendor/lookup.js'
import { given, type Item, instantOf, number, tidy, timeOf } from './make.js'
import type { DeveloperValue, Message } from './messages.js'
import { activityOf, isOnFoot } from './sports.js'

/** What is known of the records of an activity before they are read. */
export interface Recorded {
  first: number | null
  last: number | null
  /** Metres at the first and the last record that say it. */
  from: number | null
  to: number | null
  /** Cadences above zero, and those of them that are too fast for strides. */
  cadences: number
  fast: number
}

/** No one takes more strides a minute: above it a device counts steps. */
const MOST_STRIDES = 120

/** Notes a record for {@link workouts}. */
export function noteRecord(message: Message, seen: Recorded): void {
  const at = number(message, 253)
  if (at !== null) {
    seen.first ??= at
    seen.last = Math.max(seen.last ?? at, at)
  }
  const metres = number(message, 5, 100)
  if (metres !== null) {
    seen.from ??= metres
    seen.to = metres
  }
  const cadence = number(message, 4)
  if (cadence === null || cadence <= 0) return
  seen.cadences++
  if (cadence > MOST_STRIDES) seen.fast++
}

/** By how much a cadence is multiplied: on foot FIT counts strides, but some devices write steps. */
function factorOf(sport: number | null, { cadences, fast }: Recorded): number {
  return isOnFoot(sport) && fast * 2 <= cadences ? 2 : 1
}

/** Workouts of a file: its sessions, or what its records tell where it breaks off before them. */
export function* workouts(
  sessions: readonly Message[],
  laps: readonly Message[],
  sport: Message | null,
  seen: Recorded,
  item: Item,
): Iterable<ObservationInput> {
  if (sessions.length === 0) yield* unfinished(sport, seen, item)
  for (const session of sessions) yield* workout(session, laps, seen, item)
}

function* workout(session: Message, laps: readonly Message[], seen: Recorded, item: Item): Iterable<ObservationInput> {
  const span = spanOf(session)
  if (!span) {
    item.leave('time_unknown', 'sessions without a start or an end')
    return
  }
  const sport = number(session, 5)
  const { activity, word } = activityOf(sport, number(session, 6))
  const name = session.fields[110]
  const factor = factorOf(sport, seen)
  const cycles = number(session, 10)
  const calories = number(session, 11)
  const parts = laps.flatMap((lap) => lapOf(lap, span, factor) ?? [])
  yield {
    shape: 'session',
    kind: 'workout',
    ...span,
    activity,
    vendorActivity: typeof name === 'string' && name.trim() !== '' ? name.trim().slice(0, 200) : word,
    ...(parts.length > 0 ? { laps: parts.slice(0, 5000) } : {}),
    measures: present({
      distance: number(session, 9, 100),
      // Where the device says how much of it was rest, that is not of the activity.
      energy_active: calories === null ? null : Math.max(0, calories - (number(session, 196) ?? 0)),
      steps: isOnFoot(sport) && cycles !== null ? cycles * 2 : null,
      heart_rate: positive(number(session, 16)),
      heart_rate_max: positive(number(session, 17)),
      speed: number(session, 124, 1000) ?? number(session, 14, 1000),
      speed_max: number(session, 125, 1000) ?? number(session, 15, 1000),
      power: number(session, 20),
      power_max: number(session, 21),
      cadence: cadenceOf(number(session, 18), number(session, 92, 128), factor),
      elevation_gained: number(session, 22),
    }),
    source: item.source,
    ...item.zone(span.start),
    ...item.record,
  }
}

/** From the start of a session or lap over all its time, pauses included. */
function spanOf(message: Message): { start: number; end: number } | null {
  const written = instantOf(number(message, 253))
  const seconds = number(message, 7, 1000) ?? number(message, 8, 1000)
  const length = seconds === null ? null : Math.round(seconds * 1000)
  const start = instantOf(number(message, 2)) ?? (written !== null && length !== null ? written - length : null)
  if (start === null) return null
  const end = length !== null ? start + length : written
  return end === null || end < start ? null : { start, end }
}

function lapOf(
  lap: Message,
  session: { start: number; end: number },
  factor: number,
): { start: number; end: number; measures: Record<string, number> } | null {
  const span = spanOf(lap)
  if (!span || span.start < session.start || span.start > session.end) return null
  return {
    ...span,
    measures: present({
      distance: number(lap, 9, 100),
      energy_active: number(lap, 11),
      heart_rate: positive(number(lap, 15)),
      heart_rate_max: positive(number(lap, 16)),
      speed: number(lap, 110, 1000) ?? number(lap, 13, 1000),
      power: number(lap, 19),
      cadence: cadenceOf(number(lap, 17), number(lap, 80, 128), factor),
      elevation_gained: number(lap, 21),
    }),
  }
}

/** The device writes what it knows of the whole at the end. Without that, the records say from when to when it was. */
function* unfinished(sport: Message | null, seen: Recorded, item: Item): Iterable<ObservationInput> {
  const start = instantOf(seen.first)
  const end = instantOf(seen.last)
  if (start === null || end === null || end <= start) return
  const { activity, word } = activityOf(sport && number(sport, 0), sport && number(sport, 1))
  yield {
    shape: 'session',
    kind: 'workout',
    start,
    end,
    activity,
    vendorActivity: word,
    measures: present({ distance: seen.from !== null && seen.to !== null ? tidy(seen.to - seen.from) : null }),
    source: item.source,
    ...item.zone(start),
    ...item.record,
  }
}

/** What apps on the watch add without saying what it stands for, by name and unit. */
const developers = lookup<readonly [metric: string, unit: string]>({
  'power watts': ['power', 'W'],
  'power w': ['power', 'W'],
  'heart rate bpm': ['heart_rate', '/min'],
  'core_temperature °c': ['body_temperature', 'Cel'],
})
/** Fields of a record that an app may stand in for, with their metric in the unit of developer fields. */
const natives: Readonly<Record<number, readonly [metric: string, unit: string]>> = {
  3: ['heart_rate', '/min'],
  6: ['speed', 'm/s'],
  7: ['power', 'W'],
  73: ['speed', 'm/s'],
}
const RECORD = 20

/** What was measured at one moment of an activity. Positions are left out. */
export function* moment(
  message: Message,
  sport: number | null,
  seen: Recorded,
  item: Item,
): Iterable<ObservationInput> {
  const at = timeOf(message, item)
  if (at === null) return
  const told = new Set<string>()
  const tell = function* (metric: string, value: number | null, unit: string): Iterable<ObservationInput> {
    if (value === null || told.has(metric)) return
    told.add(metric)
    yield* given(item, at, metric, value, unit)
  }
  yield* tell('heart_rate', positive(number(message, 3)), '/min')
  yield* tell('speed', number(message, 73, 1000) ?? number(message, 6, 1000), 'm/s')
  yield* tell('power', number(message, 7), 'W')
  yield* tell('cadence', cadenceOf(number(message, 4), number(message, 53, 128), factorOf(sport, seen)), '/min')
  yield* tell('respiratory_rate', positive(number(message, 108, 100) ?? number(message, 99)), '/min')
  for (const added of message.developer ?? []) yield* addition(added, tell, item)
}

function* addition(
  { name, units = '', native, value }: DeveloperValue,
  tell: (metric: string, value: number | null, unit: string) => Iterable<ObservationInput>,
  item: Item,
): Iterable<ObservationInput> {
  const known = native?.[0] === RECORD ? natives[native[1]] : developers[`${name} ${units}`.toLowerCase()]
  if (known && typeof value === 'number') yield* tell(known[0], value, known[1])
  else item.leave('developer_field', `values of "${name.slice(0, 60)}", which an app on the watch added`)
}

function cadenceOf(whole: number | null, fraction: number | null, factor: number): number | null {
  return whole === null ? null : tidy((whole + (fraction ?? 0)) * factor)
}

/** A sensor without contact writes zero. */
function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null
}
