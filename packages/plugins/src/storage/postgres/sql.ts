import { AurenError, type Lane } from '@auren/core'
import { connectionLost, sqlError } from '../sql/failure.js'
import type { Sql } from '../sql/port.js'
import { createSql } from '../sql/transactions.js'
import type { PgClient, PgFailure, PgPool } from './client.js'
import { createPlaces } from './places.js'
import { type Connection, openConnection } from './session.js'

/** How to get at a PostgreSQL server. */
export interface PostgresAddress {
  /** `postgres://user:password@host:port/database`; what its query says of TLS goes before `ssl`. */
  url: string
  /** TLS, as Node's `tls.connect` takes it; `true`: with the certificates that Node trusts. */
  ssl?: boolean | { ca?: string; cert?: string; key?: string; rejectUnauthorized?: boolean; servername?: string }
  /** Connections of this process, 2 at least. @default 10 */
  pool?: number
  /** Time limits, in ms. */
  limits?: Partial<PostgresLimits>
}

/** Time limits, in ms. */
export interface PostgresLimits {
  /** To make a connection. @default 5000 */
  connect: number
  /** For one statement, waiting for locks included. @default 60000 */
  statement: number
  /** That the answer may take beyond that: a server that hangs ends no statement by itself. @default 5000 */
  grace: number
  /** That a transaction may stand idle: the server then ends it. @default 60000 */
  idle: number
  /** That a transaction waits for a connection. @default 10000 */
  wait: number
}

const defaults: PostgresLimits = { connect: 5000, statement: 60_000, grace: 5000, idle: 60_000, wait: 10_000 }
const idleConnectionMs = 60_000
/** Connections are renewed, so that they spread again after a failover. */
const connectionLifeS = 3600

/**
 * Opens a pool of connections behind the `Sql` port. It connects once, to see that the server is there; the other
 * connections are made when they are wanted.
 * @throws AurenError AUREN_PEER_MISSING, AUREN_CONFIG_INVALID, AUREN_STORE_UNAVAILABLE
 */
export async function openPostgres(address: PostgresAddress): Promise<Sql> {
  const { size, limits } = checkAddress(address)
  const pool = await createPool(address, size, limits)
  const places = createPlaces(size, limits.wait)
  const connections = new WeakMap<PgClient, Connection>()
  // An idle connection that breaks is replaced when the next is wanted.
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    connections.set(client, openConnection(client, limits.statement + limits.grace))
  })

  const connect = async (lane: Lane) => {
    const leave = await places.acquire(lane)
    try {
      const client = await pool.connect()
      const connection = connections.get(client) as Connection
      return {
        batch: connection.batch,
        script: connection.script,
        release(broken: boolean) {
          client.release(broken || !connection.usable())
          leave()
        },
      }
    } catch (error) {
      leave()
      throw refused(error)
    }
  }

  try {
    return createSql({
      engine: await readVersion(connect),
      connect,
      async close() {
        await places.close()
        await pool.end()
      },
    })
  } catch (error) {
    await pool.end()
    throw error
  }
}

async function createPool(address: PostgresAddress, size: number, limits: PostgresLimits): Promise<PgPool> {
  const { Pool } = await import('pg').then(
    (pg) => pg.default,
    (cause: unknown) => {
      throw new AurenError('AUREN_PEER_MISSING', 'postgres() needs the package pg. Install it: npm install pg', {
        cause,
        plugin: 'postgres',
      })
    },
  )
  const pool: unknown = new Pool({
    connectionString: address.url,
    ...(address.ssl === undefined ? {} : { ssl: address.ssl }),
    application_name: 'auren',
    max: size,
    connectionTimeoutMillis: limits.connect,
    idleTimeoutMillis: idleConnectionMs,
    maxLifetimeSeconds: connectionLifeS,
    keepAlive: true,
    // A pool at rest must not keep a script from ending.
    allowExitOnIdle: true,
    onConnect: async (client) => {
      await client.query(settings(limits))
    },
  })
  return pool as PgPool
}

/**
 * What the code relies on, whatever server, database and role have been set to. The text forms of values; read
 * committed, for the locks are made for it; and a commit that is on the disk when it is answered: `off` would not be,
 * while more than that (a standby's disk) stays as the operator wants it.
 */
function settings({ statement, idle }: PostgresLimits): string {
  return `
    set datestyle = 'ISO'; set bytea_output = 'hex'; set extra_float_digits = 1; set search_path = pg_catalog, pg_temp;
    set client_min_messages = warning; set default_transaction_isolation = 'read committed';
    set row_security = on;
    set statement_timeout = ${statement}; set idle_in_transaction_session_timeout = ${idle};
    select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`
}

async function readVersion(
  connect: (lane: Lane) => Promise<{ batch: Connection['batch']; release(broken: boolean): void }>,
): Promise<string> {
  const session = await connect('interactive')
  try {
    const [version] = await session.batch([{ text: 'select version() as version' }])
    return String(version?.rows[0]?.version)
  } finally {
    session.release(false)
  }
}

/** Why there is no connection: the server's word (no such database, too many connections …), or the network's. */
function refused(error: unknown): AurenError {
  const { code, severity, message } = error as PgFailure
  if (code !== undefined && severity !== undefined) return sqlError({ state: code, message })
  return connectionLost(message, true)
}

/** Fills in the defaults. @throws AurenError AUREN_CONFIG_INVALID; the URL may hold a password, and is not repeated */
export function checkAddress({ url, pool: size = 10, limits: given }: PostgresAddress): {
  size: number
  limits: PostgresLimits
} {
  const limits = { ...defaults, ...given }
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol))
    throw invalid('url must look like postgres://user:password@host:port/database')
  if (!Number.isSafeInteger(size) || size < 2) throw invalid('pool must be a whole number of connections, 2 at least')
  for (const [name, value] of Object.entries(limits))
    if (!Number.isSafeInteger(value) || value < 1) throw invalid(`limits.${name} must be a whole number of ms above 0`)
  return { size, limits }
}

function invalid(message: string): AurenError {
  return new AurenError('AUREN_CONFIG_INVALID', `postgres: ${message}`, { plugin: 'postgres' })
}
