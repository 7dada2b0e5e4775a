import type { Tx } from '../events/ports.js'
import type { MemoryRecord, Patterns, Scope } from '../memory/ports.js'
import type { UserId } from '../observation/schema.js'
import { searchTexts } from './lexical.js'
import { undoMap } from './undo.js'

/** Versions of a record, oldest first; the last one is believed. */
type Versions = readonly MemoryRecord[]

/**
 * Tier 3 in process: bi-temporal as the port has it, and gone with the process.
 * @param own the in-process transaction that belongs to the one that a caller passes
 */
export function createMemoryPatterns(own: (tx: Tx) => Tx): Patterns {
  const held = undoMap<string, Versions>()
  const owners = undoMap<string, { user: UserId; ids: readonly string[] }>()
  const versions = undoMap<UserId, number>()

  const keyOf = (user: UserId, id: string): string => JSON.stringify([user, id])
  const of = (user: UserId): Versions[] =>
    (owners.get(user)?.ids ?? []).flatMap((id) => {
      const found = held.get(keyOf(user, id))
      return found ? [found] : []
    })
  const raise = (tx: Tx, user: UserId): void => versions.set(tx, user, Math.max((versions.get(user) ?? 0) + 1, drawn()))
  // What was undone does not come again.
  let last = 0
  const drawn = (): number => ++last

  /** Ends what is believed and goes on with another version. */
  const follow = (tx: Tx, user: UserId, record: MemoryRecord, at: number): void => {
    const before = held.get(keyOf(user, record.id)) ?? []
    const current = before.at(-1)
    const from = current ? Math.max(at, current.recordedAt + 1) : at
    const closed = current ? [...before.slice(0, -1), { ...current, supersededAt: from }] : before
    held.set(tx, keyOf(user, record.id), [
      ...closed,
      structuredClone({ ...record, recordedAt: from, supersededAt: null }),
    ])
  }

  /** What was believed at a time, as it was known then. */
  const known = (user: UserId, asOf?: number): MemoryRecord[] =>
    of(user).flatMap((all) => {
      const found =
        asOf === undefined
          ? all.at(-1)
          : all.find(
              ({ recordedAt, supersededAt }) => recordedAt <= asOf && (supersededAt === null || supersededAt > asOf),
            )
      return found ? [structuredClone({ ...found, supersededAt: null })] : []
    })

  return {
    version: async ({ user }) => versions.get(user) ?? 0,

    async put(t, user, records) {
      const tx = own(t)
      let changed = false
      for (const record of records) {
        const current = held.get(keyOf(user, record.id))?.at(-1)
        if (current && same(current, record)) continue
        changed = true
        const ids = owners.get(user)?.ids ?? []
        if (!ids.includes(record.id)) owners.set(tx, user, { user, ids: [...ids, record.id] })
        follow(tx, user, record, record.recordedAt)
      }
      if (changed) raise(tx, user)
    },

    async get({ user }, id) {
      const record = held.get(keyOf(user, id))?.at(-1)
      return record ? structuredClone(record) : null
    },

    async list({ user }: Scope, q = {}) {
      const found = known(user, q.asOf)
        .filter(
          (record) =>
            (!q.kinds || q.kinds.includes(record.kind)) &&
            (!q.status || q.status.includes(record.status)) &&
            (q.about === undefined || record.about.includes(q.about)) &&
            (q.pinned === undefined || record.pinned === q.pinned) &&
            (!q.overlaps ||
              (record.validFrom < q.overlaps.to && (record.validTo === null || record.validTo > q.overlaps.from))),
        )
        .sort(newestFirst)
      const { perKind } = q
      if (perKind === undefined) return found
      const counts = new Map<string, number>()
      return found.filter(({ kind }) => {
        counts.set(kind, (counts.get(kind) ?? 0) + 1)
        return (counts.get(kind) as number) <= perKind
      })
    },

    async search({ user }, { text, limit, asOf }) {
      const live = known(user, asOf)
        .filter(({ status }) => status !== 'retired')
        .sort(newestFirst)
      const documents = live.map((record) => ({
        item: record,
        text: `${record.text} ${record.about.join(' ').replaceAll('_', ' ')}`,
      }))
      return searchTexts(documents, text, limit).map(({ item, score }) => ({ record: item, score }))
    },

    async close(t, user, id, at, status) {
      const current = held.get(keyOf(user, id))?.at(-1)
      if (!current) return
      const tx = own(t)
      const pinned = status === 'retired' ? false : current.pinned
      follow(tx, user, { ...current, status, pinned, validTo: current.validTo ?? at }, at)
      raise(tx, user)
    },

    async remove(t, user, ids) {
      const tx = own(t)
      let removed = 0
      for (const id of ids) {
        removed += held.get(keyOf(user, id))?.length ?? 0
        held.delete(tx, keyOf(user, id))
      }
      if (removed > 0) raise(tx, user)
      return removed
    },
  }
}

function newestFirst(a: MemoryRecord, b: MemoryRecord): number {
  return b.recordedAt - a.recordedAt || (a.id < b.id ? -1 : 1)
}

/** Equal but for the stamps of the system. */
function same(a: MemoryRecord, b: MemoryRecord): boolean {
  const plain = ({ recordedAt: _at, supersededAt: _until, ...rest }: MemoryRecord): string =>
    JSON.stringify(Object.entries(rest).sort(([x], [y]) => (x < y ? -1 : 1)))
  return plain(a) === plain(b)
}
