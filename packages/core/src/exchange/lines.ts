import type { IdentityStore } from '../events/identity.js'
import type { LongTerm, Patterns, Profile, Scope, Threads } from '../memory/ports.js'
import type { Instant, UserId } from '../observation/schema.js'

/** The newest version of an export that is written, and read; the ones before it are read too. */
export const EXPORT_VERSION = 2

/**
 * A line of an export: one thing each, newline-delimited JSON. Since version 2 there are `record` and `revision` (what
 * no longer holds), every version of a memory, and `end`, by which a file that was cut off shows.
 */
export type ExportLine =
  | { type: 'auren'; v: typeof EXPORT_VERSION; user: UserId; at: Instant }
  | { type: 'profile'; profile: Profile }
  | { type: 'observation' | 'record' | 'revision' | 'memory' | 'turn' | 'consent' | 'token'; item: unknown }
  /** How many lines there are before it. */
  | { type: 'end'; lines: number }

/** What an export is read from. */
export interface ExportPorts {
  longTerm: Pick<LongTerm, 'profile' | 'scan' | 'history'>
  patterns: Pick<Patterns, 'list' | 'versions'>
  threads: Pick<Threads, 'list' | 'turns'>
  identity?: Pick<IdentityStore, 'consents' | 'tokens'> | null
  now(): Instant
}

/** Everything that is kept of a person, line by line, in an order in which it can be brought back. */
export async function* exportLines(ports: ExportPorts, user: UserId): AsyncGenerator<ExportLine> {
  let lines = 0
  for await (const line of linesOf(ports, user)) {
    lines++
    yield line
  }
  yield { type: 'end', lines }
}

async function* linesOf(
  { longTerm, patterns, threads, identity, now }: ExportPorts,
  user: UserId,
): AsyncGenerator<ExportLine> {
  const reading: Scope = { user, purpose: 'export' }
  yield { type: 'auren', v: EXPORT_VERSION, user, at: now() }
  yield { type: 'profile', profile: await longTerm.profile(reading) }
  for (const item of (await identity?.consents(user)) ?? []) yield { type: 'consent', item }
  for (const item of (await identity?.tokens(user)) ?? []) yield { type: 'token', item }
  // Before what they are revisions of: a value then meets them at once, and is not placed twice.
  for await (const { kind, ...item } of longTerm.history?.(reading) ?? nothing())
    yield { type: kind, item: 'observation' in item ? { ...item.observation, ...stampsOf(item) } : item }
  for await (const item of longTerm.scan(reading)) yield { type: 'observation', item }
  if (patterns.versions) for await (const item of patterns.versions(reading)) yield { type: 'memory', item }
  else for (const item of await patterns.list(reading, {})) yield { type: 'memory', item }
  for (const thread of await threads.list(reading)) {
    for (const item of await threads.turns(reading, thread.id)) yield { type: 'turn', item }
  }
}

function stampsOf<T extends { observation: unknown }>({ observation: _, ...stamps }: T): Omit<T, 'observation'> {
  return stamps
}

async function* nothing(): AsyncGenerator<never> {}
