import type { AurenErrorCode } from '../errors.js'
import type { Tx } from '../events/ports.js'
import type { RecordMark } from '../observation/identity.js'
import type {
  Deletion,
  Instant,
  LocalDate,
  Observation,
  SourceType,
  StageInterval,
  UserId,
  ZoneBasis,
} from '../observation/schema.js'

/** Why data is read; consent is recorded per purpose. */
export type Purpose = 'answer' | 'display' | 'consolidate' | 'export' | 'model' | 'operate'

/** Whose data, and what for. Every memory call carries one. */
export interface Scope {
  user: UserId
  purpose: Purpose
}

/** Checked, converted observations of one delivery, ready to be stored. */
export interface Batch {
  provider: string
  account: string
  receivedAt: Instant
  rawRef: string
  /** Revisions of single observations: they say nothing of what else their records hold. */
  amends?: boolean
  observations: readonly Observation[]
  /** When it was said last, of what an export brings back. @default receivedAt */
  lastReceivedAt?: Instant
  /** Revisions of records, of what an export brings back. */
  records?: readonly { recordId: string; marks: readonly RecordMark[] }[]
}

/** What tier 2 holds beside {@link LongTerm.scan}: what it takes to read as of then, and to keep away what was deleted. */
export type HistoryItem =
  | { kind: 'record'; provider: string; account: string; recordId: string; marks: readonly RecordMark[] }
  | {
      kind: 'revision'
      /** A value that no longer holds, or the deletion of one. */
      observation: Observation
      provider: string
      account: string
      receivedAt: Instant
      lastReceivedAt?: Instant
      rawRef: string
    }

/** Place of an identity in the order of {@link LongTerm.identities}: the same for every person, and JSON. */
export type IdentityPlace = readonly (string | number)[]

/** One identity of tier 2: what was said of it last, and whether that holds. */
export interface KnownIdentity {
  place: IdentityPlace
  provider: string
  account: string
  /** Its newest value, in the catalogue's unit; null where there was never any. */
  observation: Exclude<Observation, Deletion> | null
  /** receivedAt of the first and the last delivery that held this value, and the first one's raw delivery. */
  first: Instant
  last: Instant
  rawRef: string
  /**
   * Why the value does not hold; null where it holds. Of a deletion of its own, its first raw delivery and when it was
   * said last: the same deletion may have been said before, of a value that came again. Of a record that was deleted or
   * revised, when that revision was received.
   */
  withdrawn: {
    by: 'person' | 'deletion' | 'record_deletion' | 'newer_record'
    rawRef: string | null
    last: Instant | null
  } | null
}

/** What a write did. */
export interface WriteReport {
  /** Observations that are new or changed what was known. */
  changed: number
  /** Observations that were there already, equal. */
  unchanged: number
  /** Local days whose roll-ups were recomputed. */
  days: number
}

/** Name of the row that holds all sources, merged by rank. */
export const MERGED = 'merged'

/** Where a stored value came from. `key` is `provider/account-hash/name`-like, stable, safe to show. */
export interface SourceInfo {
  key: string
  provider: string
  name: string
  type: SourceType
}

/** One day of one metric from one source (or {@link MERGED}): what almost every question is answered from. */
export interface DayRow {
  metric: string
  source: string
  date: LocalDate
  /** The day's value by the metric's first daily aggregate, in the catalogue's unit. */
  value: number
  n: number
  sum: number
  min: number
  max: number
  mean: number
  /** Sample standard deviation; null where n < 2. */
  sd: number | null
  first: number
  last: number
  /** Energy mean in dB, for sound levels only. */
  leq: number | null
  /** Minutes below 70, from 70 to 180, above 180 mg/dL; glucose only. */
  bands: readonly number[] | null
  /** 0 … 1, DESIGN §4. */
  coverage: number
  /** Keys of the sources that a merged row was made from. */
  sources?: readonly string[]
  /** How a merged value came about: source key → its share of `sum` (cumulative metrics). */
  parts: Readonly<Record<string, number>> | null
}

/** One stored sample, decoded. */
export interface StoredSample {
  metric: string
  source: string
  start: Instant
  end: Instant | null
  value: number
  offset: number | null
  zoneBasis: ZoneBasis
  flags: number
  rawRef: string
  recordId: string | null
  version: number | null
  receivedAt: Instant
}

/** A stored session with its local date (of the END for sleep, of the start for workouts). */
export interface StoredSession {
  id: string
  kind: 'sleep' | 'workout'
  source: string
  start: Instant
  end: Instant
  date: LocalDate
  offset: number | null
  /** Sleep: true for the main sleep of its date among all sources. Workout: true unless linked to a richer one. */
  main: boolean
  nap: boolean
  activity: string | null
  vendorActivity: string | null
  stages: readonly StageInterval[]
  measures: Readonly<Record<string, number>>
  text: string | null
  flags: number
  rawRef: string
  recordId: string | null
  receivedAt: Instant
}

/** A stored tag. */
export interface StoredTag {
  id: string
  tag: string
  source: string
  start: Instant
  end: Instant | null
  date: LocalDate
  value: number | null
  unit: string | null
  text: string | null
  rawRef: string
  receivedAt: Instant
}

/** What is known of one metric. */
export interface MetricSummary {
  metric: string
  from: LocalDate
  to: LocalDate
  days: number
  n: number
  sources: string[]
}

/** What the inputs of a month looked like: equal digests, equal inputs. `series`: a metric, or one of `inputSeries`. */
export interface Fingerprint {
  series: string
  /** `2021-03` */
  month: string
  digest: string
}

/** Tier 2: every observation for ever. Dates are local and inclusive at both ends. */
export interface LongTerm {
  /** Merges, in the transaction: any order, split or repetition of the same batches gives the same tables. */
  write(tx: Tx, user: UserId, batches: readonly Batch[]): Promise<WriteReport>
  /** Raised by every write that changed anything, and never the same again; what the hot tier is checked against. */
  version(scope: Scope): Promise<number>
  /** Rows of {@link MERGED} unless `source` names another; `all` is every single source, without the merged rows. */
  days(
    scope: Scope,
    q: { metrics: readonly string[]; from: LocalDate; to: LocalDate; source?: string | 'all' },
  ): Promise<DayRow[]>
  samples(
    scope: Scope,
    q: { metric: string; from: Instant; to: Instant; source?: string; asOf?: Instant },
  ): Promise<StoredSample[]>
  sessions(
    scope: Scope,
    q: { kind?: 'sleep' | 'workout'; from: LocalDate; to: LocalDate; all?: boolean },
  ): Promise<StoredSession[]>
  tags(scope: Scope, q: { from: LocalDate; to: LocalDate; tag?: string }): Promise<StoredTag[]>
  metrics(scope: Scope): Promise<MetricSummary[]>
  /**
   * What every month of each metric's merged days looks like, and of what they stand on (`inputSeries`): equal
   * digests, equal inputs. Absent: everything is read to find what changed.
   */
  fingerprints?(scope: Scope): Promise<Fingerprint[]>
  sources(scope: Scope): Promise<SourceInfo[]>
  profile(scope: Scope): Promise<Profile>
  setProfile(tx: Tx, user: UserId, profile: Profile): Promise<void>
  /** Everything stored, as observations, for export. */
  scan(scope: Scope): AsyncIterable<
    Observation & {
      provider: string
      account?: string
      receivedAt: Instant
      /** When it was said last, where that is another time. */
      lastReceivedAt?: Instant
      rawRef: string
    }
  >
  /** What no longer holds, for export: revisions of records first. Absent: an export has no history. */
  history?(scope: Scope): AsyncIterable<HistoryItem>
  /**
   * What was said of each identity of a provider, in ascending {@link IdentityPlace}; only those that hold, unless `all`.
   * Read page by page: what is written meanwhile behind the place that was reached is seen.
   */
  identities(
    scope: Scope,
    q: { provider: string; account?: string; all?: boolean; after?: IdentityPlace },
  ): AsyncIterable<KnownIdentity>
  /** The newest revisions of a vendor's records, by id; those that are known. */
  records(
    scope: Scope,
    q: { provider: string; account: string; ids: readonly string[] },
  ): Promise<Map<string, RecordMark>>
  /**
   * Writes deletions by the person of single observations, and takes their values out of the history too: only that they
   * are deleted stays, so that they do not come back. Absent: a storage cannot forget in parts.
   */
  forget?(tx: Tx, user: UserId, batches: readonly Batch[]): Promise<void>
  erase(tx: Tx, user: UserId): Promise<Record<string, number>>
}

/** Orders places: negative where `a` comes first. */
export function comparePlaces(a: IdentityPlace, b: IdentityPlace): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [left, right] = [a[i] as string | number, b[i] as string | number]
    if (left !== right) return left < right ? -1 : 1
  }
  return a.length - b.length
}

/** What a person said about themselves; each item optional, never assumed. */
export interface Profile {
  /** IANA zones with the instant from which each held, ascending. */
  zones?: { from: Instant; zone: string }[]
  birthDate?: LocalDate
  sex?: 'female' | 'male' | 'other'
  locale?: string
  units?: 'metric' | 'imperial'
  restingHeartRate?: number
  maximalHeartRate?: number
  /** metric or '*' → source keys, best first; overrides the default rank by source type. */
  ranks?: Record<string, string[]>
}

/** Kinds of memory records of tier 3. */
export type MemoryKind =
  | 'baseline'
  | 'pattern'
  | 'episode'
  | 'hypothesis'
  | 'goal'
  | 'experiment'
  | 'preference'
  | 'safety'
  | 'tag'
  | 'note'
  | 'contradiction'

/** What speaks for or against a record, and how much of it. */
export interface Evidence {
  /** What it is: `days:<metric>/<from>/<to>`, a delivery, a turn. Equal refs are one piece. */
  ref: string
  /** `memory`: recalled from memory, which is no evidence and is refused. */
  origin: 'self' | 'measured' | 'record' | 'memory'
  at: Instant
  /** Observations (days, years, trials) that agree, and that do not; 0 or more. */
  for: number
  against: number
}

/** A record of tier 3: what consolidation concluded, or what the person said. */
export interface MemoryRecord {
  id: string
  kind: MemoryKind
  /** World time for which it holds. */
  validFrom: Instant
  validTo: Instant | null
  /** System time: known since, and until when it was believed. */
  recordedAt: Instant
  supersededAt: Instant | null
  origin: 'self' | 'derived' | 'record'
  /** `detector@1.0.0` for derived ones. */
  algorithm: string | null
  /** Ids of memories, deliveries or turns that it was made from. */
  derivedFrom: string[]
  /** Metric ids and tags that it is about. */
  about: string[]
  /** Plain sentence; data, never an instruction. Encrypted at rest. */
  text: string
  /** Kind's own numbers (a baseline's median, MAD, n, window …). Encrypted at rest. */
  body: Record<string, unknown>
  status: 'drafted' | 'active' | 'weakening' | 'retired'
  /** 0 … 1: as it was recorded, in what a storage returns; as of the asked time, in what the memory returns. */
  confidence: number | null
  /** What the confidence is computed from. Encrypted at rest. Absent: nothing but the record itself. */
  evidence?: readonly Evidence[]
  /** Safety facts, preferences and active goals: in every recall, never evicted. */
  pinned: boolean
}

/** Tier 3. */
export interface Patterns {
  /**
   * Raised by every change that `put`, `close` or `remove` makes, in its transaction, and never the same again; what the
   * hot tier is checked against. Absent: nothing of tier 3 is kept in the hot tier.
   */
  version?(scope: Scope): Promise<number>
  put(tx: Tx, user: UserId, records: readonly MemoryRecord[]): Promise<void>
  get(scope: Scope, id: string): Promise<MemoryRecord | null>
  list(
    scope: Scope,
    q?: {
      kinds?: readonly MemoryKind[]
      about?: string
      pinned?: boolean
      status?: readonly MemoryRecord['status'][]
      /** Holds at some instant of this time, half-open. */
      overlaps?: { from: Instant; to: Instant }
      /** At most so many of each kind, those that were recorded last. */
      perKind?: number
      asOf?: Instant
    },
  ): Promise<MemoryRecord[]>
  /** Every version of every record, oldest first of each, for export. Absent: an export has the current ones alone. */
  versions?(scope: Scope): AsyncIterable<MemoryRecord>
  /** Lexical search, best first: stems, any of them. With `asOf`, over what was believed then. */
  search(
    scope: Scope,
    q: { text: string; limit: number; asOf?: Instant },
  ): Promise<{ record: MemoryRecord; score: number }[]>
  /** Closes a record (supersededAt) or changes its status; the old one can still be read as of then. */
  close(tx: Tx, user: UserId, id: string, at: Instant, status: 'retired' | 'weakening'): Promise<void>
  remove(tx: Tx, user: UserId, ids: readonly string[]): Promise<number>
}

/** Whether a tier that runs elsewhere is reached, and since when that is so. */
export interface TierHealth {
  connected: boolean
  since: Instant
  /** Why not; null while connected. */
  code: AurenErrorCode | null
}

/**
 * Tier 1: a cache of tiers 2 and 3; wiping it changes no answer. Values are JSON. It never throws and never takes long:
 * what is absent or slow has nothing.
 */
export interface Hot {
  get(user: UserId, key: string): Promise<{ version: number; date: LocalDate; value: unknown } | null>
  /** Compare-and-set: kept only if `version` is not below the stored one. */
  put(user: UserId, key: string, entry: { version: number; date: LocalDate; value: unknown }): Promise<void>
  /** What cannot be wiped now is not read again by this process, and is wiped as soon as it can be. */
  wipe(user?: UserId): Promise<void>
  /** For readiness; absent where the tier is in process. */
  health?(): TierHealth
}

/** A turn of a conversation. Text is encrypted at rest. */
export interface Turn {
  id: string
  thread: string
  role: 'person' | 'neuros'
  text: string
  /** Facts that the text is bound to. */
  facts: unknown[]
  at: Instant
}

export type RunState = 'running' | 'done' | 'failed' | 'interrupted' | 'cancelled'

/** Threads, runs with their journal of verified parts, and LangGraph checkpoints. */
export interface Threads {
  list(scope: Scope): Promise<{ id: string; title: string; updatedAt: Instant }[]>
  turns(scope: Scope, thread: string, limit?: number): Promise<Turn[]>
  addTurn(tx: Tx, user: UserId, turn: Turn): Promise<void>
  /**
   * Lexical search over what was said, best first: stems, any of them; the turns beside one count for it too.
   * @param q `asOf`: only what had been said by then
   */
  search(scope: Scope, q: { text: string; limit: number; asOf?: Instant }): Promise<{ turn: Turn; score: number }[]>
  remove(tx: Tx, user: UserId, thread: string): Promise<boolean>
  /** Idempotent by (user, thread, clientId): the second call returns the first run. */
  startRun(
    tx: Tx,
    user: UserId,
    run: { thread: string; clientId: string; text: string; at: Instant; leaseMs: number },
  ): Promise<{ id: string; created: boolean }>
  run(scope: Scope, id: string): Promise<{ id: string; thread: string; state: RunState } | null>
  /** Appends verified parts; `seq` starts at 1 and is consecutive. */
  appendParts(tx: Tx, user: UserId, run: string, parts: readonly { seq: number; part: unknown }[]): Promise<void>
  parts(scope: Scope, run: string, after: number): Promise<{ seq: number; part: unknown }[]>
  endRun(tx: Tx, user: UserId, run: string, state: Exclude<RunState, 'running'>): Promise<void>
  /** Keeps runs for `leaseMs` more, by the clock of the storage. Returns the ids of those that are still running. */
  renewRuns(tx: Tx, runs: readonly { user: UserId; id: string }[], leaseMs: number): Promise<Set<string>>
  /** True while a run that began earlier in the same thread is running, in whatever process. */
  queued(scope: Scope, run: string): Promise<boolean>
  /** Runs whose lease is over become `interrupted`: their process has died. Returns how many. */
  interruptRuns(tx: Tx): Promise<number>
  checkpoints: CheckpointRows
}

/** Rows behind the checkpointer; bytes are encrypted by the storage. */
export interface CheckpointRows {
  put(
    user: UserId,
    row: {
      thread: string
      ns: string
      id: string
      parent: string | null
      checkpoint: Uint8Array
      checkpointType: string
      metadata: Uint8Array
      metadataType: string
    },
  ): Promise<void>
  putWrites(
    user: UserId,
    key: { thread: string; ns: string; id: string; task: string },
    writes: readonly { index: number; channel: string; type: string; value: Uint8Array }[],
  ): Promise<void>
  /** The named checkpoint, or the newest where `id` is absent, with its pending writes. */
  get(user: UserId, key: { thread: string; ns: string; id?: string }): Promise<CheckpointRow | null>
  list(user: UserId, q: { thread?: string; ns?: string; before?: string; limit?: number }): Promise<CheckpointRow[]>
  removeThread(user: UserId, thread: string): Promise<void>
}

export interface CheckpointRow {
  thread: string
  ns: string
  id: string
  parent: string | null
  checkpoint: Uint8Array
  checkpointType: string
  metadata: Uint8Array
  metadataType: string
  writes: { task: string; index: number; channel: string; type: string; value: Uint8Array }[]
}
