import type { Aggregate, Condition, Period, QueryInput, SeriesQuery } from '../schema.js'
import { Query } from '../schema.js'
import { conceptOf } from './concepts.js'
import type { Draft, SaidCondition, SaidMeasure, Side } from './draft.js'
import { filterOf } from './filter.js'
import type { Holdings, ResolveContext } from './holdings.js'
import { patternOf } from './pattern.js'
import { type Subject, subjectOf } from './subject.js'

/** Queries of a draft; a question back where one is needed; null where it does not make sense as it was read. */
export interface Resolved {
  queries: Query[]
  readings: string[]
  clarify?: string
}

type Clarify = { clarify: string }

/** Turns what was said into queries. */
export function resolve(draft: Draft, context: ResolveContext): Resolved | null {
  if (draft.clarify) return { queries: [], readings: [], clarify: draft.clarify }
  const measures = measuresOf(draft)
  if (measures === null) return null
  if ('clarify' in measures) return { queries: [], readings: [], clarify: measures.clarify }
  const queries: Query[] = []
  const readings: string[] = [...draft.readings]
  for (const measure of measures) {
    const one = resolveOne(draft, measure, context, readings)
    if (one === null) return null
    if ('clarify' in one) return { queries: [], readings: [], clarify: one.clarify }
    const parsed = Query.safeParse(one.query)
    if (!parsed.success) return null
    queries.push(parsed.data)
  }
  return { queries, readings: [...new Set(readings)] }
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

function bestOf(draft: Draft, subject: Subject): Aggregate | Clarify {
  const { concept } = subject
  if (!concept) return { clarify: 'Best by what: distance, duration, speed or heart rate?' }
  const better = concept.better
  if (!better) return { clarify: `Is a high or a low ${concept.names[0]} the best?` }
  return (better === 'high') === (draft.best === 'best') ? 'max' : 'min'
}

/** The aggregate where none was said, by what is measured. */
function defaultAggregate(draft: Draft, subject: Subject, side: Side, holdings: Holdings): Aggregate {
  const { measure } = subject
  if (measure.of === 'tag') return 'count'
  if (measure.of === 'session' && measure.field === 'count') return 'count'
  if (draft.take?.n === 1) return draft.take.from
  if (subject.whole) return 'mean'
  const cumulative =
    measure.of === 'metric'
      ? holdings.info(measure.metric).kind === 'cumulative'
      : measure.field === 'duration' || holdings.info(measure.field).kind === 'cumulative'
  const implied = (side.measures[0]?.implied ?? false) || draft.counted
  if (draft.group && cumulative) return draft.group === 'weekday' || draft.group === 'season' ? 'mean' : 'sum'
  if (draft.sides[1] || draft.contrast) return 'mean'
  if (measure.of === 'session' && measure.kind === 'workout' && (implied || draft.unit || draft.counted))
    return cumulative ? 'sum' : 'mean'
  if (measure.of === 'session') return 'mean'
  if (cumulative) return side.period || draft.unit ? 'sum' : 'mean'
  return side.period || side.conditions.length > 0 || subject.within || draft.habit ? 'mean' : 'last'
}

function aggregateOf(draft: Draft, subject: Subject, side: Side, holdings: Holdings): Aggregate | Clarify {
  if (draft.best && draft.aggregate === undefined) return bestOf(draft, subject)
  if (draft.aggregate === undefined) return defaultAggregate(draft, subject, side, holdings)
  const counts = subject.measure.of === 'tag' || (subject.measure.of === 'session' && subject.measure.field === 'count')
  return counts && draft.aggregate === 'sum' ? 'count' : draft.aggregate
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
  if (!subject) return said || side.activity || side.conditions.length > 0 ? null : missing(draft)
  const counting =
    draft.ask === 'days' ||
    draft.ask === 'share' ||
    (said === undefined && side.activity === undefined && draft.aggregate === undefined)
  const aggregate = counting ? 'days' : aggregateOf(draft, subject, side, holdings)
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
  const conditions = [...side.conditions.filter((one) => !isCounted(one, subject)), ...subject.conditions]
  const filter = filterOf(conditions, about, holdings)
  if (filter.problem) return null
  readings.push(...filter.readings)
  const sessions = measure.of === 'session' && measure.kind === 'workout'
  const counts = aggregate === 'count' || aggregate === 'days'
  const single = measure.of === 'metric' && ofSamples(measure.metric, aggregate, holdings)
  if (single && !within) readings.push('single measurements, not daily means')
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
    ...(within ? { within, over: 'sample' as const } : single ? { over: 'sample' as const } : {}),
    ...(draft.group ? { group: draft.group } : {}),
  }
  if (draft.ask === 'list') return { ...query, group: 'activity', aggregate: 'count' }
  if (draft.which && draft.which !== 'day')
    return { ...query, group: draft.which, aggregate: counts ? aggregate : grouped(query, holdings) }
  if (draft.ask === 'share')
    return {
      ...query,
      compare: { where: filter.where.filter(({ on }) => on !== 'value' && on !== 'metric' && on !== 'session') },
    }
  if (subject.whole) return { ...query, compare: { measure: subject.whole } }
  return compared(draft, query, subject, other, context, readings)
}

/** Extremes of what is measured all day long are those of its measurements: a day has a mean only. */
function ofSamples(id: string, aggregate: Aggregate, holdings: Holdings): boolean {
  const { kind, aggregates, sparse } = holdings.info(id)
  const extremes: readonly Aggregate[] = ['min', 'max', 'percentile', 'distribution', 'range']
  return kind === 'instant' && !sparse && aggregates[0] === 'mean' && extremes.includes(aggregate)
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

/** Where the day is asked for, the extreme with its date. */
function dated(draft: Draft, aggregate: Aggregate): Aggregate {
  if (draft.ask !== 'when' && draft.which !== 'day' && !draft.best) return aggregate
  if (draft.ask === 'when' && draft.take) return draft.take.from
  return aggregate === 'max' ? 'argmax' : aggregate === 'min' ? 'argmin' : aggregate
}

function manyDays(period: Period | undefined): boolean {
  if (period?.kind === 'calendar') return period.unit !== 'day'
  return period?.kind !== 'between' || period.from !== period.to
}

/** Months and weeks are ranked by their daily mean. */
function grouped(query: SeriesQuery, holdings: Holdings): Aggregate {
  const { measure } = query
  if (measure.of !== 'session') return 'mean'
  if (measure.field === 'count') return 'count'
  return measure.field === 'duration' || holdings.info(measure.field).kind === 'cumulative' ? 'sum' : 'mean'
}

function compared(
  draft: Draft,
  query: SeriesQuery,
  subject: Subject,
  other: Side | undefined,
  { holdings }: ResolveContext,
  readings: string[],
): QueryInput | null {
  if (!other) {
    if (!draft.contrast && !draft.comparing) return query
    if (query.where.length === 0) return null
    readings.push('those days against all other days')
    return { ...query, compare: { where: [opposite(query.where)] } }
  }
  const [side] = draft.sides
  const second: {
    period?: Period
    where?: Condition[]
    measure?: SeriesQuery['measure']
    within?: SeriesQuery['within']
  } = {}
  const about = { measure: subject.measure, concept: subject.concept, night: draft.night }
  if (other.activity) {
    const there = subjectOf(subject.concept, { ...side, activity: other.activity }, draft, holdings)
    if (!there) return null
    second.measure = there.measure
    if (there.within) second.within = there.within
  } else if (other.measures.length > 0 && other.measures[0]!.concept !== subject.concept) {
    const there = subjectOf(other.measures[0]!.concept, side, draft, holdings)
    if (!there) return null
    second.measure = there.measure
  }
  if (other.conditions.length > 0) {
    // "After exercise vs without exercise" are both about the night after.
    const conditions = other.conditions.map((one) => {
      const when = one.when ?? side.conditions.find((first) => first.is === one.is)?.when
      return when ? { ...one, when } : one
    })
    const filter = filterOf(conditions, about, holdings)
    if (filter.problem) return null
    const kinds = new Set(filter.where.map(kindOf))
    second.where = [...query.where.filter((one) => !kinds.has(kindOf(one))), ...filter.where]
  }
  if (other.period) {
    if (side.period) second.period = other.period
    else if (Object.keys(second).length > 0) query.period = other.period
    else return null
  }
  if (Object.keys(second).length === 0) {
    // "With alcohol vs without": the other side is the rest.
    if (query.where.length === 0) return null
    second.where = [opposite(query.where)]
  }
  return { ...query, compare: second }
}

function kindOf(condition: Condition): string {
  return condition.on === 'not' ? kindOf(condition.of) : condition.on
}

function opposite(where: readonly Condition[]): Condition {
  return where.length === 1
    ? { on: 'not', of: where[0]! }
    : { on: 'any', of: where.map((of) => ({ on: 'not' as const, of })) }
}
