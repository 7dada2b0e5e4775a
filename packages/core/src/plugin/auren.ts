import type { AurenErrorCode } from '../errors.js'
import type { IdentityStore } from '../events/identity.js'
import type { LogLag } from '../events/log.js'
import type { JournalLag, QuarantineFilter, QuarantineItem } from '../events/ports.js'
import type { Connections } from '../ingest/connections.js'
import type { BatchOutcome, ObservationBatch } from '../ingest/observations.js'
import type { PostedOutcome, PostedPayload } from '../ingest/payloads.js'
import type { ReplayReport } from '../ingest/replay-report.js'
import type { Memory } from '../memory/memory.js'
import type { DayRow, Hot, LongTerm, MetricSummary, Purpose, StoredSample, Threads } from '../memory/ports.js'
import type { Instant, LocalDate, UserId } from '../observation/schema.js'
import type { Fact, QueryInput } from '../query/schema.js'
import type { AnswerPart, Understanding } from '../reasoning/types.js'
import type { IdsOf } from './define.js'
import type { AnyPlugin, PluginKind, RawRequest } from './types.js'

/** What waits, how far behind the consumers are, and what came to what. */
export interface AurenLag extends JournalLag {
  log: LogLag
}

/** Whether AUREN can keep its promise, and what it has to do without meanwhile. */
export interface AurenHealth {
  /** Null where the store answers; else why it does not. */
  store: AurenErrorCode | null
  /** Servers that are away without anything being lost or wrong for it. */
  degraded: { name: string; since: Instant; code: AurenErrorCode | null }[]
}

/** An import as its person sees it. */
export interface ImportView {
  id: string
  plugin: string
  name: string
  state: 'uploading' | 'waiting' | 'running' | 'done' | 'dead' | 'cancelled'
  /** True where this very file had been imported before. */
  duplicate: boolean
  progress: { bytes: number; total: number | null; observations: number; rejected: number }
  /** What was left aside, by reason. */
  rejected: { reason: string; count: number }[]
  /**
   * Of a complete snapshot: what earlier ones held in what it covers, and it lacks. Nothing of it is withdrawn before
   * that is accepted. Null where it is no complete snapshot, or lacks nothing.
   */
  missing: {
    count: number
    /** How many are held of the kinds that it lacks any of. */
    held: number
    kinds: { shape: string; of: string; missing: number; held: number }[]
    state: 'proposed' | 'withdrawing' | 'withdrawn' | 'restoring' | 'restored'
  } | null
  error: string | null
  startedAt: Instant
}

/** What came of a replay. */
export interface Replayed {
  accepted: number
  quarantined: number
  /** Nothing was done: it had been replayed before. */
  alreadyReplayed: boolean
}

/** A replay of kept deliveries, as its person sees it: the examples in it are their measurements. */
export interface ReplayView {
  id: string
  provider: string
  account: string | null
  /** Days whose observations are compared; null: all. */
  from: LocalDate | null
  to: LocalDate | null
  /** True: nothing is changed. */
  dryRun: boolean
  state: 'waiting' | 'running' | 'done' | 'dead' | 'cancelled'
  progress: {
    stage: 'waiting' | 'reading' | 'comparing' | 'refusing' | 'done'
    deliveries: number
    total: number | null
    observations: number
  }
  /** What the normalizer or the checks refuse now, by reason. */
  aside: { reason: string; count: number }[]
  /** Deliveries that cannot be read anew: what they said stays. */
  unread: number
  /** What would change, or has been changed, as far as it has come. */
  report: ReplayReport
  error: string | null
  startedAt: Instant
}

/** What an HTTP service answers a vendor. */
export interface WebhookAnswer {
  status: number
  headers?: Record<string, string>
  body: string
}

/** The ways in. */
export interface IngestDoor<WearableId extends string = string> {
  /** Imports a file: resolves when it is stored. `plugin: 'auto'` recognises the file by what is in it. */
  file(
    plugin: WearableId | 'auto',
    file: AsyncIterable<Uint8Array>,
    options: {
      userId: UserId
      name: string
      /** What there is to say of the file, for plugins that ask (`file.options`): the mapping of a `csv`. */
      options?: unknown
      onProgress?: (view: ImportView) => void
      signal?: AbortSignal
    },
  ): Promise<ImportView>
  /** A delivery or a challenge. Throws where it is refused. */
  webhook(plugin: string, request: RawRequest): Promise<WebhookAnswer>
  /** Observations of an app of one's own. @throws AurenError AUREN_KEY_REUSED where the key named another batch */
  observations(batch: ObservationBatch): Promise<BatchOutcome>
  /**
   * A payload that the person's own app posts, for plugins that take some (`posted`).
   * @throws AurenError AUREN_NOT_FOUND, AUREN_PAYLOAD_INVALID, AUREN_KEY_REUSED
   */
  posted(plugin: string, payload: PostedPayload): Promise<PostedOutcome>
  /** Looks for work at once: for what others accepted. What comes in by this door does so by itself. */
  wake(): void
  /** Resolves when everything accepted so far is stored. */
  settled(options?: { signal?: AbortSignal }): Promise<void>
  /**
   * Resolves when everything that a delivery led to is stored, by whichever process.
   * @param receipt id that `observations` answered
   * @throws AurenError AUREN_NOT_FOUND where the person has no such delivery, AUREN_TIMEOUT (default 30,000 ms)
   */
  processed(userId: UserId, receipt: string, options?: { signal?: AbortSignal; timeoutMs?: number }): Promise<void>
  uploads: {
    /** @throws AurenError AUREN_INPUT_INVALID where `options` are not what the plugin asks for */
    begin(
      user: UserId,
      info: { name: string; size?: number; plugin?: string; options?: unknown },
    ): Promise<{ id: string }>
    append(user: UserId, id: string, offset: number, bytes: Uint8Array): Promise<{ size: number }>
    start(user: UserId, id: string): Promise<ImportView>
  }
  imports: {
    list(user: UserId): Promise<ImportView[]>
    get(user: UserId, id: string): Promise<ImportView>
    cancel(user: UserId, id: string): Promise<void>
    /**
     * Accepts the proposal: withdraws what this complete snapshot lacks. What was known can be read as of then.
     * @throws AurenError AUREN_CONFLICT where it is no complete snapshot, or it is being done
     */
    withdraw(user: UserId, id: string): Promise<ImportView>
    /** Takes that back: what it withdrew holds again. @throws AurenError AUREN_CONFLICT where nothing was withdrawn */
    restore(user: UserId, id: string): Promise<ImportView>
  }
  connections: Connections
  /**
   * Reads what was kept of a provider with its normalizer as it is now, and tells what would change (`dryRun`), or changes
   * it. Twice is once; what was known before can be read as of then.
   */
  replays: {
    /** @throws AurenError AUREN_PLUGIN_UNKNOWN; AUREN_CONFLICT while another of the person runs */
    start(
      user: UserId,
      what: { provider: string; account?: string; from?: LocalDate; to?: LocalDate; dryRun: boolean },
    ): Promise<ReplayView>
    get(user: UserId, id: string): Promise<ReplayView>
    list(user: UserId): Promise<ReplayView[]>
    /** Stops it; what it has changed so far stays. */
    cancel(user: UserId, id: string): Promise<void>
  }
  quarantine: {
    list(filter: { user: UserId; limit?: number; open?: boolean }): Promise<QuarantineItem[]>
    get(user: UserId, id: string): Promise<QuarantineItem>
    replay(user: UserId, id: string): Promise<Replayed>
    /** Whoever's it is, and nobody's: for who runs the installation. Who may is for the caller to know. */
    operator: {
      list(filter: Omit<QuarantineFilter, 'user' | 'id'>): Promise<QuarantineItem[]>
      /** @throws AurenError AUREN_NOT_FOUND */
      get(id: string): Promise<QuarantineItem>
      /** @throws AurenError AUREN_NOT_FOUND; AUREN_CONFLICT where nobody has connected its account yet */
      replay(id: string): Promise<Replayed>
    }
  }
}

/** Minutes, hours or days of a metric, made small enough to draw. */
export interface SeriesView {
  metric: string
  unit: string
  buckets: {
    from: string
    to: string
    min: number
    max: number
    mean: number
    value: number
    n: number
    coverage: number
    /** Keys of the sources whose values these are, the best-ranked first. */
    sources: string[]
  }[]
}

/** One metric of the day's card: the last value against the person's own usual range. */
export interface TodayItem {
  metric: string
  title: string
  date: LocalDate
  fact: Fact
  /** Deviation from the 28-day baseline; null below the minimum of days. */
  baseline: Fact | null
  text: string
}

/** The day's card. */
export interface TodayView {
  date: LocalDate
  items: TodayItem[]
  /** What is missing or old, in words. */
  notes: string[]
}

/** Down to the measurements. */
export interface TraceView {
  metric: string
  date: LocalDate
  rows: DayRow[]
  samples: StoredSample[]
  /** How many samples there are beyond those listed. */
  more: number
  text: string
}

export interface AskOptions {
  userId: UserId
  threadId: string
  text: string
  /** The same id again is the same run. */
  clientId?: string
  locale?: string
  today?: LocalDate
  signal?: AbortSignal
}

/** A composed AUREN. `P` is the literal list of its plugins; for a list known at run time only, ids are strings. */
export interface Auren<P extends readonly AnyPlugin[] = readonly AnyPlugin[]> {
  readonly plugins: {
    list(): readonly AnyPlugin[]
    /** On a literal list a known id is found for sure; else it may be undefined. */
    find<Kind extends PluginKind, Id extends number extends P['length'] ? string : IdsOf<P, Kind>>(
      kind: Kind,
      id: Id,
    ): number extends P['length']
      ? Extract<AnyPlugin, { kind: Kind }> | undefined
      : Extract<P[number], { kind: Kind; id: Id }>
    /** @throws AurenError AUREN_PLUGIN_UNKNOWN */
    require<Kind extends PluginKind>(
      kind: Kind,
      id: number extends P['length'] ? string : IdsOf<P, Kind>,
    ): Extract<AnyPlugin, { kind: Kind }>
  }
  readonly ingest: IngestDoor<number extends P['length'] ? string : IdsOf<P, 'wearable'>>
  readonly memory: { for(user: UserId, purpose?: Purpose): Memory }
  /** Runs a typed query. */
  query(user: UserId, query: QueryInput, options?: { today?: LocalDate; lastPlus?: 0 | 1 }): Promise<Fact>
  /** Reads an English question, deterministically. */
  understand(user: UserId, text: string, options?: { today?: LocalDate; lastPlus?: 0 | 1 }): Promise<Understanding>
  /** Asks NEUROS; parts come as they are verified. */
  ask(options: AskOptions): AsyncIterable<AnswerPart>
  readonly neuros: {
    start(options: {
      user: UserId
      thread: string
      text: string
      clientId?: string | undefined
      locale?: string | undefined
      today?: LocalDate | undefined
    }): Promise<{ run: string; created: boolean }>
    /** Parts after `after`, then those to come, until the run ends. Leaving does not stop the run. */
    follow(user: UserId, run: string, after: number): AsyncIterable<{ seq: number; part: AnswerPart }>
    /** @throws AurenError AUREN_NOT_FOUND unless the run is of this person and thread */
    find(user: UserId, thread: string, run: string): Promise<void>
    cancel(user: UserId, run: string): Promise<void>
  }
  series(
    user: UserId,
    q: { metric: string; from: LocalDate; to: LocalDate; buckets: number; source?: string | undefined },
  ): Promise<SeriesView>
  explain(user: UserId, q: { metric: string; date: LocalDate; limit: number }): Promise<TraceView>
  today(user: UserId, options?: { today?: LocalDate }): Promise<TodayView>
  metrics(user: UserId): Promise<(MetricSummary & { title: string; unit: string })[]>
  removeThread(user: UserId, thread: string): Promise<boolean>
  readonly hot: Hot
  readonly longTerm: LongTerm
  readonly threads: Threads
  /** Accounts, tokens, consents and the audit log; null where no storage keeps them. */
  readonly identity: IdentityStore | null
  /** What waits and how far behind the log's consumers are (DESIGN §5, G9). */
  lag(): Promise<AurenLag>
  /** Whether it can keep its promise now; answers within some seconds, and never throws. */
  health(): Promise<AurenHealth>
  close(): Promise<void>
}
