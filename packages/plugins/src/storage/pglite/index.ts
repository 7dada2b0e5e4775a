import { resolve } from 'node:path'
import { AurenError, defineStorage, type PluginContext } from '@auren/core'
import { createIdentityStore } from '../sql/identity/index.js'
import { createJournal } from '../sql/journal/index.js'
import { endLeases } from '../sql/journal/jobs.js'
import { createLongTerm } from '../sql/longterm/index.js'
import { makeMasterKey, parseMasterKeys } from '../sql/master-key.js'
import { migrate } from '../sql/migrate.js'
import { migrations } from '../sql/migrations/index.js'
import { createPatterns } from '../sql/patterns.js'
import type { Sql } from '../sql/port.js'
import { createThreads, endRunLeases } from '../sql/threads.js'
import { createVault } from '../sql/vault.js'
import { noteOpen } from './backup.js'
import { hasDatabase, masterKeysOf, placesIn } from './folder.js'
import { lockFolder, makeFolder } from './lock.js'
import { openPglite } from './sql.js'

export { type BackupOptions, backup, restore } from './backup.js'
export type { PgliteSql } from './sql.js'

/** Options of the embedded storage. */
export interface PgliteOptions {
  /** Folder for database, key and backups; made where it is missing. Default: in memory, gone with the process. */
  dataDir?: string
  /** `AUREN_MASTER_KEY`: 32 bytes in base64, a comma list while rotating. Default: `master.key` in the folder. */
  masterKey?: string
  /** Partitions of the log; default 4. */
  partitions?: number
  /** Port of the server, told to whoever tries to open the folder meanwhile. */
  port?: number
}

/**
 * Everything stored in an embedded PostgreSQL (PGlite) in a thread of this process: all a person, a laptop or a test
 * needs. Opening throws AUREN_STORE_LOCKED when another process has the folder open, AUREN_STORE_VERSION when it was
 * written by another PostgreSQL or a newer AUREN, AUREN_KEY_INVALID when the key is missing or another one, and
 * AUREN_PEER_MISSING when PGlite is not installed.
 *
 * @example
 * const auren = await createAuren({ plugins: [pglite({ dataDir: './auren-data' })] })
 */
export function pglite(options: PgliteOptions = {}) {
  return defineStorage({
    kind: 'storage',
    id: 'pglite',
    version: '0.1.0',
    provides: ['journal', 'vault', 'longTerm', 'patterns', 'threads', 'identity'],
    peers: { '@electric-sql/pglite': '0.5.14', 'proper-lockfile': '^4.1.2' },
    open: (ctx) =>
      options.dataDir === undefined ? openMemory(options, ctx) : openFolder(resolve(options.dataDir), options, ctx),
  })
}

async function openMemory({ masterKey = makeMasterKey(), partitions }: PgliteOptions, ctx: PluginContext) {
  const masters = parseMasterKeys(masterKey)
  const sql = await openPglite({ dataDir: 'memory://' })
  try {
    return { ...(await provide(sql, masters, partitions, ctx)), close: () => sql.close() }
  } catch (error) {
    await sql.close()
    throw error
  }
}

async function openFolder(folder: string, { masterKey, partitions, port }: PgliteOptions, ctx: PluginContext) {
  await makeFolder(folder)
  let sql: Awaited<ReturnType<typeof openPglite>> | null = null
  const unlock = await lockFolder(folder, port ?? null, (error) => {
    ctx.log('error', 'Another process took the data folder over: no more is written', { folder, reason: error.message })
    sql?.close().catch(() => {})
  })
  try {
    const isNew = !(await hasDatabase(folder))
    const masters = await masterKeysOf(folder, masterKey, isNew)
    if (isNew) ctx.log('info', `Making the database in ${folder}: some seconds, this once`, { folder })
    sql = await openPglite({ dataDir: placesIn(folder).database })
    const storage = await provide(sql, masters, partitions, ctx)
    // The folder is ours alone: an import that a kill cut off goes on now, not when its lease has run out.
    await sql.transaction(async (tx) => {
      await endLeases(tx)
      await endRunLeases(tx)
    })
    const forget = noteOpen(folder, sql)
    const opened = sql
    return {
      ...storage,
      async close() {
        forget()
        await opened.close()
        await unlock()
      },
    }
  } catch (error) {
    await sql?.close().catch(() => {})
    await unlock()
    throw error
  }
}

async function provide(
  sql: Sql,
  masters: ReturnType<typeof parseMasterKeys>,
  partitions: number | undefined = 4,
  ctx: PluginContext,
) {
  const steps = await migrate(sql, migrations)
  if (steps > 0) ctx.log('info', `The database is up to date (${steps} steps)`, { steps, engine: sql.engine })
  const vault = createVault(sql, masters)
  // The wrong key is found now and not when the first person's words do not open.
  await vault.system.keyed('start')
  const rewrapped = await vault.rewrap()
  if (rewrapped > 0) ctx.log('info', `${rewrapped} keys are now wrapped with the first key of AUREN_MASTER_KEY`)
  await checkPartitions(sql, partitions)
  return {
    journal: createJournal(sql, vault, { partitions, alone: true, now: () => ctx.now() }),
    vault,
    longTerm: createLongTerm(sql, vault, ctx.metrics),
    patterns: createPatterns(sql, vault),
    threads: createThreads(sql, vault),
    identity: createIdentityStore(sql, vault),
  }
}

/** What waits in a partition that nobody reads would wait for ever. */
async function checkPartitions(sql: Sql, partitions: number): Promise<void> {
  const [row] = await sql.transaction((tx) =>
    tx.query<{ highest: number | null }>('select max(partition) as highest from auren.outbox'),
  )
  const highest = row?.highest ?? null
  if (!Number.isInteger(partitions) || partitions < 1 || (highest !== null && highest >= partitions))
    throw new AurenError(
      'AUREN_CONFIG_INVALID',
      `The number of partitions must be a whole number above ${highest ?? 0}, where data waits: let it be stored first`,
      { plugin: 'pglite' },
    )
}
