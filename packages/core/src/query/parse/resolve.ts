import type { Aggregate, QueryInput, SeriesQuery } from '../schema.js'
import { Query } from '../schema.js'
import { aggregateOf, dated, groupedAggregate, manyDays, ofSamples } from './aggregates.js'
import { compared } from './compare.js'
import { conceptOf } from './concepts.js'
import type { Draft, SaidCondition, SaidMeasure } from './draft.js'
import { filterOf } from './filter.js'
import type { ResolveContext } from './holdings.js'
import { patternOf } from './pattern.js'
import { type Clarify, type Subject, subjectOf } from './subject.js'

/** Queries of a draft; a question back where one is needed; null where it does not make sense as it was read. */
export interface Resolved {
  queries: Query[]
  readings: string[]
  clarify?: string
}

/** Turns what was said into queries. */
export function resolve(draft: Draft, context: ResolveContext): Resolved | null {
  if (draft.clarify) return { queries: [], readings: [], clarify: draft.clarify }
  const measures = measuresOf(draft)
  if (measures === null) return null
  if ('clarify' in measures) return { queries: [], readings: [], clarify: measures.clarify }
  const queries: Query[] = []
  const readings: string[] = [...draft.readings]
  for (const { measure, draft: each } of measures.flatMap((measure) =>
    aggregated(draft).map((one) => ({ measure, draft: one })),
  )) {
    const one = resolveOne(each, measure, context, readings)
    if (one === null) return null
    if ('clarify' in one) return { queries: [], readings: [], clarify: one.clarify }
    const parsed = Query.safeParse(one.query)
    if (!parsed.success) return null
    queries.push(parsed.data)
  }
  return { queries, readings: [...new Set(readings)] }
}

/** One draft per aggregate; the difference between the highest and the lowest is the range. */
function aggregated(draft: Draft): Draft[] {
  const { aggregate, second } = draft
  if (aggregate === undefined || second === undefined) return [draft]
  const { second: _, ...rest } = draft
  const extremes = [aggregate, second].sort().join() === 'max,min'
  if (draft.comparing && extremes && !draft.sides[1]) return [{ ...rest, comparing: false, aggregate: 'range' }]
  return [aggregate, second].map((one) => ({ ...rest, aggregate: one }))
}

/** The measures of the first side, composite ones taken apart; one undefined measure where none is named. */
function measuresOf(draft: Draft): (SaidMeasure | undefined)[] | Clarify | null {
  const [side] = draft.sides
  const list: (SaidMeasure | undefined)[] = side.measures.flatMap((one) =>
    one.concept.also ? one.concept.also.map((key) => ({ ...one, concept: conceptOf(key) })) : [one],
  )
  if (list.length > 0) return list
  const [other] = draft.sides.slice(1)
  if (other && other.measures.length > 0) return [other.measures[0]]
  return [undefined]
}

function resolveOne(
  draft: Draft,
  said: SaidMeasure | undefined,
  context: ResolveContext,
  readings: string[],
): { query: QueryInput } | Clarify | null {
  const { holdings } = context
  const [side, other] = draft.sides
  const pattern = patternOf(draft, said?.concept, context, readings)
  if (pattern) return { query: pattern }
  if (draft.ask === 'trend' && !other) return null
  if (draft.ask === 'deviation' || draft.ask === 'baseline') return null
  if (draft.ask === 'times' && said && !side.activity) return null
  const dateable = said?.concept.sleep !== undefined || draft.take !== undefined || draft.best !== undefined
  if (draft.ask === 'when' && !dateable && !/^(?:min|max|first|last)$/.test(draft.aggregate ?? '')) return null
  const subject = subjectOf(said?.concept, { ...side, conditions: withUnits(side.conditions, said) }, draft, holdings)
  if (!subject && said && !said.implied && holdings.metricOf(said.concept) === undefined) {
    return { clarify: `There is no ${said.concept.names[0]} in your data. Which measure do you mean?` }
  }
  if (!subject) return said || side.activity || side.conditions.length > 0 ? null : missing(draft)
  const counting =
    draft.ask === 'days' ||
    draft.ask === 'share' ||
    (draft.yesNo === true && limitsItself(side.conditions, said) && draft.aggregate === undefined && !other) ||
    (said === undefined &&
      !subject.counted &&
      side.activity === undefined &&
      draft.aggregate === undefined &&
      side.conditions.length > 0)
  // "How many coffees": each of them.
  const each = subject.measure.of === 'tag' && draft.counted
  // "The last time that it was under 50" is a day, not how many.
  const single = draft.take?.n === 1 && draft.ask !== 'days' && draft.ask !== 'share'
  const aggregate = counting && !each && !single ? 'days' : aggregateOf(draft, subject, side, holdings)
  if (typeof aggregate !== 'string') return aggregate
  readings.push(...subject.readings)
  const { concept } = subject
  if (concept?.bare === 'sleep' && draft.counted && aggregate === 'mean' && manyDays(side.period))
    readings.push('the mean per night')
  if (subject.measure.of === 'tag' && aggregate !== 'count' && aggregate !== 'days') return null
  const query = build(draft, subject, aggregate, context, readings)
  return query && { query }
}

function missing(draft: Draft): Clarify | null {
  const asks = draft.aggregate !== undefined || draft.sides[0].period !== undefined || draft.best !== undefined
  return asks ? { clarify: 'Of what? Name a measure, such as steps, sleep or resting heart rate.' } : null
}

/** Whether what is measured is also what is compared with a number. */
function limitsItself(conditions: readonly SaidCondition[], said: SaidMeasure | undefined): boolean {
  return conditions.some(
    (one) => one.is === 'number' && (!one.concept || !said || one.concept.key === said.concept.key),
  )
}

/** `sleep hours` gives its unit to bare numbers about sleep. */
function withUnits(conditions: readonly SaidCondition[], said: SaidMeasure | undefined): SaidCondition[] {
  if (!said?.unit) return [...conditions]
  const { unit, concept } = said
  return conditions.map((one) =>
    one.is === 'number' && !one.unit && one.concept?.key === concept.key ? { ...one, unit } : one,
  )
}

function build(
  draft: Draft,
  subject: Subject,
  aggregate: Aggregate,
  context: ResolveContext,
  readings: string[],
): QueryInput | null {
  const { holdings } = context
  const [side, other] = draft.sides
  const { measure, concept, within } = subject
  const about = { measure, concept, night: draft.night }
  const conditions = [
    ...side.conditions.filter((one) => one !== subject.counted && !isCounted(one, subject)),
    ...subject.conditions,
  ]
  const filter = filterOf(conditions, about, holdings)
  if (filter.problem) return null
  readings.push(...filter.readings)
  const sessions = measure.of === 'session' && measure.kind === 'workout'
  // A time of day has measurements and no days: of what adds up only the sum means something.
  const hours = filter.where.some(({ on }) => on === 'time') && draft.group !== 'hour' && draft.which !== 'hour'
  const adds = hours && measure.of === 'metric' && holdings.info(measure.metric).kind === 'cumulative'
  if (adds && aggregate !== 'sum') {
    if (draft.aggregate !== undefined || other) return null
    return build({ ...draft, aggregate: 'sum' }, subject, 'sum', context, readings)
  }
  const counts = aggregate === 'count' || aggregate === 'days'
  const single = measure.of === 'metric' && ofSamples(measure.metric, aggregate, holdings)
  if (single && !within) readings.push('single measurements, not daily means')
  const over = within || single ? ('sample' as const) : sessions && draft.which === 'day' ? ('day' as const) : undefined
  const chosen = draft.ask === 'days' && sessions ? { ...measure, field: 'count' } : measure
  const query: SeriesQuery = {
    measure: chosen,
    aggregate: dated(draft, aggregate),
    period: side.period ?? { kind: 'all' },
    where: filter.where,
    ...(draft.p === undefined ? {} : { p: draft.p }),
    ...(draft.take && !(draft.take.n === 1 && dated(draft, aggregate) === draft.take.from)
      ? { take: { from: draft.take.from, n: draft.take.n } }
      : {}),
    ...(within ? { within } : {}),
    ...(over ? { over } : {}),
    ...(draft.group ? { group: draft.group } : {}),
  }
  if (draft.ask === 'list') return { ...query, group: 'activity', aggregate: 'count' }
  if (draft.which && draft.which !== 'day')
    return { ...query, group: draft.which, aggregate: counts ? aggregate : groupedAggregate(measure, holdings) }
  if (draft.ask === 'share')
    return {
      ...query,
      compare: { where: filter.where.filter(({ on }) => on !== 'value' && on !== 'metric' && on !== 'session') },
    }
  if (subject.whole) return { ...query, compare: { measure: subject.whole } }
  return compared(draft, query, subject, other, context, readings)
}

/** Conditions that are already what is counted. */
function isCounted(one: SaidCondition, { measure, concept }: Subject): boolean {
  if (concept || one.negated) return false
  if (measure.of === 'tag') return one.is === 'tag' && one.tag === measure.tag
  return (
    measure.of === 'session' &&
    measure.field === 'count' &&
    one.is === 'exercise' &&
    one.fields.length === 0 &&
    one.activity?.join() === measure.activity?.join()
  )
}
