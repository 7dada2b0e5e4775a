import { rankSources } from '../ingest/devices.js'
import { type LongTerm, MERGED, type Scope } from '../memory/ports.js'
import type { Instant, LocalDate } from '../observation/schema.js'
import type { SeriesView } from '../plugin/auren.js'
import { DAY_MINUTES } from './clock.js'
import { readHistory } from './history.js'
import type { Item } from './item.js'
import type { MetricTraits } from './measure.js'
import { readSamples } from './samples.js'

type Bucket = SeriesView['buckets'][number]

/** Widths of buckets in minutes; each divides the day. */
const widths = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 90, 120, 180, 240, 360, 480, 720]
/** The longest day: one on which the clocks go back. */
const LONGEST_MINUTES = 1500
const MINUTE = 60_000

/** Minutes that a bucket is wide so that `days` days have at most `buckets`; null where not even two fit in a day. */
export function bucketMinutes(days: number, buckets: number): number | null {
  const perDay = Math.floor(buckets / days)
  return widths.find((width) => width * perDay >= LONGEST_MINUTES) ?? null
}

/**
 * A few days of a metric by the minutes of the local day. Cumulative metrics are merged over devices as the day's own
 * value is, so that the buckets of a day add up to what was measured of it (what only a vendor's daily total knows has
 * no time of day, and is in none). Of all else each bucket shows the best-ranked source that has anything in it: values
 * of two devices are never mixed. `sources` says whose they are.
 * @param q.source one source alone
 * @param width of a bucket in minutes ({@link bucketMinutes})
 */
export async function intradayBuckets(
  longTerm: LongTerm,
  scope: Scope,
  traits: MetricTraits,
  q: { metric: string; from: LocalDate; to: LocalDate; source?: string | undefined },
  width: number,
): Promise<Bucket[]> {
  const cumulative = traits.kind === 'cumulative'
  const [history, sources, { ranks }] = await Promise.all([
    readHistory(longTerm, scope, []),
    longTerm.sources(scope),
    longTerm.profile(scope),
  ])
  const { items } = await readSamples(
    {
      metric: q.metric,
      traits,
      span: { from: q.from, to: q.to },
      source: q.source ?? (cumulative ? MERGED : 'each'),
      within: undefined,
      cuts: Array.from({ length: DAY_MINUTES / width }, (_, i) => i * width),
    },
    history,
  )
  const ranked = rankSources(q.metric, sources, ranks).map(({ key }) => key)
  const place = (source: string): number => (ranked.includes(source) ? ranked.indexOf(source) : ranked.length)

  const slots = new Map<Instant, Item[]>()
  for (const item of items) {
    const start = Math.round(item.at - ((item.minute ?? 0) % width) * MINUTE)
    const slot = slots.get(start)
    if (slot) slot.push(item)
    else slots.set(start, [item])
  }
  return [...slots]
    .sort(([a], [b]) => a - b)
    .map(([start, slot]) => {
      const present = [...new Set(slot.map(({ source }) => source))].sort((a, b) => place(a) - place(b))
      const shown = cumulative ? slot : slot.filter(({ source }) => source === present[0])
      return bucketOf(start, width, shown, cumulative ? present : present.slice(0, 1), cumulative)
    })
}

function bucketOf(
  start: Instant,
  width: number,
  items: readonly Item[],
  sources: string[],
  cumulative: boolean,
): Bucket {
  const sum = items.reduce((total, { value }) => total + value, 0)
  const mean = sum / items.length
  return {
    from: new Date(start).toISOString(),
    to: new Date(start + width * MINUTE).toISOString(),
    min: items.reduce((least, { value }) => Math.min(least, value), Number.POSITIVE_INFINITY),
    max: items.reduce((most, { value }) => Math.max(most, value), Number.NEGATIVE_INFINITY),
    mean,
    value: cumulative ? sum : mean,
    n: items.length,
    coverage: 1,
    sources,
  }
}
