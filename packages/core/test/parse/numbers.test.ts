import { describe, expect, it } from 'vitest'
import { dates, limits, one, read, series } from './questions.js'

const metric = (id: string) => ({ of: 'metric', metric: id })
const workout = (field: string, ...activity: string[]) => ({
  of: 'session',
  kind: 'workout',
  field,
  ...(activity.length > 0 ? { activity: expect.arrayContaining(activity) } : {}),
})

describe('a measure, an aggregate and a period', () => {
  it.each([
    ['What was my average respiratory rate last week?', 'respiratory_rate', 'mean', '2026-03-09..2026-03-15'],
    ['how many floors did I climb yesterday', 'floors_climbed', 'sum', '2026-03-17..2026-03-17'],
    ['Total steps in the past week', 'steps', 'sum', '2026-03-12..2026-03-18'],
    ['What is the standard deviation of my weight over the last 60 days?', 'weight', 'sd', '2026-01-18..2026-03-18'],
    ['median oxygen saturation in February', 'oxygen_saturation', 'median', '2026-02-01..2026-02-28'],
    ['lowest body fat in 2025', 'body_fat', 'min', '2025-01-01..2025-12-31'],
    ['maximum skin temperature since 1 March', 'skin_temperature', 'max', '2026-03-01..2026-03-18'],
    ['my mean VO2 max last year', 'vo2_max', 'mean', '2025-01-01..2025-12-31'],
    ['average REM sleep last month', 'sleep_rem', 'mean', '2026-02-01..2026-02-28'],
    [
      'average systolic blood pressure between 3 and 9 February',
      'blood_pressure_systolic',
      'mean',
      '2026-02-03..2026-02-09',
    ],
    ['total daylight this month', 'daylight_minutes', 'sum', '2026-03-01..2026-03-18'],
    ['What is my average weight?', 'weight', 'mean', 'all'],
    ['average glucose on 2026-02-11', 'glucose', 'mean', '2026-02-11..2026-02-11'],
    ['average sleep efficiency last summer', 'sleep_efficiency', 'mean', '2025-06-01..2025-08-31'],
    ['highest HRV SDNN in Q4 2025', 'hrv_sdnn', 'max', '2025-10-01..2025-12-31'],
  ])('%s', (text, id, aggregate, period) => {
    const query = series(text)
    // An extreme may come with its date.
    const named = query.aggregate.replace(/^arg/, '')
    expect({ measure: query.measure, named, period: dates(query) }).toEqual({
      measure: metric(id),
      named: aggregate,
      period,
    })
  })

  it('says how a period was read that can be read in two ways', () => {
    expect(read('average weight last week').readings.join(' ')).toMatch(/9–15 Mar 2026/)
  })

  it('takes the variant of a metric that the person has', () => {
    expect(series('average HRV this month', ['hrv_sdnn']).measure).toEqual(metric('hrv_sdnn'))
    expect(series('average HRV this month', ['hrv_rmssd', 'hrv_sdnn']).measure).toEqual(metric('hrv_rmssd'))
    expect(series('calories burned yesterday', ['energy_total']).measure).toEqual(metric('energy_total'))
  })
})

describe('workouts', () => {
  it.each([
    ['How often did I swim this year?', 'count', 'count', 'swimming', '2026-01-01..2026-03-18'],
    ['how many times did I row in the last 10 days', 'count', 'count', 'rowing', '2026-03-09..2026-03-18'],
    ['On how many days did I do yoga last month?', 'days', 'count', 'yoga', '2026-02-01..2026-02-28'],
    ['How far did I cycle in January?', 'sum', 'distance', 'cycling', '2026-01-01..2026-01-31'],
    ['total duration of my hikes in 2025', 'sum', 'duration', 'hiking', '2025-01-01..2025-12-31'],
    ['average heart rate of my rowing workouts last month', 'mean', 'heart_rate', 'rowing', '2026-02-01..2026-02-28'],
    ['how many calories did I burn swimming last week', 'sum', 'energy_active', 'swimming', '2026-03-09..2026-03-15'],
  ])('%s', (text, aggregate, field, activity, period) => {
    const query = series(text)
    if (field === 'count')
      expect(query.measure).toMatchObject({
        of: 'session',
        kind: 'workout',
        activity: expect.arrayContaining([activity]),
      })
    else expect(query.measure).toEqual(workout(field, activity))
    expect({ aggregate: query.aggregate, period: dates(query) }).toEqual({ aggregate, period })
  })

  it('knows extremes that say of what', () => {
    const longest = series('my longest hike')
    expect(longest.measure).toEqual(workout('duration', 'hiking'))
    expect(longest.aggregate).toMatch(/max$/)
    expect(series('furthest swim last year').measure).toEqual(workout('distance', 'swimming'))
  })

  it('takes the first or last few', () => {
    expect(series('average heart rate of my last 4 swims').take).toEqual({ from: 'last', n: 4 })
    expect(series('total distance of my first 3 hikes').take).toEqual({ from: 'first', n: 3 })
    expect(series('average power of my 5 most recent rides').take).toEqual({ from: 'last', n: 5 })
  })
})

describe('conditions', () => {
  it('compares days, in the unit of the catalogue', () => {
    const nights = series('How many nights did I sleep under six hours last month?')
    expect(nights.aggregate).toBe('days')
    expect(limits(nights)).toEqual([{ on: 'metric', metric: 'sleep_duration', op: '<', value: 21_600 }])
    expect(dates(nights)).toBe('2026-02-01..2026-02-28')
    const heavy = series('How many days did I weigh at least 200 lbs in 2025')
    expect(limits(heavy)[0]).toMatchObject({
      on: 'metric',
      metric: 'weight',
      op: '>=',
      value: expect.closeTo(90.718474, 6),
    })
    const deep = series('average weight on days when I had less than 90 minutes of deep sleep')
    expect(deep).toMatchObject({
      measure: metric('weight'),
      aggregate: 'mean',
      where: [{ on: 'metric', metric: 'sleep_deep', op: '<', value: 5400 }],
    })
  })

  it('compares sessions', () => {
    const far = series('average heart rate of rides over 40 km')
    expect(far).toMatchObject({
      aggregate: 'mean',
      where: [{ on: 'field', field: 'distance', op: '>', value: 40_000 }],
    })
    const rowed = series('total duration for rowing where distance at least 3 miles')
    expect(rowed.where[0]).toMatchObject({
      on: 'field',
      field: 'distance',
      op: '>=',
      value: expect.closeTo(4828.032, 3),
    })
    const pulse = series('total duration for hiking when heart rate greater than 120')
    expect(pulse.where).toEqual([{ on: 'field', field: 'heart_rate', op: '>', value: 120 }])
  })

  it('takes the day after for what a night follows', () => {
    const { queries } = read('HRV after alcohol')
    expect(queries[0]).toMatchObject({ measure: metric('hrv_rmssd'), where: [{ on: 'tag', tag: 'alcohol', shift: 1 }] })
  })

  it('keeps to days of the week, seasons and hours', () => {
    expect(series('average steps on Sundays in 2025').where).toEqual([{ on: 'weekday', in: ['sunday'] }])
    expect(series('median weight in winter 2025').period).toBeDefined()
    expect(series('average glucose after 22:00 last week').where).toMatchObject([{ on: 'time', from: '22:00' }])
  })

  it('looks inside sessions', () => {
    expect(series('average HRV asleep last week')).toMatchObject({ within: { kind: 'sleep' } })
  })
})

describe('comparisons, groups and shares', () => {
  it('sets a period against a period', () => {
    const query = series('Compare my deep sleep in January and February')
    expect(query.measure).toEqual(metric('sleep_deep'))
    expect([dates(query), dates(query.compare!)].sort()).toEqual(['2026-01-01..2026-01-31', '2026-02-01..2026-02-28'])
  })

  it('sets days against days', () => {
    const query = series('resting heart rate on weekdays vs weekends')
    expect(query.where).toEqual([{ on: 'weekday', in: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] }])
    expect(query.compare?.where).toEqual([{ on: 'weekday', in: ['saturday', 'sunday'] }])
  })

  it('sets with against without', () => {
    const query = series('weight with and without travel')
    expect(query.where).toMatchObject([{ on: 'tag', tag: 'travel' }])
    expect(query.compare?.where).toMatchObject([{ on: 'not', of: { on: 'tag', tag: 'travel' } }])
  })

  it.each([
    ['average weight per month in 2025', 'month'],
    ['weekly distance last year', 'week'],
    ['steps by weekday', 'weekday'],
    ['total duration by activity last month', 'activity'],
  ])('%s', (text, group) => {
    expect(series(text).group).toBe(group)
  })

  it('finds the best day', () => {
    expect(series('On which day did I climb the most floors last month?')).toMatchObject({
      measure: metric('floors_climbed'),
      aggregate: 'argmax',
    })
    expect(series('my worst night of REM sleep this year')).toMatchObject({
      measure: metric('sleep_rem'),
      aggregate: 'argmin',
    })
  })
})

describe('look-ups', () => {
  it.each([
    ['What is my usual resting heart rate?', { pattern: 'baseline', metric: 'resting_heart_rate' }],
    ['What is normal for my weight?', { pattern: 'baseline', metric: 'weight' }],
    ['Is my weight rising?', { pattern: 'trend', metric: 'weight' }],
    ['Is my HRV unusual today?', { pattern: 'deviation', metric: 'hrv_rmssd' }],
  ])('%s', (text, expected) => {
    expect(one(text)).toMatchObject(expected)
  })
})

describe('words that mean two things', () => {
  it('drinks water without alcohol', () => {
    expect(series('How much water did I drink yesterday?')).toMatchObject({ measure: metric('hydration'), where: [] })
  })

  it('ranks by how far, not by how often, what has a distance', () => {
    expect(series('In which month did I hike the most?')).toMatchObject({
      measure: { field: 'distance' },
      aggregate: 'sum',
      group: 'month',
    })
    expect(series('On which day did I do the most yoga?')).toMatchObject({ measure: { field: 'duration' } })
  })

  it('adds up within each week what adds up', () => {
    expect(series('average weekly rowing distance in 2025')).toMatchObject({ aggregate: 'sum', group: 'week' })
    expect(series('average weekly body fat in 2025')).toMatchObject({ aggregate: 'mean', group: 'week' })
  })

  it('knows what is current', () => {
    expect(series('What is my current body fat?').aggregate).toBe('last')
  })

  it('counts what was drunk, not the milligrams in it', () => {
    expect(series('how many coffees did I have in February').measure).toEqual({ of: 'tag', tag: 'caffeine' })
  })

  it('answers both extremes or none', () => {
    const { queries, complete } = read('max and min glucose last week')
    expect(complete ? queries.map((query) => 'aggregate' in query && query.aggregate) : []).toEqual(
      complete ? ['max', 'min'] : [],
    )
  })

  it('adds two days up where a total is asked for', () => {
    const { queries, complete } = read('total floors yesterday and today')
    if (complete) expect(dates(queries[0] as never)).toBe('2026-03-17..2026-03-18')
  })

  it('knows days without and days with either', () => {
    // Days without a workout are no days of workouts: they can only be counted among the days of another measure.
    const [idle] = read('on how many days did I not exercise last month').queries
    expect(idle && 'measure' in idle ? idle.measure.of : 'metric').toBe('metric')
    const either = series('how many days did I row or hike last month')
    expect(either.aggregate).toBe('days')
    expect(JSON.stringify(either)).toMatch(/rowing.*hiking/)
  })

  it('does not count nights where none is asked for', () => {
    const { queries } = read('last night')
    expect(queries.map((query) => 'aggregate' in query && query.aggregate)).not.toContain('days')
  })
})
