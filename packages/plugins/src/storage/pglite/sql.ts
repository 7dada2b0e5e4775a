import type { Sql } from '../sql/port.js'
import { createSql } from '../sql/transactions.js'
import { type EngineOptions, startEngine } from './engine.js'
import { createLanes } from './lanes.js'
import { createSession } from './session.js'

/** The `Sql` port on PGlite, and what only an embedded engine can do. */
export interface PgliteSql extends Sql {
  /** The whole database as a tar, taken between two transactions. */
  dump(): Promise<Uint8Array>
  /** How often a file was flushed to the disk: at least once per commit that wrote, in a folder. */
  flushes(): Promise<number>
}

/**
 * Opens PGlite in a thread of its own. One session: transactions take turns, interactive ones before bulk ones.
 * @throws AurenError AUREN_PEER_MISSING, AUREN_STORE_UNAVAILABLE
 */
export async function openPglite(options: EngineOptions): Promise<PgliteSql> {
  const engine = await startEngine(options)
  const lanes = createLanes()
  const session = createSession(engine)
  const [version] = await session.batch([{ text: 'select version() as version' }])
  const sql = createSql({
    engine: `PGlite: ${String(version?.rows[0]?.version)}`,
    async connect(lane) {
      const release = await lanes.acquire(lane)
      return { ...session, release }
    },
    async close() {
      await lanes.close()
      await engine.close()
    },
  })
  return {
    ...sql,
    flushes: () => engine.flushes(),
    async dump() {
      const release = await lanes.acquire('interactive')
      try {
        // What is only in the write-ahead log so far goes to its files, so that a restore has nothing to replay.
        await session.batch([{ text: 'checkpoint', silent: true }])
        return await engine.dump()
      } finally {
        release()
      }
    },
  }
}
