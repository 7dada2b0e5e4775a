import {
  AurenError,
  type LongTerm,
  type MetricRegistry,
  type Profile,
  type Tx,
  type UserId,
  type Vault,
} from '@auren/core'
import type { Sql, SqlTx } from '../port.js'
import { createVersions, raiseVersion } from '../versions.js'
import { readFingerprints } from './fingerprints.js'
import { forgetValues } from './forget.js'
import { history } from './history.js'
import { identities, recordsOf } from './identities.js'
import { keepMetrics } from './metrics.js'
import { loadProfile, saveProfile } from './profile.js'
import { readDays, readSessions, readTags } from './read.js'
import { readSamples } from './read-samples.js'
import { redateRows, rerollMetrics } from './reroll.js'
import { scan } from './scan.js'
import { beginWork } from './work.js'
import { writeBatches } from './write.js'

const tables = [
  'chunks',
  'chunk_history',
  'days',
  'source_days',
  'entries',
  'records',
  'sources',
  'profiles',
  'person_versions',
] as const

/**
 * Tier 2 on SQL (DESIGN §6.1). Whoever calls a method with a transaction has locked the person in it; reads open their
 * own, as the person.
 * @param registry metrics that plugins bring along
 */
export function createLongTerm(sql: Sql, vault: Vault, registry: MetricRegistry = {}): LongTerm {
  const metrics = keepMetrics(sql)
  const versions = createVersions(sql, 'auren.person_versions')
  return {
    write: (tx, user, batches) => writeBatches(sqlTx(tx), user, vault, registry, batches),
    version: ({ user }) => versions.read(user),
    days: (scope, q) => readDays(sql, scope, q),
    samples: (scope, q) => readSamples(sql, scope, q),
    sessions: (scope, q) => readSessions(sql, vault, scope, q),
    tags: (scope, q) => readTags(sql, vault, scope, q),
    metrics: (scope) => metrics(scope),
    fingerprints: (scope) => readFingerprints(sql, scope),
    sources: ({ user }) =>
      sql.as(
        user,
        (tx) => tx.query('select key, provider, name, type from auren.sources where user_id = $1 order by key', [user]),
        { readOnly: true },
      ),
    profile: ({ user }) => sql.as(user, (tx) => loadProfile(tx, user, vault), { readOnly: true }),
    setProfile: (tx, user, profile) => sqlTx(tx).as({ user }, (own) => setProfile(own, user, vault, registry, profile)),
    scan: (scope) => scan(sql, vault, registry, scope),
    history: (scope) => history(sql, vault, registry, scope),
    identities: (scope, q) => identities(sql, vault, registry, scope, q),
    records: (scope, q) => recordsOf(sql, scope, q),
    forget: (tx, user, batches) => forgetValues(sqlTx(tx), user, vault, registry, batches),
    erase: (tx, user) => sqlTx(tx).as({ user }, (own) => erase(own, user)),
  }
}

function sqlTx(tx: Tx): SqlTx {
  if (!('query' in tx))
    throw new AurenError('AUREN_INTERNAL', 'This transaction is of another storage: begin it with the SQL journal')
  return tx as SqlTx
}

/** Zone facts move days and ranks choose among sources, so a change of either rolls the history up again. */
async function setProfile(
  tx: SqlTx,
  user: UserId,
  vault: Vault,
  registry: MetricRegistry,
  profile: Profile,
): Promise<void> {
  const before = await loadProfile(tx, user, vault)
  if (JSON.stringify(before) === JSON.stringify(profile)) return
  await saveProfile(tx, user, vault, profile)
  const work = await beginWork(tx, user, vault, registry)
  if (JSON.stringify(before.zones ?? []) !== JSON.stringify(profile.zones ?? [])) {
    await redateRows(work)
    await rerollMetrics(work, () => true)
  } else {
    const ranked = rerankedMetrics(before.ranks ?? {}, profile.ranks ?? {})
    await rerollMetrics(work, (metric) => ranked(metric))
  }
  await raiseVersion(tx, user, 'auren.person_versions')
}

function rerankedMetrics(
  before: NonNullable<Profile['ranks']>,
  after: NonNullable<Profile['ranks']>,
): (metric: string) => boolean {
  const of = (ranks: NonNullable<Profile['ranks']>, metric: string) => JSON.stringify(ranks[metric] ?? ranks['*'] ?? [])
  return (metric) => {
    const nightly = metric.startsWith('sleep_') ? ['sleep_session', metric] : [metric]
    return nightly.some((id) => of(before, id) !== of(after, id))
  }
}

/** Rows by table that are gone; keys and raw data are the vault's and the journal's to erase. */
async function erase(tx: SqlTx, user: UserId): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of tables) {
    const rows = await tx.query(`delete from auren.${table} where user_id = $1 returning 1 as one`, [user])
    counts[table] = rows.length
  }
  return counts
}
