import type { Comparator, Condition, Fact, Measure, Query, SeriesQuery } from '../api/wire'
import { formatSpan } from './dates'
import { formatQuantity, joinQuantity, type Manner, type Quantity, type Reader } from './format'

/** What the server calls its metrics, and the units it keeps them in. */
export interface Names {
  titles: ReadonlyMap<string, string>
  /** UCUM */
  units: ReadonlyMap<string, string>
}

export const NO_NAMES: Names = { titles: new Map(), units: new Map() }

export const isPattern = (query: Query): query is Extract<Query, { pattern: string }> => 'pattern' in query

/** A metric, activity or tag in words. */
export function titleOf(id: string, names: Names): string {
  return names.titles.get(id) ?? id.replace('.', ' ').replaceAll('_', ' ')
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const aggregates: Readonly<Record<string, string>> = {
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
  percentile: 'percentile of',
  distribution: 'distribution of',
  range: 'range of',
}

/** @param bare without saying whose: `time asleep`, not `time asleep of nights` */
function measureWords(measure: Measure, names: Names, bare = false): string {
  if (measure.of === 'metric') return titleOf(measure.metric, names)
  if (measure.of === 'tag') return `“${measure.tag}”`
  const kind = measure.activity?.map((one) => one.replaceAll('_', ' ')).join(' or ')
  const session = measure.kind === 'sleep' ? 'nights' : kind ? `${kind} workouts` : 'workouts'
  if (measure.field === 'count') return session
  const field = { duration: 'duration', start: 'start', end: 'end' }[measure.field] ?? titleOf(measure.field, names)
  return bare ? field : `${field} of ${session}`
}

/**
 * What a fact is, short: `mean resting heart rate`, `days with time asleep under 6 h`. Conditions on other things are
 * told by {@link conditionsOf} and only hinted at here.
 */
export function labelOf({ query }: Pick<Fact, 'query'>, names: Names, reader: Reader): string {
  if (isPattern(query)) {
    const title = titleOf(query.metric, names)
    if (query.pattern === 'trend') return `trend of ${title}`
    return query.pattern === 'baseline' ? `usual ${title}` : title
  }
  const { measure, aggregate, within, where } = query
  const words = aggregates[aggregate] ?? aggregate
  const percentile = aggregate === 'percentile' ? `${query.p ?? 50}th ` : ''
  const counted = aggregate === 'count' && measure.of === 'session'
  const label = `${percentile}${words} ${measureWords(counted ? { ...measure, field: 'count' } : measure, names)}`
  const limits = where.flatMap((one) => (one.on === 'value' ? [valueWords(one, measure, reader, names)] : []))
  const limit =
    limits.length === 0 ? '' : ` ${counted ? `with ${measureWords(measure, names, true)} ` : ''}${limits.join(' and ')}`
  const during = within ? ` during ${within.activity ? titleOf(within.activity[0] ?? '', names) : within.kind}` : ''
  const some = where.some(({ on }) => on !== 'value') ? ', some days only' : ''
  return `${label}${limit}${during}${some}`
}

const comparators: Readonly<Record<Comparator, string>> = {
  '<': 'under',
  '<=': 'at most',
  '>': 'over',
  '>=': 'at least',
  '=': 'exactly',
  '!=': 'other than',
}

function shifted(days: number | undefined): string {
  if (!days) return ''
  const span = Math.abs(days) === 1 ? 'the day' : `${Math.abs(days)} days`
  return days > 0 ? ` ${span} before` : ` ${span} after`
}

/** A number of a condition, in the unit of what it is about. */
function limitWords(
  field: string,
  op: Comparator,
  value: number,
  sleep: boolean,
  reader: Reader,
  names: Names,
): string {
  if (field === 'start' || field === 'end') {
    const clock = joinQuantity(formatQuantity(value, 'min', reader, { clockOrigin: sleep ? 720 : 0 }))
    return `${{ '<': 'before', '<=': 'until', '>': 'after', '>=': 'from', '=': 'at', '!=': 'not at' }[op]} ${clock}`
  }
  const unit = field === 'count' ? '1' : field === 'duration' ? 's' : (names.units.get(field) ?? '1')
  return `${comparators[op]} ${joinQuantity(formatQuantity(value, unit, reader, { metric: field }))}`
}

/** A limit of the measured value itself: `under 6 h`. */
function valueWords(
  { op, value }: Extract<Condition, { on: 'value' }>,
  measure: Measure,
  reader: Reader,
  names: Names,
): string {
  const field = measure.of === 'metric' ? measure.metric : measure.of === 'session' ? measure.field : 'count'
  return limitWords(field, op, value, measure.of === 'session' && measure.kind === 'sleep', reader, names)
}

function conditionWords(condition: Condition, measure: Measure, reader: Reader, names: Names): string {
  const limit = (field: string, op: Comparator, value: number, sleep: boolean) =>
    limitWords(field, op, value, sleep, reader, names)
  const asleep = measure.of === 'session' && measure.kind === 'sleep'
  switch (condition.on) {
    case 'metric': {
      const { metric, op, value, shift } = condition
      return `days with ${titleOf(metric, names)} ${limit(metric, op, value, false)}${shifted(shift)}`
    }
    case 'session': {
      const { kind, activity, field, op, value, shift } = condition
      const what = activity?.map((one) => titleOf(one, names)).join(' or ') ?? kind
      const held =
        field && op && value !== undefined
          ? `, ${titleOf(field, names)} ${limit(field, op, value, kind === 'sleep')}`
          : ''
      return `days with ${what}${held}${shifted(shift)}`
    }
    case 'tag':
      return `days tagged “${condition.tag}”${shifted(condition.shift)}`
    case 'weekday':
    case 'season':
      return condition.in.map(capital).join(', ')
    case 'time':
      return `between ${condition.from} and ${condition.to}`
    case 'dates':
      return formatSpan(condition.from, condition.to, reader.locale)
    case 'value':
      return `${measureWords(measure, names, true)} ${valueWords(condition, measure, reader, names)}`
    case 'field':
      return `${titleOf(condition.field, names)} ${limit(condition.field, condition.op, condition.value, asleep)}`
    case 'any':
      return condition.of.map((one) => conditionWords(one, measure, reader, names)).join(' or ')
    case 'not':
      return `not ${conditionWords(condition.of, measure, reader, names)}`
  }
}

/** What a fact is limited to, each in words. */
export function conditionsOf({ query }: Pick<Fact, 'query'>, reader: Reader, names: Names): string[] {
  if (isPattern(query)) return []
  const words = query.where.map((condition) => conditionWords(condition, query.measure, reader, names))
  if (query.within) {
    const activity = query.within.activity?.map((one) => titleOf(one, names)).join(' or ')
    words.push(`measured during ${activity ?? (query.within.kind === 'sleep' ? 'sleep' : 'workouts')}`)
  }
  if (query.take) words.push(`the ${query.take.from} ${query.take.n} only`)
  return words
}

const aboutTime = (condition: Condition): boolean =>
  condition.on === 'time' ||
  (condition.on === 'any' && condition.of.some(aboutTime)) ||
  (condition.on === 'not' && aboutTime(condition.of))

/** What is aggregated, as the engine reads the query. */
export function overOf(query: SeriesQuery): 'day' | 'sample' | 'session' {
  if (query.measure.of !== 'metric') return query.over === 'day' ? 'day' : 'session'
  const samples = query.over === 'sample' || query.within !== undefined || query.group === 'hour'
  return samples || query.where.some(aboutTime) ? 'sample' : 'day'
}

/** Nouns that may follow a counted number, singular and plural. */
function countNoun(query: SeriesQuery, value: number): string {
  const one =
    query.aggregate === 'days' || overOf(query) === 'day'
      ? 'day'
      : overOf(query) === 'sample'
        ? 'sample'
        : query.measure.of === 'session'
          ? query.measure.kind === 'sleep'
            ? 'night'
            : 'workout'
          : 'time'
  return value === 1 ? one : `${one}s`
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

/** A number of a fact's kind for people: `55.4 bpm`, `3 nights`. */
export function quantityOf(fact: Pick<Fact, 'query' | 'unit'>, value: number, reader: Reader): Quantity {
  const { query, unit } = fact
  const quantity = formatQuantity(value, unit, reader, mannerOf(query))
  if (isPattern(query) || quantity.unit !== '' || unit !== '1') return quantity
  const { aggregate, measure } = query
  const event = measure.of === 'tag' || (measure.of === 'session' && measure.field === 'count')
  const counted = aggregate === 'count' || aggregate === 'days' || (aggregate === 'sum' && event)
  return counted ? { ...quantity, unit: countNoun(query, value) } : quantity
}

/** The value of a fact for people; says so where there is none. */
export function shownValue(fact: Fact, reader: Reader): string {
  if (fact.status === 'no_data') return 'no data'
  if (fact.status === 'not_enough_data' || fact.value === null) return 'not enough data'
  return joinQuantity(quantityOf(fact, fact.value, reader))
}

/** The name in a source's key, `provider/account/name`. */
export function sourceName(key: string): string {
  return key.split('/').slice(2).join('/') || key
}
