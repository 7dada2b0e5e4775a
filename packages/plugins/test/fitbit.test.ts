import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { accept, type NormalizeContext, Observation } from '@auren/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { weightUnit } from '../src/wearables/fitbit/body.js'
import { fitbit } from '../src/wearables/fitbit/index.js'

const plugin = fitbit({ clientId: 'c', clientSecret: 's3cret', verifyCode: 'cöde' })
const berlin = 'Europe/Berlin'

/** What an answer becomes, checked against the schema and the catalogue. */
function normalize(document: unknown, { zone = berlin, ...more }: { zone?: string | null; date?: string | null } = {}) {
  const rejected: string[] = []
  const ctx: NormalizeContext = {
    receivedAt: Date.UTC(2027, 0, 1),
    account: 'ABC123',
    zoneAt: () => zone,
    reject: (_item, reason) => rejected.push(reason),
  }
  const observations = [...plugin.normalize(plugin.payload.parse({ document, ...more }), ctx)]
  for (const one of observations) Observation.parse(one)
  const { accepted, aside } = accept(observations, {
    provider: plugin.id,
    account: 'ABC123',
    receivedAt: ctx.receivedAt,
    registry: plugin.metrics ?? {},
  })
  return { accepted, rejected: [...rejected, ...aside.map(({ reason }) => reason)] }
}
const values = (document: unknown, more = {}) =>
  normalize(document, more).accepted.map((one) => {
    const { metric, value } = one as { metric: string; value: number }
    return [metric, value]
  })

const night = JSON.parse(
  readFileSync(new URL('../fixtures/fitbit/sleep-2026-03-29.json', import.meta.url), 'utf8'),
)[0] as Record<string, unknown> & { levels: { data: { dateTime: string }[]; shortData: { dateTime: string }[] } }
const session = (item: unknown, more = {}) => {
  const { accepted, rejected } = normalize({ sleep: [item] }, more)
  expect(rejected).toEqual([])
  return accepted[0] as Extract<Observation, { shape: 'session' }>
}
const z = (hour: number, minute = 0) => Date.UTC(2026, 2, 29, hour, minute)

describe('nights', () => {
  it('last as long as they lasted when the clocks go forward, with the times on the wall', () => {
    const found = session(night)
    expect(found).toMatchObject({
      kind: 'sleep',
      start: Date.UTC(2026, 2, 28, 22),
      end: z(5),
      offset: 120,
      zoneBasis: 'floating',
      nap: false,
      recordId: 'sleep/48809009246',
      measures: {
        sleep_duration: 24_600,
        sleep_deep: 7140,
        sleep_light: 10_260,
        sleep_rem: 7200,
        sleep_awake: 600,
        sleep_latency: 300,
        sleep_efficiency: 94,
      },
    })
    expect(found.stages).toEqual([
      { stage: 'awake', start: Date.UTC(2026, 2, 28, 22), end: Date.UTC(2026, 2, 28, 22, 9) },
      { stage: 'light', start: Date.UTC(2026, 2, 28, 22, 9), end: z(1) },
      { stage: 'deep', start: z(1), end: z(1, 30) },
      { stage: 'awake', start: z(1, 30), end: z(1, 31) },
      { stage: 'deep', start: z(1, 31), end: z(3) },
      { stage: 'rem', start: z(3), end: z(5) },
    ])
  })

  it('are the same where the times were counted on from the start', () => {
    const back = (one: { dateTime: string }) => ({
      ...one,
      dateTime: one.dateTime.replace(/^2026-03-29T0(\d)/, (_, hour: string) => `2026-03-29T0${Number(hour) - 1}`),
    })
    const { data, shortData } = night.levels
    const levels = { ...night.levels, data: data.map(back), shortData: shortData.map(back) }
    expect(session({ ...night, levels, endTime: '2026-03-29T06:00:00.000' })).toEqual(session(night))
  })

  it('are an hour longer than the clock says when it goes back, and have no zone where none is known', () => {
    const autumn = {
      logId: 1,
      startTime: '2026-10-24T23:00:00.000',
      endTime: '2026-10-25T07:00:00.000',
      duration: 9 * 3_600_000,
      type: 'classic',
      levels: { data: [{ dateTime: '2026-10-24T23:00:00.000', level: 'asleep', seconds: 32_400 }] },
    }
    expect(session(autumn)).toMatchObject({
      start: Date.UTC(2026, 9, 24, 21),
      end: Date.UTC(2026, 9, 25, 6),
      offset: 60,
      stages: [{ stage: 'asleep_unspecified', start: Date.UTC(2026, 9, 24, 21), end: Date.UTC(2026, 9, 25, 6) }],
    })
    expect(session(autumn, { zone: null })).toMatchObject({ start: Date.UTC(2026, 9, 24, 23), offset: null })
  })

  it('are in the zone of the profile where the person’s is not known', () => {
    const payload = { document: { sleep: [night] }, zone: 'Asia/Kolkata' }
    const ctx: NormalizeContext = { receivedAt: 0, account: 'a', zoneAt: () => null, reject: () => undefined }
    expect([...plugin.normalize(plugin.payload.parse(payload), ctx)][0]).toMatchObject({
      start: Date.UTC(2026, 2, 28, 17, 30),
      offset: 330,
      zoneBasis: 'profile',
    })
  })

  it('of the older kinds: restless counts as awake, and minutes have codes', () => {
    const classic = {
      logId: 2,
      startTime: '2026-02-01T23:00:00.000',
      duration: 600_000,
      isMainSleep: false,
      levels: {
        data: [
          { dateTime: '2026-02-01T23:00:00.000', level: 'asleep', seconds: 300 },
          { dateTime: '2026-02-01T23:05:00.000', level: 'restless', seconds: 120 },
          { dateTime: '2026-02-01T23:07:00.000', level: 'dozing', seconds: 180 },
        ],
      },
    }
    expect(session(classic)).toMatchObject({ nap: true })
    expect(session(classic).stages?.map(({ stage }) => stage)).toEqual(['asleep_unspecified', 'awake', 'no_data'])
    const minuteData = ['1', '1', '1', '1', '1', '1', '1', '1', '3', 2, '2', '3'].map((value) => ({ value }))
    const first = { logId: 3, startTime: '2026-02-01T23:00:00.000', duration: 720_000, minuteData }
    expect(session(first).stages?.map(({ stage, start, end }) => [stage, (end - start) / 60_000])).toEqual([
      ['asleep_unspecified', 8],
      ['awake', 4],
    ])
  })

  it('that are broken are set aside by themselves, a level too', () => {
    const { accepted, rejected } = normalize({
      sleep: [{ logId: 4 }, { ...night, duration: 0 }, { ...night, levels: { data: [7] } }, night],
    })
    expect(accepted).toHaveLength(2)
    expect(rejected).toEqual(['schema', 'schema', 'schema'])
  })
})

describe('days', () => {
  const summary = {
    activities: [],
    goals: { steps: 10_000 },
    summary: {
      activityCalories: 799,
      caloriesBMR: 1240,
      caloriesOut: 1892,
      marginalCalories: 522,
      distances: [
        { activity: 'total', distance: 8.56 },
        { activity: 'tracker', distance: 8.5 },
      ],
      fairlyActiveMinutes: 26,
      lightlyActiveMinutes: 112,
      sedentaryMinutes: 1260,
      veryActiveMinutes: 42,
      steps: 12_517,
      floors: 0,
      restingHeartRate: 61,
    },
  }

  it('have sums in metric units, energy apart by what it was spent on', () => {
    const { accepted, rejected } = normalize(summary, { date: '2026-03-01' })
    expect(rejected).toEqual([])
    expect(accepted.map((one) => [(one as { metric: string }).metric, (one as { value: number }).value])).toEqual([
      ['steps', 12_517],
      ['distance', 8560],
      ['floors_climbed', 0],
      ['energy_total', 1892],
      ['energy_basal', 1240],
      ['energy_active', 522],
      ['fitbit.activity_energy', 799],
      ['sedentary_minutes', 1260],
      ['fitbit.light_minutes', 112],
      ['moderate_minutes', 26],
      ['vigorous_minutes', 42],
      ['resting_heart_rate', 61],
    ])
    expect(accepted[0]).toMatchObject({ shape: 'daily_total', date: '2026-03-01', recordId: 'day/2026-03-01' })
  })

  it('of which nothing says which they are are set aside; a day without the tracker has no zeros', () => {
    expect(normalize(summary).rejected).toEqual(['no_date'])
    const empty = {
      activities: [],
      summary: { steps: 0, caloriesOut: 0, sedentaryMinutes: 1440, lightlyActiveMinutes: 0 },
    }
    expect(normalize(empty, { date: '2026-03-01' })).toEqual({ accepted: [], rejected: [] })
  })

  it('in series: zero steps say nothing, text is a number, and what is carried forward is not taken', () => {
    const days = (name: string, ...list: unknown[]) => ({
      [name]: list.map((value, day) => ({ dateTime: `2026-03-0${day + 1}`, value })),
    })
    expect(values(days('activities-steps', '175', '0', 2937))).toEqual([
      ['steps', 175],
      ['steps', 2937],
    ])
    expect(values(days('activities-distance', '1.5'))).toEqual([['distance', 1500]])
    expect(values(days('activities-heart', { restingHeartRate: 58, heartRateZones: [] }, {}))).toEqual([
      ['resting_heart_rate', 58],
    ])
    expect(normalize(days('body-weight', '71')).rejected).toEqual(['carried_forward'])
    expect(normalize(days('activities-tracker-steps', '9')).rejected).toEqual(['not_read'])
    expect(normalize(days('activities-steps', 'many')).rejected).toEqual(['schema'])
  })

  it('of nights: HRV, breathing, skin, oxygen, and a range of VO₂max by its middle', () => {
    const dateTime = '2026-03-01'
    expect(values({ hrv: [{ dateTime, value: { dailyRmssd: 34.9, deepRmssd: 31.6 } }] })).toEqual([
      ['hrv_rmssd', 34.9],
      ['fitbit.hrv_deep_sleep', 31.6],
    ])
    expect(values({ br: [{ dateTime, value: { breathingRate: 17.8 } }] })).toEqual([['respiratory_rate', 17.8]])
    expect(values({ tempSkin: [{ dateTime, value: { nightlyRelative: -0.4 }, logType: 'x' }] })).toEqual([
      ['skin_temperature_deviation', -0.4],
    ])
    expect(values({ dateTime, value: { avg: 97.5, min: 94, max: 100 } })).toEqual([
      ['oxygen_saturation', 97.5],
      ['fitbit.oxygen_saturation_low', 94],
      ['fitbit.oxygen_saturation_high', 100],
    ])
    expect(values([{ dateTime, value: { avg: 97.5 } }])).toHaveLength(1)
    expect(values({ cardioScore: [{ dateTime, value: { vo2Max: '44-48' } }] })).toEqual([['vo2_max', 46]])
    expect(values({ cardioScore: [{ dateTime, value: { vo2Max: '51' } }] })).toEqual([['vo2_max', 51]])
    expect(normalize({ cardioScore: [{ dateTime, value: { vo2Max: 'good' } }] }).rejected).toEqual(['schema'])
  })

  it('of eating and drinking', () => {
    const date = '2026-03-01'
    expect(values({ water: [{ amount: 500 }], summary: { water: 1500 } }, { date })).toEqual([['hydration', 1500]])
    expect(values({ foods: [], summary: { calories: 1800, carbs: 210.5, water: 0 } }, { date })).toEqual([
      ['energy_intake', 1800],
      ['carbohydrate_intake', 210.5],
    ])
    expect(normalize({ foods: [], summary: { calories: 1 } }).rejected).toEqual(['no_date'])
  })
})

describe('parts of days', () => {
  const parts = (name: string, date: string, dataset: [string, unknown][], more = {}) => ({
    [`activities-${name}`]: [{ dateTime: date, value: '1' }],
    [`activities-${name}-intraday`]: {
      dataset: dataset.map(([time, value]) => ({ time, value })),
      datasetInterval: 1,
      datasetType: 'minute',
      ...more,
    },
  })
  const samples = (document: unknown, more = {}) =>
    normalize(document, more).accepted.filter(({ shape }) => shape === 'sample') as Extract<
      Observation,
      { shape: 'sample' }
    >[]

  it('are placed by the person’s zone of that time, and empty ones left out', () => {
    const document = parts('steps', '2026-07-01', [
      ['00:00:00', 7],
      ['14:27:00', 0],
      ['14:28:00', 52],
    ])
    expect(samples(document)).toMatchObject([
      { metric: 'steps', value: 7, start: Date.UTC(2026, 5, 30, 22), end: Date.UTC(2026, 5, 30, 22, 1), offset: 120 },
      { value: 52, start: Date.UTC(2026, 6, 1, 12, 28) },
    ])
    const heart = parts('heart', '2026-07-01', [['00:01:05', 64]], { datasetInterval: 5, datasetType: 'second' })
    const [beat] = samples({ ...heart, 'activities-heart': [{ dateTime: '2026-07-01', value: {} }] })
    expect(beat).toMatchObject({ metric: 'heart_rate', value: 64, start: Date.UTC(2026, 5, 30, 22, 1, 5) })
    expect(beat).not.toHaveProperty('end')
  })

  it('tell the two hours apart that are one on the wall', () => {
    const times: [string, number][] = ['01:30', '02:15', '02:45', '02:15', '02:45', '03:15'].map((time, i) => [
      `${time}:00`,
      i + 1,
    ])
    const found = samples(parts('steps', '2026-10-25', times)).map(({ start, offset }) => [
      new Date(start).toISOString().slice(11, 16),
      offset,
    ])
    expect(found).toEqual([
      ['23:30', 120],
      ['00:15', 120],
      ['00:45', 120],
      ['01:15', 60],
      ['01:45', 60],
      ['02:15', 60],
    ])
  })

  it('of nights, by the minute: fifty per cent of oxygen is what could not be measured', () => {
    const minute = (at: string, value: unknown) => ({ minute: `2026-03-01T${at}:00`, value })
    expect(
      values({ dateTime: '2026-03-01', minutes: [minute('03:00', 95.5), minute('03:01', 50), minute('03:02', 'x')] }),
    ).toEqual([['oxygen_saturation', 95.5]])
    expect(
      values({ hrv: [{ dateTime: '2026-03-01', minutes: [minute('03:00', { rmssd: 26.6, coverage: 0.9 })] }] }),
    ).toEqual([['hrv_rmssd', 26.6]])
  })
})

describe('activities', () => {
  const walk = {
    logId: 79_441_095,
    name: 'Walk',
    startDate: '2026-07-01',
    startTime: '09:00',
    duration: 3_600_000,
    distance: 3.36,
    steps: 5000,
    calories: 128,
    lastModified: '2026-07-01T18:52:32.000Z',
  }
  const one = (item: object) => normalize({ activities: [item], pagination: {} })

  it('of a day are local and metric; of the list have an offset, a unit and a device', () => {
    expect(one(walk).accepted[0]).toMatchObject({
      kind: 'workout',
      activity: 'walking',
      vendorActivity: 'Walk',
      start: Date.UTC(2026, 6, 1, 7),
      end: Date.UTC(2026, 6, 1, 8),
      offset: 120,
      zoneBasis: 'floating',
      measures: { distance: 3360, steps: 5000, energy_active: 128 },
      recordId: 'activity/79441095',
      version: Date.UTC(2026, 6, 1, 18, 52, 32),
    })
    const listed = {
      ...walk,
      startDate: undefined,
      activityName: 'Run',
      startTime: '2026-07-01T18:05:08.000-04:00',
      distance: 2,
      distanceUnit: 'Mile',
      averageHeartRate: 132,
      elevationGain: 15.24,
      logType: 'auto_detected',
      source: { name: 'Versa 3', id: 'x', type: 'tracker' },
    }
    expect(one(listed).accepted[0]).toMatchObject({
      activity: 'running',
      start: Date.UTC(2026, 6, 1, 22, 5, 8),
      offset: -240,
      zoneBasis: 'carried',
      source: { name: 'Versa 3', type: 'watch' },
      measures: { distance: 3218.688, heart_rate: 132, elevation_gained: 15.24 },
    })
    expect(one({ ...walk, logType: 'manual' }).accepted[0]).toMatchObject({ source: { type: 'manual' }, flags: 1 })
    expect(one({ ...walk, distanceUnit: 'Parsec' })).toMatchObject({ rejected: ['unit_unknown'] })
    expect(one({ ...walk, duration: undefined }).rejected).toEqual(['schema'])
  })
})

describe('weighings', () => {
  const log = (weight: number, bmi?: number, more = {}) => ({
    logId: 1_431_541_739_000,
    date: '2026-05-13',
    time: '18:28:59',
    weight,
    ...(bmi === undefined ? {} : { bmi }),
    ...more,
  })

  it('are local, in kilograms, unless the body mass index says that they are pounds', () => {
    expect(normalize({ weight: [log(56.7, 21.48, { fat: 22.5, source: 'Aria' })] }).accepted).toMatchObject([
      {
        metric: 'weight',
        value: 56.7,
        unit: 'kg',
        start: Date.UTC(2026, 4, 13, 16, 28, 59),
        offset: 120,
        source: { name: 'Aria', type: 'scale' },
        recordId: 'weight/1431541739000',
      },
      { metric: 'bmi', value: 21.48 },
      { metric: 'body_fat', value: 22.5 },
    ])
    // 191.8 lb are 86.999 kg, and 1.77 m at a body mass index of 27.77.
    expect(values({ weight: [log(191.8, 27.77)] })[0]).toEqual(['weight', 86.999016566])
    expect(values({ fat: [{ logId: 1, date: '2026-05-13', time: '07:00:00', fat: 21 }] })).toEqual([['body_fat', 21]])
    expect(normalize({ weight: [{ weight: 1 }] }).rejected).toEqual(['schema'])
  })

  it('tell pounds from kilograms for every grown person, without asking', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1.45, max: 2.05, noNaN: true }),
        fc.double({ min: 15, max: 50, noNaN: true }),
        (height, bmi) => {
          const kg = bmi * height * height
          expect(weightUnit([{ weight: kg, bmi }], 'lb')).toBe('kg')
          expect(weightUnit([{ weight: kg / 0.45359237, bmi }], 'kg')).toBe('lb')
        },
      ),
    )
    expect(weightUnit([{ weight: 150, bmi: null }], 'lb')).toBe('lb')
  })
})

describe('documents', () => {
  const read = (document: unknown, name = 'x.json') => plugin.documents?.(document, name) ?? null

  it('take the date from the file’s name where the answer does not say it', () => {
    expect(read({ activities: [], summary: {} }, 'activities-2026-03-01.json')?.[0]?.date).toBe('2026-03-01')
    expect(read({ activities: [], summary: {} }, 'activities.json')?.[0]).not.toHaveProperty('date')
    expect(read({ sleep: [] })).toHaveLength(1)
  })

  it('of others are not Fitbit’s', () => {
    for (const other of [null, 7, 'x', {}, [], [1], { data: [] }, { dataPoints: [] }, { activities: [{ id: 1 }] }])
      expect(read(other)).toBeNull()
  })

  const folder = shared('payloads', 'fitbit')
  it.skipIf(!folder)('of the evaluation set become something, or say why not', () => {
    const files = readdirSync(folder ?? '').filter((file) => file.endsWith('.json'))
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) {
      const document = JSON.parse(readFileSync(path.join(folder ?? '', file), 'utf8'))
      const payloads = read(document, file) ?? []
      expect(payloads, file).toHaveLength(1)
      const { accepted, rejected } = normalize(payloads[0]?.document, { date: payloads[0]?.date ?? null })
      // An empty list of nights is an answer, too.
      if (!/empty-sleep-list/.test(file)) expect(accepted.length + rejected.length, file).toBeGreaterThan(0)
      else expect([accepted, rejected], file).toEqual([[], []])
    }
  })

  it.skipIf(!folder)('of Shimmer become what they say', () => {
    const of = (file: string) =>
      normalize(JSON.parse(readFileSync(path.join(folder ?? '', `shimmer-fitbit-${file}.json`), 'utf8')), {
        zone: null,
      })
    expect(of('body-log-weight').accepted).toHaveLength(8)
    expect(of('body-log-weight').accepted[0]).toMatchObject({ value: 56.7, unit: 'kg', start: 1_431_541_739_000 })
    expect(of('sleep-date').accepted).toMatchObject([
      { nap: true, measures: { sleep_duration: 3780 } },
      {
        nap: false,
        start: Date.UTC(2016, 11, 13, 1, 16),
        end: Date.UTC(2016, 11, 13, 3, 14),
        measures: { sleep_duration: 6720 },
      },
    ])
    expect(of('activities-steps-timeseries').accepted.map((one) => (one as { value: number }).value)).toEqual([
      175, 2937,
    ])
    expect(of('activities-date-single-in-activities-list').accepted).toContainEqual(
      expect.objectContaining({ metric: 'steps', value: 10_007, date: '2014-06-19' }),
    )
    // Of three activities, the swim has no duration.
    const three = of('activities-date-multiple-in-activities-list')
    expect(three.accepted.filter(({ shape }) => shape === 'session')).toHaveLength(2)
    expect(three.rejected).toEqual(['schema'])
    expect(of('activities-heart-1d-1m-intraday').accepted).toHaveLength(5)
  })

  it('of any shape never end the reading', () => {
    const names = ['sleep', 'activities', 'weight', 'hrv', 'activities-steps', 'activities-heart-intraday', 'summary']
    const answer = fc.dictionary(fc.constantFrom(...names), fc.jsonValue())
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), answer), (document) => void normalize(document)))
  })
})
