import type { Instant, UserId } from '../observation/schema.js'
import type { Envelope } from './envelope.js'
import type { RelayStore } from './relay-ports.js'
import type { Lane, Tx } from './tx.js'

export type { Lane, Tx } from './tx.js'

/** What the outside handed over, once and for ever. Key: (provider, deliveryKey). */
export interface Delivery {
  provider: string
  /** The vendor's delivery id, else a hash of provider and raw bytes. */
  deliveryKey: string
  /** Null where the account is not (yet) anybody's. */
  user: UserId | null
  account: string
  /** Allow-listed headers. */
  headers?: Record<string, string>
  /** Raw bytes, kept encrypted with the person's key. Absent where the bytes are a blob. */
  body?: Uint8Array
  /** Id of a blob that holds the raw bytes. */
  blob?: string
}

/** A delivery in the inbox, without its bytes. */
export interface KeptDelivery {
  id: string
  deliveryKey: string
  account: string
  receivedAt: Instant
  /** Id of the blob that holds its bytes. */
  blob: string | null
}

/** What the inbox says of a delivery. */
export interface Receipt {
  id: string
  receivedAt: Instant
  /** True where the same delivery had been committed before: nothing was done again. */
  duplicate: boolean
}

/** A record of the log, opened. */
export interface LogRecord {
  partition: number
  position: number
  /** Row of the outbox; null where the record is none of ours. */
  id: string | null
  /** Null where there is nothing to store: stored before, its person erased, or none of ours. */
  envelope: Envelope | null
  /** Set where the record itself is to be set aside, whether or not there is something to store. */
  aside?: LogAside
}

/** A record with something to store. */
export type FullRecord = LogRecord & { id: string; envelope: Envelope }

/** A record of the log that is not as AUREN wrote it. */
export interface LogAside {
  /** `log_unknown`: nobody's record. `log_garbled`: its bytes do not open; the row they were made from does. */
  reason: 'log_unknown' | 'log_garbled'
  /** Name of the log. */
  log: string
  /** When the log took it. */
  at: Instant
  /** Its bytes in base64, the first 64 KiB. */
  bytes: string
}

/** Durable work: a fetch from a vendor, an import of a file. */
export interface Job<T = unknown> {
  id: string
  kind: string
  user: UserId | null
  /** Kept encrypted. */
  payload: T
  state: 'waiting' | 'running' | 'done' | 'dead' | 'cancelled'
  /** Times that it was leased; names the lease. */
  attempts: number
  /** How many of them do not count against it: the vendor asked to wait, or a regular run went well. */
  excused: number
  /** Where the work stands, for resuming and for progress bars. */
  progress: Record<string, unknown>
  error: string | null
  runAt: Instant
  updatedAt: Instant
}

/** A job to be done; the same `key` again is the first one. */
export interface NewJob {
  kind: string
  user: UserId | null
  payload: unknown
  key?: string
  runAt?: Instant
}

/** Something set aside: what it was, why, and whether it has been replayed. */
export interface QuarantineItem {
  id: string
  user: UserId | null
  provider: string
  account: string
  rawRef: string
  receivedAt: Instant
  /** An AUREN code or a check's name, e.g. `hard_range`. */
  reason: string
  detail: string
  /** The observation or payload as JSON. Kept encrypted. */
  item: unknown
  replayedAt: Instant | null
}

/** Which items of the quarantine; of everybody where no person is named. */
export interface QuarantineFilter {
  user?: UserId
  id?: string
  /** True: only what has not been replayed; false: only what has. */
  open?: boolean
  provider?: string
  reason?: string
  /** Of this raw delivery. */
  rawRef?: string
  /** Id of an item: only what was set aside before it. */
  after?: string
  limit?: number
}

/** OAuth connection of a person to a vendor's account. Tokens are kept encrypted. */
export interface Connection {
  id: string
  user: UserId
  provider: string
  account: string
  /** `pending`: an OAuth dance has begun; `account` then holds the hash of its one-time state. */
  status: 'pending' | 'active' | 'revoked' | 'error'
  tokens: { accessToken: string; refreshToken?: string; expiresAt?: Instant; scope?: string } | null
  /** Plugin's own state, e.g. pull cursors. Kept encrypted. */
  state: Record<string, unknown>
  /** What the person lets the vendor send, in the vendor's words; absent where the vendor has not said. Kept encrypted. */
  permissions?: readonly string[]
  lastSyncAt: Instant | null
  error: string | null
}

/** How much waits, and since when; how much came and how much is stored since the beginning. */
export interface JournalLag {
  /** Envelopes in the outbox. */
  waiting: number
  /** Age of the oldest of them, in ms. */
  oldestMs: number
  /** Items set aside and not replayed. */
  quarantined: number
  /** Jobs that run, or are due. */
  jobs: number
  /** Jobs of later, such as every night's. */
  planned: number
  /** Envelopes accepted. */
  accepted: number
  /** Envelopes stored, or set aside. */
  stored: number
  /** Records of the log that led to nothing: delivered again, or their person was erased. */
  duplicates: number
  /** Envelopes that a bus acknowledged, each time. */
  published: number
}

/**
 * Inbox, outbox, jobs, offsets, quarantine, blobs and connections: what makes "accepted means kept" true.
 * Every method takes the transaction that it is part of.
 */
export interface Journal extends RelayStore {
  transaction<T>(fn: (tx: Tx) => Promise<T>, options?: { lane?: Lane; retry?: boolean }): Promise<T>

  /** Makes sure that the person exists (with a key of their own). */
  person(tx: Tx, user: UserId): Promise<void>

  /** Commits a delivery; the same (provider, deliveryKey) again returns the first receipt, duplicate. */
  receive(tx: Tx, delivery: Delivery, receivedAt: Instant): Promise<Receipt>
  /** Several at once, in order; of two with one key the first is it. */
  receiveAll(tx: Tx, deliveries: readonly { delivery: Delivery; receivedAt: Instant }[]): Promise<Receipt[]>
  /** The raw bytes of a delivery, for replay. */
  raw(tx: Tx, id: string): Promise<{ delivery: Delivery; receivedAt: Instant } | null>
  /**
   * Deliveries of a person from a provider that were received until then, oldest first; with them those that came for an
   * account of theirs before it was anybody's.
   */
  deliveries(
    tx: Tx,
    q: {
      user: UserId
      provider: string
      account?: string
      until: Instant
      after?: Pick<KeptDelivery, 'id' | 'receivedAt'>
      limit: number
    },
  ): Promise<KeptDelivery[]>

  /**
   * Adds envelopes to the outbox, without a position.
   * @param receipt the delivery that led to them, where that is another one than each envelope's `rawRef`
   */
  enqueue(tx: Tx, envelopes: readonly Envelope[], receipt?: string): Promise<void>
  /** How much of what a delivery led to is not stored yet; null where the person has no such delivery. */
  outstanding(tx: Tx, user: UserId, receipt: string): Promise<number | null>

  /**
   * Without a bus, the table is the log: gives committed rows without a position consecutive ones, under an advisory
   * lock. Returns how many.
   */
  assign(tx: Tx, limit: number): Promise<number>
  /** Rows of a partition from `from` on, in order of position, at most `limit` rows and `maxBytes` bytes. */
  read(tx: Tx, partition: number, from: number, limit: number, maxBytes: number): Promise<FullRecord[]>
  partitions(): number

  /** Takes a partition over: raises the epoch, returns it with the next position. */
  takeOver(tx: Tx, group: string, partition: number): Promise<{ epoch: number; next: number }>
  /** `UPDATE offsets SET next … WHERE epoch = mine AND next = expected`; false means a zombie. */
  advance(tx: Tx, group: string, partition: number, epoch: number, expected: number, next: number): Promise<boolean>
  /**
   * Which of these outbox rows are still to be stored; locks them until the transaction ends. What is missing has been
   * stored before, or its person was erased after it was read: it must not be written. Ask after {@link lockPersons}.
   */
  pending(tx: Tx, ids: readonly string[]): Promise<Set<string>>
  /** Takes stored rows out of the outbox; those that were not there any more count as duplicates dropped. */
  markStored(tx: Tx, ids: readonly string[]): Promise<void>
  /** Locks whoever is written, in ascending order (DESIGN §5, Locks). */
  lockPersons(tx: Tx, users: readonly UserId[]): Promise<void>
  lag(): Promise<JournalLag>
  /** Envelopes in the outbox, counted no further than `most`: what has to know often need not read all that waits. */
  waiting(most: number): Promise<number>

  addJob(tx: Tx, job: NewJob): Promise<string>
  /** Several at once; of those with one key the first is it. */
  addJobs(tx: Tx, jobs: readonly NewJob[]): Promise<void>
  /** Jobs of any kind that run, or are to run by now. */
  dueJobs(tx: Tx, now: Instant): Promise<number>
  /** Leases the next due job; an expired lease is due again. */
  leaseJob(tx: Tx, kinds: readonly string[], leaseMs: number, now: Instant): Promise<Job | null>
  /**
   * Extends the lease and notes progress; false when the lease was lost. With `attempt` (the leased job's `attempts`)
   * a lease that another worker has taken meanwhile counts as lost.
   */
  saveJob(
    tx: Tx,
    id: string,
    progress: Record<string, unknown>,
    leaseMs: number,
    now: Instant,
    attempt?: number,
  ): Promise<boolean>
  /** What is done or cancelled stays so: a worker that did not hear of it changes nothing. */
  endJob(
    tx: Tx,
    id: string,
    end: {
      state: 'done' | 'dead' | 'waiting' | 'cancelled'
      error?: string
      runAt?: Instant
      progress?: Record<string, unknown>
      /** The leased job's `attempts`: nothing happens where another worker has leased it since. */
      attempt?: number
      /** See {@link Job.excused}. */
      excused?: number
    },
    now: Instant,
  ): Promise<void>
  getJob(tx: Tx, id: string): Promise<Job | null>
  listJobs(tx: Tx, filter: { user?: UserId; kind?: string; limit?: number }): Promise<Job[]>

  /** Sets items aside; returns their ids. */
  quarantine(tx: Tx, items: readonly Omit<QuarantineItem, 'id' | 'replayedAt'>[]): Promise<string[]>
  /** Newest first. */
  listQuarantine(tx: Tx, filter: QuarantineFilter): Promise<QuarantineItem[]>
  markReplayed(tx: Tx, id: string, at: Instant): Promise<void>

  /**
   * Erases the person from every table that has their rows (discovered from the schema, so that none is forgotten),
   * blobs and connections included, and destroys their key. What stays: a keyed hash, so that a delivery received before
   * the erasure is refused. Returns rows removed by table.
   */
  erase(tx: Tx, user: UserId): Promise<Record<string, number>>
  /** Newest `receivedAt` that an erasure of this person reached; null where there was none. Older data is refused. */
  erasedUntil(tx: Tx, user: UserId): Promise<Instant | null>

  connections: ConnectionStore
  blobs: BlobStore
  /** Where the siblings of an import are counted; absent: only within each of its steps. */
  ordinals?: OrdinalStore
}

/** Pages of 16 bytes per observation of one import, by name; they go when the import has ended. */
export interface OrdinalStore {
  /** Those of the named pages that there are. */
  read(tx: Tx, importId: string, names: readonly string[]): Promise<Map<string, Uint8Array>>
  write(tx: Tx, importId: string, user: UserId, pages: ReadonlyMap<string, Uint8Array>): Promise<void>
  drop(tx: Tx, importId: string): Promise<void>
}

/** A connection without its secrets. */
export type Owner = Pick<Connection, 'id' | 'user' | 'account' | 'status'>

/** Connections to vendors. */
export interface ConnectionStore {
  save(tx: Tx, connection: Omit<Connection, 'id'> & { id?: string }): Promise<Connection>
  list(tx: Tx, filter: { user?: UserId; provider?: string; account?: string }): Promise<Connection[]>
  /** Locks the row until the transaction ends, so that one refresh runs at a time. */
  lock(tx: Tx, id: string): Promise<Connection | null>
  /** Whose accounts of a vendor these are, without opening what is sealed. */
  owners(tx: Tx, provider: string, accounts: readonly string[]): Promise<Owner[]>
  /**
   * Takes the right to renew the tokens for `leaseMs`, by the clock of the storage; false while somebody else has it.
   * With 0 it is given back.
   */
  holdRefresh(tx: Tx, id: string, leaseMs: number): Promise<boolean>
  remove(tx: Tx, id: string): Promise<void>
}

/**
 * Raw files, as encrypted frames in the same database: uploads are parts, each committed by itself, and a read can
 * start at any byte. DESIGN §5's content-addressed spool, with the guarantees of the database.
 */
export interface BlobStore {
  /** Starts an upload. */
  create(tx: Tx, user: UserId, info: { name: string; size?: number }): Promise<string>
  /**
   * Appends bytes at `offset`, which must be the blob's size so far (or less, for a repeated part: what is there stays as
   * it is). `added`: how many of them, the last ones, were new.
   */
  append(tx: Tx, id: string, offset: number, bytes: Uint8Array): Promise<{ size: number; added: number }>
  /** Ends the upload: sha256 of all bytes. */
  seal(tx: Tx, id: string, sha256: string): Promise<void>
  info(
    tx: Tx,
    id: string,
  ): Promise<{ id: string; user: UserId; name: string; size: number; sha256: string | null } | null>
  /** Bytes [offset, offset + length). */
  read(tx: Tx, id: string, offset: number, length: number): Promise<Uint8Array>
  remove(tx: Tx, id: string): Promise<void>
}
