import { describe, expect, it } from 'vitest'
import type { Condition } from '../../src/query/schema.js'
import { asker, night, restingHeartRate, run, series, steps, tag } from './person.js'

// Ten days from Sunday, 1 Nov 2026. Each day's step count is 100 times its day of the month, so that a sum of steps
// shows which days counted.
const from = '2026-11-01'
const days = [
  ...series('steps', from, [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]),
  //                                  1   2   3   4     5   6   7   8   9   10
  ...series('resting_heart_rate', from, [50, 51, 60, null, 52, 61, 53, 62, 54, 55]),
]
const sessions = [
  run('2026-11-02', '07:00', 30, { measures: { distance: 5000 } }),
  run('2026-11-05', '07:00', 60, { measures: { distance: 10_000 } }),
  run('2026-11-05', '18:00', 20, { activity: 'cycling' }),
  run('2026-11-09', '07:00', 20),
  run('2026-11-09', '07:00', 20, { main: false }),
  night('2026-11-02', '23:00', '06:00'),
  night('2026-11-03', '23:30', '05:00'),
  night('2026-11-04', '00:30', '08:30'),
]
const tags = [
  tag('alcohol', '2026-11-03'),
  tag('alcohol', '2026-11-06'),
  tag('illness', '2026-11-07', { end: Date.parse('2026-11-09T12:00:00Z') }),
]
const { ask } = asker({ days, sessions, tags })
const period = { kind: 'between', from, to: '2026-11-10' } as const

async function daysWhere(...where: Condition[]): Promise<number[]> {
  const fact = await ask({ measure: steps, aggregate: 'sum', period, where, group: 'day' })
  return fact.rows!.filter((row) => row.n > 0).map((row) => Number(row.key.slice(-2)))
}

describe('conditions on days', () => {
  const over60 = { on: 'metric', metric: 'resting_heart_rate', op: '>=', value: 60 } as const
  const table: [string, Condition[], number[]][] = [
    ['a metric', [over60], [3, 6, 8]],
    ['a metric of the day before', [{ ...over60, shift: 1 }], [4, 7, 9]],
    ['a metric of the day after', [{ ...over60, shift: -1 }], [2, 5, 7]],
    ['a metric that is unknown on some day', [{ ...over60, op: '<' }], [1, 2, 5, 7, 9, 10]],
    ['exactly', [{ ...over60, op: '=' }], [3]],
    ['other than', [{ ...over60, op: '!=' }], [1, 2, 5, 6, 7, 8, 9, 10]],
    ['not, where unknown is not "not"', [{ on: 'not', of: over60 }], [1, 2, 5, 7, 9, 10]],
    ['a workout', [{ on: 'session', kind: 'workout' }], [2, 5, 9]],
    ['the day after a workout', [{ on: 'session', kind: 'workout', shift: 1 }], [3, 6, 10]],
    ['a workout of an activity', [{ on: 'session', kind: 'workout', activity: ['cycling'] }], [5]],
    ['no workout', [{ on: 'not', of: { on: 'session', kind: 'workout' } }], [1, 3, 4, 6, 7, 8, 10]],
    ['two workouts', [{ on: 'session', kind: 'workout', field: 'count', op: '>=', value: 2 }], [5]],
    ['a long workout', [{ on: 'session', kind: 'workout', field: 'duration', op: '>=', value: 1800 }], [2, 5]],
    ['a far workout', [{ on: 'session', kind: 'workout', field: 'distance', op: '>', value: 5000 }], [5]],
    // Day 9 has a run that does not say how far.
    [
      'no far workout',
      [{ on: 'not', of: { on: 'session', kind: 'workout', field: 'distance', op: '>', value: 5000 } }],
      [1, 2, 3, 4, 6, 7, 8, 10],
    ],
    ['a short night', [{ on: 'session', kind: 'sleep', field: 'duration', op: '<', value: 25_200 }], [3]],
    // Only the three nights recorded can be said not to be short.
    [
      'no short night',
      [{ on: 'not', of: { on: 'session', kind: 'sleep', field: 'duration', op: '<', value: 25_200 } }],
      [2, 4],
    ],
    // Minutes since noon: midnight is 720.
    ['to bed after midnight', [{ on: 'session', kind: 'sleep', field: 'start', op: '>', value: 720 }], [4]],
    ['a tag', [{ on: 'tag', tag: 'alcohol' }], [3, 6]],
    ['the day after a tag', [{ on: 'tag', tag: 'alcohol', shift: 1 }], [4, 7]],
    ['a tag over several days', [{ on: 'tag', tag: 'illness' }], [7, 8, 9]],
    ['no tag', [{ on: 'not', of: { on: 'tag', tag: 'alcohol' } }], [1, 2, 4, 5, 7, 8, 9, 10]],
    ['a weekday', [{ on: 'weekday', in: ['sunday', 'monday'] }], [1, 2, 8, 9]],
    ['a season', [{ on: 'season', in: ['autumn'] }], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ['another season', [{ on: 'season', in: ['winter', 'spring'] }], []],
    ['dates', [{ on: 'dates', from: '2026-11-04', to: '2026-11-06' }], [4, 5, 6]],
    ['the value itself', [{ on: 'value', op: '>', value: 800 }], [9, 10]],
    ['all of several', [over60, { on: 'tag', tag: 'alcohol' }], [3, 6]],
    [
      'any of several',
      [
        {
          on: 'any',
          of: [
            { on: 'tag', tag: 'alcohol' },
            { on: 'weekday', in: ['sunday'] },
          ],
        },
      ],
      [1, 3, 6, 8],
    ],
    ['any, one unknown', [{ on: 'any', of: [over60, { on: 'value', op: '=', value: 400 }] }], [3, 4, 6, 8]],
    [
      'neither',
      [
        {
          on: 'not',
          of: {
            on: 'any',
            of: [
              { on: 'tag', tag: 'alcohol' },
              { on: 'weekday', in: ['sunday'] },
            ],
          },
        },
      ],
      [2, 4, 5, 7, 9, 10],
    ],
  ]
  it.each(table)('%s', async (_name, where, expected) => {
    expect(await daysWhere(...where)).toEqual(expected)
    const total = await ask({ measure: steps, aggregate: 'sum', period, where })
    if (expected.length > 0) expect(total.value).toBe(expected.reduce((sum, date) => sum + 100 * date, 0))
    else expect(total).toMatchObject({ status: 'no_data', value: null })
  })

  it('says on how many days nobody can tell', async () => {
    const fact = await ask({ measure: steps, aggregate: 'sum', period, where: [over60] })
    expect(fact.notes.join()).toContain('On 1 day nobody can tell')
  })

  it('covers the days that meet the conditions, not the others', async () => {
    const where: Condition[] = [{ on: 'weekday', in: ['wednesday', 'thursday'] }]
    // Wednesday 4 has no resting heart rate, Thursday 5 has.
    expect((await ask({ measure: restingHeartRate, aggregate: 'mean', period, where })).coverage).toBe(0.5)
  })
})

describe('counting days', () => {
  it('counts days that meet a condition on the value, out of the days known', async () => {
    const where: Condition[] = [{ on: 'value', op: '<', value: 55 }]
    const fact = await ask({ measure: restingHeartRate, aggregate: 'days', period, where })
    expect(fact).toMatchObject({ status: 'ok', value: 5, n: 9, unit: '1' })
  })

  it('says 0 where no day meets it, and nothing where nothing is known', async () => {
    const where: Condition[] = [{ on: 'value', op: '<', value: 10 }]
    expect(await ask({ measure: restingHeartRate, aggregate: 'days', period, where })).toMatchObject({ value: 0, n: 9 })
    const unknown = await ask({ measure: { of: 'metric', metric: 'weight' }, aggregate: 'days', period, where })
    expect(unknown).toMatchObject({ status: 'no_data', value: null })
    const never: Condition[] = [{ on: 'tag', tag: 'travel' }]
    expect(await ask({ measure: steps, aggregate: 'days', period, where: never })).toMatchObject({
      status: 'ok',
      value: 0,
    })
  })
})

describe('taking some', () => {
  it('takes the first or last days that meet the conditions', async () => {
    const where: Condition[] = [{ on: 'session', kind: 'workout' }]
    const last = await ask({ measure: steps, aggregate: 'mean', where, take: { from: 'last', n: 1 } })
    expect(last).toMatchObject({ value: 900, n: 1 })
    const first = await ask({ measure: steps, aggregate: 'sum', where, take: { from: 'first', n: 2 } })
    expect(first).toMatchObject({ value: 700, n: 2 })
  })
})
