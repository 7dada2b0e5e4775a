import {
  addDays,
  chooseSleep,
  type LocalDate,
  linkWorkouts,
  type Profile,
  type SessionCandidate,
  type SessionRole,
  type SourceType,
} from '@auren/core'
import { texts } from './literals.js'
import type { RowBody } from './rows.js'
import type { Work } from './work.js'

interface CandidateRow {
  id: string
  source: string
  type: SourceType
  start: number
  end: number
  date: LocalDate
  body: RowBody
  version: number | null
  first: number
}

/** Sessions that hold, of these dates. */
export async function loadCandidates(
  { tx, user }: Pick<Work, 'tx' | 'user'>,
  kind: 'sleep' | 'workout',
  dates: readonly LocalDate[],
): Promise<SessionCandidate[]> {
  const rows = await tx.query<CandidateRow>(
    `select e.id, s.key as source, s.type, e.start_at as "start", e.end_at as "end", e.date, e.body, e.version,
        e.first_received as "first"
      from auren.entries e join auren.sources s on s.user_id = e.user_id and s.id = e.source_id
      where e.user_id = $1 and e.shape = 'session' and e.held and e.name = $2 and e.date = any($3::date[])`,
    [user, kind, texts(dates)],
  )
  return rows.map(({ body, ...row }) => ({ ...row, ...candidateBody(body), kind }))
}

/** What a session's body says to choosing. */
export function candidateBody(
  body: RowBody,
): Pick<SessionCandidate, 'nap' | 'activity' | 'stages' | 'laps' | 'measures'> {
  return {
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
