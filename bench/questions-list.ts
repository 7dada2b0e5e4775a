// The fixed list of typed questions: every aggregate, period, condition, grouping and kind of measure.
import type { QueryInput } from '@auren/core'

const metric = (name: string) => ({ of: 'metric', metric: name }) as const
const sleep = (field: string) => ({ of: 'session', kind: 'sleep', field }) as const
const workout = (field: string, ...activity: string[]) =>
  ({ of: 'session', kind: 'workout', field, ...(activity.length > 0 ? { activity } : {}) }) as const
const last = (n: number, unit: 'day' | 'week' | 'month' | 'year') => ({ kind: 'last', n, unit }) as const
const back = (unit: 'week' | 'month' | 'year', offset: number) => ({ kind: 'calendar', unit, offset }) as const
const between = (from: string, to: string) => ({ kind: 'between', from, to }) as const

/** Questions that one statement over the table of days answers: what the baseline runs too. */
export const plain: readonly QueryInput[] = [
  { measure: metric('steps'), aggregate: 'mean' },
  { measure: metric('steps'), aggregate: 'sum', period: back('year', -1) },
  { measure: metric('steps'), aggregate: 'max', period: between('2018-01-01', '2024-12-31') },
  { measure: metric('resting_heart_rate'), aggregate: 'mean', period: back('week', -1) },
  { measure: metric('resting_heart_rate'), aggregate: 'min' },
  { measure: metric('resting_heart_rate'), aggregate: 'median', period: last(90, 'day') },
  { measure: metric('weight'), aggregate: 'sd', period: back('year', -2) },
  { measure: metric('weight'), aggregate: 'mean', period: back('month', -1) },
  { measure: metric('vo2_max'), aggregate: 'max', period: { kind: 'since', from: '2020-05-01' } },
  { measure: metric('hydration'), aggregate: 'sum', period: last(28, 'day') },
  { measure: metric('energy_active'), aggregate: 'mean', period: between('2019-06-01', '2019-08-31') },
  { measure: metric('blood_pressure_systolic'), aggregate: 'median' },
  { measure: metric('steps'), aggregate: 'days', where: [{ on: 'value', op: '>', value: 10_000 }] },
  { measure: metric('body_fat'), aggregate: 'mean', period: last(3, 'year') },
  { measure: metric('sleep_duration'), aggregate: 'mean', period: back('month', -3) },
  { measure: metric('sleep_deep'), aggregate: 'median', period: last(2, 'year') },
]

/** Everything else. */
export const rich: readonly QueryInput[] = [
  { measure: metric('steps'), aggregate: 'mean', group: 'month', period: back('year', -1) },
  { measure: metric('steps'), aggregate: 'mean', group: 'weekday' },
  { measure: metric('resting_heart_rate'), aggregate: 'mean', group: 'season' },
  { measure: metric('weight'), aggregate: 'last', group: 'year' },
  { measure: metric('steps'), aggregate: 'argmax' },
  { measure: metric('weight'), aggregate: 'argmin', period: last(5, 'year') },
  { measure: metric('weight'), aggregate: 'range', period: back('year', -1) },
  { measure: metric('steps'), aggregate: 'percentile', p: 90 },
  { measure: metric('resting_heart_rate'), aggregate: 'distribution' },
  { measure: metric('weight'), aggregate: 'first' },
  { measure: metric('resting_heart_rate'), aggregate: 'mean', where: [{ on: 'tag', tag: 'alcohol', shift: 1 }] },
  {
    measure: metric('resting_heart_rate'),
    aggregate: 'mean',
    compare: { where: [{ on: 'not', of: { on: 'tag', tag: 'alcohol', shift: 1 } }] },
    where: [{ on: 'tag', tag: 'alcohol', shift: 1 }],
  },
  { measure: metric('steps'), aggregate: 'mean', where: [{ on: 'weekday', in: ['saturday', 'sunday'] }] },
  { measure: metric('steps'), aggregate: 'mean', where: [{ on: 'season', in: ['winter'] }] },
  {
    measure: metric('weight'),
    aggregate: 'mean',
    period: back('month', -1),
    compare: { period: back('month', -13) },
  },
  {
    measure: metric('steps'),
    aggregate: 'mean',
    where: [{ on: 'metric', metric: 'sleep_duration', op: '<', value: 21_600 }],
  },
  {
    measure: metric('resting_heart_rate'),
    aggregate: 'mean',
    where: [{ on: 'session', kind: 'workout', activity: ['running'], shift: 1 }],
  },
  { measure: sleep('duration'), aggregate: 'mean', period: back('year', -1) },
  { measure: sleep('count'), aggregate: 'count', where: [{ on: 'value', op: '<', value: 21_600 }] },
  { measure: sleep('start'), aggregate: 'median', period: last(90, 'day') },
  { measure: sleep('sleep_deep'), aggregate: 'mean', group: 'month', period: back('year', -1) },
  { measure: workout('count'), aggregate: 'count', period: back('year', -1) },
  { measure: workout('duration', 'running'), aggregate: 'sum', group: 'year' },
  { measure: workout('distance', 'running'), aggregate: 'argmax' },
  { measure: workout('duration'), aggregate: 'sum', group: 'activity' },
  { measure: { of: 'tag', tag: 'alcohol' }, aggregate: 'count', group: 'month', period: last(2, 'year') },
  { measure: metric('resting_heart_rate'), aggregate: 'mean', over: 'sample', period: last(1, 'year') },
  { pattern: 'baseline', metric: 'resting_heart_rate', window: 90 },
  { pattern: 'deviation', metric: 'steps', window: 28 },
  { pattern: 'trend', metric: 'weight', window: 365 },
]
