import { Temporal } from 'temporal-polyfill'
import { AurenError, asAurenError } from '../errors.js'
import type { Instant, LocalDate } from '../observation/schema.js'
import { standingAt } from './confidence.js'
import { type ReadPermit, sieve } from './consent.js'
import type { Contradiction } from './contradiction.js'
import { contradictionOf, setAside } from './contradictions.js'
import type { LongTerm, MemoryKind, MemoryRecord, Patterns, Scope, Threads, Turn } from './ports.js'
import { openPurse } from './purse.js'
import { EVER, type Ready } from './ready.js'

/** Why something was recalled. */
export type Why =
  | { channel: 'pinned' }
  /** It is about this metric or tag. */
  | { channel: 'about'; of: string }
  /** It holds, or was said, within the time that was asked about. */
  | { channel: 'time' }
  /** It shares words with the question: its place in that search, from 1. */
  | { channel: 'words'; place: number }

/** What is remembered about a question: pinned first, each kind within its quota, all within the budget. */
export interface Recall {
  /** Safety facts, and preferences and goals that no newer one has taken the place of: always all of them. */
  pinned: MemoryRecord[]
  /** Other memories, best first. */
  hits: MemoryRecord[]
  /** What contradicts what among them. Of an open one `acts` counts, where it names one; and the person is asked. */
  contradictions: Contradiction[]
  /** Turns of conversations, best first; without those that a recalled memory was made from. */
  said: Turn[]
  /** Why each of them was recalled, by id. */
  why: Readonly<Record<string, readonly Why[]>>
  /** What could not be known, in words; missing is never "nothing". */
  gaps: string[]
  /** Channels that failed or took too long, with the reason. */
  degraded: string[]
  /** Tokens of all texts that are recalled, in the encoding `o200k_base`. */
  tokens: number
}

/** What to recall. */
export interface RecallQuery {
  text?: string
  /** Metrics or tags that the question is about. */
  about?: readonly string[]
  /** Days that the question is about, both included. */
  time?: { from: LocalDate; to: LocalDate }
  /** Most memories besides the pinned ones; default 12. */
  limit?: number
  /** Most turns of conversations; default none. */
  turns?: number
  /** Instant as of which it was known. */
  asOf?: Instant
  /** `tokens`: most of all texts together. `ms`: a channel that takes longer is reported and done without. */
  budget?: { tokens?: number; ms?: number }
}

/** What a recall reads. */
export interface RecallPorts {
  patterns: Pick<Patterns, 'list' | 'search' | 'version'>
  /** Where what is pinned is kept ready. Absent, or of a tier that tells no version: it is read each time. */
  ready?: Pick<Ready, 'read'>
  /** What the person lets be read. Absent: everything. */
  permit?: ReadPermit
  threads?: Pick<Threads, 'search'>
  longTerm?: Pick<LongTerm, 'days' | 'metrics'>
  /** Time as of which confidence is told where the query names none. Absent: as it was recorded. */
  now?(): Instant
}

const pinnedOrder: readonly MemoryKind[] = ['safety', 'preference', 'goal']
/** Most hits of a kind, so that many notes cannot push out a baseline. */
const quotas: Partial<Record<MemoryKind, number>> = {
  note: 4,
  baseline: 4,
  pattern: 4,
  episode: 3,
  hypothesis: 2,
  experiment: 2,
}
const OTHER_QUOTA = 3
const HITS = 12
/** Read of each search before quotas and budget choose. */
const CANDIDATES = 30
/** Read of each kind where no word ranks them: twice its quota, so that what no longer holds leaves room for others. */
const CANDIDATES_OF_A_KIND = 8

/**
 * Recall = pinned + by metric + by time + by words (DESIGN §6). A channel that fails is named in `degraded` and the
 * others still answer; one that fails is never "nothing known".
 * @throws AurenError AUREN_INPUT_INVALID where the pinned memories alone are more than the budget: a safety fact is
 *   never cut off
 */
export async function recall(ports: RecallPorts, scope: Scope, query: RecallQuery): Promise<Recall> {
  const { patterns, threads, longTerm } = ports
  const { text, about = [], time, limit = HITS, turns = 0, budget = {} } = query
  const degraded = new Set<string>()
  const asOf = query.asOf === undefined ? {} : { asOf: query.asOf }
  const live = { status: ['drafted', 'active', 'weakening'] as const, ...asOf }
  // Who may not be asked is not read: that it fails is the caller's to know.
  const permit = await ports.permit?.(scope.user, scope.purpose)
  const kept = sieve(permit ?? (() => true))
  const channel = async <T>(name: string, read: () => Promise<T[]>): Promise<T[]> => {
    try {
      return await within(budget.ms, read)
    } catch (error) {
      degraded.add(`${name}: ${asAurenError(error).code}`)
      return []
    }
  }
  const words = text === undefined || text.trim() === '' ? null : text

  const at = query.asOf ?? ports.now?.()
  const stands = (record: MemoryRecord): MemoryRecord[] => {
    const standing = at === undefined ? record : standingAt(record, at)
    return standing.status === 'retired' || standing.kind === 'contradiction' ? [] : [standing]
  }
  const list = async (where: Parameters<Patterns['list']>[1]): Promise<MemoryRecord[]> =>
    kept.memories(await patterns.list(scope, { ...where, ...live, perKind: CANDIDATES_OF_A_KIND })).flatMap(stands)
  const ready = readyList(ports, scope, query)

  const [everyPinned, recorded, byAbout, byTime, byWords, said, gaps] = await Promise.all([
    channel('pinned', async () => kept.memories(await ready('pinned', { pinned: true, ...live })).flatMap(stands)),
    channel('contradictions', () => ready('contradictions', { kinds: ['contradiction'], ...live })),
    Promise.all(about.map((of) => channel('about', () => list({ about: of })))),
    channel('time', async () => (time ? list({ overlaps: spanOf(time), pinned: false }) : [])),
    channel('words', async () => {
      const found = words === null ? [] : await patterns.search(scope, { text: words, limit: CANDIDATES, ...asOf })
      return found.flatMap(({ record, score }) =>
        kept
          .memories([record])
          .flatMap(stands)
          .map((standing) => ({ record: standing, score })),
      )
    }),
    channel('turns', async () =>
      words === null || turns === 0 || !threads || !kept.passes(['turn'])
        ? []
        : threads.search(scope, { text: words, limit: Math.max(turns * 2, CANDIDATES), ...asOf }),
    ),
    channel('gaps', async () =>
      longTerm
        ? gapsOf(
            longTerm,
            scope,
            about.filter((id) => kept.passes([id])),
            time,
          )
        : [],
    ),
  ])

  const known = new Set(everyPinned.map(({ id }) => id))
  // One whose sides are not both there decides nothing: what was put aside for something forgotten holds again.
  const decided = recorded
    .flatMap((record) => contradictionOf(record) ?? [])
    .filter(({ between }) => between.every((id) => known.has(id)))
  const aside = setAside(decided)
  const pinned = everyPinned.filter(({ id }) => !aside.has(id))

  const why = new Map<string, Why[]>()
  const because = (id: string, reason: Why): void => {
    why.set(id, [...(why.get(id) ?? []), reason])
  }
  for (const { id } of pinned) because(id, { channel: 'pinned' })
  for (const [i, records] of byAbout.entries())
    for (const { id } of records) because(id, { channel: 'about', of: about[i] as string })
  for (const { id } of byTime) because(id, { channel: 'time' })
  for (const [i, { record }] of byWords.entries()) because(record.id, { channel: 'words', place: i + 1 })

  const purse = await openPurse(budget.tokens)
  for (const record of pinned) purse.must(record.text)
  const held = new Set(pinned.map(({ id }) => id))
  const counts = new Map<MemoryKind, number>()
  const hits: MemoryRecord[] = []
  for (const record of interleave(
    ...byAbout,
    byWords.map((hit) => hit.record),
    byTime,
  )) {
    if (hits.length >= limit) break
    const count = counts.get(record.kind) ?? 0
    if (
      held.has(record.id) ||
      aside.has(record.id) ||
      count >= (quotas[record.kind] ?? OTHER_QUOTA) ||
      !purse.may(record.text)
    )
      continue
    counts.set(record.kind, count + 1)
    held.add(record.id)
    hits.push(record)
  }
  // A note and the turn that it was taken from are one thing: what was made of it stands for both.
  const told = new Set([...pinned, ...hits].flatMap(({ derivedFrom }) => derivedFrom))
  const chosen: Turn[] = []
  for (const [i, { turn }] of said.entries()) {
    if (chosen.length >= turns) break
    if (told.has(turn.id) || !purse.may(turn.text)) continue
    because(turn.id, { channel: 'words', place: i + 1 })
    chosen.push(turn)
  }

  const rank = ({ kind }: MemoryRecord): number => {
    const at = pinnedOrder.indexOf(kind)
    return at < 0 ? pinnedOrder.length : at
  }
  const recalled = new Set([...held, ...chosen.map(({ id }) => id)])
  return {
    pinned: pinned.toSorted((a, b) => rank(a) - rank(b)),
    hits,
    contradictions: recorded
      .flatMap((record) => contradictionOf(record) ?? [])
      .filter(({ between }) => between.every((id) => held.has(id))),
    said: chosen,
    why: Object.fromEntries([...why].filter(([id]) => recalled.has(id))),
    gaps: [...gaps, ...withheldOf(kept.withheld)],
    degraded: [...degraded],
    tokens: purse.spent(),
  }
}

/** Lists that every recall wants and that depend on no question: from the hot tier while nothing has changed. */
function readyList({ patterns, ready }: RecallPorts, scope: Scope, { asOf }: RecallQuery) {
  let version: Promise<number> | undefined
  return async (key: string, where: Parameters<Patterns['list']>[1]): Promise<MemoryRecord[]> => {
    const read = (): Promise<MemoryRecord[]> => patterns.list(scope, where)
    // The hot tier holds what is believed now.
    if (!ready || !patterns.version || asOf !== undefined) return read()
    version ??= patterns.version(scope)
    return ready.read(scope.user, key, { version: await version, date: EVER }, read)
  }
}

/** What was kept back is said: it is not "nothing known". */
function withheldOf(withheld: ReadonlyMap<string, number>): string[] {
  return [...withheld.keys()]
    .sort()
    .map((kind) => `${kind.replaceAll('_', ' ')}: kept back, as the consent to it was withdrawn`)
}

const DAY_MS = 86_400_000

/** Days as tier 3 has them: midnight UTC of the civil date. */
function spanOf({ from, to }: { from: LocalDate; to: LocalDate }): { from: Instant; to: Instant } {
  const midnight = (date: LocalDate): Instant => Temporal.PlainDate.from(date).toZonedDateTime('UTC').epochMilliseconds
  return { from: midnight(from), to: midnight(to) + DAY_MS }
}

/** What was asked about and was not measured: a day without data is unknown, never nothing. */
async function gapsOf(
  longTerm: Pick<LongTerm, 'days' | 'metrics'>,
  scope: Scope,
  about: readonly string[],
  time: RecallQuery['time'],
): Promise<string[]> {
  if (about.length === 0) return []
  const known = new Map((await longTerm.metrics(scope)).map((summary) => [summary.metric, summary]))
  const measured = about.filter((id) => known.has(id))
  if (!time || measured.length === 0) return []
  const rows = await longTerm.days(scope, { metrics: measured, ...time })
  const span = spanOf(time)
  const days = (span.to - span.from) / DAY_MS
  return measured.flatMap((id) => {
    const held = new Set(rows.filter((row) => row.metric === id).map((row) => row.date)).size
    if (held >= days) return []
    return [`${id.replaceAll('_', ' ')}: ${days - held} of ${days} days from ${time.from} to ${time.to} have no data`]
  })
}

/** @throws AurenError AUREN_TIMEOUT after `ms` */
async function within<T>(ms: number | undefined, read: () => Promise<T>): Promise<T> {
  if (ms === undefined) return read()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new AurenError('AUREN_TIMEOUT', `Nothing was recalled within ${ms} ms.`, { retryable: true })),
      ms,
    )
  })
  try {
    return await Promise.race([read(), late])
  } finally {
    clearTimeout(timer)
  }
}

function* interleave<T>(...lists: readonly T[][]): Iterable<T> {
  const longest = Math.max(0, ...lists.map((list) => list.length))
  for (let i = 0; i < longest; i++) for (const list of lists) if (i < list.length) yield list[i] as T
}
