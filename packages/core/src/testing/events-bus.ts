import { AurenError } from '../errors.js'
import type { EventBus } from '../events/bus.js'
import type { DeliveryTest, Within } from './delivery-test.js'
import type { DeliveryNode } from './delivery-world.js'
import { fromTheBeginning, until } from './delivery-world.js'
import type { TestRunner } from './storage-kit.js'

/** What only a log outside of the database can do. */
export function busTests({ it, expect }: TestRunner, within: Within): void {
  /** Accepts and publishes, while nothing can be stored. */
  const published = async ({ start, oracle }: DeliveryTest, count: number, from = 0): Promise<DeliveryNode> => {
    const node = await start({
      onWrite() {
        throw new AurenError('AUREN_STORE_UNAVAILABLE', 'not now')
      },
    })
    const before = (await node.journal.lag()).published
    for (let i = 0; i < count; i++) await oracle.send(node.ingest, `person ${i % 3}`, [[from + i, 50 + (i % 100)]])
    await until(async () => (await node.journal.lag()).published >= before + count)
    return node
  }
  const onlyBus = (
    body: (test: DeliveryTest & { topic: NonNullable<DeliveryTest['world']['topic']> }) => Promise<void>,
  ) =>
    within(async (test) => {
      if (!test.world.topic) throw new Error('the world of a bus needs its topic')
      await body({ ...test, topic: test.world.topic })
    })
  const told = (node: DeliveryNode, message: string): boolean => node.logged.some((line) => line.message === message)
  const lost = 'the log has lost records: they are published again'

  it(
    'bus: publishes each row once, carries nothing in clear, and leaves a backlog alone',
    onlyBus(async (test) => {
      const node = await published(test, 20)
      const { topic, oracle } = test
      const receipt = await oracle.send(node.ingest, 'zoe-canary', [[0, 173]])
      await node.close()
      let compared = 0
      const idle = await test.start({
        journal: (journal) => ({
          ...journal,
          reconcile(tx, log, group, found) {
            if (found.still) compared++
            return journal.reconcile(tx, log, group, found)
          },
        }),
        onWrite() {
          throw new AurenError('AUREN_STORE_UNAVAILABLE', 'not now')
        },
      })
      await until(async () => (await idle.journal.lag()).published === 21)
      // The relay compares what it has with what the bus holds, partition by partition: a backlog is not a loss.
      const before = compared
      await until(() => compared > before + 3)
      expect((await idle.journal.lag()).published).toBe(21)
      const records = await topic.read('events')
      expect(records.length).toBe(21)
      for (const { key, headers, value } of records) {
        const text = `${key} ${JSON.stringify(headers)} ${Buffer.from(value).toString('latin1')}`
        for (const word of ['zoe-canary', 'person', 'heart_rate', 'Test watch', receipt])
          expect(text.includes(word)).toBe(false)
      }
      expect(new Set(records.map(({ key }) => key)).size).toBe(4)
      await idle.close()
      await test.settle(await test.start())
    }),
  )

  it(
    'bus: T6: delivers the whole topic again from the beginning, and nothing changes',
    onlyBus(async ({ start, oracle, settle }) => {
      const node = await start()
      for (let i = 0; i < 15; i++) await oracle.send(node.ingest, `person ${i % 4}`, [[i, 60 + i]])
      await settle(node)
      await node.close()
      const again = await start({ bus: fromTheBeginning })
      await until(async () => (await again.ingest.lag()).dropped >= 15)
      await oracle.send(again.ingest, 'person 1', [[99, 99]])
      await settle(again)
      expect((await again.journal.lag()).quarantined).toBe(0)
    }),
  )

  it(
    'bus: publishes again where the outcome is not known, and stores once',
    onlyBus(async ({ start, oracle, settle, topic }) => {
      let failures = 0
      const unknown = (bus: EventBus): EventBus => ({
        ...bus,
        async publish(to, messages) {
          const answer = await bus.publish(to, messages)
          if (failures++ < 3) throw new AurenError('AUREN_LOG_UNAVAILABLE', 'timed out')
          return answer
        },
      })
      const node = await start({ bus: unknown, work: 'all' })
      await oracle.send(node.ingest, 'ada', [
        [0, 60],
        [1, 61],
      ])
      await settle(node)
      await until(async () => {
        await oracle.send(node.ingest, 'ada', [[failures + 10, 70]])
        await settle(node)
        return failures > 3
      })
      expect((await topic.read('events')).length).toBeGreaterThan(0)
    }),
  )

  it(
    'bus: T3: accepts while the bus is away, and drains when it is back',
    onlyBus(async ({ start, oracle, settle }) => {
      let away = true
      const gone = (): AurenError => new AurenError('AUREN_LOG_UNAVAILABLE', 'away')
      const node = await start({
        bus: (bus) => ({
          ...bus,
          publish: (to, messages) => (away ? Promise.reject(gone()) : bus.publish(to, messages)),
          bounds: () => (away ? Promise.reject(gone()) : bus.bounds()),
        }),
      })
      for (let i = 0; i < 10; i++) await oracle.send(node.ingest, 'ada', [[i, 60 + i]])
      await until(() => told(node, 'the relay is stuck'))
      expect(await node.ingest.lag().then(({ behind }) => behind)).toBe(null)
      expect((await node.journal.lag()).waiting).toBe(10)
      away = false
      await settle(node)
    }),
  )

  it(
    'bus: T9: sets aside what others wrote, and what does not open, and goes on',
    onlyBus(async ({ start, oracle, settle, topic }) => {
      const accepting = await start({ work: 'none' })
      for (let i = 0; i < 3; i++) await oracle.send(accepting.ingest, 'ada', [[i, 60 + i]])
      const { journal } = accepting
      const log = accepting.bus?.log as string
      const rows = await journal.transaction((tx) => journal.unpublished(tx, log, `memory@${log}`, 10, 1e6))
      const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
      await accepting.bus?.bounds()
      await topic.write([
        { headers: {}, value: bytes('{"not":"ours"}') },
        { headers: { id: 'no uuid' }, value: new Uint8Array([0xff, 0xfe, 0]) },
        { headers: { id: '11111111-1111-4111-8111-111111111111' }, value: bytes('of a row that is not there') },
        { headers: { id: rows[0]?.id as string }, value: bytes('garbled') },
        { headers: { id: rows[1]?.id as string }, value: rows[2]?.payload as Uint8Array },
      ])
      const node = await start()
      await settle(node)
      await until(async () => (await node.ingest.lag()).behind === 0)
      const held = await journal.transaction((tx) => journal.listQuarantine(tx, { open: true }))
      const reasons = held.map(({ reason }) => reason).sort()
      expect(reasons.filter((reason) => reason === 'log_unknown').length).toBe(2)
      expect(reasons.every((reason) => reason === 'log_unknown' || reason === 'log_garbled')).toBe(true)
      await until(async () => (await topic.read('deadLetters')).length === held.length)
    }),
  )

  it(
    'bus: publishes again what its retention cut off before it was stored',
    onlyBus(async (test) => {
      const node = await published(test, 9)
      await node.close()
      await test.topic.truncate()
      const next = await test.start()
      await test.settle(next)
      expect(told(next, lost)).toBe(true)
      await test.oracle.send(next.ingest, 'person 1', [[500, 90]])
      await test.settle(next)
    }),
  )

  it(
    'bus: publishes again what was lost with a topic that was made anew',
    onlyBus(async (test) => {
      const first = await test.start()
      for (let i = 0; i < 9; i++) await test.oracle.send(first.ingest, `person ${i % 3}`, [[i, 80]])
      await test.settle(first)
      await first.close()
      const node = await published(test, 9, 100)
      await node.close()
      await test.topic.recreate()
      const next = await test.start()
      await test.oracle.send(next.ingest, 'person 1', [[500, 90]])
      await test.settle(next)
      expect(told(next, lost)).toBe(true)
    }),
  )

  it(
    'bus: goes on when the topic is made anew under a running process',
    onlyBus(async ({ start, oracle, settle, topic }) => {
      const node = await start()
      for (let i = 0; i < 9; i++) await oracle.send(node.ingest, `person ${i % 3}`, [[i, 80]])
      await settle(node)
      await topic.recreate()
      for (let i = 0; i < 9; i++) await oracle.send(node.ingest, `person ${i % 3}`, [[100 + i, 81]])
      await settle(node)
    }),
  )

  it(
    'bus: loses nothing from the table to the bus, and back',
    onlyBus(async (test) => {
      if (!test.world.openTable) return
      const stuck = {
        onWrite() {
          throw new AurenError('AUREN_STORE_UNAVAILABLE', 'not now')
        },
      }
      const { oracle, settle } = test
      const table = await test.startTable(stuck)
      for (let i = 0; i < 9; i++) await oracle.send(table.ingest, `person ${i % 3}`, [[i, 50]])
      await until(() => told(table, 'the log is stuck'))
      await table.close()
      const bus = await published(test, 6, 100)
      await bus.close()
      // Some of what both have been given is stored by way of the bus: the table's places then have holes.
      const some = await test.start()
      await settle(some)
      for (let i = 0; i < 3; i++) await oracle.send(some.ingest, `person ${i % 3}`, [[200 + i, 51]])
      await settle(some)
      await some.close()
      const waiting = await published(test, 6, 300)
      await waiting.close()
      const back = await test.startTable()
      for (let i = 0; i < 3; i++) await oracle.send(back.ingest, `person ${i % 3}`, [[400 + i, 52]])
      await settle(back)
    }),
  )
}
