import { describe, expect, it } from 'vitest'
import { metricIds } from '../../src/catalogue/index.js'
import { dates, limits, one, read, series } from './questions.js'

// Forms that questions of people who had not seen the grammar asked for, each on another measure than theirs.

const metric = (id: string) => ({ of: 'metric', metric: id })

describe('amounts of what is also a tag', () => {
  it('are sums with "how much", and counted with "how many"', () => {
    expect(series('How much caffeine did I have on Monday?')).toMatchObject({
      measure: metric('caffeine'),
      aggregate: 'sum',
    })
    expect(series('how many coffees did I have this month')).toMatchObject({ measure: { of: 'tag', tag: 'caffeine' } })
  })
  it('have an amount in a condition', () => {
    const metrics = [...metricIds, 'garmin.stress_score']
    expect(limits(series('mean HRV on days when my stress was below 30', metrics))).toEqual([
      { on: 'metric', metric: 'garmin.stress_score', op: '<', value: 30 },
    ])
  })
  it('leave drinking water no alcohol', () => {
    expect(series('How often did I drink more than 3 litres of water in January?').where).toEqual([
      { on: 'value', op: '>', value: 3000 },
    ])
    expect(series('average steps on days when I drank alcohol').where).toEqual([{ on: 'tag', tag: 'alcohol' }])
  })
})

describe('aggregates by their place', () => {
  it.each([
    ['body fat: latest', 'body_fat', 'last'],
    ['what is my lean mass right now', 'lean_mass', 'last'],
    ['my waist at the moment', 'waist_circumference', 'last'],
    ['first measured body fat', 'body_fat', 'first'],
    ['earliest vo2 max', 'vo2_max', 'first'],
    ['the maximum of my weight last year', 'weight', 'max'],
    ['bmi range this year', 'bmi', 'range'],
    ['total daylight last week, all together', 'daylight_minutes', 'sum'],
    ['How loud was it on Sunday?', 'audio_environmental', 'mean'],
    ['quietest day this year', 'audio_environmental', 'min'],
    ['How low did my body battery go yesterday?', 'body_battery', 'min'],
    ['How high did my weight go in 2025?', 'weight', 'max'],
    ['the most floors I climbed in a single day', 'floors_climbed', 'max'],
  ])('%s', (text, id, aggregate) => {
    const metrics = id === 'body_battery' ? [...metricIds, 'garmin.body_battery'] : metricIds
    const measure = metric(id === 'body_battery' ? 'garmin.body_battery' : id)
    expect(series(text, metrics)).toMatchObject({ measure, aggregate })
  })
  it('how high something is, is no maximum', () => {
    expect(series('How high is my resting heart rate?').aggregate).not.toBe('max')
    expect(one("what's my usual body fat range")).toMatchObject({ pattern: 'baseline' })
  })
  it('takes the last of what is measured now and then', () => {
    expect(
      series('median of my last 8 blood pressure upper readings'.replace('blood pressure upper', 'systolic')),
    ).toMatchObject({
      measure: metric('blood_pressure_systolic'),
      aggregate: 'median',
      take: { from: 'last', n: 8 },
    })
    expect(read('mean of my last 8 heart rate readings').complete).toBe(false)
  })
  it('reads the clock of nights, not their order', () => {
    const wake = { of: 'session', kind: 'sleep', field: 'end' }
    expect(series('earliest wake up time last month')).toMatchObject({ measure: wake, aggregate: 'min' })
    expect(series('the latest I got up this year')).toMatchObject({ measure: wake, aggregate: 'max' })
  })
})

describe('periods and times', () => {
  it.each([
    ['mean weight over the last fortnight', '2026-03-05..2026-03-18'],
    ['steps on the 5th', '2026-03-05..2026-03-05'],
    ['steps on the 25th', '2026-02-25..2026-02-25'],
    ['mean glucose between the 2nd and 8th of March', '2026-03-02..2026-03-08'],
    ['mean weight since Halloween', '2025-10-31..2026-03-18'],
    ['how many steps on Christmas Eve', '2025-12-24..2025-12-24'],
    ['floors climbed on new year’s day', '2026-01-01..2026-01-01'],
    ['hydration yest', '2026-03-17..2026-03-17'],
    ['avg daylight last 2 wks', '2026-03-05..2026-03-18'],
  ])('%s', (text, span) => expect(dates(series(text))).toBe(span))
  it('says hours by the part of the day', () => {
    const window = (text: string) => series(text).where
    expect(window('mean glucose after 8 in the evening')).toEqual([{ on: 'time', from: '20:00', to: '00:00' }])
    expect(window('mean heart rate between 11 at night and 6 in the morning')).toEqual([
      { on: 'time', from: '23:00', to: '06:00' },
    ])
    expect(window('how many runs did I begin before 7am this year')).toEqual([
      { on: 'time', from: '00:00', to: '07:00' },
    ])
  })
  it('compares years without a word before them', () => {
    const query = series('body fat: 2025 vs 2024')
    expect(dates(query)).toBe('2025-01-01..2025-12-31')
    expect(dates({ period: query.compare?.period })).toBe('2024-01-01..2024-12-31')
  })
  it('groups unit by unit', () => {
    expect(series('average glucose week by week this year')).toMatchObject({ aggregate: 'mean', group: 'week' })
  })
})

describe('sides of a comparison', () => {
  it('counts more sessions, and measures more of an activity', () => {
    expect(series('Did I do fewer swims in January than in February?').measure).toMatchObject({ field: 'count' })
    expect(series('Did I swim less in January than in February?').measure).toMatchObject({ field: 'distance' })
  })
  it('compares samples during one activity with those during another', () => {
    expect(series('mean glucose during yoga versus rowing')).toMatchObject({
      measure: metric('glucose'),
      within: { kind: 'workout', activity: ['yoga'] },
      compare: { measure: metric('glucose'), within: { kind: 'workout' } },
    })
  })
  it('knows the rest by its words', () => {
    for (const rest of ["days I didn't", 'the other days', 'the rest']) {
      const { where, compare } = series(`mean deep sleep on days I did pilates compared to ${rest}`)
      expect(compare?.where).toEqual([{ on: 'not', of: where[0] }])
    }
  })
})

describe('names of vendors', () => {
  const metrics = [
    ...metricIds,
    'oura.sleep_score',
    'garmin.sleep_score',
    'polar.readiness_score',
    'garmin.stress_score',
  ]
  it('choose among metrics of the same name', () => {
    expect(series('mean Garmin sleep score last week', metrics).measure).toEqual(metric('garmin.sleep_score'))
    expect(series('mean oura sleep score last week', metrics).measure).toEqual(metric('oura.sleep_score'))
    expect(series('highest polar readiness this year', metrics).measure).toEqual(metric('polar.readiness_score'))
    expect(series('garmin stress yesterday', metrics).measure).toEqual(metric('garmin.stress_score'))
  })
  it('are never dropped', () => {
    expect(read('mean polar sleep score last week', metrics).complete).toBe(false)
    expect(read('mean oura heart rate last week', metrics).complete).toBe(false)
  })
})

it('takes wondering for a question, and telling for none', () => {
  expect(series('I was just wondering what my mean bmi was in January').measure).toEqual(metric('bmi'))
  expect(read('I was at 10,000 steps yesterday').complete).toBe(false)
})

describe('what would be a wrong number', () => {
  it.each([
    'how many days in a row did I swim',
    'this time last year body fat',
    'how long was my glucose over 180 last week',
    'average caffeine between 6am and noon',
    'how many lengths did I swim in March',
    'respiratory rate versus respiratory rate',
  ])('is not told: %s', (text) => expect(read(text).queries).toEqual([]))
  it('asks back what one workout alone has no mean of', () => {
    expect(read('average number of rides last year').clarify).toMatch(/per week/)
  })
  it('takes what was eaten for no energy burned', () => {
    expect(series('how many calories did I consume in January').measure).toEqual(metric('energy_intake'))
    expect(read('steps I ate').complete).toBe(false)
  })
  it('counts the workouts that a mean limits', () => {
    expect(series('rides with an average power over 200 this year')).toMatchObject({ aggregate: 'count' })
  })
  it('sums what is counted at a time of day', () => {
    expect(series('floors before noon').aggregate).toBe('sum')
  })
  it('finds the day that was the last or first of its kind', () => {
    expect(series('last time my weight was over 85 kg')).toMatchObject({ aggregate: 'last' })
    expect(series('first day with less than 100 mg of caffeine').take).toBeUndefined()
  })
  it('says of how many days something holds, where the question is whether', () => {
    expect(series('did I climb more than 10 floors every day last week')).toMatchObject({
      measure: metric('floors_climbed'),
      aggregate: 'days',
    })
  })
})

describe('weekdays from one to another', () => {
  it('are habits with a mean, and days without one', () => {
    expect(series('average daylight from Tuesday to Friday').where).toEqual([
      { on: 'weekday', in: ['tuesday', 'wednesday', 'thursday', 'friday'] },
    ])
    expect(series('mean mood from Friday through Monday in 2025').where).toEqual([
      { on: 'weekday', in: ['monday', 'friday', 'saturday', 'sunday'] },
    ])
    expect(dates(series('how many floors did I climb from Monday to Tuesday'))).toBe('2026-03-16..2026-03-17')
  })
})

it('knows the time of a workout, and the time of the day', () => {
  expect(series('total rowing time last month').measure).toMatchObject({ field: 'duration' })
  expect(series('what time of day do I cycle most').group).toBe('hour')
})

it('compares each side by what it names', () => {
  expect(series('resting heart rate versus heart rate while rowing')).not.toMatchObject({
    compare: { measure: metric('resting_heart_rate') },
  })
  expect(series('How many more floors did I climb in January than in February?').aggregate).toBe('sum')
})
