import { Flag, type NormalizeContext, type ObservationInput } from '@auren/core'
import { z } from 'zod'
import { readTime } from '../../files/index.js'
import { type Clock, readDate } from './clock.js'
import { id, maybe, text, words } from './payload.js'
import { sourceOf } from './sources.js'

const Entry = z.object({
  logId: id,
  date: text,
  time: text.nullish(),
  weight: maybe,
  bmi: maybe,
  fat: maybe,
  source: words,
})
type Entry = z.infer<typeof Entry>

/** Between the heights that a weight in pounds and the same number in kilograms would give a person (m). */
const BETWEEN = 2.07

/**
 * Unit of the weights of a document, told by the height that weight and body mass index give: read in the wrong unit,
 * people would be half as tall again, or a third smaller. Undecided, the usual one.
 */
export function weightUnit(entries: readonly Pick<Entry, 'weight' | 'bmi'>[], usual: 'kg' | 'lb'): 'kg' | 'lb' {
  const heights = entries
    .flatMap(({ weight, bmi }) => (weight && bmi && weight > 0 && bmi > 0 ? [Math.sqrt(weight / bmi)] : []))
    .sort((a, b) => a - b)
  const median = heights[Math.floor(heights.length / 2)]
  if (median === undefined) return usual
  return median > BETWEEN ? 'lb' : 'kg'
}

/** Weighings and measurements of fat, each a record; times are local. */
export function* bodyLogs(
  items: readonly unknown[],
  kind: 'weight' | 'fat',
  usual: 'kg' | 'lb',
  clock: Clock,
  ctx: Pick<NormalizeContext, 'reject'>,
): Iterable<ObservationInput> {
  const entries = items.flatMap((item) => {
    const parsed = Entry.safeParse(item)
    if (parsed.success) return [parsed.data]
    ctx.reject(item, 'schema', `${kind}: an entry without an id or a date`)
    return []
  })
  const unit = weightUnit(entries, usual)
  for (const entry of entries) {
    const date = readDate(entry.date)
    const time = date && readTime(`${date}T${entry.time ?? '12:00:00'}`)
    if (!time) {
      ctx.reject(entry, 'schema', `${kind}: a date that is none`)
      continue
    }
    const { at, offset, basis } = clock.place(time)
    const source = entry.source ? sourceOf(entry.source) : ({ name: 'Fitbit', type: 'unknown' } as const)
    const values = [
      ['weight', kind === 'weight' ? entry.weight : null, unit],
      ['bmi', kind === 'weight' ? entry.bmi : null, 'kg/m2'],
      ['body_fat', entry.fat, '%'],
    ] as const
    for (const [metric, value, of] of values) {
      // Zero where it is not known.
      if (!value) continue
      yield {
        shape: 'sample',
        metric,
        start: at,
        value,
        unit: of,
        source,
        offset,
        zoneBasis: basis,
        ...(source.type === 'manual' ? { flags: Flag.manual } : {}),
        recordId: `${kind}/${entry.logId}`,
      }
    }
  }
}
