import { dayOf } from './calendar.js'
import { DEFAULT_LOCALE, formatDate, formatSpan } from './dates.js'
import { formatNumber, formatQuantity, joinQuantity, type Manner, type Quantity, type RenderOptions } from './format.js'
import { catalogueLookup, type MetricLookup, overOf } from './measure.js'
import { conditionPhrase, measureTitle, sessionWords } from './phrase.js'
import type { Aggregate, Fact, Measure, Query, SeriesQuery } from './schema.js'
import { isPattern } from './validate.js'
import { metricTitle } from './words.js'

/** A fact in words and rounded numbers: the only strings that may stand for it. */
export interface RenderedFact {
  /** What was computed: `mean resting heart rate`. */
  label: string
  /** The number alone: `55.4`, `7 h 32 min`, `23:41`. */
  value: string
  /** `bpm`; empty where it is inside `value` or there is none. */
  unit: string
  /** Number and unit: `55.4 bpm`. */
  quantity: string
  /** `1–30 Nov 2026`; for an extreme, first or last also the day. */
  period: string
  /** What it stands on: `28 of 30 days`. */
  basis: string
  /** Everything in one line. */
  text: string
  /** Day of an extreme, first or last value. */
  date?: string
  /** The second operand, rounded the same way. */
  comparison?: {
    quantity: string
    period: string
    /** Size of the difference, without a sign; its sign is `direction`. */
    difference: string
    /** Of the value against the other, by the numbers as shown: `equal` where the difference rounds to nothing. */
    direction: 'higher' | 'lower' | 'equal'
    /** Per cent, without a sign; empty where there is no ratio. */
    percent: string
  }
  /** Median, usual range and robust z of a baseline or deviation. */
  baseline?: { median: string; low: string; high: string; z: string }
}

const ordinals = new Intl.PluralRules('en', { type: 'ordinal' })
const endings: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' }

function ordinal(n: number): string {
  return `${formatNumber(n, 1)}${Number.isInteger(n) ? endings[ordinals.select(n)] : 'th'}`
}

function aggregateWords(aggregate: Aggregate, p: number | undefined): string {
  const words: Record<Aggregate, string> = {
    sum: 'total',
    mean: 'mean',
    median: 'median',
    min: 'lowest',
    argmin: 'lowest',
    max: 'highest',
    argmax: 'highest',
    sd: 'standard deviation of',
    count: 'number of',
    days: 'days with',
    first: 'first',
    last: 'latest',
    percentile: `${ordinal(p ?? 50)} percentile of`,
    distribution: 'distribution of',
    range: 'range of',
  }
  return words[aggregate]
}

function itemWords(query: SeriesQuery): { one: string; many: string } {
  const over = overOf(query)
  if (over === 'sample') return { one: 'sample', many: 'samples' }
  if (over === 'day') return { one: 'day', many: 'days' }
  if (query.measure.of === 'tag') return { one: 'time', many: 'times' }
  const many = sessionWords((query.measure as { kind: 'sleep' | 'workout' }).kind, undefined)
  return { one: many.slice(0, -1), many }
}

function seriesLabel(query: SeriesQuery, options: RenderOptions, lookup: MetricLookup): string {
  const { measure, aggregate } = query
  const traits = measure.of === 'metric' ? lookup(measure.metric) : null
  const daily = traits?.kind === 'cumulative' && overOf(query) === 'day' && aggregate !== 'sum'
  const title = `${daily && aggregate !== 'days' && aggregate !== 'count' ? 'daily ' : ''}${measureTitle(measure, lookup)}`
  const counted = aggregate === 'count' && overOf(query) !== 'session' ? `${itemWords(query).many} with ` : ''
  const extremes = measure.of === 'session' && (measure.field === 'start' || measure.field === 'end')
  const words = extremes
    ? aggregateWords(aggregate, query.p).replace('lowest', 'earliest').replace('highest', 'latest')
    : aggregateWords(aggregate, query.p)
  const parts = [words, `${counted}${title}`]
  if (query.take) {
    const { from, n } = query.take
    const items = n === 1 ? itemWords(query).one : `${formatNumber(n, 0, options.locale)} ${itemWords(query).many}`
    parts.push(`of the ${from} ${items}`)
  }
  if (query.within) {
    const { kind, activity } = query.within
    parts.push(kind === 'sleep' ? 'during sleep' : `during ${sessionWords(kind, activity)}`)
  }
  parts.push(...query.where.map((condition) => conditionPhrase(condition, measure, options, lookup)))
  if (query.source && query.source !== 'each' && query.source !== 'merged') parts.push('from one source')
  return parts.join(' ')
}

/** A short plain English label of what a query computes: `mean resting heart rate`. No numbers but the question's. */
export function describeQuery(
  query: Query,
  options: RenderOptions = {},
  lookup: MetricLookup = catalogueLookup,
): string {
  if (!isPattern(query)) return seriesLabel(query, options, lookup)
  const title = metricTitle(query.metric, lookup)
  if (query.pattern === 'baseline') return `usual ${title}`
  return query.pattern === 'deviation' ? `${title} against what is usual` : `trend of ${title}`
}

function mannerOf(query: Query): Manner {
  if (isPattern(query)) return { metric: query.metric }
  const { measure, aggregate } = query
  const delta = aggregate === 'sd' || aggregate === 'range'
  if (measure.of === 'metric') return { metric: measure.metric, delta }
  if (measure.of === 'tag') return {}
  const clock = measure.field === 'start' || measure.field === 'end'
  return { metric: measure.field, delta, ...(clock ? { clockOrigin: measure.kind === 'sleep' ? 720 : 0 } : {}) }
}

function countNoun(query: SeriesQuery, value: number, delta: boolean): string {
  const { one, many } = query.aggregate === 'days' ? { one: 'day', many: 'days' } : itemWords(query)
  return value === 1 && !delta ? one : many
}

function isCount(measure: Measure): boolean {
  return measure.of === 'tag' || (measure.of === 'session' && measure.field === 'count')
}

/** A number of a fact's kind (its value, its other operand, a row of it) for people. */
export function renderValue(
  fact: Fact,
  value: number,
  options: RenderOptions = {},
  more: Pick<Manner, 'delta' | 'finer'> = {},
): Quantity {
  const { query } = fact
  const { delta = false } = more
  const quantity = formatQuantity(value, fact.unit, options, { ...mannerOf(query), ...more })
  if (isPattern(query) || quantity.unit !== '' || fact.unit !== '1') return quantity
  const counted = query.aggregate === 'count' || query.aggregate === 'days'
  const summed = query.aggregate === 'sum' && isCount(query.measure)
  return counted || summed ? { ...quantity, unit: countNoun(query, value, delta) } : quantity
}

function basisOf(fact: Fact, options: RenderOptions): string {
  const { query, n } = fact
  const count = formatNumber(n, 0, options.locale)
  const days = fact.from && fact.to ? dayOf(fact.to).index - dayOf(fact.from).index + 1 : 0
  if (isPattern(query)) {
    if (query.pattern === 'trend') return `${count} weeks`
    return query.pattern === 'baseline' ? `${count} of ${days} days` : `${count} of ${query.window ?? 28} days before`
  }
  const { one, many } = itemWords(query)
  const whole = query.where.every(({ on }) => on === 'value') && !query.take && !query.within
  const ofDays = overOf(query) === 'day' || query.aggregate === 'days'
  if (ofDays && whole && days > 0) return `${count} of ${formatNumber(days, 0, options.locale)} days`
  return `${count} ${n === 1 ? (ofDays ? 'day' : one) : ofDays ? 'days' : many}`
}

function periodOf(from: string | null, to: string | null, locale: string): string {
  return from && to ? formatSpan(from, to, locale) : ''
}

/** Most decimal places that are added so that two numbers can be told apart. */
const FINEST = 4

/** Whether a difference is too small to be written. */
function isNothing(fact: Fact, difference: number, options: RenderOptions): boolean {
  const size = renderValue(fact, Math.abs(difference), options, { delta: true })
  return renderValue(fact, 0, options, { delta: true }).value === size.value
}

/**
 * Decimal places beyond the usual ones, so that a value which is said to lie below, above, lower or higher than another
 * number of its fact is not written as that very number: "48 ms: below 48 ms" reads false.
 */
function finerOf(fact: Fact, options: RenderOptions): number {
  const { value, comparison, baseline } = fact
  if (value === null || fact.status !== 'ok') return 0
  const others: number[] = []
  if (baseline && value < baseline.low) others.push(baseline.low)
  if (baseline && value > baseline.high) others.push(baseline.high)
  if (comparison?.value != null && comparison.difference !== null && !isNothing(fact, comparison.difference, options))
    others.push(comparison.value)
  const write = (number: number, finer: number): string => joinQuantity(renderValue(fact, number, options, { finer }))
  for (let finer = 0; finer < FINEST; finer++)
    if (others.every((other) => other === value || write(other, finer) !== write(value, finer))) return finer
  return FINEST
}

function renderComparison(fact: Fact, options: RenderOptions, finer: number): RenderedFact['comparison'] {
  const { comparison, value } = fact
  if (!comparison || comparison.value === null || comparison.difference === null || value === null) return undefined
  const locale = options.locale ?? DEFAULT_LOCALE
  const { difference, ratio } = comparison
  const nothing = isNothing(fact, difference, options)
  return {
    quantity: joinQuantity(renderValue(fact, comparison.value, options, { finer })),
    period: periodOf(comparison.from, comparison.to, locale),
    difference: joinQuantity(renderValue(fact, Math.abs(difference), options, { delta: true, finer })),
    direction: nothing ? 'equal' : difference > 0 ? 'higher' : 'lower',
    percent: ratio === null ? '' : `${formatNumber(Math.abs(ratio - 1) * 100, 0, locale)} %`,
  }
}

const lacking = { no_data: 'no data', not_enough_data: 'not enough data' } as const

/**
 * A fact as strings: NEUROS, the PWA and the CLI show these and derive no number of their own, so that what is read
 * is what was computed. Plain English; numbers, dates and clock times in the locale and units.
 */
export function renderFact(
  fact: Fact,
  options: RenderOptions = {},
  lookup: MetricLookup = catalogueLookup,
): RenderedFact {
  const locale = options.locale ?? DEFAULT_LOCALE
  const label = describeQuery(fact.query, options, lookup)
  const period = periodOf(fact.from, fact.to, locale)
  const basis = basisOf(fact, options)
  const finer = finerOf(fact, options)
  const quantity =
    fact.status === 'ok' && fact.value !== null
      ? renderValue(fact, fact.value, options, { finer })
      : { value: lacking[fact.status === 'no_data' ? 'no_data' : 'not_enough_data'], unit: '' }
  const comparison = renderComparison(fact, options, finer)
  const show = (value: number) => joinQuantity(renderValue(fact, value, options, { finer }))
  const { baseline } = fact
  const joined = joinQuantity(quantity)
  const date = fact.date && fact.value !== null ? formatDate(fact.date, locale) : undefined
  return {
    label,
    ...quantity,
    quantity: joined,
    period,
    basis,
    text: `${label}${period ? `, ${period}` : ''}: ${joined}${date ? ` on ${date}` : ''} (${basis})`,
    ...(date ? { date } : {}),
    ...(comparison ? { comparison } : {}),
    ...(baseline
      ? {
          baseline: {
            median: show(baseline.median),
            low: show(baseline.low),
            high: show(baseline.high),
            z: baseline.z === null ? '' : formatNumber(baseline.z, 1, locale),
          },
        }
      : {}),
  }
}
