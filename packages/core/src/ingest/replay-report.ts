import { z } from 'zod'
import type { KnownIdentity } from '../memory/ports.js'
import type { Calendar } from '../observation/local-day.js'
import type { LocalDate } from '../observation/schema.js'
import type { Change, Difference } from './replay-diff.js'
import { kindOf } from './snapshot.js'

/** Kinds of records that are told: the names of tags are anybody's. */
const MOST_KINDS = 500
/** Days that are told one by one, of all kinds together. */
const MOST_DAYS = 2000
/** Examples of each change of a kind. */
const MOST_EXAMPLES = 3

const Counts = z.object({
  added: z.number(),
  changed: z.number(),
  withdrawn: z.number(),
  unchanged: z.number(),
  /** Left as it is: said later, or by what cannot be read anew, or taken back by the person. */
  kept: z.number(),
})

/** What of an observation stands in an example. */
const Said = z.object({
  value: z.number().optional(),
  unit: z.string().optional(),
  start: z.number().optional(),
  end: z.number().optional(),
})

/** One identity that changes: for the person themself. */
export const ReplayExample = z.object({
  change: z.enum(['added', 'changed', 'withdrawn']),
  date: z.string(),
  source: z.string(),
  recordId: z.string().nullable(),
  before: Said.nullable(),
  after: Said.nullable(),
})
export type ReplayExample = z.infer<typeof ReplayExample>

/** What a replay would change, or has changed, of one kind of record. */
export const ReplayKind = Counts.extend({
  shape: z.enum(['sample', 'session', 'daily_total', 'tag']),
  /** Metric, kind of session, or tag. */
  of: z.string(),
  /** Days with any change, ascending. */
  days: z.array(z.object({ date: z.string(), added: z.number(), changed: z.number(), withdrawn: z.number() })),
  examples: z.array(ReplayExample),
})
export type ReplayKind = z.infer<typeof ReplayKind>

/** What a replay would change, or has changed. */
export const ReplayReport = z.object({
  kinds: z.array(ReplayKind).default([]),
  /** Changes of kinds and on days that are not told one by one, because there are so many. */
  untold: z.number().default(0),
})
export type ReplayReport = z.infer<typeof ReplayReport>

type Valued = NonNullable<KnownIdentity['observation']>

/** The local date of an observation, by its own rules. */
export function dateOf(calendar: Calendar, observation: Valued): LocalDate {
  if (observation.shape === 'daily_total') return observation.date
  if (observation.shape === 'session' && observation.kind === 'sleep') return calendar.dateOfEnd(observation)
  return calendar.dayOf({ ...observation, end: observation.end ?? null }).date
}

/** Counts a difference in place. */
export function tally(report: ReplayReport, { change, before, after }: Difference, date: LocalDate): void {
  const { shape, of } = kindOf((before ?? after) as Valued)
  const isSame = (one: ReplayKind | undefined): boolean => one?.shape === shape && one.of === of
  // Samples come metric by metric.
  const last = report.kinds.at(-1)
  let kind = isSame(last) ? last : report.kinds.find(isSame)
  if (!kind) {
    if (report.kinds.length >= MOST_KINDS) {
      if (change !== 'unchanged' && change !== 'kept') report.untold++
      return
    }
    const none: Record<Change, number> = { added: 0, changed: 0, withdrawn: 0, unchanged: 0, kept: 0 }
    kind = { shape, of, ...none, days: [], examples: [] }
    report.kinds.push(kind)
  }
  kind[change]++
  if (change === 'unchanged' || change === 'kept') return
  if (kind.examples.filter((one) => one.change === change).length < MOST_EXAMPLES)
    kind.examples.push(exampleOf(change, date, before, after))
  let day = kind.days.findLast((one) => one.date === date)
  if (!day) {
    if (report.kinds.reduce((sum, { days }) => sum + days.length, 0) >= MOST_DAYS) {
      report.untold++
      return
    }
    day = { date, added: 0, changed: 0, withdrawn: 0 }
    kind.days.push(day)
  }
  day[change]++
}

function exampleOf(
  change: ReplayExample['change'],
  date: LocalDate,
  before: Valued | null,
  after: Valued | null,
): ReplayExample {
  const { source, recordId = null } = (after ?? before) as Valued
  return { change, date, source: source.name, recordId, before: saidBy(before), after: saidBy(after) }
}

function saidBy(observation: Valued | null): ReplayExample['before'] {
  if (!observation) return null
  const { shape } = observation
  const value = shape === 'session' ? undefined : observation.value
  const unit = shape === 'session' ? undefined : observation.unit
  const [start, end] = shape === 'daily_total' ? [] : [observation.start, observation.end]
  return {
    ...(value === undefined ? {} : { value }),
    ...(unit === undefined ? {} : { unit }),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
  }
}

/** As it is shown: kinds with the most changes first, days in order. */
export function shown({ kinds, untold }: ReplayReport): ReplayReport {
  const changes = ({ added, changed, withdrawn }: ReplayKind): number => added + changed + withdrawn
  return {
    untold,
    kinds: kinds
      .map((kind) => ({ ...kind, days: kind.days.toSorted((a, b) => (a.date < b.date ? -1 : 1)) }))
      .toSorted((a, b) => changes(b) - changes(a) || (a.of < b.of ? -1 : 1)),
  }
}
