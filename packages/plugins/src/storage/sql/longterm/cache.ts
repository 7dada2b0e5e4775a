import type { Entry } from './codec.js'

/** A chunk: one metric of one source in one bucket. */
export interface Series {
  metric: string
  bucket: number
  sourceId: number
  held: Entry[]
  /** Null where it has not been loaded, which only roll-ups may leave so. */
  history: Entry[] | null
  /** There is a row in `chunks`. */
  stored: boolean
  historyStored: boolean
}

/** Loaded series by metric and bucket: all sources of a bucket, or none of it. */
export type SeriesCache = Map<string, Series[]>

/** A metric's bucket. */
export type Bucket = readonly [metric: string, bucket: number]

/** Key of a bucket in the cache. */
export function bucketKey(metric: string, bucket: number): string {
  return `${metric} ${bucket}`
}
