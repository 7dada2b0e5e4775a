import type { Consent } from '../events/identity.js'
import type { Observation, UserId } from '../observation/schema.js'
import { contradictionOf } from './contradictions.js'
import type { MemoryRecord, Purpose } from './ports.js'

/** Tells of a kind (of memory, a metric, a tag, `sleep`, `workout`, `turn`, `profile`) whether it may be read. */
export type Permit = (kind: string) => boolean

/**
 * What a person's records of consent allow for a purpose, by kind. A kind that was withdrawn stays so until that kind is
 * granted again; `*` is every kind, and the newer of its record and a kind's own grant counts. Without records everything
 * is allowed: it is the person's own use of their own data.
 *
 * @param consents oldest first
 */
export function permitOf(consents: readonly Consent[], purpose: Purpose): Permit {
  const newest = new Map<string, { granted: boolean; place: number }>()
  for (const [place, { purpose: of, kind, granted }] of consents.entries())
    if (of === purpose) newest.set(kind, { granted, place })
  const all = newest.get('*')
  return (kind) => {
    const own = newest.get(kind)
    if (!own) return all?.granted ?? true
    return own.granted && (all === undefined || all.granted || all.place < own.place)
  }
}

/** What a person's purpose permits, read once for a call. Rejects where it cannot be known: nothing is read then. */
export type ReadPermit = (user: UserId, purpose: Purpose) => Promise<Permit>

/** Kinds that a memory is of: all of them must be allowed. */
export function kindsOfMemory({ kind, about }: Pick<MemoryRecord, 'kind' | 'about'>): readonly string[] {
  return [kind, ...about]
}

/** Kinds that an observation is of: all of them must be allowed. */
export function kindsOfObservation(observation: Observation): readonly string[] {
  switch (observation.shape) {
    case 'sample':
    case 'daily_total':
      return [observation.metric]
    case 'session':
      return [observation.kind]
    case 'tag':
      return ['tag', observation.tag]
    case 'deletion':
      return observation.target ? [observation.target.of] : []
  }
}

/** Lets through what may be read, and counts what may not by the kind that is withheld. */
export interface Sieve {
  passes(kinds: readonly string[]): boolean
  /** Contradictions name both of their sides: they pass where both do. */
  memories(records: readonly MemoryRecord[]): MemoryRecord[]
  /** Kind → how many things were kept back for it. */
  readonly withheld: ReadonlyMap<string, number>
}

/** A sieve over a permit. */
export function sieve(permit: Permit): Sieve {
  const withheld = new Map<string, number>()
  const seen = new Set<string>()
  const stopper = (kinds: readonly string[]): string | undefined => kinds.find((kind) => !permit(kind))
  const note = (kind: string): void => {
    withheld.set(kind, (withheld.get(kind) ?? 0) + 1)
  }
  return {
    withheld,
    passes(kinds) {
      const kind = stopper(kinds)
      if (kind !== undefined) note(kind)
      return kind === undefined
    },
    memories(records) {
      const stopped = new Set<string>()
      const passed = records.filter((record) => {
        const kind = stopper(kindsOfMemory(record))
        if (kind === undefined) return true
        stopped.add(record.id)
        // The same memory is found by several channels.
        if (!seen.has(record.id)) note(kind)
        seen.add(record.id)
        return false
      })
      return passed.filter((record) => !contradictionOf(record)?.between.some((id) => stopped.has(id)))
    },
  }
}
