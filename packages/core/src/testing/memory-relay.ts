import { createHash } from 'node:crypto'
import { decodeEnvelope, encodeEnvelope } from '../events/codec.js'
import type { Envelope } from '../events/envelope.js'
import type { Journal, Tx } from '../events/ports.js'
import type { DeadLetter, OpenedRow, RelayStore } from '../events/relay-ports.js'
import type { UserId } from '../observation/schema.js'
import { type UndoMap, undoMap } from './undo.js'

/** A row of the outbox in process. */
export interface MemoryOutboxRow {
  seq: number
  envelope: Envelope
  /** Null once its person has been erased: the place stays. */
  user: UserId | null
  partition: number
  position: number | null
  receipt: string
  /** Where a bus has put it. */
  at: { log: string; partition: number; position: number } | null
}

/** What the relay of an in-process journal looks at. */
export interface MemoryRelayPorts {
  outbox: UndoMap<string, MemoryOutboxRow>
  heads: UndoMap<number, number>
  offsets: UndoMap<string, { epoch: number; next: number }>
  count(tx: Tx, name: 'published' | 'stored', by: number): void
}

/** The outbox of an in-process journal as a relay sees it. There is no other process, so the lease is for ever. */
export function createMemoryRelay({ outbox, heads, offsets, count }: MemoryRelayPorts): RelayStore {
  const letters = undoMap<string, DeadLetter>()
  const nextOf = (group: string, partition: number): number => offsets.get(`${group} ${partition}`)?.next ?? 0
  const set = (tx: Tx, row: MemoryOutboxRow, change: Partial<MemoryOutboxRow>): void =>
    outbox.set(tx, row.envelope.id, { ...row, ...change })

  const alignTable = (tx: Tx, group: string): number => {
    const back = outbox.values().filter((row) => row.at !== null)
    for (const row of back) set(tx, row, { at: null })
    let moved = 0
    for (const partition of new Set(outbox.values().map((row) => row.partition))) {
      const next = nextOf(group, partition)
      const placed = outbox.values().filter((row) => row.partition === partition && row.position !== null)
      const ahead = placed.filter((row) => (row.position as number) >= next).length
      if (ahead === (heads.get(partition) ?? 0) - next) continue
      for (const row of placed) set(tx, row, { position: null })
      heads.set(tx, partition, next)
      moved += placed.length
    }
    return back.length + moved
  }

  const alignBus = (tx: Tx, log: string): number => {
    const emptied = outbox.values().filter((row) => row.user === null)
    for (const row of emptied) outbox.delete(tx, row.envelope.id)
    count(tx, 'stored', emptied.length)
    const moved = outbox.values().filter((row) => row.position !== null || (row.at !== null && row.at.log !== log))
    for (const row of moved) set(tx, row, { position: null, at: null })
    return emptied.length + moved.length
  }

  return {
    holdRelay: async () => Number.POSITIVE_INFINITY,
    async releaseRelay() {},
    align: async (tx, log, group) => (log === null ? alignTable(tx, group) : alignBus(tx, log)),

    async unpublished(_tx, log, group, limit, maxBytes) {
      const due = outbox
        .values()
        .filter(
          ({ at, position, user }) =>
            user !== null &&
            position === null &&
            (at === null || (at.log === log && at.position < nextOf(group, at.partition))),
        )
        .sort((a, b) => a.seq - b.seq)
        .slice(0, limit)
        .map(({ envelope }) => ({
          id: envelope.id,
          key: createHash('sha256').update(`log ${envelope.user}`).digest('hex'),
          payload: encodeEnvelope(envelope),
          traceparent: envelope.traceparent ?? null,
        }))
      let bytes = 0
      return due.filter(({ payload }, index) => {
        bytes += payload.length
        return index === 0 || bytes <= maxBytes
      })
    },
    async acknowledge(tx, log, rows) {
      for (const { id, partition, position } of rows) {
        const row = outbox.get(id)
        if (row) set(tx, row, { at: { log, partition, position } })
      }
      count(tx, 'published', rows.length)
    },
    async reconcile(tx, log, group, { partition, earliest, end, known, still }) {
      const key = `${group} ${partition}`
      const held = offsets.get(key)
      if (!held) offsets.set(tx, key, { epoch: 0, next: earliest })
      const reset = held !== undefined && (held.next < earliest || known > end)
      if (reset) offsets.set(tx, key, { epoch: held.epoch + 1, next: earliest })
      const lost = still
        ? outbox
            .values()
            .filter(({ at }) => at !== null && at.log === log && at.partition === partition && at.position >= end)
        : []
      for (const row of lost) set(tx, row, { at: null })
      return { reset, again: lost.length }
    },
    async openRecords(_tx, records) {
      const opened = new Map<string, OpenedRow>()
      for (const { id, value } of records) {
        const row = outbox.get(id)
        if (row && row.user !== null) opened.set(id, openValue(row.envelope, value))
      }
      return opened
    },
    async places(_tx, group) {
      const found: Awaited<ReturnType<Journal['places']>> = []
      for (let partition = 0; partition < 1024; partition++) {
        const held = offsets.get(`${group} ${partition}`)
        if (held) found.push({ partition, ...held })
      }
      return found
    },

    async addDeadLetters(tx, added) {
      for (const letter of added) letters.set(tx, letter.id, letter)
    },
    deadLetters: async (_tx, limit) => letters.values().slice(0, limit),
    async endDeadLetters(tx, ids) {
      for (const id of ids) letters.delete(tx, id)
    },

    async horizon() {
      const seqs = outbox.values().map(({ seq }) => seq)
      return seqs.length === 0 ? null : { oldest: Math.min(...seqs), newest: Math.max(...seqs) }
    },
  }
}

function openValue(own: Envelope, value: Uint8Array): OpenedRow {
  try {
    const envelope = decodeEnvelope(value)
    if (envelope.id === own.id) return { envelope, garbled: false }
  } catch {
    // What the log carried is not what was written: the row has that.
  }
  return { envelope: own, garbled: true }
}
