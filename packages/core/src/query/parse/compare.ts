import type { Condition, Measure, Period, QueryInput, SeriesQuery } from '../schema.js'
import type { Draft, Side } from './draft.js'
import { filterOf, unitOfField } from './filter.js'
import type { Holdings, ResolveContext } from './holdings.js'
import { type Subject, subjectOf } from './subject.js'

/** Adds the other side of a comparison; null where there is nothing to compare with. */
export function compared(
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
    return { ...perDay(query, subject), compare: { where: [opposite(query.where)] } }
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
    // Samples during one are compared with samples during the other.
    const link = side.activity?.link ?? other.activity.link
    const own = other.measures[0]?.implied === false ? other.measures[0].concept : subject.concept
    const there = subjectOf(own, { ...side, activity: { ...other.activity, link } }, draft, holdings)
    if (!there) return null
    if (unitOfMeasure(there.measure, holdings) !== unitOfMeasure(subject.measure, holdings)) return null
    second.measure = there.measure
    if (there.within) second.within = there.within
  } else if (other.measures.length > 0 && other.measures[0]!.concept !== subject.concept) {
    const there = subjectOf(other.measures[0]!.concept, side, draft, holdings)
    if (!there || unitOfMeasure(there.measure, holdings) !== unitOfMeasure(subject.measure, holdings)) return null
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
  // Nothing differs from itself.
  const same = JSON.stringify([second.measure, second.within]) === JSON.stringify([query.measure, query.within])
  if (same && second.where === undefined && second.period === undefined) return null
  const days = second.where !== undefined && second.period === undefined && draft.aggregate === undefined
  return { ...(days ? perDay(query, subject) : query), compare: second }
}

/** Only equals can be compared: milliseconds of HRV and hours of sleep differ by nothing. */
function unitOfMeasure(measure: Measure, holdings: Holdings): string {
  if (measure.of === 'tag') return 'tag'
  return measure.of === 'metric' ? holdings.info(measure.metric).unit : unitOfField(measure.field, holdings)
}

/** Five weekdays have more workouts than two days of a weekend: what happened is compared by its mean of a day. */
function perDay(query: SeriesQuery, { measure }: Subject): SeriesQuery {
  if (measure.of !== 'session' || measure.kind !== 'workout' || !/^(?:sum|count)$/.test(query.aggregate)) return query
  return { ...query, over: 'day', aggregate: 'mean' }
}

function kindOf(condition: Condition): string {
  return condition.on === 'not' ? kindOf(condition.of) : condition.on
}

function opposite(where: readonly Condition[]): Condition {
  return where.length === 1
    ? { on: 'not', of: where[0]! }
    : { on: 'any', of: where.map((of) => ({ on: 'not' as const, of })) }
}
