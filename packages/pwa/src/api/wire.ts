/**
 * What the services say and take, as far as this app reads it. The types are the app's own, because nothing of the
 * server may be bundled into it; `test/wire.ts` fails to compile when they and the server's drift apart.
 */

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number
/** A civil date, `YYYY-MM-DD`. */
export type LocalDate = string

/** What is measured. */
export type Measure =
  | { of: 'metric'; metric: string }
  | {
      of: 'session'
      kind: 'sleep' | 'workout'
      field: string
      activity?: string[] | undefined
      all?: boolean | undefined
    }
  | { of: 'tag'; tag: string }

export type Comparator = '<' | '<=' | '>' | '>=' | '=' | '!='

/** Which days, sessions or samples count. */
export type Condition =
  | { on: 'metric'; metric: string; op: Comparator; value: number; shift?: number | undefined }
  | {
      on: 'session'
      kind: 'sleep' | 'workout'
      activity?: string[] | undefined
      field?: string | undefined
      op?: Comparator | undefined
      value?: number | undefined
      shift?: number | undefined
    }
  | { on: 'tag'; tag: string; shift?: number | undefined }
  | { on: 'weekday'; in: string[] }
  | { on: 'time'; from: string; to: string }
  | { on: 'dates'; from: string; to: string }
  | { on: 'season'; in: string[] }
  | { on: 'value'; op: Comparator; value: number }
  | { on: 'field'; field: string; op: Comparator; value: number }
  | { on: 'any'; of: Condition[] }
  | { on: 'not'; of: Condition }

/** A look-up of what is usual. */
export interface PatternQuery {
  pattern: 'baseline' | 'deviation' | 'trend'
  metric: string
  window?: 28 | 90 | 365 | undefined
  date?: LocalDate | undefined
}

/** A question about a measure, as far as it is shown. */
export interface SeriesQuery {
  measure: Measure
  aggregate: string
  over?: 'day' | 'sample' | 'session' | undefined
  p?: number | undefined
  take?: { from: 'first' | 'last'; n: number } | undefined
  where: Condition[]
  within?: { kind: 'sleep' | 'workout'; activity?: string[] | undefined } | undefined
  source?: string | undefined
  group?: string | undefined
}

export type Query = PatternQuery | SeriesQuery

/** A number with its query, and what it stands on. */
export interface Fact {
  id: string
  query: Query
  status: 'ok' | 'not_enough_data' | 'no_data'
  value: number | null
  /** UCUM. */
  unit: string
  n: number
  minimum: number
  /** 0 … 1 */
  coverage: number
  sources: string[]
  from: LocalDate | null
  to: LocalDate | null
  algorithm: string
  date?: LocalDate | null | undefined
  rows?: { key: string; value: number | null; n: number; coverage?: number | undefined }[] | undefined
  comparison?:
    | {
        value: number | null
        n: number
        coverage: number
        from: LocalDate | null
        to: LocalDate | null
        difference: number | null
        ratio: number | null
      }
    | undefined
  baseline?: { median: number; spread: number; low: number; high: number; window: number; z: number | null } | undefined
  trend?: { slope: number; low: number; high: number; p: number; direction: 'rising' | 'falling' | 'none' } | undefined
  notes: string[]
}

/** A card of the day. */
export interface TodayItem {
  metric: string
  title: string
  date: LocalDate
  fact: Fact
  baseline: Fact | null
  text: string
}
export interface TodayView {
  date: LocalDate
  items: TodayItem[]
  notes: string[]
}

/** What there is of a metric. */
export interface MetricInfo {
  metric: string
  title: string
  unit: string
  from: LocalDate
  to: LocalDate
  days: number
  n: number
  sources: string[]
}

/** A stretch of a chart; `from` and `to` are dates, or instants (ISO) for spans of a few days. */
export interface Bucket {
  from: string
  to: string
  min: number
  max: number
  mean: number
  value: number
  n: number
  coverage: number
  /** Keys of the sources whose values these are. */
  sources: string[]
}
export interface SeriesView {
  metric: string
  unit: string
  buckets: Bucket[]
}

/** One day of one source. */
export interface DayRow {
  source: string
  date: LocalDate
  value: number
  n: number
  coverage: number
}
/** One stored measurement. */
export interface StoredSample {
  source: string
  start: Instant
  end: Instant | null
  value: number
  /** Minutes east of UTC; null where nothing says it. */
  offset: number | null
  rawRef: string
  receivedAt: Instant
}
/** Down to the measurements of a day. */
export interface TraceView {
  metric: string
  date: LocalDate
  rows: DayRow[]
  samples: StoredSample[]
  more: number
  text: string
}

export type RunState = 'done' | 'failed' | 'cancelled' | 'interrupted'

/** A turn of a conversation, as it was kept. */
export interface Turn {
  id: string
  role: 'person' | 'neuros'
  text: string
  facts: unknown[]
  at: Instant
}
export interface ThreadInfo {
  id: string
  title: string
  updatedAt: Instant
}

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

/** What the person said, or what was concluded. */
export interface MemoryRecord {
  id: string
  kind: MemoryKind
  validFrom: Instant
  validTo: Instant | null
  recordedAt: Instant
  origin: 'self' | 'derived' | 'record'
  algorithm: string | null
  derivedFrom: string[]
  about: string[]
  text: string
  status: 'drafted' | 'active' | 'weakening' | 'retired'
  confidence: number | null
  pinned: boolean
}
/** Two memories that cannot both be so. */
export interface ContradictionView {
  id: string
  kind: 'value' | 'negation' | 'unit' | 'source'
  /** The one that counts while nobody has decided. */
  acts: string | null
  sides: MemoryRecord[]
}

/** A stretch of a life in which its levels held. */
export interface ChapterView {
  id: string
  text: string
  from: LocalDate
  /** Null while it goes on. */
  to: LocalDate | null
  /** Last day of the data that it stands on. */
  until: LocalDate
}

/** Where a memory came from. */
export interface Provenance {
  record: MemoryRecord
  from: Provenance[]
  refs: string[]
}

/** What the person said about themselves. */
export interface Profile {
  zones?: { from: Instant; zone: string }[] | undefined
  birthDate?: LocalDate | undefined
  sex?: 'female' | 'male' | 'other' | undefined
  locale?: string | undefined
  units?: 'metric' | 'imperial' | undefined
  restingHeartRate?: number | undefined
  maximalHeartRate?: number | undefined
  ranks?: Record<string, string[]> | undefined
}

/** An import as its person sees it. */
export interface ImportView {
  id: string
  plugin: string
  name: string
  state: 'uploading' | 'waiting' | 'running' | 'done' | 'dead' | 'cancelled'
  duplicate: boolean
  progress: { bytes: number; total: number | null; observations: number; rejected: number }
  rejected: { reason: string; count: number }[]
  /** Null where it is no complete export, or lacks nothing. */
  missing: Missing | null
  error: string | null
  startedAt: Instant
}

/** What earlier complete exports held, and this one lacks. */
export interface Missing {
  count: number
  /** How many are held of the kinds that it lacks any of. */
  held: number
  kinds: { shape: string; of: string; missing: number; held: number }[]
  state: 'proposed' | 'withdrawing' | 'withdrawn' | 'restoring' | 'restored'
}

/** A connection to a vendor; never a token. */
export interface ConnectionView {
  provider: string
  account: string
  status: string
  lastSyncAt: Instant | null
  error: string | null
}

/** A vendor, and how a person connects it here. */
export interface VendorView {
  provider: string
  title: string
  /** On a page of the vendor's; by what is said of a site of one's own; by an address for an app; null: not at all. */
  connect: 'page' | 'site' | 'address' | null
  fields: readonly { name: string; title: string; hint: string | null; secret: boolean }[]
}

/** A device that is signed in. */
export interface SignInView {
  id: string
  createdAt: Instant
  usedAt: Instant
  expiresAt: Instant
  /** The one that asks. */
  current: boolean
}

export type TokenScope = 'read' | 'write' | 'operate'

/** A token of a program, without the token. */
export interface ApiTokenView {
  id: string
  name: string
  scopes: readonly TokenScope[]
  createdAt: Instant
  expiresAt: Instant
  usedAt: Instant | null
  revokedAt: Instant | null
}

/** What was said of a purpose; the newest of a purpose and kind holds. */
export interface ConsentView {
  purpose: 'answer' | 'display' | 'consolidate' | 'export' | 'model' | 'operate'
  /** `*`, or a metric. */
  kind: string
  granted: boolean
  version: string
  at: Instant
}
