import { createHash } from 'node:crypto'
import { dateOfDay, dayNumber, type MetricInfo } from '@auren/core'

/** Id of the merged row in `days`; no source has it. */
export const mergedId = 0
const dayMs = 86_400_000

/** A stable id of 52 bits: fits an int8 column and a JavaScript number, and is the same in every order of arrival. */
export function stableId(...parts: readonly string[]): number {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest()
  return 1 + Number(digest.readBigUInt64BE() >> 12n)
}

/** Public name of a source: stable, and safe to show because the account is only a hash. */
export function sourceKey(provider: string, account: string, name: string): string {
  return `${provider}/${createHash('sha256')
    .update(JSON.stringify([provider, account]))
    .digest('hex')
    .slice(0, 8)}/${name}`
}

/** Gives the bucket of an instant: days since 1970, of the UTC day or of the first of its month for sparse metrics. */
export type BucketOf = (metric: Pick<MetricInfo, 'sparse'>, at: number) => number

/** Makes a {@link BucketOf} with a cache of months. */
export function createBuckets(): BucketOf {
  const months = new Map<number, number>()
  return (metric, at) => {
    const day = Math.floor(at / dayMs)
    if (!metric.sparse) return day
    let month = months.get(day)
    if (month === undefined) {
      month = dayNumber(`${dateOfDay(day).slice(0, -2)}01`)
      months.set(day, month)
    }
    return month
  }
}

/** Instant at which the bucket after this one begins, at the latest. */
export function bucketEnd(metric: Pick<MetricInfo, 'sparse'>, bucket: number): number {
  return (bucket + (metric.sparse ? 31 : 1)) * dayMs
}
