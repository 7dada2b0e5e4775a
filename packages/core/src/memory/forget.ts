import { AurenError } from '../errors.js'
import type { Journal } from '../events/ports.js'
import { deletionOf } from '../ingest/amend.js'
import { createCalendar } from '../observation/local-day.js'
import type { Instant, LocalDate, UserId } from '../observation/schema.js'
import type { LadderStore } from './ladder/ports.js'
import type {
  Batch,
  Hot,
  KnownIdentity,
  LongTerm,
  MemoryKind,
  MemoryRecord,
  Patterns,
  Scope,
  Threads,
} from './ports.js'

/** What to forget: whatever meets all that is named. At least one must be. */
export interface ForgetSelector {
  /** Metrics, kinds of session (`sleep`, `workout`) or names of tags. */
  metrics?: readonly string[] | undefined
  /** Local days, both included. */
  from?: LocalDate | undefined
  to?: LocalDate | undefined
  /** Name or key of a device, or a provider. */
  source?: string | undefined
  /** Words that stand in it, whatever their case. */
  text?: string | undefined
  /** Only memories of these kinds, and no measurement. */
  kinds?: readonly MemoryKind[] | undefined
}

/** What goes, or would go. */
export interface ForgetReport {
  dryRun: boolean
  /** Measurements and tags by shape and name, revisions of one counted once. */
  observations: { shape: string; of: string; count: number }[]
  /** Memories that were selected, and what was derived from them alone. */
  memories: { kind: MemoryKind; count: number }[]
  /** Conclusions about what goes, with all their versions; what still holds is concluded anew. */
  conclusions: number
  /** Conversations that quote a number of it, or hold the words: each as a whole. */
  conversations: number
}

/** What forgetting stands on. */
export interface ForgetPorts {
  journal: Pick<Journal, 'transaction' | 'lockPersons' | 'receive'>
  longTerm: LongTerm
  patterns: Patterns
  threads: Pick<Threads, 'list' | 'turns' | 'remove'>
  hot: Pick<Hot, 'wipe'>
  ladder?: LadderStore | undefined
  now(): Instant
  /** Concludes anew from what is left. */
  consolidate(): Promise<unknown>
}

/** Observations in one transaction. */
const AT_ONCE = 1000
/** Provider of the deletions' delivery. */
const OWN = 'auren'

type Valued = NonNullable<KnownIdentity['observation']>

/**
 * Forgets what a selector names, with what was made of it, or tells what it would be. What was forgotten is refused when
 * it comes again. Where it is cut off, the same again goes on.
 * @throws AurenError AUREN_INPUT_INVALID where the selector names nothing, or the storage cannot forget in parts
 */
export async function forgetSelected(
  ports: ForgetPorts,
  user: UserId,
  selector: ForgetSelector,
  dryRun: boolean,
): Promise<ForgetReport> {
  if (Object.values(selector).every((value) => value === undefined))
    throw new AurenError(
      'AUREN_INPUT_INVALID',
      'Say what to forget: metrics, days, a device, words, or kinds of memory.',
    )
  const { journal, longTerm, patterns, threads } = ports
  const { forget } = longTerm
  if (!forget)
    throw new AurenError('AUREN_INPUT_INVALID', 'This storage cannot forget in parts: erase everything, or nothing.')
  const scope: Scope = { user, purpose: 'operate' }
  const counts = new Map<string, ForgetReport['observations'][number]>()
  const touched = new Set<string>()
  const refs = new Set<string>()
  let held: { identity: KnownIdentity; observation: Valued }[] = []
  let receipt: { id: string; receivedAt: Instant } | null = null

  const flush = async (): Promise<void> => {
    const page = held
    held = []
    if (dryRun || page.length === 0) return
    const at = ports.now()
    await journal.transaction(
      async (tx) => {
        await journal.lockPersons(tx, [user])
        receipt ??= await journal.receive(
          tx,
          { provider: OWN, deliveryKey: `forget:${crypto.randomUUID()}`, user, account: user, body: new Uint8Array() },
          at,
        )
        const { id: rawRef, receivedAt } = receipt
        const batches = page.map(
          ({ identity: { provider, account }, observation }): Batch => ({
            provider,
            account,
            receivedAt,
            rawRef,
            amends: true,
            observations: [{ ...deletionOf(observation), sticky: true }],
          }),
        )
        await forget(tx, user, batches)
      },
      { lane: 'bulk' },
    )
  }
  for await (const { identity, observation } of selected(longTerm, scope, selector)) {
    const of = nameOf(observation)
    const key = `${observation.shape} ${of}`
    const count = counts.get(key) ?? { shape: observation.shape, of, count: 0 }
    counts.set(key, { ...count, count: count.count + 1 })
    touched.add(of)
    if (observation.shape === 'session') for (const measure of Object.keys(observation.measures)) touched.add(measure)
    if (of === 'sleep') touched.add('sleep_midpoint').add('sleep_session')
    refs.add(identity.rawRef)
    held.push({ identity, observation })
    if (held.length >= AT_ONCE) await flush()
  }
  await flush()

  const all = await patterns.list(scope, {})
  const said = all.filter((record) => record.origin !== 'derived' && isSelected(record, selector))
  const derived = new Set(
    all
      .filter((record) => record.origin === 'derived' && record.about.some((of) => touched.has(of)))
      .map(({ id }) => id),
  )
  const gone = withDependents(all, new Set([...said.map(({ id }) => id), ...derived]))
  const conversations = await quoting(threads, scope, touched, selector)
  if (!dryRun && (gone.size > 0 || touched.size > 0 || conversations.length > 0)) {
    await journal.transaction(async (tx) => {
      await journal.lockPersons(tx, [user])
      await patterns.remove(tx, user, [...gone])
      for (const thread of conversations) await threads.remove(tx, user, thread)
      if (touched.size > 0) await ports.ladder?.reset?.(tx, user)
    })
    await ports.hot.wipe(user)
    await ports.consolidate()
  }
  const kinds = new Map<MemoryKind, number>()
  for (const { id, kind } of all) if (gone.has(id) && !derived.has(id)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  return {
    dryRun,
    observations: [...counts.values()],
    memories: [...kinds].map(([kind, count]) => ({ kind, count })),
    conclusions: derived.size,
    conversations: conversations.length,
  }
}

function nameOf(observation: Valued): string {
  return observation.shape === 'session'
    ? observation.kind
    : observation.shape === 'tag'
      ? observation.tag
      : observation.metric
}

/** Every identity of which a value is known, whether or not it holds. */
async function* selected(
  longTerm: LongTerm,
  scope: Scope,
  { metrics, from, to, source, text, kinds }: ForgetSelector,
): AsyncGenerator<{ identity: KnownIdentity; observation: Valued }> {
  if (kinds) return
  const sources = await longTerm.sources(scope)
  const calendar = createCalendar((await longTerm.profile(scope)).zones)
  const dateOf = (observation: Valued): LocalDate => {
    if (observation.shape === 'daily_total') return observation.date
    if (observation.shape === 'session' && observation.kind === 'sleep') return calendar.dateOfEnd(observation)
    const { start, offset, zoneBasis } = observation
    return calendar.dayOf({ start, offset, zoneBasis }).date
  }
  const words = text?.toLowerCase()
  for (const provider of new Set(sources.map((one) => one.provider))) {
    const named = new Set(
      sources.flatMap((one) =>
        one.provider === provider && (one.key === source || one.name === source || provider === source)
          ? [one.name]
          : [],
      ),
    )
    if (source !== undefined && named.size === 0) continue
    for await (const identity of longTerm.identities(scope, { provider, all: true })) {
      const { observation } = identity
      if (!observation || (metrics && !metrics.includes(nameOf(observation)))) continue
      if (source !== undefined && !named.has(observation.source.name)) continue
      if (words !== undefined && !('text' in observation && observation.text?.toLowerCase().includes(words))) continue
      if (from !== undefined || to !== undefined) {
        const date = dateOf(observation)
        if ((from !== undefined && date < from) || (to !== undefined && date > to)) continue
      }
      yield { identity, observation }
    }
  }
}

/** What was said goes by its words, or by its kind; a device says nothing, and a metric alone names only measurements. */
function isSelected(record: MemoryRecord, { metrics, from, to, source, text, kinds }: ForgetSelector): boolean {
  if (source !== undefined || (text === undefined && kinds === undefined)) return false
  if (kinds && !kinds.includes(record.kind)) return false
  if (text !== undefined && !record.text.toLowerCase().includes(text.toLowerCase())) return false
  if (metrics && !record.about.some((of) => metrics.includes(of))) return false
  const day = (at: Instant): LocalDate => new Date(at).toISOString().slice(0, 10)
  return !(from !== undefined && day(record.recordedAt) < from) && !(to !== undefined && day(record.recordedAt) > to)
}

/** What stands on these alone goes with them. */
export function withDependents(all: readonly MemoryRecord[], chosen: ReadonlySet<string>): Set<string> {
  const gone = new Set(chosen)
  for (let grew = true; grew; ) {
    grew = false
    for (const record of all) {
      if (gone.has(record.id) || record.derivedFrom.length === 0) continue
      if (record.derivedFrom.every((ref) => gone.has(ref))) {
        gone.add(record.id)
        grew = true
      }
    }
  }
  return gone
}

/** Conversations whose facts are of what was touched, or in which the words stand. */
async function quoting(
  threads: Pick<Threads, 'list' | 'turns'>,
  scope: Scope,
  touched: ReadonlySet<string>,
  { text, kinds, source }: ForgetSelector,
): Promise<string[]> {
  const words = kinds || source !== undefined ? undefined : text?.toLowerCase()
  const found: string[] = []
  for (const { id } of await threads.list(scope)) {
    const turns = await threads.turns(scope, id)
    const quotes = turns.some(
      (turn) =>
        (words !== undefined && turn.text.toLowerCase().includes(words)) ||
        turn.facts.some((fact) => [...stringsIn(fact)].some((word) => touched.has(word))),
    )
    if (quotes) found.push(id)
  }
  return found
}

function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) yield* stringsIn(inner)
}
