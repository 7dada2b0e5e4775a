import { AurenError } from '../errors.js'
import type { Journal } from '../events/ports.js'
import type { LocalDate, UserId } from '../observation/schema.js'
import type { DetectorPlugin } from '../plugin/types.js'
import { dayOf } from '../query/calendar.js'
import { LADDER } from './ladder/abstract.js'
import { type Climb, climb, rowKey } from './ladder/climb.js'
import { digestOf } from './ladder/inputs.js'
import type { LadderRow, LadderStore, Rung } from './ladder/ports.js'
import { memoryLadder } from './ladder/store.js'
import type { LongTerm, MemoryRecord, Patterns, Scope } from './ports.js'
import { concludeOf, type Refusal } from './proposals.js'
import { readView } from './view.js'

/** What a consolidation wrote. */
export interface ConsolidationReport {
  /** Records proposed, of which `written` were new or different and `retired` no longer hold. */
  proposed: number
  written: number
  retired: number
  /** Rows of the ladder: computed by rung (those that something touched), and those that came out new or different. */
  ladder: { computed: Readonly<Record<Rung, number>>; written: number; removed: number }
  /** Detectors that ran; the others' inputs are as they were. */
  detectors: string[]
  /** Detectors of which nothing was taken, and why: what they had concluded before stands. */
  refused: Refusal[]
}

/** What a consolidation stands on. */
export interface ConsolidationPorts {
  longTerm: LongTerm
  patterns: Patterns
  journal: Pick<Journal, 'transaction' | 'lockPersons'>
  /** Absent: the ladder is built whole, and not kept. */
  ladder?: LadderStore | undefined
}

/** Times that a consolidation is begun again because another one of the same person ended first. */
const TRIES = 3

/**
 * Tier 2 → tier 3: builds what changed of the person's ladder (weeks, months, quarters, years), runs the detectors whose
 * inputs changed over it, and stores what they conclude, all in one transaction. Pure in tier 2, the person's own
 * episodes and `today`: the same observations give the same records, with the same ids, whatever was built before; what
 * a detector no longer proposes is retired, not deleted. No model is involved.
 * @throws AurenError AUREN_CONFLICT (retryable) where other consolidations of this person keep coming between
 */
export async function consolidate(
  ports: ConsolidationPorts,
  detectors: readonly DetectorPlugin[],
  user: UserId,
  now: number,
  today: LocalDate,
): Promise<ConsolidationReport> {
  for (let turn = 0; turn < TRIES; turn++) {
    const report = await attempt({ ...ports, ladder: ports.ladder ?? memoryLadder() }, detectors, user, now, today)
    if (report) return report
  }
  throw new AurenError('AUREN_CONFLICT', 'Other consolidations of this person came between: try again later.', {
    retryable: true,
  })
}

async function attempt(
  ports: ConsolidationPorts & { ladder: LadderStore },
  detectors: readonly DetectorPlugin[],
  user: UserId,
  now: number,
  today: LocalDate,
): Promise<ConsolidationReport | null> {
  const { longTerm, patterns, journal, ladder } = ports
  const scope: Scope = { user, purpose: 'consolidate' }
  const before = await patterns.list(scope, { status: ['active', 'weakening'] })
  const episodes = before.filter(({ kind, origin }) => kind === 'episode' && origin !== 'derived')
  const built = await climb({ longTerm, ladder }, scope, episodes, today)

  const stamps = new Map(detectors.map((detector) => [detector.id, stampOf(detector, built, episodes, today)]))
  const owned = (detector: DetectorPlugin): string[] =>
    before.filter((record) => ownedBy(record, [detector])).map(({ id }) => id)
  // A record that is there no more, whoever removed it, is concluded again: nothing is left out because nothing changed.
  const due = detectors.filter((detector) =>
    isDue(detector, built, standingOf(stamps.get(detector.id), owned(detector))),
  )
  const rows = await rowsFor(ladder, scope, due, built)
  const view = await readView(longTerm, scope, due, { rows, episodes }, today)
  const told = new Set(episodes.map(({ id }) => id))
  const concluded = due.map((detector) => ({ detector, found: concludeOf(detector, view, told, now) }))
  const refused = concluded.flatMap(({ found }) => (Array.isArray(found) ? [] : [found]))
  const taken = concluded.filter(({ found }) => Array.isArray(found)).map(({ detector }) => detector)
  const records = concluded.flatMap(({ found }) => (Array.isArray(found) ? found : []))
  const proposed = new Set(records.map((record) => record.id))
  const stale = before.filter(
    (record) => record.origin === 'derived' && ownedBy(record, taken) && !proposed.has(record.id),
  )
  const current = new Map(before.map((record) => [record.id, record]))
  const changed = records.filter((record) => !sameConclusion(current.get(record.id), record))

  const { until } = built.before
  const change = {
    rows: built.rows,
    gone: built.gone,
    marks: built.marks,
    standing: {
      until: until !== null && until > today ? until : today,
      algorithm: LADDER,
      detectors: Object.fromEntries(
        detectors.map((detector) => {
          // It runs again with the next consolidation, and says again what is wrong.
          if (refused.some(({ detector: id }) => id === detector.id)) return [detector.id, '']
          const ids = due.includes(detector)
            ? records.filter((record) => ownedBy(record, [detector])).map(({ id }) => id)
            : owned(detector)
          return [detector.id, standingOf(stamps.get(detector.id), ids)]
        }),
      ),
    },
  }
  const stored = await journal.transaction(
    async (tx) => {
      await journal.lockPersons(tx, [user])
      if (!(await ladder.advance(tx, user, built.before.epoch, change, now))) return false
      await patterns.put(tx, user, changed)
      for (const record of stale) await patterns.close(tx, user, record.id, now, 'retired')
      return true
    },
    { lane: 'bulk' },
  )
  if (!stored) return null
  return {
    proposed: records.length,
    written: changed.length,
    retired: stale.length,
    ladder: { computed: built.computed, written: built.rows.length, removed: built.gone.length },
    detectors: due.map(({ id }) => id),
    refused,
  }
}

function readsDays({ reads }: DetectorPlugin): boolean {
  return reads.metrics === '*' || reads.metrics.length > 0 || (reads.tags?.length ?? 0) > 0
}

/** What else than rows of the ladder a detector's conclusions stand on. */
function stampOf(
  { version, reads }: DetectorPlugin,
  built: Climb,
  episodes: readonly MemoryRecord[],
  today: LocalDate,
): string {
  const said = episodes.map(({ id, recordedAt, validFrom, validTo, about }) => [
    id,
    recordedAt,
    validFrom,
    validTo,
    about,
  ])
  return digestOf([version, dayOf(today).week, ...(reads.spans ? [built.tags, said.sort()] : [])])
}

/** A stamp, and the records that were concluded with it. */
function standingOf(stamp: string | undefined, ids: readonly string[]): string {
  return digestOf([stamp, [...ids].sort()])
}

/** Days change every night; what stands on the ladder alone waits until a row of it, or its stamp, has changed. */
function isDue(detector: DetectorPlugin, built: Climb, standing: string): boolean {
  if (readsDays(detector) || built.before.detectors[detector.id] !== standing) return true
  return [...built.rows, ...built.gone].some(({ rung }) => detector.reads.rungs?.includes(rung))
}

/** The stored rows of the rungs that are read, as they will be after this build. */
async function rowsFor(
  ladder: LadderStore,
  scope: Scope,
  due: readonly DetectorPlugin[],
  built: Climb,
): Promise<LadderRow[]> {
  const wanted = [...new Set(due.flatMap(({ reads }) => reads.rungs ?? []))]
  if (wanted.length === 0) return []
  const rows = new Map((await ladder.read(scope, { rungs: wanted })).map((row) => [rowKey(row), row]))
  for (const key of built.gone) rows.delete(rowKey(key))
  for (const row of built.rows) if (wanted.includes(row.rung)) rows.set(rowKey(row), row)
  return [...rows.values()]
}

function ownedBy(record: MemoryRecord, detectors: readonly DetectorPlugin[]): boolean {
  return detectors.some((detector) => record.algorithm?.startsWith(`${detector.id}@`))
}

function sameConclusion(a: MemoryRecord | undefined, b: MemoryRecord): boolean {
  if (!a) return false
  const strip = ({ recordedAt: _at, supersededAt: _until, ...rest }: MemoryRecord): string =>
    JSON.stringify(Object.entries(rest).sort(([x], [y]) => (x < y ? -1 : 1)))
  return strip(a) === strip(b)
}
