import { randomBytes } from 'node:crypto'
import type { MessagePort } from 'node:worker_threads'
import type { Lane } from '@auren/core'
import type { Sql } from '../sql/port.js'
import { createSql, type SqlSession } from '../sql/transactions.js'
import { connectEngine, type Engine, type EngineOptions, startEngine } from './engine.js'
import { createLanes } from './lanes.js'
import { createSession } from './session.js'

/** The `Sql` port on PGlite, and what only an embedded engine can do. */
export interface PgliteSql extends Sql {
  /** The whole database as a tar, taken between two transactions. */
  dump(): Promise<Uint8Array>
  /** How often a file was flushed to the disk: at least once per commit that wrote, in a folder. */
  flushes(): Promise<number>
  /** A port for another thread to use this database by ({@link connectPglite}). */
  share(): Promise<MessagePort>
}

/**
 * Opens PGlite in a thread of its own. One session: transactions take turns, interactive ones before bulk ones.
 * @throws AurenError AUREN_PEER_MISSING, AUREN_STORE_UNAVAILABLE
 */
export async function openPglite(options: EngineOptions): Promise<PgliteSql> {
  const engine = await startEngine(options)
  const { sql, acquire } = await overEngine(engine)
  return {
    ...sql,
    flushes: () => engine.flushes(),
    async share() {
      // Between two transactions: from here on each one ends its turn.
      const session = await acquire('interactive')
      const port = engine.share()
      session.release(false)
      return port
    },
    async dump() {
      const session = await acquire('interactive')
      try {
        // What is only in the write-ahead log so far goes to its files, so that a restore has nothing to replay.
        await session.batch([{ text: 'checkpoint', silent: true }])
        return await engine.dump()
      } finally {
        session.release(false)
      }
    },
  }
}

/** The database that another thread has open, over a port of its `share`; its transactions and ours take turns. */
export async function connectPglite(port: MessagePort): Promise<Sql> {
  return (await overEngine(connectEngine(port), randomBytes(4).toString('hex'))).sql
}

async function overEngine(engine: Engine, mark?: string) {
  const lanes = createLanes()
  // Whoever has the turn in this thread.
  let current: Lane = 'interactive'
  const session = createSession((bytes) => engine.exec(bytes, current), mark)
  const acquire = async (lane: Lane): Promise<SqlSession> => {
    const release = await lanes.acquire(lane)
    current = lane
    let ended = false
    return {
      ...session,
      release() {
        if (ended) return
        ended = true
        engine.end(lanes.following())
        release()
      },
    }
  }
  const first = await acquire('interactive')
  const [version] = await first.batch([{ text: 'select version() as version' }])
  first.release(false)
  const sql = createSql({
    engine: `PGlite: ${String(version?.rows[0]?.version)}`,
    connect: acquire,
    async close() {
      await lanes.close()
      await engine.close()
    },
  })
  return { sql, acquire }
}
