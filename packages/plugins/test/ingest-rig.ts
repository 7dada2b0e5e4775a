import { createHash } from 'node:crypto'
import { type AnyPlugin, type Auren, createAuren, type Journal, type LongTerm } from '@auren/core'
import { neuros } from '../src/neuros/index.js'
import { createJournal } from '../src/storage/sql/journal/index.js'
import { createLongTerm } from '../src/storage/sql/longterm/index.js'
import { createPatterns } from '../src/storage/sql/patterns.js'
import { createThreads } from '../src/storage/sql/threads.js'
import { appleHealth } from '../src/wearables/apple-health/index.js'
import { openTestSql, openTestVault } from './sql-fixture.js'

/** Times at which tests receive. */
export const start = Date.UTC(2026, 0, 5, 8)

/** A whole AUREN on a database in memory, with the parts that tests look at. */
export interface Rig {
  auren: Auren
  /** What it had to say. */
  logged: { level: string; message: string; fields: Record<string, unknown> | undefined }[]
  journal: Journal
  longTerm: LongTerm
  query<R = Record<string, unknown>>(text: string, params?: (string | number)[]): Promise<R[]>
  /** Digest of everything that a person has in tier 2, without the person's name and what is sealed. */
  digest(user: string, ...but: string[]): Promise<Record<string, string>>
  /** Lets time pass. */
  advance(ms: number): void
  close(): Promise<void>
}

const tables = ['chunks', 'chunk_history', 'records', 'sources', 'entries', 'days', 'source_days']

/** Composes it: Apple Health and NEUROS besides what is given. */
export async function openRig(
  options: {
    plugins?: readonly AnyPlugin[]
    journal?: (journal: Journal) => Journal
    partitions?: number
    publicUrl?: string
  } = {},
): Promise<Rig> {
  let at = start
  const now = (): number => at
  const sql = await openTestSql()
  const vault = await openTestVault(sql)
  const own = createJournal(sql, vault, { partitions: options.partitions ?? 2, now })
  const journal = options.journal?.(own) ?? own
  const longTerm = createLongTerm(sql, vault)
  const storage: AnyPlugin = {
    kind: 'storage',
    id: 'rig',
    version: '1.0.0',
    provides: ['journal', 'vault', 'longTerm', 'patterns', 'threads'],
    open: async () => ({
      journal,
      vault,
      longTerm,
      patterns: createPatterns(sql, vault),
      threads: createThreads(sql, vault),
      close: async () => undefined,
    }),
  }
  const plugins: readonly AnyPlugin[] = [storage, appleHealth(), ...(options.plugins ?? []), ...neuros()]
  const logged: Rig['logged'] = []
  const auren = await createAuren({
    plugins,
    zone: 'Europe/Berlin',
    now,
    log: (level, message, fields) => logged.push({ level, message, fields }),
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
  })
  const query: Rig['query'] = (text, params) => sql.transaction((tx) => tx.query(text, params))
  return {
    auren,
    logged,
    journal,
    longTerm,
    query,
    async digest(user, ...but) {
      const found: Record<string, string> = {}
      for (const table of tables) {
        const rows = await query<{ row: Record<string, unknown> }>(
          `select to_jsonb(t) - 'user_id' - 'words' as row from auren.${table} t where user_id = $1`,
          [user],
        )
        const texts = rows
          .map(({ row }) => JSON.stringify(Object.entries(row).filter(([key]) => !but.includes(key))))
          .sort()
        found[table] = `${texts.length} rows, ${createHash('sha256').update(texts.join('\n')).digest('hex')}`
      }
      return found
    },
    advance: (ms) => {
      at += ms
    },
    async close() {
      await auren.close()
      await sql.close()
    },
  }
}

/** Bytes as a file is streamed: in pieces. */
export async function* pieces(bytes: Uint8Array, size = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
