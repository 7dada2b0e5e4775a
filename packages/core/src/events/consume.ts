import { AurenError, type AurenErrorCode, asAurenError } from '../errors.js'
import type { Batch, LongTerm } from '../memory/ports.js'
import type { Instant, Observation, UserId } from '../observation/schema.js'
import { publish } from '../telemetry.js'
import { failpoint } from '../testing/failpoints.js'
import type { FullRecord, Journal, LogAside, LogRecord, QuarantineItem, Tx } from './ports.js'

/** What a consumer stands on. */
export interface ConsumerPorts {
  journal: Journal
  longTerm: Pick<LongTerm, 'write'>
  /** Name of the consumer in the offsets ({@link consumerName}). */
  group: string
  /** What is set aside is told to the dead-letter topic too; absent: there is none. */
  deadLetters?: boolean
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
  /** How many records below their place have been dropped. */
  dropped(): number
}

/** A consumer over the journal's offsets; the records may come from the outbox table or from Kafka. */
export function createConsumer(ports: ConsumerPorts): Consumer {
  const { journal, longTerm, group } = ports
  let dropped = 0

  const advance = async (tx: Tx, place: Place, records: readonly LogRecord[]): Promise<Place> => {
    const next = (records.at(-1) as LogRecord).position + 1
    const mine = await journal.advance(tx, group, place.partition, place.epoch, place.next, next)
    if (!mine) throw new AurenError('AUREN_ZOMBIE', `Partition ${place.partition} has been taken over.`)
    return { ...place, next }
  }

  /** Sets items aside, and tells where each of them stood in the log. */
  const keep = async (tx: Tx, items: readonly { item: Aside; at: LogRecord }[]): Promise<void> => {
    if (items.length === 0) return
    const ids = await journal.quarantine(
      tx,
      items.map(({ item }) => item),
    )
    if (ports.deadLetters)
      await journal.addDeadLetters(
        tx,
        items.map(({ item, at: { partition, position } }, i) => ({
          id: ids[i] as string,
          reason: item.reason,
          partition,
          position,
          at: item.receivedAt,
        })),
      )
  }

  const store = (place: Place, records: readonly LogRecord[]): Promise<Place> => {
    const full = records.filter(isFull)
    const users = [...new Set(full.map((record) => record.envelope.user))].sort()
    const began = performance.now()
    return journal
      .transaction(
        async (tx) => {
          await journal.lockPersons(tx, users)
          const pending = await journal.pending(tx, full.map(idOf))
          for (const user of users) {
            const batches = full
              .filter((record) => record.envelope.user === user && pending.has(record.id))
              .map(batchOf)
            if (batches.length > 0) await longTerm.write(tx, user, batches)
          }
          failpoint('consume:after-write')
          await keep(
            tx,
            records.flatMap((at) => (at.aside ? [{ item: strange(at, at.aside), at }] : [])),
          )
          await journal.markStored(
            tx,
            records.flatMap(({ id }) => (id === null ? [] : [id])),
          )
          const after = await advance(tx, place, records)
          failpoint('consume:before-commit')
          return after
        },
        { lane: 'bulk' },
      )
      .then((after) => {
        failpoint('consume:after-commit')
        tell(after, full, records.filter(({ aside }) => aside).length, began)
        ports.onStored?.(users)
        return after
      })
  }

  /** Stores what is sound of an envelope, sets aside what is not, and moves on. */
  const setAside = (place: Place, record: FullRecord, poison: readonly Poison[]): Promise<Place> => {
    const { user, provider, account, rawRef, receivedAt, observations } = record.envelope
    const about = { user, provider, account, rawRef, receivedAt, reason: 'poison' }
    const bad = new Set(poison.flatMap(({ observations: held }) => held))
    const sound = observations.filter((observation) => !bad.has(observation))
    const began = performance.now()
    return journal
      .transaction(
        async (tx) => {
          await journal.lockPersons(tx, [user])
          if ((await journal.pending(tx, [record.id])).has(record.id)) {
            if (sound.length > 0) await longTerm.write(tx, user, [{ ...batchOf(record), observations: sound }])
            await keep(
              tx,
              poison.map(({ observations: [first, ...others], code }) => ({
                at: record,
                item: {
                  ...about,
                  detail: code,
                  item:
                    others.length === 0
                      ? { kind: 'observation', value: first }
                      : { kind: 'envelope', value: record.envelope },
                },
              })),
            )
            await journal.markStored(tx, [record.id])
          }
          return advance(tx, place, [record])
        },
        { lane: 'bulk' },
      )
      .then((after) => {
        tell(after, [record], poison.length, began)
        ports.onStored?.([user])
        return after
      })
  }

  /** Tries to write, and takes it back; null where it would have gone. */
  const probe = async (record: FullRecord, observations: readonly Observation[]): Promise<AurenError | null> => {
    const undo = new Error('tried')
    try {
      return await journal.transaction(
        async (tx) => {
          await journal.lockPersons(tx, [record.envelope.user])
          await longTerm.write(tx, record.envelope.user, [{ ...batchOf(record), observations }])
          throw undo
        },
        { lane: 'bulk' },
      )
    } catch (cause) {
      if (cause === undo) return null
      const error = asAurenError(cause)
      if (isPoison(error)) return error
      throw error
    }
  }

  /** Halves the observations of an envelope until those that cannot be stored stand alone. */
  const findPoison = async (record: FullRecord, observations: readonly Observation[]): Promise<Poison[]> => {
    const error = await probe(record, observations)
    if (!error) return []
    if (observations.length <= 1) return [{ observations, code: error.code }]
    const half = observations.length >> 1
    return [
      ...(await findPoison(record, observations.slice(0, half))),
      ...(await findPoison(record, observations.slice(half))),
    ]
  }

  /** Halves the records until the one that cannot be stored stands alone. */
  const storeOrBisect = async (place: Place, records: readonly LogRecord[]): Promise<Place> => {
    try {
      return await store(place, records)
    } catch (cause) {
      const error = asAurenError(cause)
      if (!isPoison(error)) throw error
      if (records.length > 1) {
        const half = records.length >> 1
        return storeOrBisect(await storeOrBisect(place, records.slice(0, half)), records.slice(half))
      }
      const record = records[0] as LogRecord
      if (!isFull(record)) throw error
      const { observations } = record.envelope
      const poison = await findPoison(record, observations)
      if (poison.length === 0) {
        // Each goes by itself: whatever it was may have passed. If not, nothing says which is to blame.
        try {
          return await store(place, records)
        } catch (again) {
          if (!isPoison(asAurenError(again))) throw again
        }
      }
      return setAside(place, record, poison.length > 0 ? poison : [{ observations, code: error.code }])
    }
  }

  return {
    async takeOver(partition) {
      const { epoch, next } = await journal.transaction((tx) => journal.takeOver(tx, group, partition))
      return { partition, epoch, next }
    },
    async consume(place, records) {
      const fresh = records.filter((record) => record.position >= place.next)
      dropped += records.length - fresh.length
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
    dropped: () => dropped,
  }
}

type Aside = Omit<QuarantineItem, 'id' | 'replayedAt'>

/** What cannot be stored, and why. */
interface Poison {
  observations: readonly Observation[]
  code: string
}

/** Errors that say nothing of the data: of the store, its keys, its configuration, or of a stop. */
const standing: ReadonlySet<AurenErrorCode> = new Set([
  'AUREN_CLOSED',
  'AUREN_ABORTED',
  'AUREN_KEY_INVALID',
  'AUREN_STORE_LOCKED',
  'AUREN_STORE_VERSION',
  'AUREN_CONFIG_INVALID',
  'AUREN_FORBIDDEN',
  'AUREN_LOG_GAP',
])

function tell({ partition, next }: Place, records: readonly FullRecord[], quarantined: number, began: number): void {
  const observations = records.reduce((sum, { envelope }) => sum + envelope.observations.length, 0)
  const traces = [...new Set(records.flatMap(({ envelope }) => envelope.traceparent ?? []))]
  publish('stored', {
    partition,
    next,
    envelopes: records.length,
    observations,
    quarantined,
    ms: performance.now() - began,
    ...(traces.length > 0 ? { traces } : {}),
  })
}

function isPoison(error: AurenError): boolean {
  return !error.retryable && !standing.has(error.code)
}

function isFull(record: LogRecord): record is FullRecord {
  return record.id !== null && record.envelope !== null
}

function idOf({ id }: FullRecord): string {
  return id
}

function batchOf({ envelope }: FullRecord): Batch {
  const { provider, account, receivedAt, rawRef, amends, observations } = envelope
  return { provider, account, receivedAt, rawRef, ...(amends ? { amends } : {}), observations }
}

/** A record that is not as AUREN wrote it, as it is set aside: it is nobody's, and nothing that could be replayed. */
function strange({ partition, position }: LogRecord, { reason, log, at, bytes }: LogAside): Aside {
  return {
    user: null,
    provider: 'log',
    account: log,
    rawRef: `${log}/${partition}/${position}`,
    receivedAt: at,
    reason,
    detail: reason === 'log_unknown' ? 'a record that AUREN did not write' : 'its bytes do not open',
    item: { kind: 'record', value: bytes },
  }
}
