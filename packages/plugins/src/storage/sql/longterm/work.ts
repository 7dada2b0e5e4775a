import {
  AurenError,
  type Calendar,
  createCalendar,
  metric as lookUp,
  type MetricInfo,
  type MetricRegistry,
  type Profile,
  type RecordMark,
  type SourceType,
  type UserId,
  type Vault,
} from '@auren/core'
import type { SqlTx } from '../port.js'
import type { SeriesCache } from './cache.js'
import { type BucketOf, createBuckets } from './keys.js'
import { loadProfile } from './profile.js'

/** A source as it is stored. */
export interface Source {
  id: number
  accountId: number
  key: string
  provider: string
  account: string
  name: string
  type: SourceType
}

/** Where a record's samples are: metric, bucket, source id. */
export type Place = readonly [metric: string, bucket: number, sourceId: number]

/** A vendor's record: its revisions and where its samples are. */
export interface StoredRecord {
  accountId: number
  recordId: string
  marks: RecordMark[]
  places: Place[]
}

/** What one write, or one re-roll, works with: one person, one transaction. */
export interface Work {
  tx: SqlTx
  user: UserId
  vault: Vault
  registry: MetricRegistry
  profile: Profile
  calendar: Calendar
  /** @throws AurenError AUREN_METRIC_UNKNOWN */
  metric(id: string): MetricInfo
  bucketOf: BucketOf
  series: SeriesCache
  sources: Map<number, Source>
  /** Records touched by this write, by {@link recordKey}. */
  records: Map<string, StoredRecord>
}

/** Key of a record in {@link Work.records}. */
export function recordKey(accountId: number, recordId: string): string {
  return `${accountId} ${recordId}`
}

/** Begins work on a person whom the caller has locked. */
export async function beginWork(tx: SqlTx, user: UserId, vault: Vault, registry: MetricRegistry): Promise<Work> {
  const profile = await loadProfile(tx, user, vault)
  const rows = await tx.query<Source>(
    `select id, account_id as "accountId", key, provider, account, name, type from auren.sources where user_id = $1`,
    [user],
  )
  return {
    tx,
    user,
    vault,
    registry,
    profile,
    calendar: createCalendar(profile.zones),
    metric: metricOf(registry),
    bucketOf: createBuckets(),
    series: new Map(),
    sources: new Map(rows.map((source) => [source.id, source])),
    records: new Map(),
  }
}

/** Looks metrics up, each once. */
export function metricOf(registry: MetricRegistry): (id: string) => MetricInfo {
  const known = new Map<string, MetricInfo>()
  return (id) => {
    let info = known.get(id)
    if (!info) {
      info = lookUp(id, registry)
      if (!info)
        throw new AurenError(
          'AUREN_METRIC_UNKNOWN',
          `Nobody knows the metric ${id}: install the plugin that brings it, or list it in the plugin's \`metrics\``,
        )
      known.set(id, info)
    }
    return info
  }
}

/** Names of the columns of a stored series, of the first version's and today's. */
export function packedNames(alias: string): string {
  return ['first', 'n', 'layout', 'bytes', 'deltas', 'durations', 'scale', 'ints', 'floats', 'runs']
    .map((name) => `${alias}.${name}`)
    .join(', ')
}
