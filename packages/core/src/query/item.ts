import type { StoredSession } from '../memory/ports.js'
import { sleepField, sleepFields } from '../memory/session-days.js'
import type { Instant, LocalDate } from '../observation/schema.js'
import { dayOf } from './calendar.js'
import { type Clock, DAY_MINUTES, midnightOf, minuteAt } from './clock.js'

/** One thing that is aggregated: a day, a sample, a session or a tag. */
export interface Item {
  /** Local date that it belongs to (of the end, for sleep). */
  date: LocalDate
  /** Orders items in time. */
  at: Instant
  value: number
  source: string
  /** Local minute of the day of its start; null for days. */
  minute: number | null
  session?: StoredSession
}

function isSleepField(field: string): field is (typeof sleepFields)[number] {
  return (sleepFields as readonly string[]).includes(field)
}

/** Minutes on a clock that begins `origin` minutes into the day before or of `date`, 0 … 1440. */
function clockMinutes(at: Instant, offset: number, origin: Instant): number {
  const minutes = (at + offset * 60_000 - origin) / 60_000
  return ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES
}

/**
 * A number of a session: `count` 1, `duration` in s from start to end, `start` and `end` as minutes on the local clock
 * (since noon of the day before for sleep, so that a night has no midnight in it; since midnight else), or what the
 * session holds under a metric's id (of a night also what its stages tell). Null where it does not hold it.
 */
export function sessionField(session: StoredSession, field: string, clock: Clock): number | null {
  if (field === 'count') return 1
  if (field === 'duration') return (session.end - session.start) / 1000
  if (field === 'start' || field === 'end') {
    const noon = midnightOf(dayOf(session.date).index, 0) - 43_200_000
    if (session.kind === 'sleep') {
      const known = session.end
      const at = session[field]
      return clockMinutes(at, clock.offsetNear(at, known, session.offset), noon)
    }
    const at = session[field]
    return minuteAt(at, clock.offsetNear(at, session.start, session.offset))
  }
  if (session.kind === 'sleep' && isSleepField(field)) {
    const { receivedAt: first } = session
    return sleepField({ ...session, type: 'unknown', laps: 0, version: null, first }, field)
  }
  return Object.hasOwn(session.measures, field) ? session.measures[field]! : null
}

/** Local minute of the day at which a session starts. */
export function sessionMinute(session: StoredSession, clock: Clock): number {
  const known = session.kind === 'sleep' ? session.end : session.start
  return minuteAt(session.start, clock.offsetNear(session.start, known, session.offset))
}

/** Whether a session is one that the question means. */
export function sessionMatches(
  session: StoredSession,
  wanted: { kind: 'sleep' | 'workout'; activity?: readonly string[] | undefined; all?: boolean | undefined },
  source?: string,
): boolean {
  if (session.kind !== wanted.kind) return false
  if (wanted.activity && !(session.activity !== null && wanted.activity.includes(session.activity))) return false
  // A source asked for by name answers with its own sessions, also where another source's is the main one.
  if (source !== undefined) return session.source === source && (wanted.all === true || !session.nap)
  return wanted.all === true || session.main
}

/** In time, and by value where times are equal, so that the order of reading never shows. */
export function byTime(a: Item, b: Item): number {
  return a.at - b.at || a.value - b.value || (a.source < b.source ? -1 : a.source > b.source ? 1 : 0)
}
