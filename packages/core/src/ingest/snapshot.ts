import { z } from 'zod'
import type { Journal } from '../events/ports.js'
import type { KnownIdentity, LongTerm } from '../memory/ports.js'
import type { Instant, Observation, UserId } from '../observation/schema.js'

/** First and last start of each kind of record in a document, by {@link kindOf}. */
export const Spans = z.record(z.string(), z.tuple([z.number(), z.number()]))
export type Spans = z.infer<typeof Spans>

/** What a complete snapshot covers: see `ImportStep.complete`. */
export const Covered = z.object({ from: z.number().optional(), to: z.number().optional() })
export type Covered = z.infer<typeof Covered>

/** What of one kind of record is there, and how much of it a complete snapshot lacks. */
export const MissingKind = z.object({
  shape: z.enum(['sample', 'session', 'daily_total', 'tag']),
  /** Metric, kind of session, or tag. */
  of: z.string(),
  missing: z.number(),
  held: z.number(),
})
export type MissingKind = z.infer<typeof MissingKind>

type Valued = NonNullable<KnownIdentity['observation']>

/** Shape and metric, kind of session, or tag. */
export function kindOf(observation: Valued): { shape: Valued['shape']; of: string } {
  const { shape } = observation
  return { shape, of: shape === 'session' ? observation.kind : shape === 'tag' ? observation.tag : observation.metric }
}

/** When an observation begins; a day at its midnight in UTC. */
export function startOf(observation: Valued): Instant {
  return observation.shape === 'daily_total' ? Date.parse(observation.date) : observation.start
}

/** Kind and start. */
function momentOf(observation: Valued): string {
  const { shape, of } = kindOf(observation)
  return `${shape} ${of} ${startOf(observation)}`
}

const Aside = z.object({ kind: z.string(), value: z.unknown() })
const Sketch = z.looseObject({ shape: z.enum(['sample', 'session', 'daily_total', 'tag']) })
/** Most of what was set aside of a document that is looked at. */
const MOST_ASIDE = 10_000

/**
 * Moments of which a document says something that was set aside: what earlier ones held of them is not missing in it. Null
 * where that is too much to tell what is.
 */
export async function asideOf(journal: Journal, user: UserId, rawRef: string): Promise<ReadonlySet<string> | null> {
  const items = await journal.transaction((tx) => journal.listQuarantine(tx, { user, rawRef, limit: MOST_ASIDE }))
  if (items.length >= MOST_ASIDE) return null
  const moments = new Set<string>()
  for (const { item } of items) {
    const held = Aside.safeParse(item)
    if (!held.success) continue
    if (held.data.kind === 'envelope') return null
    const sketch = Sketch.safeParse(held.data.value)
    if (sketch.success) moments.add(momentOf(sketch.data as unknown as Valued))
  }
  return moments
}

/** Kinds of records of which a span is kept: the names of tags are anybody's. */
const MOST_SPANS = 1000

/** Widens spans in place. */
export function widen(spans: Spans, observations: readonly Observation[]): void {
  for (const observation of observations) {
    if (observation.shape === 'deletion') continue
    const { shape, of } = kindOf(observation)
    const at = startOf(observation)
    const span = spans[`${shape} ${of}`]
    if (!span) {
      if (Object.keys(spans).length < MOST_SPANS) spans[`${shape} ${of}`] = [at, at]
    } else if (at < span[0]) span[0] = at
    else if (at > span[1]) span[1] = at
  }
}

/** A complete snapshot that has been stored. */
export interface Snapshot {
  user: UserId
  provider: string
  receivedAt: Instant
  /** Its raw delivery. */
  rawRef: string
  spans: Spans
  covered: Covered
  /** See {@link asideOf}. */
  aside?: ReadonlySet<string>
  /** When what it lacks was restored: whatever was received then has not come again by itself. */
  restored?: ReadonlySet<Instant>
}

/**
 * What holds in what a snapshot covers, and whether the snapshot lacks it: everything that it held was received with it,
 * so what was received last before it is not in it. Nothing is remembered between two of them.
 */
export async function* coveredBy(
  longTerm: Pick<LongTerm, 'identities'>,
  { user, provider, receivedAt, spans, covered, restored, aside }: Snapshot,
  after?: KnownIdentity['place'],
): AsyncGenerator<{ identity: KnownIdentity; observation: Valued; missing: boolean }> {
  const scope = { user, purpose: 'operate' } as const
  const all = longTerm.identities(scope, { provider, account: user, ...(after ? { after } : {}) })
  for await (const identity of all) {
    const { observation, last } = identity
    if (!observation) continue
    const { shape, of } = kindOf(observation)
    const span = spans[`${shape} ${of}`]
    const at = startOf(observation)
    if (!span || at < (covered.from ?? span[0]) || at > (covered.to ?? span[1])) continue
    const isHeldBefore = last < receivedAt || restored?.has(last) === true
    yield { identity, observation, missing: isHeldBefore && aside?.has(momentOf(observation)) !== true }
  }
}

/** Counts what a snapshot lacks, by kind of record; those of which it lacks nothing are left out. */
export async function countMissing(
  longTerm: Pick<LongTerm, 'identities'>,
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<MissingKind[]> {
  const kinds = new Map<string, MissingKind>()
  for await (const { observation, missing } of coveredBy(longTerm, snapshot)) {
    signal.throwIfAborted()
    const { shape, of } = kindOf(observation)
    const kind = kinds.get(`${shape} ${of}`) ?? { shape, of, missing: 0, held: 0 }
    kind.held++
    if (missing) kind.missing++
    kinds.set(`${shape} ${of}`, kind)
  }
  return [...kinds.values()]
    .filter(({ missing }) => missing > 0)
    .sort((a, b) => b.missing - a.missing || (a.of < b.of ? -1 : 1))
}
