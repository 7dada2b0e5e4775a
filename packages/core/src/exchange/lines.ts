import type { IdentityStore } from '../events/identity.js'
import { kindsOfMemory, kindsOfObservation, type ReadPermit, sieve } from '../memory/consent.js'
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
  /** How many things of a kind were left out, as the consent to export it was withdrawn. */
  | { type: 'withheld'; item: { kind: string; count: number } }
  /** How many lines there are before it. */
  | { type: 'end'; lines: number }

/** What an export is read from. */
export interface ExportPorts {
  longTerm: Pick<LongTerm, 'profile' | 'scan' | 'history'>
  patterns: Pick<Patterns, 'list' | 'versions'>
  threads: Pick<Threads, 'list' | 'turns'>
  identity?: Pick<IdentityStore, 'consents' | 'tokens'> | null
  /** What the person lets be exported. Absent: everything. */
  permit?: ReadPermit
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
  { longTerm, patterns, threads, identity, permit, now }: ExportPorts,
  user: UserId,
): AsyncGenerator<ExportLine> {
  const reading: Scope = { user, purpose: 'export' }
  yield { type: 'auren', v: EXPORT_VERSION, user, at: now() }
  const kept = sieve((await permit?.(user, 'export')) ?? (() => true))
  if (kept.passes(['profile'])) yield { type: 'profile', profile: await longTerm.profile(reading) }
  for (const item of (await identity?.consents(user)) ?? []) yield { type: 'consent', item }
  for (const item of (await identity?.tokens(user)) ?? []) yield { type: 'token', item }
  // Before what they are revisions of: a value then meets them at once, and is not placed twice.
  for await (const line of longTerm.history?.(reading) ?? nothing()) {
    // A record's line says when revisions came, and nothing of what they held.
    if (!kept.passes(line.kind === 'record' ? ['record'] : kindsOfObservation(line.observation))) continue
    const { kind, ...item } = line
    yield { type: kind, item: 'observation' in item ? { ...item.observation, ...stampsOf(item) } : item }
  }
  for await (const item of longTerm.scan(reading))
    if (kept.passes(kindsOfObservation(item))) yield { type: 'observation', item }
  const memories = patterns.versions ? patterns.versions(reading) : await patterns.list(reading, {})
  for await (const item of memories) if (kept.passes(kindsOfMemory(item))) yield { type: 'memory', item }
  for (const thread of await threads.list(reading)) {
    for (const item of await threads.turns(reading, thread.id)) if (kept.passes(['turn'])) yield { type: 'turn', item }
  }
  for (const [kind, count] of kept.withheld) yield { type: 'withheld', item: { kind, count } }
}

function stampsOf<T extends { observation: unknown }>({ observation: _, ...stamps }: T): Omit<T, 'observation'> {
  return stamps
}

async function* nothing(): AsyncGenerator<never> {}
