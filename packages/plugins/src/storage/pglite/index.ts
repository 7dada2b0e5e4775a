import { resolve } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import { AurenError, defineStorage, type PluginContext } from '@auren/core'
import { endLeases } from '../sql/journal/jobs.js'
import { makeMasterKey, parseMasterKeys } from '../sql/master-key.js'
import { provide, provided } from '../sql/provide.js'
import { endRunLeases } from '../sql/threads.js'
import { noteOpen } from './backup.js'
import { closeToOthers, hasDatabase, masterKeysOf, placesIn } from './folder.js'
import { lockFolder, makeFolder } from './lock.js'
import { connectPglite, openPglite, type PgliteSql } from './sql.js'
import { keepUp } from './upkeep.js'

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
  /**
   * The database that another thread of this process has open, by its plugin's `share()`: this thread works on it too,
   * and the folder and its lock stay the other's. `dataDir` (or `masterKey`) must be given, for the key.
   */
  shared?: MessagePort
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
  let opened: PgliteSql | null = null
  const note = (sql: PgliteSql): void => {
    opened = sql
  }
  const plugin = defineStorage({
    kind: 'storage',
    id: 'pglite',
    version: '0.1.0',
    provides: provided,
    peers: { '@electric-sql/pglite': '0.5.14', 'proper-lockfile': '^4.1.2' },
    open(ctx) {
      if (options.shared) return openShared(options.shared, options, ctx)
      return options.dataDir === undefined
        ? openMemory(options, ctx, note)
        : openFolder(resolve(options.dataDir), options, ctx, note)
    },
  })
  return {
    ...plugin,
    /**
     * A port by which another thread of this process can work on the same database, once this one has opened it:
     * transfer it there, and open it with `pglite({ shared: port, dataDir })`.
     * @throws AurenError AUREN_CLOSED where nothing is open
     */
    async share(): Promise<MessagePort> {
      if (opened === null) throw new AurenError('AUREN_CLOSED', 'The database is not open: compose AUREN with it first')
      return opened.share()
    },
  }
}

async function openShared(port: MessagePort, { dataDir, masterKey, partitions }: PgliteOptions, ctx: PluginContext) {
  const masters = await masterKeysOf(resolve(dataDir ?? '.'), masterKey, false)
  const sql = await connectPglite(port)
  return {
    ...(await provide(sql, masters, ctx, {
      plugin: 'pglite',
      alone: true,
      partitions,
      ...(dataDir === undefined ? {} : { erasures: placesIn(resolve(dataDir)).erasures }),
    })),
    close: () => sql.close(),
  }
}

type Note = (sql: PgliteSql) => void

async function openMemory({ masterKey = makeMasterKey(), partitions }: PgliteOptions, ctx: PluginContext, note: Note) {
  const masters = parseMasterKeys(masterKey)
  const sql = await openPglite({ dataDir: 'memory://' })
  note(sql)
  try {
    return {
      ...(await provide(sql, masters, ctx, { plugin: 'pglite', alone: true, partitions })),
      close: () => sql.close(),
    }
  } catch (error) {
    await sql.close()
    throw error
  }
}

async function openFolder(
  folder: string,
  { masterKey, partitions, port }: PgliteOptions,
  ctx: PluginContext,
  note: Note,
) {
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
    await closeToOthers(folder)
    sql = await openPglite({ dataDir: placesIn(folder).database })
    const { erasures } = placesIn(folder)
    const storage = await provide(sql, masters, ctx, { plugin: 'pglite', alone: true, partitions, erasures })
    // The folder is ours alone: an import that a kill cut off goes on now, not when its lease has run out.
    await sql.transaction(async (tx) => {
      await endLeases(tx)
      await endRunLeases(tx)
    })
    const forget = noteOpen(folder, sql)
    const opened = sql
    note(opened)
    const endUpkeep = keepUp(opened, ctx.log)
    return {
      ...storage,
      async close() {
        forget()
        await endUpkeep()
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
