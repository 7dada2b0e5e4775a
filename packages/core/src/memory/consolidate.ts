import { createHash } from 'node:crypto'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { Temporal } from 'temporal-polyfill'
import type { Journal } from '../events/ports.js'
import type { LocalDate, UserId } from '../observation/schema.js'
import type { DetectorPlugin, DetectorView, Proposal } from '../plugin/types.js'
import { type DayRow, type LongTerm, MERGED, type MemoryRecord, type Patterns, type Scope } from './ports.js'

/** What a consolidation wrote. */
export interface ConsolidationReport {
  /** Records proposed, of which `written` were new or different and `retired` no longer hold. */
  proposed: number
  written: number
  retired: number
}

/**
 * Tier 2 → tier 3: runs every detector over the person's days and stores what they conclude. Pure in tier 2 and
 * `today`: the same observations give the same records, with the same ids; what a detector no longer proposes is
 * retired, not deleted. No model is involved.
 */
export async function consolidate(
  ports: { longTerm: LongTerm; patterns: Patterns; journal: Journal },
  detectors: readonly DetectorPlugin[],
  user: UserId,
  now: number,
  today: LocalDate,
): Promise<ConsolidationReport> {
  const scope: Scope = { user, purpose: 'consolidate' }
  const known = await ports.longTerm.metrics(scope)
  const held = known.map((summary) => summary.metric)
  const wanted = new Set(
    detectors.flatMap((detector) =>
      detector.reads.metrics === '*' ? held : detector.reads.metrics.filter((id) => held.includes(id)),
    ),
  )
  const [first = today] = [...known.map((summary) => summary.from), today].sort()
  const rows =
    wanted.size === 0
      ? []
      : await ports.longTerm.days(scope, { metrics: [...wanted], from: first, to: today, source: MERGED })
  const tags = detectors.some((detector) => detector.reads.tags?.length)
    ? await ports.longTerm.tags(scope, { from: first, to: today })
    : []
  const view = viewOf(today, rows, tags)

  const records = detectors.flatMap((detector) =>
    detector.run(view).map((proposal) => recordOf(detector, proposal, now)),
  )
  const before = await ports.patterns.list(scope, { status: ['active', 'weakening'] })
  const proposed = new Set(records.map((record) => record.id))
  const stale = before.filter(
    (record) => record.origin === 'derived' && ownedBy(record, detectors) && !proposed.has(record.id),
  )
  const current = new Map(before.map((record) => [record.id, record]))
  const changed = records.filter((record) => !sameConclusion(current.get(record.id), record))

  await ports.journal.transaction(
    async (tx) => {
      await ports.journal.lockPersons(tx, [user])
      await ports.patterns.put(tx, user, changed)
      for (const record of stale) await ports.patterns.close(tx, user, record.id, now, 'retired')
    },
    { lane: 'bulk' },
  )
  return { proposed: records.length, written: changed.length, retired: stale.length }
}

function viewOf(
  today: LocalDate,
  rows: readonly DayRow[],
  tags: readonly { tag: string; date: LocalDate }[],
): DetectorView {
  const byMetric = new Map<string, { date: LocalDate; value: number; coverage: number }[]>()
  for (const { metric, date, value, coverage } of rows.toSorted((a, b) => (a.date < b.date ? -1 : 1))) {
    const days = byMetric.get(metric)
    if (days) days.push({ date, value, coverage })
    else byMetric.set(metric, [{ date, value, coverage }])
  }
  return {
    today,
    metrics: () => [...byMetric.keys()].toSorted(),
    days: (metric) => byMetric.get(metric) ?? [],
    tags: (tag) => [...new Set(tags.filter((held) => held.tag === tag).map((held) => held.date))].toSorted(),
    random: seeded,
  }
}

/** Seeded uniform numbers in [0, 1), for permutation tests. */
function seeded(seed: number): () => number {
  const generator = xoroshiro128plus(seed)
  return () => uniformFloat64(generator)
}

function recordOf(detector: DetectorPlugin, proposal: Proposal, now: number): MemoryRecord {
  const { key, validFrom, validTo, ...rest } = proposal
  return {
    ...rest,
    id: `${detector.id}-${createHash('sha256').update(`${detector.id}\n${key}`).digest('hex').slice(0, 20)}`,
    validFrom: midnight(validFrom),
    validTo: validTo === null ? null : midnight(validTo),
    recordedAt: now,
    supersededAt: null,
    origin: 'derived',
    algorithm: `${detector.id}@${detector.version}`,
    derivedFrom: [],
    status: 'active',
    pinned: false,
  }
}

/** Civil dates as instants of tier 3: midnight UTC of that date. */
function midnight(date: LocalDate): number {
  return Temporal.PlainDate.from(date).toZonedDateTime('UTC').epochMilliseconds
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
