import { createHash } from 'node:crypto'
import { AurenError } from '../errors.js'
import type { Tx } from '../events/ports.js'
import type { Instant, UserId } from '../observation/schema.js'
import { type Claim, claimsOf } from './claims.js'
import type { Contradiction, ContradictionKind, Resolution } from './contradiction.js'
import type { MemoryRecord, Patterns, Scope } from './ports.js'

const ALGORITHM = 'contradictions@1.0.0'
/** Says nothing of what is in the two records, so that nothing of them outlives their erasure. */
const texts: Readonly<Record<ContradictionKind, string>> = {
  value: 'Two memories give different values.',
  negation: 'One memory says what another denies.',
  unit: 'Two memories give the same number in different units.',
  source: 'What was said is not what was measured or recorded.',
}

type Finding = Pick<Contradiction, 'kind' | 'between' | 'resolution' | 'acts' | 'holds'>

/**
 * Every contradiction among records, with what the rules make of it:
 * - preferences and goals of the person: the newest that is confirmed holds (`newer`);
 * - safety facts of different gravity: the graver one acts and holds (`stricter`); of which one denies the other, the one
 *   that says yes acts, and the person is asked (`open`);
 * - what was said against what was measured or recorded: `open`.
 * Pure, and the same whatever the order of the records.
 */
export function contradictionsAmong(records: readonly MemoryRecord[]): Finding[] {
  const byTopic = new Map<string, { record: MemoryRecord; claim: Claim }[]>()
  const none: { record: MemoryRecord; claim: Claim }[] = []
  for (const record of records.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
    for (const claim of claimsOf(record)) {
      if (claim.topic === 'allergy:*') none.push({ record, claim })
      byTopic.set(claim.topic, [...(byTopic.get(claim.topic) ?? []), { record, claim }])
    }
  const found = new Map<string, Finding>()
  const compare = (a: { record: MemoryRecord; claim: Claim }, b: { record: MemoryRecord; claim: Claim }): void => {
    if (a.record.id === b.record.id) return
    const kind = kindOf(a, b)
    if (!kind) return
    const between = [a.record.id, b.record.id].sort() as [string, string]
    const key = idOf(between)
    if (!found.has(key)) found.set(key, { kind, between, ...ruled(a, b, kind) })
  }
  for (const group of byTopic.values())
    for (const [i, a] of group.entries()) for (const b of group.slice(i + 1)) compare(a, b)
  for (const [topic, group] of byTopic)
    if (topic.startsWith('allergy:') && topic !== 'allergy:*')
      for (const a of group) for (const b of none) compare(a, b)
  return [...found.values()].sort((a, b) => (idOf(a.between) < idOf(b.between) ? -1 : 1))
}

interface Claimed {
  record: MemoryRecord
  claim: Claim
}

function kindOf({ record: a, claim: x }: Claimed, { record: b, claim: y }: Claimed): ContradictionKind | null {
  const across = a.origin !== b.origin
  if ((x.says === 'yes' && y.says === 'no') || (x.says === 'no' && y.says === 'yes'))
    return across ? 'source' : 'negation'
  if (x.says === 'yes' && y.says === 'yes') return x.degree === y.degree ? null : across ? 'source' : 'value'
  if (x.says === 'choice' && y.says === 'choice') return x.choice === y.choice ? null : across ? 'source' : 'value'
  if (x.says === 'value' && y.says === 'value') {
    if (x.value === y.value && x.unit === y.unit) return null
    if (x.written === y.written && x.unit !== y.unit && x.value !== y.value) return across ? 'source' : 'unit'
    return Math.abs(x.value - y.value) <= 1e-9 * Math.abs(x.value) ? null : across ? 'source' : 'value'
  }
  const [value, range] = x.says === 'value' ? [x, y] : [y, x]
  if (value.says !== 'value' || range.says !== 'range') return null
  return value.value < range.low || value.value > range.high ? 'source' : null
}

function ruled(a: Claimed, b: Claimed, kind: ContradictionKind): Pick<Finding, 'resolution' | 'acts' | 'holds'> {
  const open = { resolution: 'open', acts: null, holds: null } as const
  if (a.record.kind === 'safety' || b.record.kind === 'safety') {
    const strict = stricter(a, b)
    return kind === 'value' ? { resolution: 'stricter', acts: strict, holds: strict } : { ...open, acts: strict }
  }
  const chosen = a.record.kind === b.record.kind && (a.record.kind === 'preference' || a.record.kind === 'goal')
  if (!chosen || kind === 'source' || kind === 'unit') return open
  const [newer, older] = isNewer(a.record, b.record) ? [a.record, b.record] : [b.record, a.record]
  // What was never confirmed does not take the place of what was.
  if (newer.status === 'drafted' && older.status !== 'drafted') return { ...open, acts: older.id }
  return { resolution: 'newer', acts: newer.id, holds: newer.id }
}

/** A risk goes before none, and the graver before the lighter; by id where nothing tells them apart. */
function stricter(a: Claimed, b: Claimed): string {
  const weight = ({ claim }: Claimed): number => (claim.says === 'yes' ? claim.degree : 0)
  const first = weight(a) === weight(b) ? a.record.id < b.record.id : weight(a) > weight(b)
  return (first ? a : b).record.id
}

function isNewer(a: MemoryRecord, b: MemoryRecord): boolean {
  if (a.recordedAt !== b.recordedAt) return a.recordedAt > b.recordedAt
  return a.validFrom === b.validFrom ? a.id > b.id : a.validFrom > b.validFrom
}

function idOf(between: readonly [string, string]): string {
  return `contradiction-${createHash('sha256').update(JSON.stringify(between)).digest('hex').slice(0, 20)}`
}

/** A contradiction that is kept as a record; null for any other record. */
export function contradictionOf(record: MemoryRecord): Contradiction | null {
  if (record.kind !== 'contradiction') return null
  const { kind, resolution, acts, holds, resolvedAt, since } = record.body as unknown as Stored
  const [a = '', b = ''] = record.derivedFrom
  return { id: record.id, kind, between: [a, b], resolution, acts, holds, recordedAt: since, resolvedAt }
}

interface Stored extends Pick<Contradiction, 'kind' | 'resolution' | 'acts' | 'holds' | 'resolvedAt'> {
  since: Instant
}

function recordOf(contradiction: Contradiction, at: Instant): MemoryRecord {
  const { id, between, kind, resolution, acts, holds, recordedAt, resolvedAt } = contradiction
  return {
    id,
    kind: 'contradiction',
    validFrom: recordedAt,
    validTo: null,
    recordedAt: at,
    supersededAt: null,
    origin: 'derived',
    algorithm: ALGORITHM,
    derivedFrom: [...between],
    about: [],
    text: texts[kind],
    body: { kind, resolution, acts, holds, resolvedAt, since: recordedAt } satisfies Stored,
    status: 'active',
    confidence: null,
    pinned: false,
  }
}

const live = ['drafted', 'active', 'weakening'] as const

/**
 * Brings the stored contradictions up to what the records say now: new ones are added, those whose sides no longer contradict each other are closed, and what a person or a clinician has decided stands
 * for as long as neither side is said anew.
 */
export async function renewContradictions(
  patterns: Patterns,
  tx: Tx,
  user: UserId,
  /** All records that hold, as they are after the change. */
  records: readonly MemoryRecord[],
  at: Instant,
): Promise<void> {
  const byId = new Map(records.map((record) => [record.id, record]))
  const held = new Map(
    records.flatMap((record) => {
      const contradiction = contradictionOf(record)
      return contradiction ? [[record.id, contradiction] as const] : []
    }),
  )
  const found = contradictionsAmong(records.filter((record) => record.kind !== 'contradiction'))
  const changed: MemoryRecord[] = []
  for (const finding of found) {
    const id = idOf(finding.between)
    const known = held.get(id)
    held.delete(id)
    const decided = known && (known.resolution === 'person' || known.resolution === 'clinician')
    // What is computed is computed every night: that alone asks nobody again.
    const saidAnew = finding.between
      .flatMap((side) => byId.get(side) ?? [])
      .some(({ origin, recordedAt }) => origin !== 'derived' && recordedAt > (known?.resolvedAt ?? 0))
    if (decided && !saidAnew) continue
    const same =
      known && (['kind', 'resolution', 'acts', 'holds'] as const).every((part) => known[part] === finding[part])
    if (same) continue
    const closed = finding.resolution !== 'open'
    changed.push(recordOf({ ...finding, id, recordedAt: known?.recordedAt ?? at, resolvedAt: closed ? at : null }, at))
  }
  await patterns.put(tx, user, changed)
  for (const id of held.keys()) await patterns.close(tx, user, id, at, 'retired')
}

/**
 * Stored contradictions of which both sides are still there, the open ones first.
 * @param q.asOf what was known then
 */
export async function readContradictions(
  patterns: Pick<Patterns, 'list'>,
  scope: Scope,
  q: { open?: boolean; asOf?: Instant } = {},
): Promise<Contradiction[]> {
  const as = q.asOf === undefined ? {} : { asOf: q.asOf }
  const stored = await patterns.list(scope, { kinds: ['contradiction'], status: live, ...as })
  if (stored.length === 0) return []
  const ids = new Set((await patterns.list(scope, { status: live, ...as })).map(({ id }) => id))
  return stored
    .flatMap((record) => contradictionOf(record) ?? [])
    .filter(({ between }) => between.every((id) => ids.has(id)))
    .filter(({ resolution }) => q.open === undefined || (resolution === 'open') === q.open)
    .sort((a, b) => Number(a.resolution !== 'open') - Number(b.resolution !== 'open') || (a.id < b.id ? -1 : 1))
}

/**
 * Ids of records that a closed contradiction has decided against. Safety facts are among them only where a person or a
 * clinician decided: no rule puts one away.
 */
export function setAside(contradictions: readonly Contradiction[]): Set<string> {
  return new Set(
    contradictions
      .filter(({ resolution }) => resolution === 'newer' || resolution === 'person' || resolution === 'clinician')
      .flatMap(({ between, holds }) => (holds === null ? [] : between.filter((id) => id !== holds))),
  )
}

/**
 * A contradiction as somebody decided it.
 * @param keep id of the record that holds
 * @throws AurenError AUREN_INPUT_INVALID where that is neither of the two
 */
export function resolved(
  contradiction: Contradiction,
  keep: string,
  by: Extract<Resolution, 'person' | 'clinician'>,
  at: Instant,
): MemoryRecord {
  if (!contradiction.between.includes(keep))
    throw new AurenError('AUREN_INPUT_INVALID', 'Name one of the two memories that contradict each other.')
  return recordOf({ ...contradiction, resolution: by, acts: keep, holds: keep, resolvedAt: at }, at)
}
