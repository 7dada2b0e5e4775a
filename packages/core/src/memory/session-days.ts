import { metric as lookUp, type MetricInfo } from '../catalogue/index.js'
import { asleepSeconds, type SessionCandidate, type SessionRole, stageSeconds } from '../ingest/sessions.js'
import type { LocalDate, StageInterval } from '../observation/schema.js'
import { MERGED } from './ports.js'
import type { RolledDay } from './rollup.js'
import { describeDay } from './statistics.js'

type Stage = StageInterval['stage']

/** Session fields that the stages tell where the vendor does not. */
const fromStages: Readonly<Record<string, (stage: Stage) => boolean>> = {
  sleep_deep: (stage) => stage === 'deep',
  sleep_rem: (stage) => stage === 'rem',
  sleep_light: (stage) => stage === 'light',
  sleep_awake: (stage) => stage === 'awake' || stage === 'out_of_bed',
}

/** Metrics of the catalogue that are fields of a night. */
export const sleepFields = [
  'sleep_duration',
  'sleep_deep',
  'sleep_rem',
  'sleep_light',
  'sleep_awake',
  'sleep_latency',
  'sleep_efficiency',
] as const

/** One field of a night in the catalogue's unit; null where neither vendor nor stages tell. */
export function sleepField(session: SessionCandidate, field: (typeof sleepFields)[number]): number | null {
  if (field === 'sleep_duration') return asleepSeconds(session)
  const said = session.measures[field]
  if (said !== undefined) return said
  const wanted = fromStages[field]
  return wanted ? stageSeconds(session.stages, wanted) : null
}

/**
 * Merged rows of one date from its sessions: `sleep_session` (seconds asleep of main sleep and naps, else their
 * duration), a row per field of the main sleep, and `workout` (value: how many, sum: their seconds).
 * @param roles of all sessions, from chooseSleep or linkWorkouts
 */
export function rollUpSessions(
  kind: 'sleep' | 'workout',
  date: LocalDate,
  sessions: readonly SessionCandidate[],
  roles: ReadonlyMap<string, SessionRole>,
): RolledDay[] {
  const own = sessions
    .filter((session) => session.kind === kind && session.date === date && roles.get(session.id)?.counts)
    .sort((a, b) => a.start - b.start || a.end - b.end || (a.id < b.id ? -1 : 1))
  if (own.length === 0) return []
  const seconds = (session: SessionCandidate) => (session.end - session.start) / 1000
  if (kind === 'workout') return [row('workout', date, own, seconds)]
  const main = own.find((session) => roles.get(session.id)?.main)
  const whole = row('sleep_session', date, own, (session) => asleepSeconds(session) ?? seconds(session))
  const fields = main
    ? sleepFields.flatMap((field) => {
        const value = sleepField(main, field)
        return value === null ? [] : [row(field, date, [main], () => value)]
      })
    : []
  return [{ ...whole, value: whole.sum }, ...fields]
}

function row(
  id: string,
  date: LocalDate,
  sessions: readonly SessionCandidate[],
  value: (session: SessionCandidate) => number,
): RolledDay {
  const metric = lookUp(id) as MetricInfo
  const values = sessions.map((session) => ({ start: session.start, end: session.end, value: value(session) }))
  return {
    ...describeDay(metric, values, null),
    metric: id,
    source: MERGED,
    date,
    parts: null,
    slots: null,
    whole: true,
    sources: [...new Set(sessions.map((session) => session.source))].sort(),
  }
}
