import {
  addDays,
  type Calendar,
  chooseSleep,
  type LocalDate,
  linkWorkouts,
  type Profile,
  type SessionCandidate,
  type SessionRole,
  type SourceType,
} from '@auren/core'
import { texts } from './literals.js'
import type { Row } from './rows.js'
import type { Work } from './work.js'

/** What of a row choosing among sessions needs. */
type CandidateRow = Pick<
  Row,
  'id' | 'name' | 'start' | 'end' | 'date' | 'body' | 'offset' | 'zoneBasis' | 'version' | 'first'
> & {
  source: string
  type: SourceType
}

/** Sessions that hold, of these dates. */
export async function loadCandidates(
  { tx, user, calendar }: Pick<Work, 'tx' | 'user' | 'calendar'>,
  kind: 'sleep' | 'workout',
  dates: readonly LocalDate[],
): Promise<SessionCandidate[]> {
  const rows = await tx.query<CandidateRow>(
    `select e.id, e.name, s.key as source, s.type, e.start_at as "start", e.end_at as "end", e.date, e.body,
        e.utc_offset as "offset", e.zone_basis as "zoneBasis", e.version, e.first_received as "first"
      from auren.entries e join auren.sources s on s.user_id = e.user_id and s.id = e.source_id
      where e.user_id = $1 and e.shape = 'session' and e.held and e.name = $2 and e.date = any($3::date[])`,
    [user, kind, texts(dates)],
  )
  return rows.map((row) => toCandidate(calendar, row))
}

/** A stored session for choosing; floating times are anchored, so that they meet those of other devices. */
export function toCandidate(calendar: Calendar, row: CandidateRow): SessionCandidate {
  const { id, source, type, version, first, body } = row
  const basis = row.zoneBasis ?? 'absent'
  return {
    id,
    source,
    type,
    version,
    first,
    kind: row.name as SessionCandidate['kind'],
    start: calendar.anchor(row.start as number, basis, row.offset),
    end: calendar.anchor(row.end as number, basis, row.offset),
    date: row.date as LocalDate,
    nap: body.nap ?? false,
    activity: body.activity ?? null,
    stages: body.stages ?? [],
    laps: body.laps?.length ?? 0,
    measures: body.measures ?? {},
  }
}

/**
 * Chooses among the sessions of one date. Always made of that date and the two beside it, so that the answer does not
 * depend on how many dates were asked for at once.
 */
export function chooseSessions(
  kind: 'sleep' | 'workout',
  date: LocalDate,
  candidates: readonly SessionCandidate[],
  ranks: Profile['ranks'],
): { near: SessionCandidate[]; roles: Map<string, SessionRole> } {
  const window = [addDays(date, -1), date, addDays(date, 1)]
  const near = candidates.filter((session) => window.includes(session.date))
  return { near, roles: kind === 'sleep' ? chooseSleep(near, ranks) : linkWorkouts(near, ranks) }
}
