import type { Aggregate, Measure, Period } from '../schema.js'
import type { Draft, Side } from './draft.js'
import type { Holdings } from './holdings.js'
import type { Clarify, Subject } from './subject.js'

/** Whether values of several days or workouts can be added up. */
function addsUp(measure: Measure, holdings: Holdings): boolean {
  if (measure.of === 'tag') return true
  if (measure.of === 'metric') return holdings.info(measure.metric).kind === 'cumulative'
  return measure.field === 'duration' || holdings.info(measure.field).kind === 'cumulative'
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
  const cumulative = addsUp(measure, holdings)
  const implied = (side.measures[0]?.implied ?? false) || draft.counted
  if (draft.group && cumulative) return draft.group === 'weekday' || draft.group === 'season' ? 'mean' : 'sum'
  // "Did I run more this month": how much, not how far at a time.
  const amount = measure.of === 'session' && measure.kind === 'workout' && side.measures.length === 0
  if (amount) return 'sum'
  // "How many more … this week than last": amounts, where only the periods differ.
  const periods = side.period && draft.sides[1]?.period && side.conditions.length === 0
  if (periods && draft.counted && !draft.amount && cumulative) return 'sum'
  if (draft.sides[1] || draft.contrast) return 'mean'
  if (measure.of === 'session' && measure.kind === 'workout' && (implied || draft.unit || draft.counted))
    return cumulative ? 'sum' : 'mean'
  if (measure.of === 'session') return 'mean'
  if (cumulative) return side.period || draft.unit ? 'sum' : 'mean'
  return side.period || side.conditions.length > 0 || subject.within || draft.habit ? 'mean' : 'last'
}

/** The aggregate of a question, as said or as what is measured suggests; a question back where `best` says too little. */
export function aggregateOf(draft: Draft, subject: Subject, side: Side, holdings: Holdings): Aggregate | Clarify {
  if (draft.best && draft.aggregate === undefined) return bestOf(draft, subject)
  if (draft.aggregate === undefined) return defaultAggregate(draft, subject, side, holdings)
  const counts = subject.measure.of === 'tag' || (subject.measure.of === 'session' && subject.measure.field === 'count')
  if (counts && draft.aggregate === 'sum') return 'count'
  const alone = !draft.group && !draft.which && !draft.sides[1] && !draft.contrast
  if (counts && alone && draft.aggregate === 'mean') {
    // "Workouts with an average heart rate over 150" are counted; one workout alone has no mean number.
    const limited = side.conditions.some((one) => one.is === 'number')
    return limited ? 'count' : { clarify: 'On average per what: per week or per month?' }
  }
  const totals = draft.per && draft.aggregate === 'mean' && addsUp(subject.measure, holdings)
  return totals && draft.group && !/^(?:weekday|season|hour)$/.test(draft.group) ? 'sum' : draft.aggregate
}

/** Extremes of what is measured all day long are those of its measurements: a day has a mean only. */
export function ofSamples(id: string, aggregate: Aggregate, holdings: Holdings): boolean {
  const { kind, aggregates, sparse } = holdings.info(id)
  const extremes: readonly Aggregate[] = ['min', 'max', 'percentile', 'distribution', 'range']
  return kind === 'instant' && !sparse && aggregates[0] === 'mean' && extremes.includes(aggregate)
}

/** Where the day is asked for, the extreme with its date. */
export function dated(draft: Draft, aggregate: Aggregate): Aggregate {
  if (draft.ask !== 'when' && draft.which !== 'day' && !draft.best) return aggregate
  if (draft.ask === 'when' && draft.take) return draft.take.from
  return aggregate === 'max' ? 'argmax' : aggregate === 'min' ? 'argmin' : aggregate
}

/** Whether a period holds more than one day. */
export function manyDays(period: Period | undefined): boolean {
  if (period?.kind === 'calendar') return period.unit !== 'day'
  return period?.kind !== 'between' || period.from !== period.to
}

/** Months and weeks are ranked by their totals of workouts, else by their daily mean. */
export function groupedAggregate(measure: Measure, holdings: Holdings): Aggregate {
  if (measure.of !== 'session') return 'mean'
  return measure.field === 'count' ? 'count' : addsUp(measure, holdings) ? 'sum' : 'mean'
}
