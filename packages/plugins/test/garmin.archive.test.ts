import { type FileContext, type ImportStep, Observation, type ObservationInput } from '@auren/core'
import { describe, expect, it } from 'vitest'
import { garmin } from '../src/wearables/garmin/index.js'
import { fileOf, zipOf } from './apple-health-files.js'
import { runOf } from './fit-files.js'

const plugin = garmin({ clientId: 'client', clientSecret: 's3cret', webhookSecret: 'a-long-random-secret' })
const context = (cursor: unknown = null): FileContext => ({
  account: 'a',
  cursor,
  signal: new AbortController().signal,
  receivedAt: Date.parse('2026-11-01T00:00:00Z'),
  zoneAt: () => null,
})

async function read(files: Record<string, unknown>) {
  const zip = zipOf(
    Object.entries(files).map(([name, content]) => ({
      name,
      content: Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content)),
    })),
  )
  const file = fileOf(zip, 'export.zip')
  const steps: ImportStep[] = []
  for await (const step of plugin.file!.read(file, context())) steps.push(step)
  const observations = steps.flatMap((step) => step.observations)
  for (const one of observations) expect(Observation.safeParse(one).error?.issues ?? []).toEqual([])
  return { observations, rejected: steps.flatMap((step) => step.rejected), file, head: zip.subarray(0, 65_536) }
}
const totals = (observations: ObservationInput[]): Record<string, number> =>
  Object.fromEntries(observations.flatMap((one) => (one.shape === 'daily_total' ? [[one.metric, one.value]] : [])))
const sessions = (observations: ObservationInput[]) =>
  observations.flatMap((one) => (one.shape === 'session' ? [one] : []))

const aggregator = 'DI_CONNECT/DI-Connect-Aggregator/UDSFile_2026-01-01_2026-04-11.json'
const wellness = 'DI_CONNECT/DI-Connect-Wellness/2026-01-01_2026-04-11_7'
const fitness = 'DI_CONNECT/DI-Connect-Fitness/robin@example.org_0_summarizedActivities.json'
const uploads = 'DI_CONNECT/DI-Connect-Uploaded-Files/UploadedFiles_0-_Part1.zip'

const day = {
  calendarDate: '2026-03-28',
  totalSteps: 7142,
  totalDistanceMeters: 4799,
  activeKilocalories: 211,
  bmrKilocalories: 1435,
  totalKilocalories: 1646,
  moderateIntensityMinutes: 7,
  vigorousIntensityMinutes: 4,
  floorsAscendedInMeters: 9.144,
  restingHeartRate: 67,
  highlyActiveSeconds: 588,
  activeSeconds: 2982,
  allDayStress: {
    aggregatorList: [
      { type: 'AWAKE', averageStressLevel: 50 },
      { type: 'TOTAL', averageStressLevel: 39, maxStressLevel: 79, stressDuration: 7080, restDuration: 3840 },
    ],
  },
  bodyBattery: { chargedValue: 81, drainedValue: 51 },
}

describe('the export of an account', () => {
  it('reads days, and says nothing of a day without the watch or without stress', async () => {
    const { observations, rejected } = await read({
      [aggregator]: [day, { calendarDate: '2026-03-29', totalKilocalories: 1435 }],
    })
    expect(rejected).toEqual([])
    expect(totals(observations)).toEqual({
      steps: 7142,
      distance: 4799,
      energy_active: 211,
      energy_basal: 1435,
      energy_total: 1646,
      moderate_minutes: 7,
      vigorous_minutes: 4,
      // Three floors of ten feet.
      floors_climbed: 3,
      resting_heart_rate: 67,
      'garmin.active_time': 3570,
      'garmin.body_battery_charged': 81,
      'garmin.body_battery_drained': 51,
      'garmin.stress_score_day': 39,
      'garmin.stress_score_day_max': 79,
      'garmin.stress_time': 7080,
      'garmin.stress_time_rest': 3840,
    })
    const none = { type: 'TOTAL', averageStressLevel: -1, maxStressLevel: 0, stressDuration: 0 }
    const unworn = await read({ [aggregator]: [{ ...day, allDayStress: { aggregatorList: [none] } }] })
    expect(Object.keys(totals(unworn.observations)).filter((name) => name.includes('stress'))).toEqual([])
  })

  it('lets the fuller account of a date that two files share win', async () => {
    const { restingHeartRate: _, bodyBattery: __, ...poor } = day
    const other = 'DI_CONNECT/DI-Connect-Aggregator/UDSFile_2025-10-01_2026-03-28.json'
    const { observations } = await read({ [other]: [{ ...poor, totalSteps: 1 }], [aggregator]: [day] })
    const steps = observations.flatMap((one) => (one.shape === 'daily_total' && one.metric === 'steps' ? [one] : []))
    expect(steps.map(({ value }) => value)).toEqual([1, 7142])
    expect(new Set(steps.map(({ recordId }) => recordId)).size).toBe(1)
    expect(steps[0]?.version).toBeLessThan(steps[1]?.version ?? 0)
  })

  it('reads nights in UTC, and leaves a night without an end', async () => {
    const night = {
      calendarDate: '2026-03-29',
      sleepStartTimestampGMT: '2026-03-28T22:30:00.0',
      sleepEndTimestampGMT: '2026-03-29T05:00:00.0',
      deepSleepSeconds: 3720,
      lightSleepSeconds: 14_820,
      remSleepSeconds: 2940,
      awakeSleepSeconds: 1920,
      averageRespiration: 14,
      sleepScores: { overallScore: 66 },
      spo2SleepSummary: { averageSPO2: 95 },
    }
    const { observations, rejected } = await read({
      [`${wellness}_sleepData.json`]: [
        night,
        { calendarDate: '2026-03-30' },
        { ...night, sleepEndTimestampGMT: null },
        {
          ...night,
          calendarDate: '2026-03-31',
          sleepStartTimestampGMT: '2026-03-30T22:00:00.0',
          sleepEndTimestampGMT: '2026-03-31T05:00:00.0',
          deepSleepSeconds: 0,
          lightSleepSeconds: 0,
          remSleepSeconds: 0,
          napList: [{}],
        },
      ],
    })
    expect(sessions(observations)).toMatchObject([
      {
        start: Date.parse('2026-03-28T22:30:00Z'),
        end: Date.parse('2026-03-29T05:00:00Z'),
        zoneBasis: 'absent',
        measures: { sleep_duration: 21_480, sleep_deep: 3720, sleep_light: 14_820, sleep_rem: 2940, sleep_awake: 1920 },
      },
      { measures: {} },
    ])
    expect(rejected.map(({ reason }) => reason)).toEqual(['order', 'not_read'])
    expect(
      observations.flatMap((one) => (one.shape === 'sample' ? [[one.metric, one.value]] : [])).slice(0, 3),
    ).toEqual([
      ['respiratory_rate', 14],
      ['oxygen_saturation', 95],
      ['garmin.sleep_score', 66],
    ])
  })

  it('reads activities in milliseconds, centimetres, tens of metres a second and kilojoules', async () => {
    const { observations, rejected } = await read({
      [fitness]: [
        {
          summarizedActivitiesExport: [
            {
              activityId: 77,
              name: 'Morning run',
              activityType: 'trail_running',
              startTimeGmt: Date.parse('2026-03-28T07:00:00Z'),
              startTimeLocal: Date.parse('2026-03-28T08:00:00Z'),
              duration: 2_953_512,
              elapsedDuration: 3_000_000,
              distance: 1_000_000,
              avgSpeed: 0.3386,
              avgHr: 141,
              maxHr: 181,
              calories: 2510.4,
              elevationGain: 24_100,
              steps: 7316,
              avgDoubleCadence: 148.6,
            },
            { activityId: 78 },
            { activityType: 'running' },
          ],
        },
      ],
    })
    expect(sessions(observations)).toMatchObject([
      {
        recordId: 'activity/77',
        start: Date.parse('2026-03-28T07:00:00Z'),
        end: Date.parse('2026-03-28T07:50:00Z'),
        offset: 60,
        activity: 'trail_running',
        text: 'Morning run',
        measures: {
          distance: 10_000,
          speed: 3.386,
          energy_active: 600,
          elevation_gained: 241,
          heart_rate: 141,
          heart_rate_max: 181,
          steps: 7316,
          cadence: 148.6,
        },
      },
    ])
    expect(rejected.map(({ reason }) => reason)).toEqual(['schema', 'schema'])
  })

  it('reads the health status, VO₂max by sport, and the last readiness of a day', async () => {
    const metrics = 'DI_CONNECT/DI-Connect-Metrics'
    const { observations } = await read({
      [`${wellness}_healthStatusData.json`]: [
        {
          calendarDate: '2026-03-28',
          metrics: [
            { type: 'HRV', value: 44 },
            { type: 'SKIN_TEMP_C', value: -0.2 },
            { type: 'SPO2' },
            { type: 'NEW', value: 1 },
          ],
        },
      ],
      [`${metrics}/MetricsMaxMetData_1.json`]: [
        { calendarDate: '2026-03-28', vo2MaxValue: 48, sport: 'RUNNING', updateTimestamp: '2026-03-28T10:00:00.0' },
        { calendarDate: '2026-03-28', vo2MaxValue: 51, sport: 'CYCLING' },
      ],
      [`${metrics}/TrainingReadinessDTO_1.json`]: [
        { calendarDate: '2026-03-28', timestamp: '2026-03-28T06:00:00.0', score: 70 },
        { calendarDate: '2026-03-28', timestamp: '2026-03-28T18:00:00.0', score: 40 },
      ],
    })
    expect(totals(observations)).toEqual({
      'garmin.hrv_last_night_average': 44,
      skin_temperature_deviation: -0.2,
      vo2_max: 48,
      'garmin.vo2_max_cycling': 51,
      'garmin.training_readiness': 40,
    })
  })

  it('reads the FIT files in the zips within, and goes on behind a broken one', async () => {
    const inner = zipOf([
      { name: 'robin@example.org_1.fit', content: runOf() },
      { name: 'robin@example.org_2.fit', content: Buffer.from('nothing') },
      { name: 'robin@example.org_3.tcx', content: Buffer.from('<tcx/>') },
      { name: 'deeper.zip', content: zipOf([{ name: 'a.fit', content: runOf() }]) },
    ])
    const { observations, rejected } = await read({ [uploads]: inner })
    expect(sessions(observations)).toMatchObject([{ activity: 'trail_running', source: { name: 'Garmin Fenix 5' } }])
    expect(rejected.map(({ reason }) => reason)).toEqual(['unknown_file', 'document_damaged', 'unknown_file'])
  })

  it('refuses a bomb within the zip, and keeps the rest of the export', async () => {
    const bomb = zipOf([{ name: 'a.fit', content: Buffer.alloc(40 * 1024 * 1024) }])
    const { observations, rejected } = await read({ [uploads]: bomb, [aggregator]: [day] })
    expect(rejected.map(({ reason }) => reason)).toEqual(['document_damaged'])
    expect(totals(observations).steps).toBe(7142)
  })

  it('is known by what is in it, and counts what it leaves', async () => {
    const { file, head, rejected } = await read({
      [aggregator]: [day],
      'DI_CONNECT/DI-Connect-User/gear.json': {},
      'IT_DEVICE_AND_CONTENT/devices.json': {},
      'strange/thing.bin': Buffer.from('x'),
    })
    expect(await plugin.file!.recognises('x.zip', head, file)).toBe(true)
    expect(rejected.map(({ reason }) => reason).sort()).toEqual(['ignored', 'ignored', 'unknown_file'])
    const other = zipOf([{ name: 'activities.csv', content: 'a' }])
    expect(await plugin.file!.recognises('x.zip', other, fileOf(other))).toBe(false)
  })

  it('goes on at a cursor with nothing twice and nothing lost', async () => {
    const many = Array.from({ length: 300 }, (_, i) => ({
      ...day,
      calendarDate: new Date(Date.UTC(2025, 0, 1 + i)).toISOString().slice(0, 10),
    }))
    const { observations, file } = await read({ [aggregator]: many })
    const resumed: ObservationInput[] = []
    let cursor: unknown = null
    for (let done = false; !done; ) {
      done = true
      for await (const step of plugin.file!.read(file, context(cursor))) {
        resumed.push(...step.observations)
        cursor = JSON.parse(JSON.stringify(step.cursor))
        done = false
        break
      }
    }
    expect(resumed).toEqual(observations)
    expect(observations.length).toBeGreaterThan(4000)
  })
})
