import { AurenError, asAurenError } from '../errors.js'
import type { Batch, LongTerm } from '../memory/ports.js'
import type { Instant, UserId } from '../observation/schema.js'
import { failpoint } from '../testing/failpoints.js'
import type { Journal, LogRecord, Tx } from './ports.js'

/** What a consumer stands on. */
export interface ConsumerPorts {
  journal: Journal
  longTerm: Pick<LongTerm, 'write'>
  /** Name of the consumer group. */
  group: string
  now(): Instant
  /** Told after each commit. */
  onStored?(users: readonly UserId[]): void
}

/** Where a consumer stands in a partition that it has taken over. */
export interface Place {
  partition: number
  epoch: number
  /** Position of the next record. */
  next: number
}

/** Turns records of the log into stored observations, exactly once in effect. */
export interface Consumer {
  takeOver(partition: number): Promise<Place>
  /**
   * Stores records and moves on, in one transaction. Returns the place after them.
   * Records below `next` are dropped; what cannot be stored is set aside with its reason, and the rest goes on.
   *
   * @throws AurenError AUREN_ZOMBIE where another consumer has taken over (take over or read again), AUREN_LOG_GAP where
   * records are missing; retryable errors of the store, with nothing done
   */
  consume(place: Place, records: readonly LogRecord[]): Promise<Place>
}

/** A consumer over the journal's offsets; the records may come from the outbox table or from Kafka. */
export function createConsumer(ports: ConsumerPorts): Consumer {
  const { journal, longTerm, group } = ports

  const advance = async (tx: Tx, place: Place, records: readonly LogRecord[]): Promise<Place> => {
    const next = (records.at(-1) as LogRecord).position + 1
    const mine = await journal.advance(tx, group, place.partition, place.epoch, place.next, next)
    if (!mine) throw new AurenError('AUREN_ZOMBIE', `Partition ${place.partition} has been taken over.`)
    return { ...place, next }
  }

  const store = (place: Place, records: readonly LogRecord[]): Promise<Place> => {
    const users = [...new Set(records.map((record) => record.envelope.user))].sort()
    return journal
      .transaction(
        async (tx) => {
          await journal.lockPersons(tx, users)
          const ids = records.map((record) => record.id)
          const pending = await journal.pending(tx, ids)
          for (const user of users) {
            const batches = records
              .filter((record) => record.envelope.user === user && pending.has(record.id))
              .map(batchOf)
            if (batches.length > 0) await longTerm.write(tx, user, batches)
          }
          failpoint('consume:after-write')
          await journal.markStored(tx, ids)
          const after = await advance(tx, place, records)
          failpoint('consume:before-commit')
          return after
        },
        { lane: 'bulk' },
      )
      .then((after) => {
        failpoint('consume:after-commit')
        ports.onStored?.(users)
        return after
      })
  }

  const setAside = (place: Place, record: LogRecord, error: AurenError): Promise<Place> => {
    const { user, provider, account, rawRef, receivedAt } = record.envelope
    return journal.transaction(async (tx) => {
      await journal.lockPersons(tx, [user])
      const pending = await journal.pending(tx, [record.id])
      if (pending.has(record.id)) {
        await journal.quarantine(tx, [
          {
            user,
            provider,
            account,
            rawRef,
            receivedAt,
            reason: 'poison',
            detail: error.code,
            item: { kind: 'envelope', value: record.envelope },
          },
        ])
      }
      await journal.markStored(tx, [record.id])
      return advance(tx, place, [record])
    })
  }

  /** Halves the records until the one that cannot be stored stands alone. */
  const storeOrBisect = async (place: Place, records: readonly LogRecord[]): Promise<Place> => {
    try {
      return await store(place, records)
    } catch (cause) {
      const error = asAurenError(cause)
      if (error.retryable || error.code === 'AUREN_CLOSED') throw error
      if (records.length === 1) return setAside(place, records[0] as LogRecord, error)
      const half = records.length >> 1
      return storeOrBisect(await storeOrBisect(place, records.slice(0, half)), records.slice(half))
    }
  }

  return {
    async takeOver(partition) {
      const { epoch, next } = await journal.transaction((tx) => journal.takeOver(tx, group, partition))
      return { partition, epoch, next }
    },
    async consume(place, records) {
      const fresh = records.filter((record) => record.position >= place.next)
      for (const [index, record] of fresh.entries()) {
        if (record.position !== place.next + index) {
          throw new AurenError(
            'AUREN_LOG_GAP',
            `Partition ${place.partition} lacks position ${place.next + index}: found ${record.position}.`,
          )
        }
      }
      failpoint('consume:after-read')
      return fresh.length === 0 ? place : storeOrBisect(place, fresh)
    },
  }
}

function batchOf({ envelope }: LogRecord): Batch {
  const { provider, account, receivedAt, rawRef, observations } = envelope
  return { provider, account, receivedAt, rawRef, observations }
}
