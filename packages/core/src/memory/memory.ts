import { AurenError } from '../errors.js'
import type { IdentityStore } from '../events/identity.js'
import type { Journal } from '../events/ports.js'
import { type ExportLine, exportLines } from '../exchange/lines.js'
import type { Instant, LocalDate, UserId } from '../observation/schema.js'
import type { DetectorPlugin } from '../plugin/types.js'
import { standingAt } from './confidence.js'
import type { ReadPermit } from './consent.js'
import { type ConsolidationReport, consolidate } from './consolidate.js'
import type { Contradiction } from './contradiction.js'
import { readContradictions } from './contradictions.js'
import { type ForgetReport, type ForgetSelector, forgetSelected, withDependents } from './forget.js'
import type { LadderRow, LadderStore } from './ladder/ports.js'
import type { Hot, LongTerm, MemoryRecord, Patterns, Profile, Purpose, Scope, Threads } from './ports.js'
import { readyOf } from './ready.js'
import { type Recall, type RecallQuery, recall } from './recall.js'
import { createSaid, type Said } from './said.js'
import { shadowOf } from './shadow.js'
import { spansOf, type TracedPage, traceRows } from './trace-rows.js'

/** Where a memory came from, down to what it was made of. */
export interface Provenance {
  record: MemoryRecord
  /** Memories that it was derived from, likewise traced. */
  from: Provenance[]
  /** Ids that are no memories: turns, deliveries. */
  refs: string[]
}

/** One person's memory over all three tiers. */
export interface Memory extends Said {
  recall(query: RecallQuery): Promise<Recall>
  /** With confidence and status as of the asked time; contradictions only where `kinds` names them. */
  list(query?: Parameters<Patterns['list']>[1]): Promise<MemoryRecord[]>
  /** What contradicts what, the open ones first: closed by a rule, or by {@link Memory.resolve}. */
  contradictions(query?: { open?: boolean; asOf?: Instant }): Promise<Contradiction[]>
  trace(id: string): Promise<Provenance>
  /** The measurements that it, and what it was derived from, stand on; some at a time. */
  traceRows(id: string, page?: { after?: string | undefined; limit?: number }): Promise<TracedPage>
  /** Removes a memory, and what was derived from it alone. Returns how many records went. */
  forget(id: string): Promise<number>
  /**
   * Forgets what a selector names, measurements too, with what was made of it; with `dryRun` it tells what that would be.
   * @throws AurenError AUREN_INPUT_INVALID where the selector names nothing
   */
  forgetAll(selector: ForgetSelector, options?: { dryRun?: boolean }): Promise<ForgetReport>
  consolidate(): Promise<ConsolidationReport>
  /** Weeks, months, quarters and years as they were last concluded; none where the storage keeps no ladder. */
  ladder(query: Parameters<LadderStore['read']>[1]): Promise<LadderRow[]>
  profile(): Promise<Profile>
  setProfile(profile: Profile): Promise<void>
  export(): AsyncIterable<ExportLine>
  /** Erases the person everywhere and destroys their key. Returns rows removed by table. */
  erase(): Promise<Record<string, number>>
}

/** What {@link createMemory} stands on. */
export interface MemoryPorts {
  journal: Pick<Journal, 'transaction' | 'person' | 'lockPersons' | 'erase' | 'raw' | 'receive'>
  longTerm: LongTerm
  patterns: Patterns
  threads: Pick<Threads, 'list' | 'turns' | 'search' | 'remove'>
  hot: Hot
  detectors: readonly DetectorPlugin[]
  /** Weeks, months, quarters and years. Absent: every consolidation builds them anew and keeps none. */
  ladder?: LadderStore | undefined
  now(): Instant
  today(user: UserId): Promise<LocalDate>
  /** Consents and tokens, for the export. */
  identity?: Pick<IdentityStore, 'consents' | 'tokens'> | null
  /** Whether the person lets their data be used for a purpose. Absent: they do. */
  allowed?(user: UserId, purpose: Purpose): Promise<boolean>
  /** Which kinds of it they let be recalled and exported. Absent: all. */
  permit?: ReadPermit
  /** Before the person is erased: what tells others afterwards that they are gone. */
  leaving?(user: UserId): Promise<() => Promise<void>>
}

/** A status that time and evidence alone can bring about. */
function ages(status: MemoryRecord['status']): boolean {
  return status === 'weakening' || status === 'retired'
}

/** The memory of one person. */
export function createMemory(ports: MemoryPorts, user: UserId, purpose: Purpose = 'display'): Memory {
  const scope: Scope = { user, purpose }
  const { journal, longTerm, patterns, threads } = ports
  const hot = readyOf(ports.hot)
  const permit = ports.permit ? { permit: ports.permit } : {}

  const said = createSaid({ ...ports, hot }, user, scope)
  const require = async (id: string): Promise<MemoryRecord> => {
    const record = await patterns.get(scope, id)
    if (!record) throw new AurenError('AUREN_NOT_FOUND', `There is no memory ${id}.`)
    return record
  }

  const list: Memory['list'] = async (query = {}) => {
    const { status, ...where } = query
    // Stored is what was concluded; how it stands at the asked time is told by its evidence.
    const stored = status && [...new Set([...status, ...(status.some(ages) ? (['active', 'weakening'] as const) : [])])]
    const records = await patterns.list(scope, { ...where, ...(stored ? { status: stored } : {}) })
    const standing = records.map((record) => standingAt(record, query.asOf ?? ports.now()))
    return standing.filter(
      (record) =>
        (!status || status.includes(record.status)) &&
        // They are told of apart: what they are about is in the list already.
        (record.kind !== 'contradiction' || query.kinds?.includes('contradiction')),
    )
  }

  const trace = async (id: string, seen: ReadonlySet<string>): Promise<Provenance> => {
    const record = await require(id)
    const from: Provenance[] = []
    const refs: string[] = []
    for (const ref of record.derivedFrom) {
      if (seen.has(ref)) continue
      if (await patterns.get(scope, ref)) from.push(await trace(ref, new Set([...seen, id])))
      else refs.push(ref)
    }
    return { record, from, refs }
  }

  const conclude: Memory['consolidate'] = async () => {
    if (ports.allowed && !(await ports.allowed(user, 'consolidate')))
      throw new AurenError(
        'AUREN_FORBIDDEN',
        'The person has withdrawn the consent to look for patterns: nothing was computed.',
      )
    const report = await consolidate(ports, ports.detectors, user, ports.now(), await ports.today(user))
    if (report.written + report.retired > 0) await said.renew()
    return report
  }

  return {
    recall: (query) => recall({ patterns, threads, longTerm, ready: hot, now: ports.now, ...permit }, scope, query),
    list,

    note: said.note,
    remember: said.remember,
    confirm: said.confirm,
    correct: said.correct,
    weigh: said.weigh,
    resolve: said.resolve,
    contradictions: (query) => readContradictions(patterns, scope, query),

    trace: (id) => trace(id, new Set()),

    async traceRows(id, { after, limit = 100 } = {}) {
      const flat = ({ record, from }: Provenance): MemoryRecord[] => [record, ...from.flatMap(flat)]
      return traceRows(ports, scope, spansOf(flat(await trace(id, new Set()))), { after, limit })
    },

    async forget(id) {
      await require(id)
      // What stands on the forgotten alone goes with it; what has other ground is computed anew by consolidation.
      const gone = withDependents(await patterns.list(scope, {}), new Set([id]))
      const removed = await journal.transaction(async (tx) => {
        await journal.lockPersons(tx, [user])
        return patterns.remove(tx, user, [...gone])
      })
      await hot.wipe(user)
      return removed
    },

    forgetAll: (selector, { dryRun = false } = {}) => {
      // Nothing is concluded anew for who does not want conclusions.
      const again = async (): Promise<unknown> =>
        !ports.allowed || (await ports.allowed(user, 'consolidate')) ? conclude() : said.renew()
      return forgetSelected({ ...ports, consolidate: again }, user, selector, dryRun)
    },

    consolidate: conclude,

    ladder: async (query) => (await ports.ladder?.read(scope, query)) ?? [],

    profile: () => longTerm.profile(scope),
    async setProfile(profile) {
      await journal.transaction(async (tx) => {
        await journal.person(tx, user)
        await journal.lockPersons(tx, [user])
        await longTerm.setProfile(tx, user, profile)
      })
      await hot.wipe(user)
    },

    export: () => exportLines(ports, user),

    async erase() {
      // Whether or not anybody can be told: what is asked for is that everything goes.
      const tell = await ports.leaving?.(user).catch(() => undefined)
      const removed = await journal.transaction(async (tx) => {
        await journal.lockPersons(tx, [user])
        const [own, shadow] = [await journal.erase(tx, user), await journal.erase(tx, shadowOf(user))]
        return Object.fromEntries(Object.entries(own).map(([table, rows]) => [table, rows + (shadow[table] ?? 0)]))
      })
      await hot.wipe(user)
      await tell?.()
      return removed
    },
  }
}
