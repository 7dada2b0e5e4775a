import { AurenError } from '../errors.js'
import { eachCondition, fieldMetric, type MetricLookup, sessionFields, traitsOf } from './measure.js'
import {
  type Condition,
  type Measure,
  type Query as ParsedQuery,
  Query,
  type QueryInput,
  type SeriesQuery,
} from './schema.js'

/** True for a look-up of a baseline, deviation or trend. */
export function isPattern(query: ParsedQuery): query is Extract<ParsedQuery, { pattern: unknown }> {
  return 'pattern' in query
}

function refuse(message: string): never {
  throw new AurenError('AUREN_QUERY_INVALID', message)
}

function checkField(field: string, lookup: MetricLookup): void {
  if (!(sessionFields as readonly string[]).includes(field)) fieldMetric(field, lookup)
}

function checkConditions(conditions: readonly Condition[], measure: Measure, lookup: MetricLookup): void {
  for (const condition of eachCondition(conditions)) {
    if (condition.on === 'metric') traitsOf(lookup, condition.metric)
    if (condition.on === 'dates' && condition.from > condition.to) {
      refuse('A condition on dates ends before it begins: exchange `from` and `to`')
    }
    if (condition.on === 'session') {
      const given = [condition.field, condition.op, condition.value].filter((part) => part !== undefined).length
      if (given !== 0 && given !== 3) refuse('A condition on a session field needs all of `field`, `op` and `value`')
      if (condition.field !== undefined) checkField(condition.field, lookup)
    }
    if (condition.on === 'field') {
      if (measure.of !== 'session') {
        refuse('A condition on a field is about the session that is measured: use `on: "session"` for days')
      }
      checkField(condition.field, lookup)
    }
  }
}

function checkSeries(query: SeriesQuery, lookup: MetricLookup): void {
  const operands = [query.measure, ...(query.compare?.measure ? [query.compare.measure] : [])]
  for (const measure of operands) {
    if (measure.of === 'metric') traitsOf(lookup, measure.metric)
    if (measure.of === 'session') checkField(measure.field, lookup)
    if (measure.of !== 'metric' && query.over === 'sample') refuse('Only metrics have samples: leave `over` out')
    if (measure.of === 'metric' && query.over === 'session') {
      refuse('A metric has days and samples: measure a session field, or use `within`')
    }
    if (measure.of !== 'metric' && (query.within || query.compare?.within)) {
      refuse('`within` picks samples inside sessions: measure a metric')
    }
    checkConditions(query.where, measure, lookup)
    checkConditions(query.compare?.where ?? [], measure, lookup)
  }
  if (query.over === 'day' && (query.within || query.compare?.within)) refuse('`within` needs `over: "sample"`')
  if (query.aggregate === 'percentile' && query.p === undefined) refuse('A percentile needs `p`, 0 to 100')
  if (query.group === 'activity' && query.measure.of !== 'session') refuse('Only sessions have activities to group by')
}

/** Parses and checks a query. Throws AUREN_QUERY_INVALID or AUREN_METRIC_UNKNOWN. */
export function parseQuery(input: QueryInput, lookup: MetricLookup): ParsedQuery {
  const parsed = Query.safeParse(input)
  if (!parsed.success) {
    throw new AurenError('AUREN_QUERY_INVALID', 'The query does not fit its schema: see `issues`', {
      issues: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    })
  }
  if (isPattern(parsed.data)) traitsOf(lookup, parsed.data.metric)
  else checkSeries(parsed.data, lookup)
  return parsed.data
}
