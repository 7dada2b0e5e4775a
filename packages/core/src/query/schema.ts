import { z } from 'zod'
import { LocalDate } from '../observation/schema.js'

/**
 * A typed question (DESIGN §7). However it came (a sentence, a model's tool call, the PWA, HTTP), this is what the
 * fact engine runs.
 */

/** Calendar units; weeks are ISO weeks, Monday first. */
export const CalendarUnit = z.enum(['day', 'week', 'month', 'quarter', 'year'])

/**
 * Which days. `last`: n local units ending today, today included (`plus: 1` reads "last N days" as N + 1 days).
 * `calendar`: the unit that holds today, shifted by `offset` (−1 = the previous one). `between`: both ends included.
 * `since`: from a date until today. `all`: everything there is.
 */
export const Period = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('last'),
    n: z.int().min(1).max(36_525),
    unit: CalendarUnit,
    plus: z.int().min(0).max(1).optional(),
  }),
  z.object({ kind: z.literal('calendar'), unit: CalendarUnit, offset: z.int().min(-1200).max(0) }),
  z.object({ kind: z.literal('between'), from: LocalDate, to: LocalDate }),
  z.object({ kind: z.literal('since'), from: LocalDate }),
  z.object({ kind: z.literal('all') }),
])
export type Period = z.infer<typeof Period>

export const Comparator = z.enum(['<', '<=', '>', '>=', '=', '!='])
export type Comparator = z.infer<typeof Comparator>

export const Weekday = z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'])

/** What is measured: a metric (daily values or samples), something of a session, or a tag. */
export const Measure = z.discriminatedUnion('of', [
  z.object({ of: z.literal('metric'), metric: z.string().min(1).max(80) }),
  z.object({
    of: z.literal('session'),
    kind: z.enum(['sleep', 'workout']),
    /** Canonical activity ids; any where absent. */
    activity: z.array(z.string().max(80)).max(50).optional(),
    /** `count`, `duration` (s), `start`, `end` (local clock time, minutes since noon of the day before for sleep, since midnight else), or a metric id held by the session. */
    field: z.string().min(1).max(80),
    /** Sleep: also naps and rivals of the main sleep. */
    all: z.boolean().optional(),
  }),
  z.object({ of: z.literal('tag'), tag: z.string().min(1).max(120) }),
])
export type Measure = z.infer<typeof Measure>

/**
 * Which days, sessions or samples count. `shift: 1` takes the value of the day before ("the night after alcohol" =
 * sleep of date d where tag on d−1). Conditions are joined by AND; `any` joins by OR; `not` negates.
 */
export type Condition =
  | { on: 'metric'; metric: string; op: Comparator; value: number; shift?: number | undefined }
  | {
      on: 'session'
      kind: 'sleep' | 'workout'
      activity?: string[] | undefined
      field?: string | undefined
      op?: Comparator | undefined
      value?: number | undefined
      shift?: number | undefined
    }
  | { on: 'tag'; tag: string; shift?: number | undefined }
  | { on: 'weekday'; in: z.infer<typeof Weekday>[] }
  | { on: 'time'; from: string; to: string }
  | { on: 'dates'; from: string; to: string }
  | { on: 'season'; in: ('winter' | 'spring' | 'summer' | 'autumn')[] }
  | { on: 'value'; op: Comparator; value: number }
  | { on: 'field'; field: string; op: Comparator; value: number }
  | { on: 'any'; of: Condition[] }
  | { on: 'not'; of: Condition }

const ClockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)
const shift = z.int().min(-30).max(30).optional()

/** See {@link Condition}. `value` is about the measured value itself; `field` about another field of the same session. */
export const Condition: z.ZodType<Condition> = z.lazy(() =>
  z.discriminatedUnion('on', [
    z.object({ on: z.literal('metric'), metric: z.string().max(80), op: Comparator, value: z.number(), shift }),
    z.object({
      on: z.literal('session'),
      kind: z.enum(['sleep', 'workout']),
      activity: z.array(z.string().max(80)).max(50).optional(),
      field: z.string().max(80).optional(),
      op: Comparator.optional(),
      value: z.number().optional(),
      shift,
    }),
    z.object({ on: z.literal('tag'), tag: z.string().max(120), shift }),
    z.object({ on: z.literal('weekday'), in: z.array(Weekday).min(1).max(7) }),
    z.object({ on: z.literal('time'), from: ClockTime, to: ClockTime }),
    z.object({ on: z.literal('dates'), from: LocalDate, to: LocalDate }),
    z.object({
      on: z.literal('season'),
      in: z
        .array(z.enum(['winter', 'spring', 'summer', 'autumn']))
        .min(1)
        .max(4),
    }),
    z.object({ on: z.literal('value'), op: Comparator, value: z.number() }),
    z.object({ on: z.literal('field'), field: z.string().max(80), op: Comparator, value: z.number() }),
    z.object({ on: z.literal('any'), of: z.array(Condition).min(1).max(20) }),
    z.object({ on: z.literal('not'), of: Condition }),
  ]),
)

/**
 * How many become one. `days` counts days that meet the conditions; `argmax`/`argmin` give the value and its date;
 * `percentile` and `distribution` are computed from samples or daily values, never from mean and sd.
 */
export const Aggregate = z.enum([
  'sum',
  'mean',
  'median',
  'min',
  'max',
  'sd',
  'count',
  'days',
  'first',
  'last',
  'percentile',
  'distribution',
  'argmax',
  'argmin',
  'range',
])
export type Aggregate = z.infer<typeof Aggregate>

const Core = z.object({
  measure: Measure,
  aggregate: Aggregate,
  /** What is aggregated: daily values (default), raw samples, or sessions (default for session measures). */
  over: z.enum(['day', 'sample', 'session']).optional(),
  /** Percentile, 0 … 100. */
  p: z.number().min(0).max(100).optional(),
  /** Take only the first or last n items in time before aggregating ("my first 2 runs"). */
  take: z.object({ from: z.enum(['first', 'last']), n: z.int().min(1).max(100_000) }).optional(),
  period: Period.default({ kind: 'all' }),
  where: z.array(Condition).max(20).default([]),
  /** Only samples inside such sessions ("heart rate during runs", "HRV asleep"). Needs over: 'sample'. */
  within: z
    .object({ kind: z.enum(['sleep', 'workout']), activity: z.array(z.string().max(80)).max(50).optional() })
    .optional(),
  /** `merged` (default), a source key, or 'each' to keep sources apart. */
  source: z.string().max(300).optional(),
})

/**
 * A look-up of what consolidation concludes, computed from the daily values as they are now. `baseline`: value = the
 * median of the `window` days before `date`. `deviation`: value, period and coverage are those of `date`,
 * `baseline.z` = its robust z, `n` the days of the window, `comparison` = against the window's median. `trend`: value = the change per week, details in `trend`.
 */
const PatternQuery = z.object({
  pattern: z.enum(['baseline', 'deviation', 'trend']),
  metric: z.string().max(80),
  /** Window of a baseline in days. */
  window: z.union([z.literal(28), z.literal(90), z.literal(365)]).optional(),
  /** The day judged; today where absent. */
  date: LocalDate.optional(),
})

export const SeriesQuery = Core.extend({
  group: z
    .enum(['day', 'week', 'month', 'quarter', 'year', 'weekday', 'season', 'activity', 'source', 'hour'])
    .optional(),
  /** Second operand: same measure and aggregate over another period and/or under other conditions. */
  compare: z
    .object({
      period: Period.optional(),
      where: z.array(Condition).max(20).optional(),
      measure: Measure.optional(),
      within: Core.shape.within,
    })
    .optional(),
})
export type SeriesQuery = z.infer<typeof SeriesQuery>

export const Query = z.union([PatternQuery, SeriesQuery])
export type Query = z.infer<typeof Query>
export type QueryInput = z.input<typeof Query>
export type PatternQuery = z.infer<typeof PatternQuery>

/** One row behind a fact. */
export const FactRow = z.object({
  /** Group or day: `2026-03-01`, `2026-W09`, `2026-03`, `monday`, `running`, a source key … */
  key: z.string(),
  value: z.number().nullable(),
  n: z.int(),
  coverage: z.number().optional(),
})
export type FactRow = z.infer<typeof FactRow>

/** An answer that can be checked: the number with its query, how much it stands on, and where that came from. */
export const Fact = z.object({
  /** Hash of the canonical query, the person's data version and today's date: the same data give the same id. */
  id: z.string(),
  query: Query,
  status: z.enum(['ok', 'not_enough_data', 'no_data']),
  /** Null unless status is `ok`. */
  value: z.number().nullable(),
  /** UCUM unit of `value`; `1` for counts and ratios. */
  unit: z.string(),
  /** Items (days, samples, sessions) that the value stands on, and how many it needs at least. */
  n: z.int(),
  minimum: z.int(),
  /** 0 … 1: mean of the period's days, absent days 0. */
  coverage: z.number(),
  sources: z.array(z.string()),
  from: LocalDate.nullable(),
  to: LocalDate.nullable(),
  /** `facts@<semver>` or a detector's id. */
  algorithm: z.string(),
  /** Date of an argmax/argmin/first/last value. */
  date: LocalDate.nullable().optional(),
  /** Groups, days of an extreme, or buckets of a distribution. */
  rows: z.array(FactRow).optional(),
  /** The second operand, difference (value − other) and ratio (value / other), where compared. */
  comparison: z
    .object({
      value: z.number().nullable(),
      n: z.int(),
      coverage: z.number(),
      from: LocalDate.nullable(),
      to: LocalDate.nullable(),
      difference: z.number().nullable(),
      ratio: z.number().nullable(),
    })
    .optional(),
  /** Median, MAD-based spread and robust z, for baselines and deviations. */
  baseline: z
    .object({
      median: z.number(),
      spread: z.number(),
      low: z.number(),
      high: z.number(),
      window: z.int(),
      z: z.number().nullable(),
    })
    .optional(),
  /**
   * Theil-Sen slope of the weekly medians in `unit` (per week) with its 95 % interval, and the two-sided
   * Mann-Kendall p; `none` where p is not below 0.05.
   */
  trend: z
    .object({
      slope: z.number(),
      low: z.number(),
      high: z.number(),
      p: z.number(),
      direction: z.enum(['rising', 'falling', 'none']),
    })
    .optional(),
  /** What the reader must know: how a period was read, data still being processed, gaps. */
  notes: z.array(z.string()),
})
export type Fact = z.infer<typeof Fact>

/** Settings of one run of the fact engine. */
export interface QueryOptions {
  /** "Today": the person's local date. */
  today: LocalDate
  /** 1 reads "last N days" as N + 1 calendar days. */
  lastPlus?: 0 | 1
}
