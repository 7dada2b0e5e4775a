import type { Instant, LocalDate } from '../../observation/schema.js'
import { dayOf } from '../../query/calendar.js'
import type { Clock } from '../../query/clock.js'
import { dateAt } from '../../query/clock.js'
import type { MemoryRecord, StoredTag } from '../ports.js'

/**
 * What makes days no measure of what is usual: the words that tags and episodes name it by, and for how many days an
 * episode without an end is taken to last (a persistence function of Shahar, AIJ 90, 1997: beyond it, nobody knows).
 */
const contexts: Readonly<Record<string, { words: readonly string[]; days: number }>> = {
  illness: { words: ['illness', 'ill', 'sick', 'sickness', 'flu', 'fever', 'cold', 'covid', 'infection'], days: 14 },
  travel: { words: ['travel', 'trip', 'jet_lag', 'jetlag'], days: 30 },
  pregnancy: { words: ['pregnancy', 'pregnant'], days: 300 },
  injury: { words: ['injury', 'injured'], days: 60 },
  surgery: { words: ['surgery', 'operation', 'hospital'], days: 60 },
}

/** Contexts that are left out of baselines. */
export const contextNames: readonly string[] = Object.keys(contexts)

/** Every tag that names such a context. */
export const contextTags: readonly string[] = Object.values(contexts).flatMap(({ words }) => words)

/** A stretch of days that a tag or an episode names, days since 1970-01-01, both ends included. */
export interface NamedSpan {
  name: string
  first: number
  last: number
  /** The tag (`tag:travel`), or the id of the memory. */
  ref: string
}

/** The context that a word names; null where it names none. */
export function contextOf(word: string): string | null {
  const wanted = word
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_')
  return Object.entries(contexts).find(([, { words }]) => words.includes(wanted))?.[0] ?? null
}

/** Days that a tag touches; one that ends at midnight does not touch the day that begins then. */
export function tagSpan(tag: Pick<StoredTag, 'tag' | 'start' | 'end' | 'date'>, clock: Clock): NamedSpan {
  const first = dayOf(tag.date).index
  const end = tag.end !== null && tag.end > tag.start ? dateAt(tag.end - 1, clock.offset(tag.end - 1, null)) : tag.date
  return { name: tag.tag, first, last: Math.max(first, dayOf(end).index), ref: `tag:${tag.tag}` }
}

/**
 * Days that an episode of the person's own holds for, once for each thing that it is about. Without an end it goes on
 * until today, a context only as long as its kind is taken to last.
 */
export function episodeSpans(record: MemoryRecord, today: LocalDate): NamedSpan[] {
  if (record.kind !== 'episode' || record.origin === 'derived') return []
  const first = Math.floor(record.validFrom / DAY_MS)
  const end: Instant | null = record.validTo
  const named = record.about.length > 0 ? record.about : typeof record.body.tag === 'string' ? [record.body.tag] : []
  return named.map((name) => {
    const context = contextOf(name)
    const most = context === null ? Number.POSITIVE_INFINITY : first + (contexts[context]?.days ?? 0) - 1
    const last = end === null ? Math.min(most, dayOf(today).index) : Math.ceil(end / DAY_MS) - 1
    return { name, first, last: Math.max(first, last), ref: record.id }
  })
}

const DAY_MS = 86_400_000

/** Days → the contexts that they are in, by name, sorted. */
export function excludedDays(spans: readonly NamedSpan[]): Map<number, string[]> {
  const days = new Map<number, string[]>()
  for (const { name, first, last } of spans) {
    const context = contextOf(name)
    if (context === null) continue
    for (let day = first; day <= last; day++) {
      const held = days.get(day) ?? []
      if (!held.includes(context)) days.set(day, [...held, context].sort())
    }
  }
  return days
}
