import { createHash, randomBytes } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { Client } from 'pg'
import { openPglite } from '../../../plugins/src/storage/pglite/sql.js'
import { asAdmin, makeDatabase } from '../../../plugins/test/postgres-fixture.js'
import type { Found } from '../kill/server.js'

/** Where data stands: embedded; on PostgreSQL with the table as the log; with Kafka and Redis beside it. */
export type Mode = 'embedded' | 'table' | 'kafka'

/** Asks the database itself. Counts and times must be cast to float8. */
export type Ask = <R = Record<string, unknown>>(text: string) => Promise<R[]>

/** One installation's data: what a process of it needs to know, and how it is looked at without AUREN. */
export interface Place {
  mode: Mode
  /** Variables of a process that works on it. */
  env: Record<string, string>
  /** Looks into the tables. Embedded: while no process has the folder open. */
  look<T>(fn: (ask: Ask) => Promise<T>): Promise<T>
  /** What is unfinished; null where only a process that opens it can tell. */
  unfinished(): Promise<Found | null>
  /** The same data elsewhere, with a topic of its own. Nobody may be working on it. */
  copy(): Promise<Place>
}

/** Places of a test, all removed at its end. */
export interface World {
  create(): Promise<Place>
  close(): Promise<void>
}

/** Servers of a deployment. */
export interface Servers {
  postgres: string
  kafka?: string
  redis?: string
}

/** Data folders. @param within the folder that they are made in */
export function embeddedWorld(within: string = tmpdir()): World {
  const made: string[] = []
  const place = async (from?: string): Promise<Place> => {
    const folder = await mkdtemp(join(within, 'auren-fault-'))
    made.push(folder)
    if (from) await cp(from, folder, { recursive: true })
    return {
      mode: 'embedded',
      env: { AUREN_DATA: folder },
      unfinished: async () => null,
      copy: () => place(folder),
      async look(fn) {
        const sql = await openPglite({ dataDir: join(folder, 'pg') })
        try {
          return await fn(<R>(text: string) => sql.transaction((tx) => tx.query<R>(text), { readOnly: true }))
        } finally {
          await sql.close()
        }
      },
    }
  }
  return {
    create: () => place(),
    async close() {
      for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Databases on a server, each with a topic of its own where there is Kafka. */
export function serverWorld({ postgres, kafka, redis }: Servers): World {
  const masterKey = randomBytes(32).toString('base64')
  const closers: (() => Promise<void>)[] = []
  const topics: string[] = []

  const placeAt = (url: string): Place => {
    const topic = `auren-fault-${randomBytes(6).toString('hex')}`
    if (kafka) topics.push(topic, `${topic}.dlq`)
    const name = new URL(url).pathname.slice(1)
    const look: Place['look'] = async (fn) => {
      const client = new Client({ connectionString: url })
      client.on('error', () => undefined)
      await client.connect()
      try {
        return await fn(async <R>(text: string) => (await client.query(text)).rows as R[])
      } finally {
        await client.end()
      }
    }
    return {
      mode: kafka ? 'kafka' : 'table',
      env: {
        POSTGRES_URL: url,
        AUREN_MASTER_KEY: masterKey,
        AUREN_LOCAL_PERSON: 'true',
        ...(kafka ? { KAFKA_BOOTSTRAP_SERVERS: kafka, AUREN_KAFKA_TOPIC: topic } : {}),
        ...(redis ? { REDIS_URL: redis } : {}),
      },
      look,
      unfinished: () => look(readUnfinished),
      async copy() {
        const copied = `auren_test_${randomBytes(6).toString('hex')}`
        // A template must have no session.
        await asAdmin(
          postgres,
          `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`,
        )
        await copyDatabase(postgres, name, copied, new URL(url).username)
        closers.unshift(async () => {
          await asAdmin(postgres, `drop database ${copied} with (force)`)
        })
        const there = new URL(url)
        there.pathname = `/${copied}`
        return placeAt(there.href)
      },
    }
  }

  return {
    async create() {
      const database = await makeDatabase(postgres)
      closers.push(() => database.drop())
      return placeAt(database.url)
    },
    async close() {
      for (const close of closers.splice(0)) await close()
      if (kafka) await removeTopics(kafka, topics.splice(0))
    },
  }
}

/** Tries once more where the server's own upkeep (autovacuum) was in the template for the five seconds that it waits. */
async function copyDatabase(postgres: string, from: string, to: string, owner: string): Promise<void> {
  const OBJECT_IN_USE = '55006'
  for (let tries = 1; ; tries++)
    try {
      await asAdmin(postgres, `create database ${to} template ${from} owner ${owner}`)
      return
    } catch (error) {
      if (tries === 3 || (error as { code?: string }).code !== OBJECT_IN_USE) throw error
    }
}

async function readUnfinished(ask: Ask): Promise<Found> {
  const [outbox] = await ask<{ n: number }>('select count(*)::float8 as n from auren.outbox')
  const jobs = await ask<{ id: string; kind: string; state: string }>('select id::text, kind, state from auren.jobs')
  return {
    waiting: outbox?.n ?? 0,
    imports: jobs.filter(({ kind }) => kind === 'import').map(({ id, state }) => ({ id, state, step: 0 })),
    fetches: jobs.filter(({ kind, state }) => kind === 'fetch' && /waiting|running/.test(state)).length,
  }
}

async function removeTopics(broker: string, topics: string[]): Promise<void> {
  const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, retry: { retries: 1 } }).admin()
  try {
    await admin.connect()
    const known = new Set(await admin.listTopics())
    await admin.deleteTopics({ topics: topics.filter((topic) => known.has(topic)) })
  } catch {
    // A broker that the test has ended for good takes its topics along.
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

/** Persons of the tests. */
export const persons = ['ada', 'bob', 'cyd', 'dee', 'eve', 'fay'] as const

/** Whoever sends what no honest app would; what comes of it is looked at by itself. */
export const poisoner = 'mallory'

/** A person's API token: as long and as odd as a real one, and the same in all processes. */
export function tokenOf(person: string): string {
  return `auren_pat_${createHash('sha256').update(`token of ${person}`).digest('base64url')}`
}
