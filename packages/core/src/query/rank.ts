import type { Profile, SourceInfo, StoredSample } from '../memory/ports.js'
import type { SourceType } from '../observation/schema.js'
import { createCover } from './coverage.js'

/** Which kind of device is believed first where several measured the same. */
const order: readonly SourceType[] = [
  'watch',
  'ring',
  'band',
  'phone',
  'scale',
  'cuff',
  'cgm',
  'app',
  'manual',
  'unknown',
]

/** Place of a source for a metric, 0 the best: the person's own ranks first, then the kind of device, then the key. */
export function rankSources(metric: string, sources: readonly SourceInfo[], profile: Profile): string[] {
  const own = profile.ranks?.[metric] ?? profile.ranks?.['*'] ?? []
  const place = (source: SourceInfo): number => {
    const said = own.indexOf(source.key)
    return said >= 0 ? said : own.length + order.indexOf(source.type)
  }
  return [...sources].sort((a, b) => place(a) - place(b) || (a.key < b.key ? -1 : 1)).map((source) => source.key)
}

/** A part of a sample that counts. */
export interface Portion {
  sample: StoredSample
  start: number
  end: number | null
  value: number
}

/**
 * Device merge of cumulative samples (DESIGN §4): in each stretch of time the best-ranked source that covers it
 * counts, within one source the newest revision, never the sum; what is left of an interval counts pro rata.
 */
export function mergeCumulative(samples: readonly StoredSample[], ranked: readonly string[]): Portion[] {
  const rank = new Map(ranked.map((key, i) => [key, i]))
  const place = (sample: StoredSample) => rank.get(sample.source) ?? ranked.length
  const ordered = [...samples].sort(
    (a, b) =>
      place(a) - place(b) ||
      (b.version ?? Number.NEGATIVE_INFINITY) - (a.version ?? Number.NEGATIVE_INFINITY) ||
      b.receivedAt - a.receivedAt ||
      a.start - b.start ||
      b.value - a.value,
  )
  const cover = createCover()
  const portions: Portion[] = []
  for (const sample of ordered) {
    const { start, end, value } = sample
    if (end === null || end <= start) {
      if (cover.gaps(start, start + 1).length > 0) portions.push({ sample, start, end: null, value })
      continue
    }
    for (const gap of cover.gaps(start, end)) {
      portions.push({ sample, ...gap, value: (value * (gap.end - gap.start)) / (end - start) })
    }
    cover.add(start, end)
  }
  return portions
}
