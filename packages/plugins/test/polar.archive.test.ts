import { describe, expect, it } from 'vitest'
import { polar } from '../src/wearables/polar/index.js'
import { fileOf, zipOf } from './apple-health-files.js'
import { archiveOf } from './reading.js'

const { knows, read } = archiveOf(polar({ clientId: 'c', clientSecret: 's', webhookSecret: 'w' }))
const at = (stamp: string): number => Date.parse(stamp)

/** An account of an invented person. */
const entries: Record<string, unknown> = {
  'training-session-2019-10-05-123-abc.json': {
    exportVersion: '1.6',
    startTime: '2019-10-05T09:10:11.000',
    stopTime: '2019-10-05T10:10:11.000',
    timeZoneOffset: 180,
    duration: 'PT3600S',
    distance: 10_000,
    averageHeartRate: 150,
    maximumHeartRate: 175,
    kiloCalories: 700,
    exercises: [{ sport: 'RUNNING' }],
    note: 'windy',
  },
  'training-session_2025-01-02T08:00:00_9-u.json': {
    identifier: { id: 's-9' },
    created: '2025-01-02T09:00:00.000',
    modified: '2025-01-02T09:30:00.000',
    startTime: '2025-01-02T08:00:00',
    stopTime: '2025-01-02T09:00:00',
    timezoneOffsetMinutes: 120,
    durationMillis: 3_300_000,
    distanceMeters: 9000,
    calories: 600,
    hrAvg: 140,
    hrMax: 160,
    sport: { id: '1' },
    exercises: [{ sport: { id: '1' } }],
  },
  'activity-2025-01-02-u.json': {
    date: '2025-01-02',
    exportVersion: '1.8',
    summary: { stepCount: 9041, stepsDistance: 6800.5, calories: 2300 },
    samples: { steps: [{ localTime: '08:00:00', value: 60 }] },
  },
  'sleep_result_123-u.json': [
    {
      night: '2025-03-30',
      evaluation: {
        asleepDuration: 'PT6H',
        analysis: { efficiencyPercent: 92.3 },
        interruptions: { totalDuration: 'PT30M' },
        phaseDurations: { wake: 'PT30M', rem: 'PT1H', light: 'PT3H30M', deep: 'PT1H30M' },
      },
      sleepResult: {
        hypnogram: {
          sleepStart: '2025-03-29T23:30:00+02:00',
          sleepEnd: '2025-03-30T07:00:00+03:00',
          sleepStateChanges: [
            { offsetFromStart: 'PT0S', state: 'NONREM2' },
            { offsetFromStart: 'PT1H', state: 'NONREM3' },
            { offsetFromStart: 'PT6H', state: 'WAKE' },
            { offsetFromStart: 'PT9H', state: 'WAKE' },
          ],
        },
      },
    },
    { night: 'none' },
  ],
  'nightly_recovery_123-u.json': [
    { night: '2025-03-30', meanNightlyRecoveryRmssd: 44, ansStatus: -1.5, recoveryIndicator: 3 },
  ],
  'nightly_recovery_blob_123-u.json': [{ hrvData: [] }],
  '247ohr_123_3-u.json': {
    deviceDays: [
      {
        date: '2025-03-30',
        deviceId: 'd',
        samples: [{ heartRate: 55, secondsFromDayStart: 14_400 }, { heartRate: 0 }],
      },
    ],
  },
  'account-data-1-u.json': { username: 'robin@example.test' },
  'something-new.json': {},
}
const zip = zipOf(Object.entries(entries).map(([name, content]) => ({ name, content: JSON.stringify(content) })))

describe('the archive of an account', () => {
  it('is known by what is in it', async () => {
    expect(await knows(fileOf(zip, 'x.bin'))).toBe(true)
    for (const [name, content] of Object.entries(entries).slice(0, 5))
      expect(await knows(fileOf(JSON.stringify(content), name)), name).toBe(true)
    expect(await knows(fileOf('{"startTime":"2020-01-01T00:00"}', 'x.json'))).toBe(false)
  })

  it('is read document by document, old and new, and says what it left aside', async () => {
    const { observations, rejected } = await read(fileOf(zip, 'export.zip'), 'Europe/Helsinki')
    expect(rejected.toSorted()).toEqual(['ignored', 'ignored', 'schema', 'schema', 'unknown_file'])
    const sessions = observations
      .flatMap((one) => (one.shape === 'session' ? [one] : []))
      .toSorted((a, b) => a.start - b.start)
    expect(sessions).toMatchObject([
      {
        kind: 'workout',
        activity: 'running',
        start: at('2019-10-05T06:10:11Z'),
        end: at('2019-10-05T07:10:11Z'),
        offset: 180,
        text: 'windy',
        measures: { energy_active: 700, distance: 10_000, heart_rate: 150, heart_rate_max: 175 },
      },
      {
        kind: 'workout',
        activity: 'other',
        start: at('2025-01-02T06:00:00Z'),
        end: at('2025-01-02T06:55:00Z'),
        recordId: 'training/s-9',
        version: at('2025-01-02T09:30:00Z'),
      },
      {
        kind: 'sleep',
        start: at('2025-03-29T21:30:00Z'),
        end: at('2025-03-30T04:00:00Z'),
        offset: 180,
        recordId: 'sleep/2025-03-30',
        measures: { sleep_duration: 21_600, sleep_awake: 1800, sleep_efficiency: 92.3 },
        stages: [
          { stage: 'light', start: at('2025-03-29T21:30:00Z') },
          { stage: 'deep', start: at('2025-03-29T22:30:00Z') },
          { stage: 'awake', start: at('2025-03-30T03:30:00Z'), end: at('2025-03-30T04:00:00Z') },
        ],
      },
    ])
    const totals = observations.flatMap((one) =>
      one.shape === 'daily_total' ? [[one.metric, one.date, one.value]] : [],
    )
    expect(totals).toEqual(
      expect.arrayContaining([
        ['steps', '2025-01-02', 9041],
        ['distance', '2025-01-02', 6800.5],
        ['energy_total', '2025-01-02', 2300],
        ['hrv_rmssd', '2025-03-30', 44],
        ['polar.ans_charge', '2025-03-30', -1.5],
      ]),
    )
    // Four o'clock of the day that has no three o'clock.
    expect(observations.filter((one) => one.shape === 'sample')).toMatchObject([
      { metric: 'heart_rate', value: 55, start: at('2025-03-30T01:00:00Z'), offset: 180 },
    ])
  })
})
