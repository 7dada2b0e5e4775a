import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { openPostgres, type PostgresAddress } from '../src/storage/postgres/sql.js'
import { migrate } from '../src/storage/sql/migrate.js'
import { migrations } from '../src/storage/sql/migrations/index.js'
import type { Sql } from '../src/storage/sql/port.js'

/** A database of one's own on a server. */
export interface TestDatabase {
  /** Its owner, who is no superuser. */
  url: string
  /** As the server's superuser. */
  admin<R = Record<string, unknown>>(text: string): Promise<R[]>
  /** Ends every session in it, and removes it with its owner. */
  drop(): Promise<void>
}

/** Runs statements as the server's superuser, in a database of the same server. */
export async function asAdmin<R = Record<string, unknown>>(
  server: string,
  text: string,
  database?: string,
): Promise<R[]> {
  const url = new URL(server)
  if (database) url.pathname = `/${database}`
  const client = new Client({ connectionString: url.href })
  // A server that a test ends breaks the connection; the statement's own error says so.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(text)).rows as R[]
  } finally {
    await client.end()
  }
}

/**
 * Makes an empty database and its owner: a login without any power, as an operator who makes the roles beforehand
 * would (docs/plugins/postgres.md).
 */
export async function makeDatabase(server: string): Promise<TestDatabase> {
  const name = `auren_test_${randomBytes(6).toString('hex')}`
  // Not auren_…: those are the restricted roles.
  const owner = `owner_${name}`
  await asAdmin(server, roles)
  await asAdmin(server, `create role ${owner} login password 'test'`)
  await asAdmin(server, `grant auren_person, auren_relay, auren_consumer to ${owner}`)
  await asAdmin(server, `create database ${name} owner ${owner}`)
  const url = new URL(server)
  url.username = owner
  url.password = 'test'
  url.pathname = `/${name}`
  return {
    url: url.href,
    admin: (text) => asAdmin(server, text, name),
    async drop() {
      await asAdmin(server, `drop database ${name} with (force)`)
      await asAdmin(server, `drop role ${owner}`)
    },
  }
}

/** An empty, migrated database that goes when it is closed. */
export async function openTestPostgres(server: string, address: Partial<PostgresAddress> = {}): Promise<Sql> {
  const database = await makeDatabase(server)
  const sql = await openPostgres({ pool: 6, ...address, url: database.url })
  await migrate(sql, migrations)
  return {
    ...sql,
    async close() {
      await sql.close()
      await database.drop()
    },
  }
}

const roles = `
do $$
declare
  role text;
begin
  foreach role in array array['auren_person', 'auren_relay', 'auren_consumer'] loop
    begin
      execute format('create role %I nologin', role);
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
end $$;
`
