import { years } from '@auren/plugins/years'
import { describe, expect, it } from 'vitest'
import { ladderRow, ladderView } from './ladder-view.js'

const month = (i: number, level: number) => {
  const from = new Date(Date.UTC(2020, i, 1)).toISOString().slice(0, 10)
  const to = new Date(Date.UTC(2020, i + 1, 0)).toISOString().slice(0, 10)
  return ladderRow({
    rung: 'month',
    series: 'steps',
    unit: '{steps}',
    period: from.slice(0, 7),
    from,
    to,
    level,
    spread: 1000,
  })
}
/** Summers (June to August) are higher by 3,000. */
const level = (i: number): number => 8000 + (i % 12 >= 5 && i % 12 <= 7 ? 3000 : 0) + 40 * (i % 3)

describe('years', () => {
  it('tell what was usual in each year, and which days were left out', () => {
    const year = {
      ...ladderRow({
        rung: 'year',
        series: 'resting_heart_rate',
        unit: '/min',
        period: '2020',
        from: '2020-01-01',
        to: '2020-12-31',
        level: 54,
        spread: 2,
      }),
      n: 300,
      excluded: [{ context: 'illness', days: 12 }],
    }
    const [found, ...others] = years().run(ladderView([year], '2021-02-01'))
    expect(others).toEqual([])
    expect(found).toMatchObject({
      kind: 'baseline',
      text: 'Usual resting heart rate in 2020: 54 bpm (between 50 bpm and 58 bpm on most days, n 300, without 12 days of illness).',
      validFrom: '2020-01-01',
      validTo: '2021-01-01',
      derivedFrom: ['days:resting_heart_rate/2020-01-01/2020-12-31'],
    })
  })

  it('tell of a season only where two years agree', () => {
    const seasons = (months: number) =>
      years()
        .run(
          ladderView(
            Array.from({ length: months }, (_, i) => month(i, level(i))),
            '2024-02-01',
          ),
        )
        .filter(({ kind }) => kind === 'pattern')
    expect(seasons(18)).toEqual([])
    const summer = seasons(36).find(({ body }) => body.season === 'summer')
    expect(summer?.body.effect).toBe(3000)
    expect(summer?.text).toBe(
      'In summer steps is higher by 3,000 steps than in the seasons beside it, in 3 of 3 years.',
    )
  })

  it('say nothing of a year without enough days', () => {
    const year = ladderRow({
      rung: 'year',
      series: 'steps',
      unit: '{steps}',
      period: '2020',
      from: '2020-01-01',
      to: '2020-12-31',
      level: 1,
    })
    expect(years().run(ladderView([{ ...year, median: null, low: null, high: null }], '2021-02-01'))).toEqual([])
  })
})
