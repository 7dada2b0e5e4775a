import { randomUUID } from 'node:crypto'
import type { EventBus, PluginContext } from '@auren/core'
import type { DeliveryPorts, DeliveryTopic, DeliveryWorld } from '@auren/core/testing'
import { kafka } from '../src/events/kafka/index.js'
import { openPostgres } from '../src/storage/postgres/sql.js'
import { createJournal } from '../src/storage/sql/journal/index.js'
import { createLongTerm } from '../src/storage/sql/longterm/index.js'
import { migrate } from '../src/storage/sql/migrate.js'
import { migrations } from '../src/storage/sql/migrations/index.js'
import type { Sql } from '../src/storage/sql/port.js'
import type { SqlVault } from '../src/storage/sql/vault.js'
import { makeDatabase } from './postgres-fixture.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

/** A database for the delivery tests. */
export interface TestDatabase {
  /** Of a server's database, for other processes. */
  url?: string
  /** Opens it as another process would. */
  open(): Promise<{ sql: Sql; vault: SqlVault; close(): Promise<void> }>
  close(): Promise<void>
}

/** PGlite in memory: one database that all processes share, emptied when a test has closed it. */
export async function openEmbedded(held?: Sql): Promise<TestDatabase> {
  const sql = held ?? (await openTestSql())
  const vault = await openTestVault(sql)
  return {
    open: async () => ({ sql, vault, close: async () => undefined }),
    close: () => (held ? empty(sql) : sql.close()),
  }
}

/** A database of its own on a server; every process has connections of its own. */
export async function openOnServer(server: string): Promise<TestDatabase> {
  const database = await makeDatabase(server)
  const first = await openPostgres({ url: database.url, pool: 2 })
  await migrate(first, migrations)
  await first.close()
  return { ...onServer(database.url), close: () => database.drop() }
}

function onServer(url: string): Pick<TestDatabase, 'url' | 'open'> {
  return {
    url,
    async open() {
      const sql = await openPostgres({ url, pool: 6 })
      return { sql, vault: await openTestVault(sql), close: () => sql.close() }
    },
  }
}

/** Where a world of Kafka is, so that another process can join it. */
export interface KafkaPlace {
  url: string
  broker: string
  topic: string
  sessionTimeoutMs: number
}

/** Joins a world that another process has made. */
export function joinKafkaWorld({ url, broker, topic, sessionTimeoutMs }: KafkaPlace): Pick<DeliveryWorld, 'open'> {
  const database: TestDatabase = { ...onServer(url), close: async () => undefined }
  return {
    open: ({ now }) =>
      openPorts(database, now, (ctx) =>
        kafka({ brokers: [broker], topic, sessionTimeoutMs, createTopics: false }).open(ctx),
      ),
  }
}

/** Takes everything out of a database; nobody may be using it. */
async function empty(sql: Sql): Promise<void> {
  await sql.transaction(async (tx) => {
    const tables = await tx.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'auren' and c.relkind in ('r', 'p') and c.relname not in ('migrations', 'audit')`,
    )
    await tx.script(`truncate ${tables.map(({ name }) => `auren.${name}`).join(', ')} restart identity`)
  })
}

/** The outbox table as the log. */
export async function openTableWorld(database?: TestDatabase): Promise<DeliveryWorld> {
  const held = database ?? (await openEmbedded())
  return { open: ({ now }) => openPorts(held, now), close: () => held.close() }
}

/** Kafka as the log, on a topic of its own. */
export async function openKafkaWorld(
  broker: string,
  database?: TestDatabase,
  sessionTimeoutMs = 6000,
): Promise<DeliveryWorld & { place: KafkaPlace }> {
  const held = database ?? (await openEmbedded())
  const topic = `test-${randomUUID()}`
  const partitions = 3
  const admin = await connectAdmin(broker)
  const create = (): Promise<unknown> =>
    admin.createTopics({
      waitForLeaders: true,
      topics: [
        { topic, numPartitions: partitions },
        { topic: `${topic}.dlq`, numPartitions: 1 },
      ],
    })
  await create()
  return {
    place: { url: held.url ?? '', broker, topic, sessionTimeoutMs },
    open: ({ now }) =>
      openPorts(held, now, (ctx) =>
        kafka({ brokers: [broker], topic, sessionTimeoutMs, createTopics: { partitions } }).open(ctx),
      ),
    openTable: ({ now }) => openPorts(held, now),
    topic: {
      async recreate() {
        await admin.deleteTopics({ topics: [topic] })
        // A broker may still know of it for a moment.
        for (;;) {
          try {
            await create()
            return
          } catch {
            await new Promise((resolve) => setTimeout(resolve, 100))
          }
        }
      },
      async truncate() {
        const ends = await admin.fetchTopicOffsets(topic)
        const full = ends.filter(({ low, high }) => low !== high)
        await admin.deleteTopicRecords({
          topic,
          partitions: full.map(({ partition, high }) => ({ partition, offset: high })),
        })
      },
      write: (records) => writeTopic(broker, topic, records),
      read: (which) => readTopic(broker, which === 'events' ? topic : `${topic}.dlq`),
    },
    async close() {
      await admin.deleteTopics({ topics: [topic, `${topic}.dlq`] }).catch(() => undefined)
      await admin.disconnect()
      await held.close()
    },
  }
}

async function openPorts(
  database: TestDatabase,
  now: () => number,
  openBus?: (ctx: PluginContext) => Promise<{ bus: EventBus; close(): Promise<void> }>,
): Promise<DeliveryPorts> {
  const { sql, vault, close } = await database.open()
  const bus = await openBus?.({ now, log: () => undefined })
  return {
    journal: createJournal(sql, vault, { partitions: 3, now }),
    longTerm: createLongTerm(sql, vault),
    ...(bus ? { bus: bus.bus } : {}),
    async close() {
      await bus?.close()
      await close()
    },
  }
}

async function client(broker: string) {
  const { default: kafkajs } = await import('kafkajs')
  return new kafkajs.Kafka({ brokers: [broker], clientId: 'test', logLevel: kafkajs.logLevel.NOTHING })
}

async function connectAdmin(broker: string) {
  const admin = (await client(broker)).admin()
  await admin.connect()
  return admin
}

async function writeTopic(
  broker: string,
  topic: string,
  records: Parameters<DeliveryTopic['write']>[0],
): Promise<void> {
  const producer = (await client(broker)).producer({ allowAutoTopicCreation: false })
  await producer.connect()
  await producer.send({
    topic,
    messages: records.map(({ headers, value }) => ({ key: null, headers, value: Buffer.from(value), partition: 0 })),
  })
  await producer.disconnect()
}

/** Everything that a topic holds now, without AUREN's code. */
async function readTopic(broker: string, topic: string): ReturnType<DeliveryTopic['read']> {
  const admin = await connectAdmin(broker)
  const ends = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  const wanted = new Map(
    ends.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, Number(high)]),
  )
  const found: Awaited<ReturnType<DeliveryTopic['read']>> = []
  if (wanted.size === 0) return found
  const consumer = (await client(broker)).consumer({ groupId: `read-${randomUUID()}`, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          for (const { key, headers, value } of batch.messages)
            found.push({
              key: key?.toString() ?? '',
              headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, held]) => [name, String(held)])),
              value: value ?? new Uint8Array(),
            })
          if (Number(batch.lastOffset()) + 1 >= (wanted.get(batch.partition) ?? 0)) wanted.delete(batch.partition)
          if (wanted.size === 0) resolve()
        },
      })
      .catch(reject)
  })
  await consumer.disconnect()
  return found
}
