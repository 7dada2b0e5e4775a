import {
  type Batch,
  contentHash,
  type Deletion,
  identityKey,
  type MetricRegistry,
  type UserId,
  type Vault,
} from '@auren/core'
import type { SqlTx } from '../port.js'
import type { Series } from './cache.js'
import { stableId } from './keys.js'
import { plain, texts } from './literals.js'
import { loadHistory, saveHistory } from './series.js'
import { beginWork } from './work.js'
import { writeBatches } from './write.js'

/**
 * Deletes for good, and takes every value that was ever said of these identities out of the history: what stays is that
 * something was deleted there, which refuses it when it comes again.
 * @param batches of deletions by the person (`sticky`) of single observations
 */
export async function forgetValues(
  tx: SqlTx,
  user: UserId,
  vault: Vault,
  registry: MetricRegistry,
  batches: readonly Batch[],
): Promise<void> {
  await writeBatches(tx, user, vault, registry, batches)
  await tx.as({ user }, async (own) => {
    const work = await beginWork(own, user, vault, registry)
    const rows: string[] = []
    const gone = new Map<string, { series: Series; keys: Set<string> }>()
    for (const { provider, account, observations } of batches)
      for (const observation of observations) {
        const { target, source, recordId } = observation as Deletion
        if (!target || !source) continue
        if (target.shape !== 'sample') {
          rows.push(contentHash(identityKey(provider, account, observation)))
          continue
        }
        const start = target.start as number
        const metric = target.of
        const bucket = work.bucketOf(work.metric(metric), start)
        const sourceId = stableId(provider, account, source.name)
        const place = `${metric} ${bucket} ${sourceId}`
        let of = gone.get(place)
        if (!of) {
          const empty = { held: [], history: null, stored: false, historyStored: false }
          of = { series: { metric, bucket, sourceId, ...empty }, keys: new Set() }
          gone.set(place, of)
        }
        of.keys.add(JSON.stringify([start, target.end ?? null, target.ordinal ?? 0, recordId ?? null]))
      }
    await own.query('delete from auren.entries where user_id = $1 and id = any($2::text[]) and gone <> 2', [
      user,
      texts(rows),
    ])
    const list = [...gone.values()]
    await loadHistory(
      work,
      list.map(({ series }) => series),
    )
    for (const { series, keys } of list)
      series.history = (series.history ?? []).filter(
        ({ start, end, ordinal, recordId, gone: by }) =>
          by === 2 || !keys.has(JSON.stringify([start, end, ordinal, recordId])),
      )
    const all = list.map(({ series }) => series)
    await saveHistory(work, all)
    await own.query(
      `update auren.chunks c set revision = x.revision
        from unnest($2::text[], $3::int4[], $4::int8[], $5::int4[]) x (metric, bucket, source_id, revision)
        where c.user_id = $1 and c.metric = x.metric and c.bucket = x.bucket and c.source_id = x.source_id`,
      [
        user,
        texts(all.map(({ metric }) => metric)),
        plain(all.map(({ bucket }) => bucket)),
        plain(all.map(({ sourceId }) => sourceId)),
        plain(all.map(({ history }) => history?.length ?? 0)),
      ],
    )
  })
}
