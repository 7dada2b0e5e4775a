import { setTimeout as wait } from 'node:timers/promises'
import { AurenError, defineStorage, isAurenError, type PluginContext } from '@auren/core'
import { sqlState } from '../sql/failure.js'
import { parseMasterKeys } from '../sql/master-key.js'
import type { Sql } from '../sql/port.js'
import { provide, provided } from '../sql/provide.js'
import { checkRoles, rolesWanted } from './roles.js'
import { checkAddress, openPostgres, type PostgresAddress } from './sql.js'

export type { PostgresAddress, PostgresLimits } from './sql.js'

/** Options of the storage on a PostgreSQL server. */
export interface PostgresOptions extends PostgresAddress {
  /** `AUREN_MASTER_KEY`: 32 bytes in base64, a comma list while rotating. The same in all processes. */
  masterKey: string
  /** Partitions of the log, the same in all processes; default 4. */
  partitions?: number
  /** How long opening waits for a server that is not there yet, in ms. @default 60000 */
  patienceMs?: number
  /** File, apart from the database and its dumps, with who was erased: a restored dump is brought up to it. */
  erasures?: string
}

/**
 * Everything stored on a PostgreSQL server (15 or newer), for as many processes as there are. The schema is made, or
 * brought up to date, by whoever comes first, while the others wait.
 *
 * @throws AurenError AUREN_CONFIG_INVALID for a malformed option. When it opens: AUREN_CONFIG_INVALID where the server
 * does not let the role in, or the role may not do what it must; AUREN_STORE_UNAVAILABLE where the server did not
 * answer for `patienceMs`; AUREN_STORE_VERSION where a newer AUREN was here; AUREN_KEY_INVALID for another master key;
 * AUREN_PEER_MISSING without `pg`
 *
 * @example
 * postgres({ url: process.env.POSTGRES_URL, masterKey: process.env.AUREN_MASTER_KEY })
 */
export function postgres(options: PostgresOptions) {
  checkAddress(options)
  const masters = parseMasterKeys(options.masterKey)
  return defineStorage({
    kind: 'storage',
    id: 'postgres',
    version: '0.1.0',
    provides: provided,
    peers: { pg: '^8.23.1' },
    async open(ctx) {
      const sql = await connect(options, ctx)
      try {
        const storage = await provide(sql, masters, ctx, {
          plugin: 'postgres',
          alone: false,
          partitions: options.partitions,
          erasures: options.erasures,
        }).catch((error: unknown) => {
          if (sqlState(error) !== '42501') throw error
          throw refused(`the role may not make the schema or the roles that it needs. ${rolesWanted}`, error)
        })
        await checkRoles(sql)
        return { ...storage, close: () => sql.close() }
      } catch (error) {
        await sql.close()
        throw error
      }
    },
  })
}

/** Waits for the server: in a deployment it may start later than this process, or be starting again. */
async function connect(options: PostgresOptions, ctx: PluginContext): Promise<Sql> {
  const until = performance.now() + (options.patienceMs ?? 60_000)
  for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 4000)) {
    try {
      return await openPostgres(options)
    } catch (error) {
      const state = sqlState(error) ?? ''
      if (/^(28|3D)/.test(state))
        throw refused('the server does not let this role in: see user, password and database name of the URL', error)
      const isDown = isAurenError(error) && error.code === 'AUREN_STORE_UNAVAILABLE'
      if (!isDown || performance.now() + pauseMs > until) throw error
      ctx.log('warn', 'postgres: waiting for the server', { state, pauseMs })
      await wait(pauseMs)
    }
  }
}

function refused(message: string, cause: unknown): AurenError {
  return new AurenError('AUREN_CONFIG_INVALID', `postgres: ${message}`, { cause, plugin: 'postgres' })
}
