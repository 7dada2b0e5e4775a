import type { Instant } from '../observation/schema.js'
import type { PullContext, RawRequest, WearablePlugin } from '../plugin/types.js'
import type { StoryKind } from './wearable-evidence.js'
import type { SignatureVector } from './wearable-signatures.js'

/** A payload, and what it must become. */
export interface Golden {
  name: string
  /** As a pull or a webhook hands it to `normalize`. */
  payload: unknown
  /** Observations that must be there, in the catalogue's units; what is not spoken of may be anything. */
  expect: readonly object[]
  /** There must be no others. */
  exact?: boolean
  /** Reasons of everything that must be set aside, in any order. Absent: not looked at. */
  aside?: readonly string[]
  /** @default a day of 2027 */
  receivedAt?: Instant
  /** Zone of the person. @default 'Europe/Berlin' */
  zone?: string | null
}

/** What a vendor says of one record in several deliveries, and what must hold in the end. */
export interface Story {
  kind: StoryKind
  name: string
  steps: readonly StoryStep[]
  expect: readonly object[]
  /** There must be no others in the end. @default true */
  exact?: boolean
}
/** One delivery of a story. */
export interface StoryStep {
  payload: unknown
  receivedAt?: Instant
  zone?: string | null
}

/** An export, as a person downloads it. */
export interface ArchiveSample {
  name: string
  bytes: Uint8Array
  /** Whose: published by the vendor or others, or made by the author. @default 'made' */
  from?: 'vendor' | 'made'
  /** Observations that must be there. */
  expect?: readonly object[]
  zone?: string | null
  /** What is said of the file beside it, where the plugin wants that. */
  options?: unknown
}

/** A plugin before a server of its vendor that behaves as the real one does. */
export interface PullWorld {
  plugin: WearablePlugin
  account: string
  /** What opens the account, where it is a person's own site. */
  secret?: string
  now: Instant
  fetch: PullContext['fetch']
  /** A pull only asks the vendor to send: what it brings comes through the webhook. */
  onlyAsks?: boolean
  /** The earliest instant that was asked for, where that says how far back a pull reaches. */
  earliest?(): Instant
  /** From now on the vendor answers that it was asked too often. Absent: not tried. */
  limit?(): void
  close(): Promise<void>
}

/** What the author of a wearable hands to the kit. Only `runner` and `golden` are needed. */
export interface WearableKit {
  /** vitest, jest, mocha, node:test … */
  runner: { describe(name: string, body: () => void): unknown; it(name: string, body: () => Promise<void>): unknown }
  golden: readonly Golden[]
  signatures?: readonly SignatureVector[]
  /** Requests that vouch for nothing, or for something else. */
  refused?: readonly { name: string; request: RawRequest }[]
  /** Webhook bodies that tell of the end of an account's connection. */
  endings?: readonly { name: string; body: unknown; account: string; receivedAt?: Instant }[]
  stories?: readonly Story[]
  /** Why there is no story of a kind: the vendor never tells of it. */
  never?: Partial<Record<StoryKind, string>>
  /** Documents that the vendor or others have published. */
  published?: readonly { name: string; document: unknown }[]
  archives?: readonly ArchiveSample[]
  pull?: () => Promise<PullWorld>
  /** Whether there is a page about it. */
  docs?: boolean
  /** Payloads made from the schema. @default 150 */
  runs?: number
  /** @default a fixed one: a failure comes again */
  seed?: number
}

/** A golden payload with what it left open. */
export function withDefaults({ payload, receivedAt = Date.UTC(2027, 5, 1), zone = 'Europe/Berlin' }: StoryStep): {
  payload: unknown
  receivedAt: Instant
  account: string
  zone: string | null
} {
  return { payload, receivedAt, zone, account: 'account' }
}
