import { describe, expect, it } from 'vitest'
import { dayOf, daysBetween, shiftDate } from '../../src/query/calendar.js'
import { readPeriod } from '../../src/query/period.js'

describe('periods', () => {
  // [period, today, from, to]: by the calendar on the wall.
  const table = [
    [{ kind: 'last', n: 1, unit: 'day' }, '2026-11-23', '2026-11-23', '2026-11-23'],
    [{ kind: 'last', n: 7, unit: 'day' }, '2026-11-23', '2026-11-17', '2026-11-23'],
    [{ kind: 'last', n: 30, unit: 'day', plus: 1 }, '2023-10-31', '2023-10-01', '2023-10-31'],
    [{ kind: 'last', n: 2, unit: 'week' }, '2026-11-23', '2026-11-10', '2026-11-23'],
    [{ kind: 'last', n: 1, unit: 'month' }, '2026-03-31', '2026-03-01', '2026-03-31'],
    [{ kind: 'last', n: 1, unit: 'month' }, '2026-11-23', '2026-10-24', '2026-11-23'],
    [{ kind: 'last', n: 1, unit: 'quarter' }, '2026-11-23', '2026-08-24', '2026-11-23'],
    [{ kind: 'last', n: 1, unit: 'year' }, '2024-02-29', '2023-03-01', '2024-02-29'],
    [{ kind: 'last', n: 10, unit: 'year' }, '2026-11-23', '2016-11-24', '2026-11-23'],
    [{ kind: 'calendar', unit: 'day', offset: 0 }, '2026-11-23', '2026-11-23', '2026-11-23'],
    [{ kind: 'calendar', unit: 'day', offset: -1 }, '2026-03-01', '2026-02-28', '2026-02-28'],
    [{ kind: 'calendar', unit: 'day', offset: -1 }, '2024-03-01', '2024-02-29', '2024-02-29'],
    [{ kind: 'calendar', unit: 'week', offset: 0 }, '2026-11-25', '2026-11-23', '2026-11-25'],
    [{ kind: 'calendar', unit: 'week', offset: -1 }, '2026-11-23', '2026-11-16', '2026-11-22'],
    // 1 Jan 2027 is a Friday of 2026-W53.
    [{ kind: 'calendar', unit: 'week', offset: 0 }, '2027-01-01', '2026-12-28', '2027-01-01'],
    [{ kind: 'calendar', unit: 'week', offset: -1 }, '2027-01-04', '2026-12-28', '2027-01-03'],
    [{ kind: 'calendar', unit: 'month', offset: -1 }, '2026-03-31', '2026-02-01', '2026-02-28'],
    [{ kind: 'calendar', unit: 'month', offset: -9 }, '2024-11-05', '2024-02-01', '2024-02-29'],
    [{ kind: 'calendar', unit: 'month', offset: 0 }, '2026-11-23', '2026-11-01', '2026-11-23'],
    [{ kind: 'calendar', unit: 'quarter', offset: -1 }, '2026-02-10', '2025-10-01', '2025-12-31'],
    [{ kind: 'calendar', unit: 'quarter', offset: 0 }, '2026-05-31', '2026-04-01', '2026-05-31'],
    [{ kind: 'calendar', unit: 'year', offset: -1 }, '2026-11-23', '2025-01-01', '2025-12-31'],
    [{ kind: 'between', from: '2026-01-05', to: '2026-01-09' }, '2026-11-23', '2026-01-05', '2026-01-09'],
    [{ kind: 'between', from: '2026-11-20', to: '2026-12-24' }, '2026-11-23', '2026-11-20', '2026-11-23'],
    [{ kind: 'since', from: '2026-11-20' }, '2026-11-23', '2026-11-20', '2026-11-23'],
  ] as const

  it.each(table)('%j on %s is %s to %s', (period, today, from, to) => {
    expect(readPeriod(period, today).span).toEqual({ from, to })
  })

  it('reads "last N days" as N + 1 days where the setting says so, and the question may say otherwise', () => {
    const period = { kind: 'last', n: 30, unit: 'day' } as const
    expect(readPeriod(period, '2023-10-31', 1).span!.from).toBe('2023-10-01')
    expect(readPeriod({ ...period, plus: 0 }, '2023-10-31', 1).span!.from).toBe('2023-10-02')
  })

  it('says how it was read', () => {
    expect(readPeriod({ kind: 'last', n: 7, unit: 'day' }, '2026-11-23').note).toBe(
      'The last 7 days are read as 17–23 Nov 2026, today included.',
    )
    expect(readPeriod({ kind: 'last', n: 1, unit: 'week', plus: 1 }, '2026-11-23').note).toBe(
      'The last week is read as 16–23 Nov 2026, today included, with the day before the first.',
    )
    expect(readPeriod({ kind: 'calendar', unit: 'week', offset: -1 }, '2027-01-04').note).toBe(
      'ISO week 2026-W53: 28 Dec 2026 – 3 Jan 2027.',
    )
    expect(readPeriod({ kind: 'calendar', unit: 'month', offset: 0 }, '2026-11-23').note).toBe(
      'Calendar month 2026-11 so far: 1–23 Nov 2026.',
    )
    expect(readPeriod({ kind: 'between', from: '2026-01-01', to: '2026-01-02' }, '2026-11-23').note).toBeNull()
    expect(readPeriod({ kind: 'all' }, '2026-11-23')).toEqual({ span: null, note: null })
  })

  it('refuses a period that runs backwards', () => {
    expect(() => readPeriod({ kind: 'between', from: '2026-02-01', to: '2026-01-01' }, '2026-11-23')).toThrow(
      /ends before it begins/,
    )
  })
})

describe('calendar', () => {
  it('knows ISO weeks at the turn of the year, leap days, quarters and seasons', () => {
    expect(dayOf('2027-01-01')).toMatchObject({ week: '2026-W53', weekday: 'friday', year: '2027', quarter: '2027-Q1' })
    expect(dayOf('2024-12-30').week).toBe('2025-W01')
    expect(dayOf('2023-01-01').week).toBe('2022-W52')
    expect(dayOf('2024-02-29')).toMatchObject({ season: 'winter', month: '2024-02' })
    expect(dayOf('2026-12-01').season).toBe('winter')
    expect(dayOf('2026-11-30').season).toBe('autumn')
    expect(dayOf('1969-12-31')).toMatchObject({ index: -1, weekday: 'wednesday' })
  })

  it('walks over leap days and changes of the clocks', () => {
    expect(shiftDate('2024-02-28', 1)).toBe('2024-02-29')
    expect(shiftDate('2026-03-29', 1)).toBe('2026-03-30')
    expect(daysBetween('2024-02-27', '2024-03-01').map(({ date }) => date)).toEqual([
      '2024-02-27',
      '2024-02-28',
      '2024-02-29',
      '2024-03-01',
    ])
    expect(daysBetween('2026-01-02', '2026-01-01')).toEqual([])
  })
})
