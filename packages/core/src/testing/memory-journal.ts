import { createHash, randomUUID } from 'node:crypto'
import { AurenError } from '../errors.js'
import type { Delivery, Journal, QuarantineItem, Receipt, Tx } from '../events/ports.js'
import type { Instant, UserId } from '../observation/schema.js'
import { createMemoryBlobs, createMemoryConnections, createMemoryOrdinals } from './memory-held.js'
import { createMemoryJobs } from './memory-jobs.js'
import { createMemoryRelay, type MemoryOutboxRow } from './memory-relay.js'
import { type UndoMap, undoMap, undoTransactions } from './undo.js'

/** How an in-process journal is made. */
export interface MemoryJournalOptions {
  now(): Instant
  /** @default 4 */
  partitions?: number
}

interface Inbox {
  id: string
  delivery: Delivery
  receivedAt: Instant
}
type Counter = 'accepted' | 'published' | 'stored' | 'duplicates'

/**
 * A journal in process: transactions one after the other, each undone whole where it fails. For tests, and for trying
 * AUREN without any storage: it is gone with the process.
 */
export function createMemoryJournal({ now, partitions = 4 }: MemoryJournalOptions): Journal {
  const transaction = undoTransactions()
  const inbox = undoMap<string, Inbox>()
  const outbox = undoMap<string, MemoryOutboxRow>()
  const heads = undoMap<number, number>()
  const offsets = undoMap<string, { epoch: number; next: number }>()
  const counters = undoMap<Counter, number>()
  const held = undoMap<string, QuarantineItem>()
  const jobs = createMemoryJobs(now)
  const connections = createMemoryConnections()
  const blobs = createMemoryBlobs()
  const ordinals = createMemoryOrdinals()
  const erased = undoMap<UserId, Instant>()
  const erasedDeliveries = undoMap<string, true>()
  let seq = 0

  const count = (tx: Tx, name: Counter, by: number): void => counters.set(tx, name, (counters.get(name) ?? 0) + by)
  const keyOf = ({ provider, deliveryKey }: Delivery): string => JSON.stringify([provider, deliveryKey])

  const receive = (tx: Tx, delivery: Delivery, receivedAt: Instant): Receipt => {
    const key = keyOf(delivery)
    if (erasedDeliveries.has(key)) return { id: randomUUID(), receivedAt, duplicate: true }
    const first = inbox.get(key)
    if (first) return { id: first.id, receivedAt: first.receivedAt, duplicate: true }
    const id = randomUUID()
    inbox.set(tx, key, { id, delivery, receivedAt })
    return { id, receivedAt, duplicate: false }
  }

  return {
    transaction: (fn) => transaction(fn),
    async person() {},

    receive: async (tx, delivery, receivedAt) => receive(tx, delivery, receivedAt),
    receiveAll: async (tx, deliveries) => deliveries.map((one) => receive(tx, one.delivery, one.receivedAt)),
    async raw(_tx, id) {
      const row = inbox.values().find((received) => received.id === id)
      return row ? { delivery: row.delivery, receivedAt: row.receivedAt } : null
    },
    async deliveries(_tx, { user, provider, account, until, after, limit }) {
      const own = (of: Delivery): boolean =>
        of.user === user ||
        (of.user === null &&
          connections.rows
            .values()
            .some((held) => held.user === user && held.provider === provider && held.account === of.account))
      const later = (at: number, id: string): boolean =>
        !after || at > after.receivedAt || (at === after.receivedAt && id > after.id)
      return inbox
        .values()
        .filter(
          ({ id, delivery, receivedAt }) =>
            delivery.provider === provider &&
            (account === undefined || delivery.account === account) &&
            own(delivery) &&
            receivedAt <= until &&
            later(receivedAt, id),
        )
        .sort((a, b) => a.receivedAt - b.receivedAt || (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .map(({ id, delivery, receivedAt }) => ({
          id,
          deliveryKey: delivery.deliveryKey,
          account: delivery.account,
          receivedAt,
          blob: delivery.blob ?? null,
        }))
    },

    async enqueue(tx, envelopes, receipt) {
      for (const envelope of envelopes) {
        if (outbox.has(envelope.id)) throw new AurenError('AUREN_CONFLICT', 'This envelope is in the outbox already')
        const partition = partitionOf(envelope.user, partitions)
        outbox.set(tx, envelope.id, {
          seq: ++seq,
          envelope,
          user: envelope.user,
          partition,
          position: null,
          receipt: receipt ?? envelope.rawRef,
          at: null,
        })
      }
      count(tx, 'accepted', envelopes.length)
    },
    async outstanding(_tx, user, receipt) {
      if (!inbox.values().some(({ id, delivery }) => id === receipt && delivery.user === user)) return null
      const rows = outbox.values().filter((row) => row.user === user && row.receipt === receipt)
      return rows.length + jobs.of(user, receipt)
    },
    async assign(tx, limit) {
      const fresh = outbox
        .values()
        .filter((row) => row.position === null && row.at === null)
        .slice(0, limit)
      for (const row of fresh) {
        const position = heads.get(row.partition) ?? 0
        outbox.set(tx, row.envelope.id, { ...row, position })
        heads.set(tx, row.partition, position + 1)
      }
      return fresh.length
    },
    async read(_tx, partition, from, limit, maxBytes) {
      const rows = outbox
        .values()
        .filter((row) => row.partition === partition && row.position !== null && row.position >= from)
        .sort((a, b) => (a.position as number) - (b.position as number))
        .slice(0, limit)
      let bytes = 0
      const fitting = rows.filter((row, index) => {
        bytes += JSON.stringify(row.envelope).length
        return index === 0 || bytes <= maxBytes
      })
      return fitting.map(({ envelope, position }) => ({
        partition,
        position: position as number,
        id: envelope.id,
        envelope,
      }))
    },
    partitions: () => partitions,
    async takeOver(tx, group, partition) {
      const key = `${group} ${partition}`
      const before = offsets.get(key) ?? { epoch: 0, next: 0 }
      const after = { ...before, epoch: before.epoch + 1 }
      offsets.set(tx, key, after)
      return after
    },
    async advance(tx, group, partition, epoch, expected, next) {
      const key = `${group} ${partition}`
      const at = offsets.get(key)
      if (at?.epoch !== epoch || at.next !== expected) return false
      offsets.set(tx, key, { epoch, next })
      // What an erasure emptied after it was read has another id since.
      const passed = outbox
        .values()
        .filter(
          (row) =>
            row.user === null &&
            row.partition === partition &&
            row.position !== null &&
            row.position >= expected &&
            row.position < next,
        )
      for (const row of passed) outbox.delete(tx, row.envelope.id)
      count(tx, 'stored', passed.length)
      return true
    },
    async pending(_tx, ids) {
      return new Set(ids.filter((id) => outbox.has(id)))
    },
    async markStored(tx, ids) {
      const stored = ids.filter((id) => outbox.delete(tx, id)).length
      count(tx, 'stored', stored)
      count(tx, 'duplicates', ids.length - stored)
    },
    async lockPersons() {},
    ...createMemoryRelay({ outbox, heads, offsets, count }),
    lag: () =>
      transaction(async () => {
        const waiting = outbox.values()
        const oldest = Math.min(...waiting.map((row) => row.envelope.receivedAt))
        return {
          waiting: waiting.length,
          oldestMs: waiting.length === 0 ? 0 : Math.max(0, now() - oldest),
          quarantined: held.values().filter((item) => item.replayedAt === null).length,
          jobs: jobs.rows
            .values()
            .filter((job) => job.state === 'running' || (job.state === 'waiting' && job.runAt <= now())).length,
          planned: jobs.rows.values().filter((job) => job.state === 'waiting' && job.runAt > now()).length,
          accepted: counters.get('accepted') ?? 0,
          stored: counters.get('stored') ?? 0,
          duplicates: counters.get('duplicates') ?? 0,
          published: counters.get('published') ?? 0,
        }
      }),

    waiting: (most) => transaction(async () => Math.min(most, outbox.values().length)),

    ...jobs.part,

    async quarantine(tx, items) {
      return items.map((item) => {
        const id = randomUUID()
        held.set(tx, id, { ...structuredClone(item), id, replayedAt: null })
        return id
      })
    },
    async listQuarantine(_tx, { user, id, open, provider, reason, rawRef, after, limit = 100 }) {
      const items = held.values()
      return items
        .slice(
          0,
          after === undefined
            ? items.length
            : Math.max(
                0,
                items.findIndex((item) => item.id === after),
              ),
        )
        .filter(
          (item) =>
            (user === undefined || item.user === user) &&
            (id === undefined || item.id === id) &&
            (provider === undefined || item.provider === provider) &&
            (reason === undefined || item.reason === reason) &&
            (rawRef === undefined || item.rawRef === rawRef) &&
            (open === undefined || (item.replayedAt === null) === open),
        )
        .reverse()
        .slice(0, limit)
    },
    async markReplayed(tx, id, at) {
      const item = held.get(id)
      if (item) held.set(tx, id, { ...item, replayedAt: at })
    },

    async erase(tx, user) {
      const gone = inbox.values().filter(({ delivery }) => delivery.user === user)
      const until = Math.max(0, erased.get(user) ?? 0, ...gone.map(({ receivedAt }) => receivedAt))
      for (const { delivery } of gone) {
        erasedDeliveries.set(tx, keyOf(delivery), true)
        inbox.delete(tx, keyOf(delivery))
      }
      const rows = outbox.values().filter((row) => row.user === user)
      for (const row of rows) {
        outbox.delete(tx, row.envelope.id)
        const id = randomUUID()
        // The log must have no gap: what has a place is emptied and keeps it, under another id.
        if (row.position === null) count(tx, 'accepted', -1)
        else
          outbox.set(tx, id, {
            ...row,
            user: null,
            envelope: {
              ...row.envelope,
              id,
              user: 'erased',
              account: '',
              provider: 'erased',
              rawRef: '',
              observations: [],
            },
          })
      }
      erased.set(tx, user, Math.max(until, ...rows.map((row) => row.envelope.receivedAt)))
      return {
        inbox: gone.length,
        outbox: rows.length,
        quarantine: removeOf(tx, held, user),
        jobs: removeOf(tx, jobs.rows, user),
        connections: removeOf(tx, connections.rows, user),
        blobs: removeOf(tx, blobs.rows, user),
        ordinals: removeOf(tx, ordinals.rows, user),
      }
    },
    async erasedUntil(_tx, user) {
      return erased.get(user) ?? null
    },

    connections: connections.part,
    blobs: blobs.part,
    ordinals: ordinals.part,
  }
}

function partitionOf(user: UserId, partitions: number): number {
  return createHash('sha256').update(user).digest().readUInt32BE(0) % partitions
}

function removeOf<V extends { id: string; user: UserId | null }>(
  tx: Tx,
  rows: UndoMap<string, V>,
  user: UserId,
): number {
  const gone = rows.values().filter((row) => row.user === user)
  for (const { id } of gone) rows.delete(tx, id)
  return gone.length
}
