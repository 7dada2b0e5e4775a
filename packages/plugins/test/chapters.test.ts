import { chapters } from '@auren/plugins/chapters'
import { describe, expect, it } from 'vitest'
import { ladderRow, ladderView } from './ladder-view.js'

const MONDAY = Date.parse('2020-01-06')
const date = (day: number): string => new Date(MONDAY + day * 86_400_000).toISOString().slice(0, 10)
const week = (series: string, unit: string, i: number, level: number) =>
  ladderRow({ rung: 'week', series, unit, period: `w${i}`, from: date(7 * i), to: date(7 * i + 6), level })

// Forty weeks of days, forty of nights, thirty of days again; wobble of known size.
const nights = (i: number): boolean => i >= 40 && i < 80
const rows = Array.from({ length: 110 }, (_, i) => [
  week('sleep_duration', 's', i, 25_200 + ((i * 7) % 5) * 60 - (nights(i) ? 2400 : 0)),
  week('sleep_midpoint', 'min', i, 180 + ((i * 3) % 5) + (nights(i) ? 180 : 0)),
  week('resting_heart_rate', '/min', i, 55 + ((i * 3) % 2)),
]).flat()
const day = (at: string): number => Date.parse(at) / 86_400_000
const spans = [{ name: 'night_shift', first: day(date(280)), last: day(date(559)), ref: 'tag:night_shift' }]
const found = chapters().run(ladderView(rows, date(7 * 110 + 1), spans))

describe('chapters', () => {
  it('tell in computed numbers what changed, and what coincides without calling it a cause', () => {
    expect(found.map(({ text }) => text)).toEqual([
      '2020-01 to 2020-10 (40 weeks): time asleep 7 h 2 min, middle of sleep at 03:02, resting heart rate 55.5 bpm.',
      '2020-10 to 2021-07 (40 weeks): 40 min less time asleep (6 h 22 min), sleep later by 3 h (middle 06:02). Together with: night shift.',
      'Since 2021-07 (30 weeks): 40 min more time asleep (7 h 2 min), sleep earlier by 3 h (middle 03:02).',
    ])
  })

  it('are episodes that say what they stand on, from and to which day, half-open', () => {
    const [before, shifts, now] = found
    expect(found.map(({ kind }) => kind)).toEqual(['episode', 'episode', 'episode'])
    expect([
      before?.validFrom,
      before?.validTo,
      shifts?.validFrom,
      shifts?.validTo,
      now?.validFrom,
      now?.validTo,
    ]).toEqual([date(0), date(280), date(280), date(560), date(560), null])
    expect(shifts?.derivedFrom).toEqual([
      `days:sleep_duration/${date(280)}/${date(559)}`,
      `days:sleep_midpoint/${date(280)}/${date(559)}`,
      `days:resting_heart_rate/${date(280)}/${date(559)}`,
      'tag:night_shift',
    ])
    expect(shifts?.body).toMatchObject({ chapter: true, weeks: 40, gapBefore: 0 })
    expect(shifts?.confidence).toBeGreaterThan(0.95)
  })

  it('say since when, of what changed some weeks before or after their beginning', () => {
    const later = Array.from({ length: 100 }, (_, i) => [
      week('sleep_duration', 's', i, 25_200 + ((i * 7) % 5) * 60 - (i < 46 ? 0 : 2400)),
      week('resting_heart_rate', '/min', i, 55 + ((i * 3) % 2) - (i < 40 ? 0 : 12)),
    ]).flat()
    const [, second] = chapters().run(ladderView(later, date(7 * 100 + 1)))
    expect(second?.text).toBe(
      'Since 2020-11 (54 weeks): 40 min less time asleep (6 h 22 min), 11.5 bpm lower resting heart rate (43.5 bpm), since 2020-10.',
    )
  })

  it('are none where there are less than eight weeks', () => {
    expect(chapters().run(ladderView(rows.slice(0, 21), date(50)))).toEqual([])
  })
})
