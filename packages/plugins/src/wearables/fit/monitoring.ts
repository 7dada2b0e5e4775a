import type { Instant, ObservationInput } from '@auren/core'
import { given, type Item, instantOf, number, tidy } from './make.js'
import type { Message } from './messages.js'

/** What counts up through the day, for each kind of movement. */
const counters = {
  steps: ['steps', '{steps}'],
  distance: ['distance', 'm'],
  calories: ['energy_active', 'kcal'],
  ascent: ['elevation_gained', 'm'],
  moderate: ['moderate_minutes', 'min'],
  vigorous: ['vigorous_minutes', 'min'],
} as const
type Counter = keyof typeof counters
type Sums = Partial<Record<Counter, number>>
const names = Object.keys(counters) as Counter[]

const RUNNING = 1
const WALKING = 6
const DAY = 86_400

/** Where the reading of a monitoring file is. */
export interface Monitored {
  /** FIT seconds of the last message; null before any. */
  time: number | null
  /** Counts of the day so far, by kind of movement. */
  counts: Map<number, Sums>
  /** Sums that have been told, and until when. */
  told: { at: Instant; sums: Sums } | null
  /** When all counts were at zero: the file says so where it begins with the day. */
  zero: Instant | null
}

/** Nothing read yet. */
export function startMonitoring(): Monitored {
  return { time: null, counts: new Map(), told: null, zero: null }
}

/** When the file begins. Where that is midnight by its own clock, the counts begin at zero. */
export function monitoringInfo(message: Message, state: Monitored): void {
  const time = number(message, 253)
  if (time === null) return
  state.time = time
  const local = number(message, 0)
  if (local !== null && local % DAY === 0) state.zero = instantOf(time)
}

/**
 * A message of the day: its time may be 16 bits that roll over. Counts go up from midnight for each kind of movement, so what
 * came between two messages is the difference of their sums; where the sum falls a new day has begun.
 */
export function* monitoring(message: Message, state: Monitored, item: Item): Iterable<ObservationInput> {
  const time = timeOf(message, state)
  const at = instantOf(time)
  if (time === null || at === null) return item.leave('time_unknown', 'values of the day without a time')
  if (state.time !== null && time > state.time) yield* endMonitoring(state, item)
  state.time = Math.max(time, state.time ?? time)
  const rate = number(message, 27)
  if (rate !== null && rate > 0) yield* given(item, at, 'heart_rate', rate, '/min', { source: item.wellness })
  note(message, state)
}

function timeOf(message: Message, { time }: Monitored): number | null {
  const whole = number(message, 253)
  const low = number(message, 26)
  if (whole !== null || low === null || time === null) return whole
  return time + ((low - (time & 0xffff)) & 0xffff)
}

/** Kind of movement, also where it shares a byte with its intensity. */
function kindOf(message: Message): number {
  const packed = number(message, 24)
  return number(message, 5) ?? (packed === null ? -1 : packed & 0x1f)
}

function note(message: Message, state: Monitored): void {
  const kind = kindOf(message)
  const values: Record<Counter, number | null> = {
    // Half cycles: on foot that is a step.
    steps: kind === RUNNING || kind === WALKING ? number(message, 3) : null,
    distance: number(message, 2, 100),
    calories: number(message, 19),
    ascent: number(message, 31, 1000),
    moderate: number(message, 33),
    vigorous: number(message, 34),
  }
  const held = state.counts.get(kind) ?? {}
  for (const name of names) {
    const value = values[name]
    if (value !== null) held[name] = value
  }
  state.counts.set(kind, held)
}

/** Tells what has been counted since it was told last. */
export function* endMonitoring(state: Monitored, item: Item): Iterable<ObservationInput> {
  const at = instantOf(state.time)
  if (at === null) return
  const sums: Sums = {}
  for (const held of state.counts.values())
    for (const name of names) if (held[name] !== undefined) sums[name] = tidy((sums[name] ?? 0) + held[name])
  const before = state.told ?? (state.zero === null ? null : { at: state.zero, sums: {} })
  if (before && at > before.at) {
    for (const name of names) {
      const sum = sums[name]
      // Without an earlier sum it is not known since when this has been counted.
      const from = before.sums[name] ?? (state.zero === null ? undefined : 0)
      if (sum === undefined || from === undefined) continue
      const more = tidy(sum >= from ? sum - from : sum)
      const [metric, unit] = counters[name]
      if (more > 0) yield* given(item, before.at, metric, more, unit, { end: at, source: item.wellness })
    }
  }
  state.told = { at, sums }
}
