import { metric } from '../catalogue/index.js'
import { AurenError } from '../errors.js'
import type { Aggregate, Condition, Measure, SeriesQuery } from './schema.js'

/** What the engine needs to know of a metric. */
export interface MetricTraits {
  /** UCUM. */
  unit: string
  /** The catalogue's kind: `cumulative`, `instant`, `average` … */
  kind: string
  /** Daily aggregates, the default first. */
  aggregates: readonly string[]
  /** Measured at most a few times a day. */
  sparse: boolean
  /** A name for people, where the catalogue or the plugin has one. */
  title: string | null
}

/** Looks a metric up; null where it is unknown. */
export type MetricLookup = (id: string) => MetricTraits | null

/**
 * The catalogue's own metrics, the vendor scores made from its templates (`oura.readiness_score`), and other
 * namespaced metrics with the unit `1`, because only their plugin knows more.
 */
export const catalogueLookup: MetricLookup = (id) => {
  const known = metric(id)
  if (known) return known
  const namespaced = id.indexOf('.') > 0
  return namespaced ? { unit: '1', kind: 'instant', aggregates: ['mean'], sparse: false, title: null } : null
}

/** The metric, or AUREN_METRIC_UNKNOWN. */
export function traitsOf(lookup: MetricLookup, id: string): MetricTraits {
  const traits = lookup(id)
  if (traits) return traits
  throw new AurenError(
    'AUREN_METRIC_UNKNOWN',
    `There is no metric "${id}" in the catalogue: use one of its names, or <vendor>.<name> for a vendor's own`,
  )
}

/** How values are averaged: as numbers, as times on a clock of 1440 minutes, or as sound levels by their energy. */
export type Scale = 'linear' | 'clock' | 'level'

/** Fields of a session that are no metrics. */
export const sessionFields = ['count', 'duration', 'start', 'end'] as const

/** The metric behind a field such as `heart_rate_max`. */
export function fieldMetric(field: string, lookup: MetricLookup): MetricTraits {
  const traits = lookup(field) ?? lookup(field.replace(/_(max|min|mean)$/, ''))
  return traits ?? traitsOf(lookup, field)
}

/** Unit, scale and character of a measure. */
export interface MeasureTraits {
  unit: string
  scale: Scale
  /** A sum over time: intervals are cut where a window ends. */
  cumulative: boolean
  /** None recorded means none happened: workouts and tags, never measurements. */
  event: boolean
}

/** Traits of what is measured. Throws AUREN_METRIC_UNKNOWN. */
export function measureTraits(measure: Measure, lookup: MetricLookup): MeasureTraits {
  if (measure.of === 'tag') return { unit: '1', scale: 'linear', cumulative: true, event: true }
  if (measure.of === 'metric') {
    const { unit, kind, aggregates } = traitsOf(lookup, measure.metric)
    const scale = aggregates[0] === 'leq' ? 'level' : 'linear'
    return { unit, scale, cumulative: kind === 'cumulative', event: false }
  }
  const event = measure.kind === 'workout'
  if (measure.field === 'count') return { unit: '1', scale: 'linear', cumulative: true, event }
  if (measure.field === 'duration') return { unit: 's', scale: 'linear', cumulative: true, event }
  if (measure.field === 'start' || measure.field === 'end') {
    return { unit: 'min', scale: 'clock', cumulative: false, event }
  }
  const { unit, kind } = fieldMetric(measure.field, lookup)
  return { unit, scale: 'linear', cumulative: kind === 'cumulative', event }
}

/** Unit of the aggregate: counts have none. */
export function unitOf(traits: MeasureTraits, aggregate: Aggregate): string {
  return aggregate === 'count' || aggregate === 'days' ? '1' : traits.unit
}

/** Every condition of a list, nested ones included. */
export function* eachCondition(conditions: readonly Condition[]): Generator<Condition> {
  for (const condition of conditions) {
    yield condition
    if (condition.on === 'any') yield* eachCondition(condition.of)
    if (condition.on === 'not') yield* eachCondition([condition.of])
  }
}

/** What is aggregated: as asked, else samples where the question is about a time of day or about sessions, else days. */
export function overOf(
  query: Pick<SeriesQuery, 'over' | 'within' | 'where' | 'group'> & { measure: Measure },
): 'day' | 'sample' | 'session' {
  if (query.measure.of !== 'metric') return query.over === 'day' ? 'day' : 'session'
  if (query.over === 'sample' || query.within || query.group === 'hour') return 'sample'
  for (const condition of eachCondition(query.where)) if (condition.on === 'time') return 'sample'
  return 'day'
}
