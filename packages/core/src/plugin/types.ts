import type { z } from 'zod'
import type { EventBus } from '../events/bus.js'
import type { IdentityStore } from '../events/identity.js'
import type { Journal } from '../events/ports.js'
import type { NamedSpan } from '../memory/ladder/contexts.js'
import type { LadderRow, LadderStore, Rung } from '../memory/ladder/ports.js'
import type { Hot, LongTerm, MemoryRecord, Patterns, Threads } from '../memory/ports.js'
import type { Instant, LocalDate, Observation, ObservationInput, UserId } from '../observation/schema.js'
import type { ModelProvider } from '../reasoning/model.js'
import type { NodeSpec } from '../reasoning/types.js'
import type { PageSpec, SiteSpec } from './connecting.js'
import type { Fetch } from './fetch.js'

/** Kinds of plugins (DESIGN §3). */
export type PluginKind = 'wearable' | 'storage' | 'events' | 'model' | 'detector' | 'node'

/** What a plugin can provide to others, and so what another can need. */
export interface Capabilities {
  hot: Hot
  longTerm: LongTerm
  patterns: Patterns
  ladder: LadderStore
  journal: Journal
  threads: Threads
  vault: Vault
  identity: IdentityStore
  bus: EventBus
  model: ModelProvider
}
export type CapabilityName = keyof Capabilities

/** Seals a person's words and tokens with a key of their own. */
export interface Vault {
  seal(user: UserId, plain: Uint8Array): Promise<Uint8Array>
  open(user: UserId, sealed: Uint8Array): Promise<Uint8Array>
  /** Keyed hashes (HMAC with the person's search key, 16+ hex digits), so that words can be searched and not read. */
  keyed(user: UserId, words: readonly string[]): Promise<string[]>
}

/** What every plugin has. */
export interface PluginBase<
  Kind extends PluginKind = PluginKind,
  Id extends string = string,
  Needs extends CapabilityName = CapabilityName,
> {
  readonly kind: Kind
  /** Lower-case letters, digits and dashes; unique over all kinds. */
  readonly id: Id
  /** semver */
  readonly version: string
  /** Capabilities of other plugins that must be there; checked before any plugin runs. */
  readonly needs?: readonly Needs[]
  /** npm packages that are imported on first use: name → range. Checked before any plugin runs. */
  readonly peers?: Readonly<Record<string, string>>
}

/** A request as it arrived: raw bytes, lower-cased header names. */
export interface RawRequest {
  method: 'GET' | 'HEAD' | 'POST'
  headers: Readonly<Record<string, string>>
  query: Readonly<Record<string, string>>
  body: Uint8Array
  /** Clock of the receiver, for signature windows. */
  now: Instant
}

/**
 * Answer of `verify`. `deliveryKey` where the vendor names its deliveries; `account` where a key in the address or in a
 * header says whose a delivery is, and its body does not.
 */
export type Verdict =
  | { ok: true; deliveryKey?: string; account?: string }
  | { ok: false; reason: string; status?: 401 | 404 }

/** Context of a normalizer: pure, no clock. */
export interface NormalizeContext {
  /** When the payload was received, or when the fetched state held. */
  receivedAt: Instant
  account: string
  /** The person's zone at an instant, where the vendor gives floating times; null where unknown. */
  zoneAt(at: Instant): string | null
  /** Sets one part aside with its reason and goes on. Nothing is dropped silently. */
  reject(item: unknown, reason: string, detail: string): void
}

/** What a webhook leads to: observations at once (push vendors), or jobs that fetch. */
export interface WebhookPlan<Payload> {
  /** Vendor accounts in the payload; each maps to a person by connection only. */
  account: string
  payload?: Payload
  fetch?: { resource: string; id?: string; params?: Record<string, string>; deletion?: boolean }[]
  /**
   * `deauthorized`: the person has ended it at the vendor; the tokens are destroyed. `subscription_lost`: the vendor has
   * stopped to send; {@link WearablePlugin.subscription} is kept up at once, and what was missed is pulled.
   */
  lifecycle?: 'deauthorized' | 'subscription_lost'
  /** What the person lets the vendor send from now on, in the vendor's words; kept with the connection, to be shown. */
  permissions?: readonly string[]
  /** The vendor calls the account by another name from now on; its connection goes with it. */
  renamedTo?: string
}

/** Context of a pull: a valid access token (refreshed by the framework, one refresh at a time), and the plugin's cursor. */
export interface PullContext {
  account: string
  fetch: Fetch
  /** Clock at the start of the request: the version of the state that is fetched. */
  now: Instant
  state: Record<string, unknown>
  signal: AbortSignal
  /** Of a connection to a person's own site ({@link WearablePlugin.site}): what opens it. */
  secret?: string
}

/** One fetched page: kept raw, then normalized. */
export interface Pulled<Payload> {
  /** Stable key of this state, for the inbox; absent: hash of the bytes. */
  key?: string
  payload: Payload
  /** The plugin's cursor after this page is committed. */
  state?: Record<string, unknown>
}

/** Progress of a file import. */
export interface ImportProgress {
  bytes: number
  total: number | null
  observations: number
  rejected: number
}

/** Random access to an uploaded file. */
export interface FileSource {
  name: string
  size: number
  read(offset: number, length: number): Promise<Uint8Array>
}

/** A step of a file import: observations since the last step, and where to go on after a crash. */
export interface ImportStep {
  observations: ObservationInput[]
  rejected: { item: unknown; reason: string; detail: string }[]
  /** JSON-able; handed back to `file.read` to resume after this step. */
  cursor: unknown
  progress: { bytes: number; total: number | null }
  /**
   * With the last step of a document that is a complete snapshot: it holds all that its vendor has of the account. What
   * earlier ones held and this one lacks is proposed for withdrawal: of each kind of record that the document has any
   * of, from `from` (absent: the earliest one of that kind in it) to `to` (absent: the latest). Never of a document that
   * broke off, or with parts that could not be read.
   */
  complete?: { from?: Instant; to?: Instant }
}

/** OAuth 2 as a vendor does it: the authorization code grant (RFC 6749 §4.1), with PKCE (RFC 7636) where it is taken. */
export interface OAuthSpec {
  authorizeUrl: string
  tokenUrl: string
  scopes: readonly string[]
  /** @default ' ' */
  scopeSeparator?: string
  clientId: string
  clientSecret: string
  /** How the application names itself at the token endpoint. @default 'body' */
  clientAuth?: 'body' | 'basic'
  pkce: boolean
  /** More parameters of the address that the person is sent to. */
  authorizeParams?: Readonly<Record<string, string>>
  /** More fields of every token request. */
  tokenParams?: Readonly<Record<string, string>>
  /** The token answer of RFC 6749 §5.1 within what the vendor wraps it in. */
  unwrap?(answer: unknown): unknown
  /** Vendor account of a fresh token; `answer` is what the token endpoint said, where that names it. */
  account(fetch: Fetch, accessToken: string, answer: unknown): Promise<string>
  /** What the vendor wants done before data flow, such as registering the person. Called again when it is connected again. */
  connected?(fetch: Fetch, accessToken: string, account: string): Promise<void>
  /** Tells the vendor that the person has ended it here. What it throws does not keep the tokens from being destroyed. */
  disconnected?(fetch: Fetch, accessToken: string, account: string): Promise<void>
}

/** Context of keeping subscriptions up. */
export interface SubscriptionContext {
  /** With the connection's token where the subscription is one of a connection; bare otherwise. */
  fetch: Fetch
  /** Address of our webhook, `https://…/webhooks/<plugin>`. */
  callbackUrl: string
  /** Of the connection; null where the subscription is the application's. */
  account: string | null
  now: Instant
  /** What the last call returned; {} at first. Kept encrypted. */
  state: Record<string, unknown>
  signal: AbortSignal
}

/** What a file is read with. */
export interface FileContext {
  account: string
  /** Of the last step that was kept; null at the beginning. */
  cursor: unknown | null
  signal: AbortSignal
  /** When the file was received. */
  receivedAt: Instant
  /** The person's zone at an instant, for times without one; null where unknown. */
  zoneAt(at: Instant): string | null
  /** What the person said of the file when it was uploaded: it fits the `options` of the plugin's `file`. */
  options?: unknown
}

/** An export of one person in a format of a plugin's own, under way. Pure: the same observations give the same items. */
export interface FormatExport {
  /** Items that an observation completes: JSON objects, a line each. */
  add(observation: Observation & { provider: string; account?: string }): object[]
  /** What was written and what the format has no place for; the last line. Call it at the end. */
  report(): object
}

/** A wearable: payload in, observations out. */
export interface WearablePlugin<
  Id extends string = string,
  Payload = unknown,
  Needs extends CapabilityName = CapabilityName,
> extends PluginBase<'wearable', Id, Needs> {
  /** What the vendor calls itself, for persons to read: `Google Health`. @default the id */
  readonly title?: string
  /**
   * `closed`: the vendor's terms forbid to give what it measured to models of artificial intelligence. What stands on it
   * is told by the narrator, and never part of a request to a model. A function where that is so of some of the sources
   * only (an aggregator's, of one vendor): it is given the name that {@link normalize} gave the source. @default 'open'
   */
  readonly models?: 'open' | 'closed' | ((source: string) => 'open' | 'closed')
  readonly payload: z.ZodType<Payload>
  normalize(payload: Payload, ctx: NormalizeContext): Iterable<ObservationInput>
  /**
   * Payloads in a document as the vendor itself writes it: a page of its API, one object, an example of its
   * documentation. For whoever has such a document at hand (`auren normalize`) where {@link payload} is not that very
   * form. `name` is the file's: a hint. Null where the document is none of the vendor's.
   */
  documents?(document: unknown, name: string): Payload[] | null
  /** Metrics of the plugin's own, namespaced `<vendor>.<name>`. */
  readonly metrics?: Readonly<
    Record<
      string,
      {
        unit: string
        aggregates: readonly string[]
        hard?: readonly [number, number]
        plausible?: readonly [number, number]
        kind: 'vendor_score' | 'instant' | 'average' | 'cumulative'
        sparse?: boolean
        title?: string
      }
    >
  >
  readonly webhook?: {
    /** Called before `verify`, for vendors who publish the keys that they sign with: fetches and keeps what it needs. */
    prepare?(request: RawRequest, ctx: { fetch: Fetch }): Promise<void>
    /** Looks at the raw bytes before anything is parsed. */
    verify(request: RawRequest): Verdict
    /** Answers a subscription challenge; null where the request is none. */
    challenge?(request: RawRequest): { status: number; headers?: Record<string, string>; body: string } | null
    /**
     * For apps that a person sets up by hand: the key that stands for an account in the address (`?key=`) or a header.
     * Connecting such a plugin gives the person that address; nobody signs in.
     */
    keyOf?(account: string): string
    /** Who and what a verified body is about; `account` is the verdict's. */
    plan(body: unknown, ctx: { receivedAt: Instant; account?: string }): WebhookPlan<Payload>[]
    /** Status of an accepted delivery; 200 where absent. */
    accepted?: number
  }
  /**
   * Persons may post payloads with their own token (`POST /v1/payloads/<id>`): what comes from an app on their phone and
   * from no vendor. Absent: nothing that a person sends passes for this vendor's.
   */
  readonly posted?: true
  readonly oauth?: OAuthSpec
  /** Each person has a site of their own. */
  // biome-ignore lint/suspicious/noExplicitAny: what is given is contravariant, and checked by the plugin's own schema
  readonly site?: SiteSpec<any>
  /** Persons connect on a page of the vendor's. */
  readonly page?: PageSpec
  /** Hosts that may be called. */
  readonly hosts?: readonly string[]
  readonly pull?: {
    /** What one notification named. */
    one?(
      ctx: PullContext,
      what: { resource: string; id?: string; params?: Record<string, string> },
    ): AsyncIterable<Pulled<Payload>>
    /** Everything new since the cursor in `ctx.state`. */
    all(ctx: PullContext): AsyncIterable<Pulled<Payload>>
    everyMs: number
  }
  /** Webhook subscriptions that have to be asked for, and that lapse. */
  readonly subscription?: {
    /** One for all persons, or one for each connection. */
    of: 'application' | 'connection'
    /**
     * Makes what the vendor has on its list what it should be: creates what is missing, renews what lapses, and returns
     * what it needs to know the next time. Called with a new connection, at start and every so often; doing it twice
     * does no harm.
     */
    maintain(ctx: SubscriptionContext): Promise<Record<string, unknown>>
    /** Ends it, with its connection. */
    cancel?(ctx: SubscriptionContext): Promise<void>
    everyMs: number
  }
  /** Writes what is stored in the plugin's own format: `auren export --format <id>`, `GET /v1/export?format=<id>`. */
  readonly export?: { begin(): FormatExport }
  readonly file?: {
    /**
     * What a person can, or must, say of a file (a mapping of its columns, say). It is checked when the upload begins and
     * kept with the import, so that going on after a crash reads the file the same way. A plugin that has it is asked
     * last whether a file is its own: others know theirs by what is in it.
     */
    readonly options?: z.ZodType
    /**
     * True where the file is this vendor's export. `head` is its first 64 KiB; a zip is known by what is in it. `named`: the
     * person has said that it is this vendor's, so that what others have in the same form may be taken for it.
     */
    recognises(name: string, head: Uint8Array, file: FileSource, named?: boolean): boolean | Promise<boolean>
    read(file: FileSource, ctx: FileContext): AsyncIterable<ImportStep>
  }
}

/** Storage: any subset of the capabilities. */
export interface StoragePlugin<
  Id extends string = string,
  Provides extends Partial<Capabilities> = Partial<Capabilities>,
  Needs extends CapabilityName = CapabilityName,
> extends PluginBase<'storage', Id, Needs> {
  /** Opens the storage; called once, after everything was checked. */
  open(ctx: PluginContext): Promise<Provides & { close(): Promise<void> }>
  /** Names of what `open` provides, known before it runs. */
  readonly provides: readonly (keyof Provides & CapabilityName)[]
}

export interface EventsPlugin<Id extends string = string, Needs extends CapabilityName = CapabilityName>
  extends PluginBase<'events', Id, Needs> {
  open(ctx: PluginContext): Promise<{ bus: EventBus; close(): Promise<void> }>
}

export interface ModelPlugin<Id extends string = string, Needs extends CapabilityName = CapabilityName>
  extends PluginBase<'model', Id, Needs> {
  open(ctx: PluginContext): Promise<ModelProvider>
}

/** Frozen view of a person's history for a detector: pure. */
export interface DetectorView {
  today: LocalDate
  /** Metrics that there are days of. */
  metrics(): readonly string[]
  /** Daily values by metric, ascending by date, merged source. */
  days(metric: string): readonly { date: LocalDate; value: number; coverage: number }[]
  tags(tag: string): readonly LocalDate[]
  /** What whole periods came to, ascending by start; of the rungs that the detector reads. */
  rows(rung: Rung, series: string): readonly LadderRow[]
  /** Series that there are rows of. */
  series(): readonly string[]
  /** Stretches of days that tags and the person's own episodes name; for detectors that read `spans`. */
  spans(): readonly NamedSpan[]
  random(seed: number): () => number
}
/** What a detector concludes; the framework stamps and stores it. */
export type Proposal = Pick<MemoryRecord, 'kind' | 'about' | 'text' | 'body' | 'confidence'> & {
  key: string
  /**
   * What confidence is computed from, then and later; `confidence` is then not looked at. `ref` is of what was measured:
   * `days:<metric>/<from>/<to>`, `tag:<name>`; `last` is the last day of it, `for` and `against` count what agrees and not.
   */
  evidence?: readonly { ref: string; last: LocalDate; for: number; against: number }[]
  /** What it stands on: `days:<metric>/<from>/<to>`, `tag:<name>`, ids of the person's own episodes. @default [] */
  derivedFrom?: readonly string[]
  validFrom: LocalDate
  validTo: LocalDate | null
}
export interface DetectorPlugin<Id extends string = string, Needs extends CapabilityName = CapabilityName>
  extends PluginBase<'detector', Id, Needs> {
  readonly reads: {
    /** Metrics whose days it looks at. */
    metrics: readonly string[] | '*'
    /** How many days before today it looks at. Absent: all of them. */
    days?: number
    tags?: readonly string[]
    /**
     * Rungs of the ladder that it looks at, rather than days. A detector that reads no days runs only where one of its
     * rows, the spans or the week changed: it must conclude from nothing else.
     */
    rungs?: readonly Rung[]
    /** True where it looks at {@link DetectorView.spans}. */
    spans?: boolean
  }
  run(view: DetectorView): Proposal[]
}

export interface NodePlugin<Id extends string = string, Needs extends CapabilityName = CapabilityName>
  extends PluginBase<'node', Id, Needs>,
    NodeSpec {}

export interface PluginContext {
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: Record<string, unknown>): void
  now(): Instant
  /** Metrics of the wearables in the list, by id. */
  metrics?: NonNullable<WearablePlugin['metrics']>
}

export type AnyPlugin =
  // A list holds wearables of any payload; each checks its own with its schema.
  // biome-ignore lint/suspicious/noExplicitAny: payloads are contravariant, so no other type holds them all
  WearablePlugin<string, any> | StoragePlugin | EventsPlugin | ModelPlugin | DetectorPlugin | NodePlugin
