import { describe, expect, it } from 'vitest'
import { AurenError } from '../../src/errors.js'
import { createConsumer } from '../../src/events/consume.js'
import { ENVELOPE_VERSION, type Envelope } from '../../src/events/envelope.js'
import type { Journal, LogRecord } from '../../src/events/ports.js'
import type { Batch } from '../../src/memory/ports.js'
import type { Observation } from '../../src/observation/schema.js'
import { fixedClock } from '../../src/testing/clock.js'
import { createMemoryJournal } from '../../src/testing/memory-journal.js'
import { plainStore, pulse, start } from '../ingest/toy.js'

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const envelope = (n: number, values: number[], user = 'ada'): Envelope => ({
  v: ENVELOPE_VERSION,
  id: uuid(n),
  user,
  account: 'a',
  receivedAt: start + n,
  provider: 'toy',
  rawRef: `raw-${n}`,
  observations: values.map((value, i) => pulse(start + n * 1000 + i, value) as Observation),
})

async function setUp(hook?: (batches: readonly Batch[]) => void) {
  const { now } = fixedClock(start)
  const journal = createMemoryJournal({ now, partitions: 1 })
  const store = plainStore(hook)
  const stored: string[][] = []
  const consumer = createConsumer({
    journal,
    longTerm: store,
    group: 'g',
    now,
    onStored: (users) => stored.push([...users]),
  })
  const log = async (...envelopes: Envelope[]): Promise<LogRecord[]> => {
    await journal.transaction((tx) => journal.enqueue(tx, envelopes))
    await journal.transaction((tx) => journal.assign(tx, 1000))
    return journal.transaction((tx) => journal.read(tx, 0, 0, 1000, 1e9))
  }
  return { journal, store, consumer, log, stored }
}
const open = (journal: Journal) => journal.transaction((tx) => journal.listQuarantine(tx, { open: true }))

describe('a consumer', () => {
  it('stores, marks and moves on in one transaction', async () => {
    const { journal, store, consumer, log, stored } = await setUp()
    const records = await log(envelope(1, [60]), envelope(2, [61], 'bob'))
    const place = await consumer.consume(await consumer.takeOver(0), records)
    expect(place).toEqual({ partition: 0, epoch: 1, next: 2 })
    expect(store.values()).toEqual([60, 61])
    expect(await journal.lag()).toMatchObject({ waiting: 0, accepted: 2, stored: 2 })
    expect(stored).toEqual([['ada', 'bob']])
  })

  it('does nothing at all where the last step fails', async () => {
    const { journal, store, consumer, log } = await setUp()
    const records = await log(envelope(1, [60]))
    const place = await consumer.takeOver(0)
    const before = store.dump()
    const { advance } = journal
    journal.advance = () => Promise.reject(new AurenError('AUREN_STORE_UNAVAILABLE', 'gone'))
    await expect(consumer.consume(place, records)).rejects.toMatchObject({ code: 'AUREN_STORE_UNAVAILABLE' })
    expect(store.dump()).toEqual(before)
    expect(await journal.lag()).toMatchObject({ waiting: 1, stored: 0, quarantined: 0 })
    journal.advance = advance
    await consumer.consume(place, records)
    expect(store.values()).toEqual([60])
  })

  it('that was taken over changes nothing: a zombie', async () => {
    const { store, consumer, log, journal } = await setUp()
    const records = await log(envelope(1, [60]))
    const zombie = await consumer.takeOver(0)
    const heir = await consumer.takeOver(0)
    await expect(consumer.consume(zombie, records)).rejects.toMatchObject({ code: 'AUREN_ZOMBIE' })
    expect(store.values()).toEqual([])
    expect(await journal.lag()).toMatchObject({ waiting: 1, stored: 0 })
    await consumer.consume(heir, records)
    expect(store.values()).toEqual([60])
  })

  it('drops what is below its place, also in the middle of a batch', async () => {
    const { store, consumer, log } = await setUp()
    const records = await log(envelope(1, [60]), envelope(2, [61]))
    const place = await consumer.takeOver(0)
    const half = await consumer.consume(place, records.slice(0, 1))
    const once = store.dump()
    expect(await consumer.consume(half, records.slice(0, 1))).toEqual(half)
    expect(store.dump()).toEqual(once)
    await consumer.consume(half, records)
    expect(store.values()).toEqual([60, 61])
  })

  it('is loud about a gap', async () => {
    const { store, consumer, log } = await setUp()
    const records = await log(envelope(1, [60]), envelope(2, [61]), envelope(3, [62]))
    const place = await consumer.takeOver(0)
    const holed = records.filter((_, i) => i !== 1)
    await expect(consumer.consume(place, holed)).rejects.toMatchObject({ code: 'AUREN_LOG_GAP' })
    await expect(consumer.consume(place, records.slice(1))).rejects.toMatchObject({ code: 'AUREN_LOG_GAP' })
    expect(store.values()).toEqual([])
  })

  it('replayed from the beginning by another group gives the same tables', async () => {
    const { consumer, log, store } = await setUp()
    const records = await log(envelope(1, [60, 61]), envelope(2, [62]), envelope(3, [60], 'bob'))
    const again = await setUp()
    await again.log(envelope(1, [60, 61]), envelope(2, [62]), envelope(3, [60], 'bob'))
    await consumer.consume(await consumer.takeOver(0), records)
    await again.consumer.consume(await again.consumer.takeOver(0), records)
    expect(again.store.dump()).toEqual(store.dump())
  })

  it('does not write what its person had erased after it was read', async () => {
    const { journal, store, consumer, log } = await setUp()
    const records = await log(envelope(1, [60]), envelope(2, [70], 'bob'))
    await journal.transaction((tx) => journal.erase(tx, 'ada'))
    const place = await consumer.consume(await consumer.takeOver(0), records)
    expect(place.next).toBe(2)
    expect(store.values()).toEqual([70])
  })

  const poisonous = (bad: ReadonlySet<number>) => (batches: readonly Batch[]) => {
    for (const { observations } of batches)
      for (const held of observations)
        if ('value' in held && bad.has(held.value as number)) throw new AurenError('AUREN_INPUT_INVALID', 'poison')
  }

  it('sets aside the observations that cannot be stored, and nothing else', async () => {
    const { journal, store, consumer, log } = await setUp(poisonous(new Set([66, 68])))
    const values = [60, 61, 66, 62, 68, 63]
    const records = await log(envelope(1, values), envelope(2, [70, 71]), envelope(3, [66]), envelope(4, [72], 'bob'))
    const place = await consumer.consume(await consumer.takeOver(0), records)
    expect(place.next).toBe(4)
    expect(store.values().sort()).toEqual([60, 61, 62, 63, 70, 71, 72])
    const held = await open(journal)
    expect(held.map(({ reason, detail, rawRef, receivedAt }) => ({ reason, detail, rawRef, receivedAt }))).toEqual(
      expect.arrayContaining([
        { reason: 'poison', detail: 'AUREN_INPUT_INVALID', rawRef: 'raw-1', receivedAt: start + 1 },
        { reason: 'poison', detail: 'AUREN_INPUT_INVALID', rawRef: 'raw-3', receivedAt: start + 3 },
      ]),
    )
    expect(held).toHaveLength(3)
    expect(await journal.lag()).toMatchObject({ waiting: 0, accepted: 4, stored: 4 })
  })

  it('sets the whole envelope aside where only its sum cannot be stored', async () => {
    const { journal, store, consumer, log } = await setUp((batches) => {
      for (const { observations } of batches) if (observations.length > 2) throw new TypeError('too many together')
    })
    const records = await log(envelope(1, [60, 61, 62]), envelope(2, [63]))
    await consumer.consume(await consumer.takeOver(0), records)
    expect(store.values()).toEqual([63])
    expect(await open(journal)).toHaveLength(1)
  })

  it.each(['AUREN_STORE_BUSY', 'AUREN_STORE_UNAVAILABLE', 'AUREN_CLOSED', 'AUREN_KEY_INVALID'] as const)(
    'takes %s for the store’s trouble, not for poison',
    async (code) => {
      const { journal, consumer, log, store } = await setUp(() => {
        throw new AurenError(code, 'not the data')
      })
      const records = await log(envelope(1, [60]))
      await expect(consumer.consume(await consumer.takeOver(0), records)).rejects.toMatchObject({ code })
      expect(store.values()).toEqual([])
      expect(await journal.lag()).toMatchObject({ waiting: 1, quarantined: 0 })
    },
  )
})
