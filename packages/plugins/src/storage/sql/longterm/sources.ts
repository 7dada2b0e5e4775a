import { typeRank } from '@auren/core'
import { plain, texts } from './literals.js'
import type { Source, Work } from './work.js'

/**
 * Adds sources that are new, and betters the type of those that were told of with a worse one.
 * @returns sources that were there and whose rank is not what it was
 */
export async function saveSources(work: Work, told: Iterable<Source>): Promise<Source[]> {
  const changed: Source[] = []
  const write: Source[] = []
  for (const source of told) {
    const known = work.sources.get(source.id)
    if (known && typeRank(source.type) >= typeRank(known.type)) continue
    if (known) changed.push(source)
    write.push(source)
    work.sources.set(source.id, source)
  }
  if (write.length === 0) return changed
  write.sort((a, b) => a.id - b.id)
  await work.tx.query(
    `insert into auren.sources (user_id, id, account_id, key, provider, account, name, type)
      select $1, * from unnest($2::int8[], $3::int8[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
      on conflict (user_id, id) do update set type = excluded.type`,
    [
      work.user,
      plain(write.map(({ id }) => id)),
      plain(write.map(({ accountId }) => accountId)),
      texts(write.map(({ key }) => key)),
      texts(write.map(({ provider }) => provider)),
      texts(write.map(({ account }) => account)),
      texts(write.map(({ name }) => name)),
      texts(write.map(({ type }) => type)),
    ],
  )
  return changed
}
