import type { Condition, Query, SeriesQuery } from '../../packages/core/src/query/schema.js'
import type { PhiaPerson } from './phia-tables.js'

/**
 * Where the set's own code does another thing than its questions say. AUREN answers what is asked; these bring an
 * answer to what was labelled, and the runner says both rates.
 */
export interface Quirk {
  name: string
  query?(query: SeriesQuery): SeriesQuery
  today?(query: SeriesQuery, person: PhiaPerson): string | null
}

const ofWorkouts = ({ measure }: SeriesQuery) => measure.of === 'session' && measure.kind === 'workout'

function asSleep(condition: Condition): Condition {
  return condition.on === 'metric' && condition.metric === 'sleep_light'
    ? { ...condition, metric: 'sleep_duration' }
    : condition
}

export const quirks: readonly Quirk[] = [
  {
    name: 'the latest workout is that of all time, whatever period is named',
    query: (query) => (ofWorkouts(query) && query.aggregate === 'last' ? { ...query, period: { kind: 'all' } } : query),
  },
  {
    name: 'light sleep compared with a number is all of sleep',
    query: (query) => {
      const { measure, aggregate, where } = query
      const counted = aggregate === 'days' && measure.of === 'metric' && measure.metric === 'sleep_light'
      return {
        ...query,
        where: where.map(asSleep),
        ...(counted ? { measure: { ...measure, metric: 'sleep_duration' } } : {}),
      }
    },
  },
  {
    name: 'questions about exercise of any kind count back from the last exercise',
    today: (query, person) => {
      const any = query.measure.of === 'session' && query.measure.activity === undefined
      return any && query.where.length === 0 ? person.lastExercise : null
    },
  },
]

/** A query and its "today" as the set means them. */
export function asLabelled(query: Query, person: PhiaPerson): { query: Query; today: string } {
  if (!('measure' in query)) return { query, today: person.today }
  let meant = query
  let { today } = person
  for (const quirk of quirks) {
    today = quirk.today?.(meant, person) ?? today
    meant = quirk.query?.(meant) ?? meant
  }
  return { query: meant, today }
}
