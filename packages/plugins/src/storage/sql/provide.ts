import { AurenError, type PluginContext } from '@auren/core'
import { applyErasures } from './apply-erasures.js'
import { erasuresIn } from './erasures.js'
import { createIdentityStore } from './identity/index.js'
import { createJournal } from './journal/index.js'
import { createLadder } from './ladder.js'
import { createLongTerm } from './longterm/index.js'
import type { MasterKey } from './master-key.js'
import { migrate } from './migrate.js'
import { migrations } from './migrations/index.js'
import { createPatterns } from './patterns.js'
import type { Sql } from './port.js'
import { createThreads } from './threads.js'
import { createVault } from './vault.js'

/** What a storage on SQL provides. */
export const provided = ['journal', 'vault', 'longTerm', 'patterns', 'ladder', 'threads', 'identity'] as const

/** How a storage plugin differs from another on the same SQL. */
export interface ProvideOptions {
  /** Its id, for errors. */
  plugin: string
  /** True where no other process can have the database open. */
  alone: boolean
  /** Partitions of the log; default 4. */
  partitions?: number | undefined
  /** File with who was erased, apart from the database: an older dump that was restored is brought up to it. */
  erasures?: string | undefined
}

/**
 * Brings the database up to date and opens everything that stands in it.
 * @throws AurenError AUREN_STORE_VERSION, AUREN_KEY_INVALID, AUREN_CONFIG_INVALID
 */
export async function provide(
  sql: Sql,
  masters: readonly MasterKey[],
  ctx: PluginContext,
  { plugin, alone, partitions = 4, erasures: file }: ProvideOptions,
) {
  const steps = await migrate(sql, migrations)
  if (steps > 0) ctx.log('info', `The database is up to date (${steps} steps)`, { steps, engine: sql.engine })
  const vault = createVault(sql, masters)
  // The wrong key is found now and not when the first person's words do not open.
  await vault.system.keyed('start')
  const rewrapped = await vault.rewrap()
  if (rewrapped > 0) ctx.log('info', `${rewrapped} keys are now wrapped with the first key of AUREN_MASTER_KEY`)
  await checkPartitions(sql, partitions, plugin)
  const erasures = file === undefined ? undefined : erasuresIn(file)
  const again = erasures === undefined ? 0 : await applyErasures(sql, vault, erasures)
  if (again > 0)
    ctx.log('warn', 'The database was of before an erasure: the persons are erased again', { persons: again })
  return {
    journal: createJournal(sql, vault, { partitions, alone, now: () => ctx.now(), erasures }),
    vault,
    longTerm: createLongTerm(sql, vault, ctx.metrics),
    patterns: createPatterns(sql, vault),
    ladder: createLadder(sql),
    threads: createThreads(sql, vault),
    identity: createIdentityStore(sql, vault),
  }
}

/** What waits in a partition that nobody reads would wait for ever. */
async function checkPartitions(sql: Sql, partitions: number, plugin: string): Promise<void> {
  const [row] = await sql.transaction((tx) =>
    tx.query<{ highest: number | null }>('select max(partition) as highest from auren.outbox'),
  )
  const highest = row?.highest ?? null
  if (!Number.isInteger(partitions) || partitions < 1 || (highest !== null && highest >= partitions))
    throw new AurenError(
      'AUREN_CONFIG_INVALID',
      `The number of partitions must be a whole number above ${highest ?? 0}, where data waits: let it be stored first`,
      { plugin },
    )
}
