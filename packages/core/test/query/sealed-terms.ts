import { kindsOf } from '../../src/catalogue/activities.js'
import type { Condition, Measure, Period, QueryInput, SeriesQuery } from '../../src/query/schema.js'

/** How one sentence must be read: any of these queries, which are equally good; null: it must not be understood. */
export interface SealedQuestion {
  text: string
  expected: readonly QueryInput[] | null
}

type More = Partial<Omit<SeriesQuery, 'measure' | 'aggregate' | 'period'>>

export const metric = (id: string): Measure => ({ of: 'metric', metric: id })
export const sleep = (field: string): Measure => ({ of: 'session', kind: 'sleep', field })
/** A field of workouts, of an activity with all its kinds. */
export const workout = (field: string, ...activities: string[]): Measure => ({
  of: 'session',
  kind: 'workout',
  field,
  ...(activities.length > 0 ? { activity: activities.flatMap(kindsOf) } : {}),
})
export const inside = (activity: string) => ({ kind: 'workout' as const, activity: kindsOf(activity) })

export function of(
  measure: Measure,
  aggregate: SeriesQuery['aggregate'],
  period: Period = { kind: 'all' },
  more: More = {},
): QueryInput {
  return { measure, aggregate, period, ...more }
}

type Unit = 'day' | 'week' | 'month' | 'quarter' | 'year'
export const last = (n: number, unit: Unit): Period => ({ kind: 'last', n, unit })
/** 0: this one, −1: the previous. */
export const calendar = (unit: Unit, offset: number): Period => ({ kind: 'calendar', unit, offset })
export const between = (from: string, to: string): Period => ({ kind: 'between', from, to })
export const on = (date: string): Period => between(date, date)
export const since = (from: string): Period => ({ kind: 'since', from })

export const today = calendar('day', 0)
export const yesterday = calendar('day', -1)
export const january = between('2025-01-01', '2025-01-31')
export const february = between('2025-02-01', '2025-02-28')
export const y2024 = between('2024-01-01', '2024-12-31')

export const weekend: Condition = { on: 'weekday', in: ['saturday', 'sunday'] }
export const weekdays: Condition = { on: 'weekday', in: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] }
export const value = (op: '<' | '<=' | '>' | '>=', number: number): Condition => ({ on: 'value', op, value: number })
export const field = (name: string, op: '<' | '<=' | '>' | '>=', number: number): Condition => ({
  on: 'field',
  field: name,
  op,
  value: number,
})
export const day = (id: string, op: '<' | '<=' | '>' | '>=', number: number): Condition => ({
  on: 'metric',
  metric: id,
  op,
  value: number,
})
export const tagged = (tag: string, shift?: number): Condition => ({ on: 'tag', tag, ...(shift ? { shift } : {}) })
export const not = (of: Condition): Condition => ({ on: 'not', of })
export const clock = (from: string, to: string): Condition => ({ on: 'time', from, to })
