import { describe, expect, it } from 'vitest'
import { csv, knows, of, read, zipFrom } from './fitbit-files.js'

const PA = 'Physical Activity_GoogleData'
const HF = 'Health Fitness Data_GoogleData'
const GE = 'Global Export Data'
const sleeps =
  'sleep_id,sleep_type,minutes_in_sleep_period,minutes_after_wake_up,minutes_to_fall_asleep,minutes_asleep,minutes_awake,minutes_longest_awakening,minutes_to_persistent_sleep,start_utc_offset,sleep_start,end_utc_offset,sleep_end,data_source,algorithm_version,sleep_created,sleep_last_updated'
const stages =
  'sleep_id,sleep_stage_id,sleep_stage_type,start_utc_offset,sleep_stage_start,end_utc_offset,sleep_stage_end,data_source,algorithm_version,sleep_stage_created,sleep_stage_last_updated'
const stage = (type: string, from: string, to: string) => [
  '111',
  1,
  type,
  '+05:30',
  `2026-09-11T${from}:00Z`,
  '+05:30',
  `2026-09-11T${to}:00Z`,
  'X',
  3,
  '',
  '',
]
/** The same person's account, as Takeout has it since 2026. */
const takeout = {
  [`${HF}/UserSleeps_2026-09-01.csv`]: csv(
    sleeps,
    [
      '111',
      'STAGES',
      120,
      0,
      5,
      100,
      20,
      12,
      9,
      '+05:30',
      '2026-09-11T17:30:00Z',
      '+05:30',
      '2026-09-11T19:30:00Z',
      'GOOGLE_FITBIT_AIR',
      3,
      '2026-09-11T20:00:00Z',
      '2026-09-11T21:00:00Z',
    ],
    [
      '112',
      'CLASSIC',
      60,
      0,
      0,
      60,
      0,
      0,
      0,
      '+05:30',
      '2026-09-12T19:30:00Z',
      '+05:30',
      '2026-09-12T18:30:00Z',
      'MANUAL',
      3,
      '',
      '',
    ],
  ),
  [`${HF}/UserSleepStages_2026-09-01.csv`]: csv(
    stages,
    stage('AWAKE', '17:30', '17:45'),
    stage('LIGHT', '17:45', '18:30'),
    stage('DEEP', '18:30', '19:00'),
    stage('REM', '19:00', '19:30'),
    stage('REM', '19:30', '19:30'),
  ),
  [`${HF}/UserExercises_2026-09-01.csv`]: csv(
    'exercise_id,exercise_start,exercise_end,utc_offset,exercise_created,exercise_last_updated,activity_name,log_type,tracker_total_calories,tracker_total_steps,tracker_total_distance_mm,tracker_total_altitude_mm,tracker_avg_heart_rate,tracker_peak_heart_rate,deletion_reason',
    [
      '9',
      '2026-09-11T09:00:00Z',
      '2026-09-11T09:45:00Z',
      '+05:30',
      '',
      '2026-09-11T10:00:00Z',
      'Outdoor Walk',
      'AUTO_DETECTED',
      180,
      4100,
      3100500,
      0,
      0,
      121,
      '',
    ],
    [
      '10',
      '2026-09-11T11:00:00Z',
      '2026-09-11T11:45:00Z',
      '+05:30',
      '',
      '2026-09-11T12:00:00Z',
      'Bike',
      'MANUAL',
      0,
      0,
      0,
      0,
      0,
      0,
      'USER_DELETED',
    ],
  ),
  [`${HF}/UserActivityProbabilities_2026-09-01.csv`]: csv('timestamp,steps,data source', [
    '2026-09-11T09:00:00Z',
    777,
    'x',
  ]),
  [`${PA}/Steps/steps_2026-09-01.csv`]: csv(
    'timestamp,steps,data source',
    ['2026-09-11T09:00:00.000Z', 100, 'MobileTrack'],
    ['2026-09-11T09:00:00.000Z', 100, 'Fit Health Connect'],
    ['2026-09-11T09:00:00Z', 90, 'Google Fitbit Air'],
    ['2026-09-11T09:01:00Z', 0, 'Google Fitbit Air'],
  ),
  [`${PA}/Live Pace/live_pace_2026-09-11.csv`]: csv(
    'timestamp,steps,distance millimeters,altitude gain millimeters,data source',
    ['2026-09-11T09:00:00Z', 999, 1, 0, 'Google Fitbit Air'],
  ),
  [`${PA}/Distance/distance_2026-09-01.csv`]: csv('timestamp,distance,data source', [
    '2026-09-11T09:00:00.000Z',
    80.5,
    'Google Health App',
  ]),
  [`${PA}/Heart Rate/heart_rate_2026-09-11.csv`]: csv('timestamp,beats per minute,data source', [
    '2026-09-11T18:45:05Z',
    70.0,
    'Google Fitbit Air',
  ]),
  [`${PA}/Daily Resting Heart Rate/daily_resting_heart_rate.csv`]: csv(
    'timestamp,beats per minute,data source',
    ['2026-09-11T00:00:00Z', 61.234, 'Google Health App'],
    ['2026-09-12T00:00:00Z', 0.0, 'Google Health App'],
  ),
  [`${PA}/Weight/weight.csv`]: csv('timestamp,weight grams,data source', [
    '2026-09-11T03:00:00.000000Z',
    70_500,
    'Google Health App',
  ]),
  [`${PA}/Body Temperature/body_temperature_2026-09-11.csv`]: csv('timestamp,temperature celsius,data source', [
    '2026-09-11T18:00:00Z',
    33.5,
    'Google Fitbit Air',
  ]),
  [`${PA}/Core/core_body_temperature_2026-09-11.csv`]: csv('timestamp,temperature celsius,data source', [
    '2026-09-11T18:00:00Z',
    36.6,
    'x',
  ]),
  [`${PA}/Sedentary Period/sedentary_period_2026-09-11.csv`]: csv('start time,end time,data source', [
    '2026-09-11T10:00:00Z',
    '2026-09-11T11:30:00Z',
    'Google Health App',
  ]),
  [`${PA}/Active Minutes/active_minutes_2026-09-01.csv`]: csv('timestamp,light,moderate,very,data source', [
    '2026-09-11T09:00:00Z',
    0,
    0,
    1,
    'Google Health App',
  ]),
  [`${PA}/hrv/heart_rate_variability_2026-09-11.csv`]: csv(
    'timestamp,root mean square of successive differences milliseconds,standard deviation milliseconds,data source',
    ['2026-09-11T18:00:00Z', 44.5, 51, 'Google Fitbit Air'],
  ),
  [`${GE}/steps-2026-09-11.json`]: [
    { dateTime: '09/11/26 09:00:00', value: '95' },
    { dateTime: '09/10/26 09:00:00', value: '33' },
  ],
  [`${GE}/heart_rate-2026-09-11.json`]: [{ dateTime: '09/11/26 18:45:05', value: { bpm: 70, confidence: 3 } }],
  [`${GE}/calories-2026-09-11.json`]: [{ dateTime: '09/11/26 23:59:00', value: '1.25' }],
  'Biometrics/Glucose 202609.csv': 'no data',
  'Account Changes/Account_Access_Events_1.csv': csv('timestamp,steps', ['2026-09-10T00:00:00Z', 123_456]),
}
const googleArchive = zipFrom(takeout, 'Takeout/Google Health/')
const t = (hour: number, minute = 0, second = 0) => Date.UTC(2026, 8, 11, hour, minute, second)

describe('what Google has added to the archive', () => {
  it('is read by source: a copy of a phone’s steps is an app’s, and the device’s own are beside it', async () => {
    expect(await knows(googleArchive)).toBe(true)
    const { observations, reasons } = await read(googleArchive)
    expect(of(observations, 'steps')).toMatchObject([
      { value: 100, start: t(9), end: t(9, 1), source: { name: 'MobileTrack', type: 'phone' } },
      { value: 100, source: { name: 'Fit Health Connect', type: 'app' } },
      { value: 90, source: { name: 'Google Fitbit Air', type: 'band' } },
      // Of a day that the table does not have.
      { value: 33, start: Date.UTC(2026, 8, 10, 9) },
    ])
    expect(of(observations, 'heart_rate')).toMatchObject([{ value: 70, start: t(18, 45, 5) }])
    expect(reasons.filter((reason) => reason === 'same_elsewhere')).toHaveLength(2)
    expect(of(observations, 'resting_heart_rate').map(({ date, value }) => [date, value])).toEqual([
      ['2026-09-11', 61.234],
    ])
    expect(of(observations, 'weight')).toMatchObject([{ value: 70_500, unit: 'g' }])
    expect(of(observations, 'skin_temperature')).toMatchObject([{ value: 33.5 }])
    expect(of(observations, 'body_temperature')).toMatchObject([{ value: 36.6 }])
    expect(of(observations, 'sedentary_minutes')).toMatchObject([{ value: 5400, start: t(10), end: t(11, 30) }])
    expect(of(observations, 'vigorous_minutes')).toMatchObject([{ value: 1 }])
    expect(of(observations, 'hrv_rmssd')).toMatchObject([{ value: 44.5 }])
    expect(of(observations, 'distance')).toMatchObject([{ value: 80.5, unit: 'm' }])
  })

  it('reads nights and workouts with the offset that they carry, and a deleted workout as deleted', async () => {
    const { observations, reasons } = await read(googleArchive)
    const [sums, staged, walk] = observations.filter(({ shape }) => shape === 'session')
    expect(sums).toMatchObject({
      start: t(17, 30),
      end: t(19, 30),
      offset: 330,
      zoneBasis: 'carried',
      recordId: 'user-sleep/111',
      version: t(21),
      measures: { sleep_duration: 6000, sleep_awake: 1200, sleep_latency: 300 },
    })
    expect([staged, walk].find((one) => one && 'stages' in one)).toMatchObject({
      recordId: 'user-sleep-stages/111',
      start: t(17, 30),
      end: t(19, 30),
      measures: { sleep_duration: 6300, sleep_awake: 900, sleep_light: 2700, sleep_deep: 1800, sleep_rem: 1800 },
    })
    expect(observations).toContainEqual(
      expect.objectContaining({
        activity: 'walking',
        vendorActivity: 'Outdoor Walk',
        measures: { energy_active: 180, steps: 4100, distance: 3100.5, heart_rate_max: 121 },
        recordId: 'user-exercise/9',
        offset: 330,
      }),
    )
    expect(observations).toContainEqual({ shape: 'deletion', recordId: 'user-exercise/10', version: t(12) })
    // A night that ends before it starts, and a stage without length.
    expect(reasons).toEqual(expect.arrayContaining(['order', 'row_unreadable']))
  })

  it('learns from its nights where the person was: the rest of the export is in that zone around them', async () => {
    const { observations } = await read(googleArchive)
    // 23:59 in India, though the person lives in Berlin.
    expect(of(observations, 'energy_total')).toMatchObject([{ start: t(18, 29), offset: 330, zoneBasis: 'inferred' }])
    expect(of(observations, 'heart_rate')).toMatchObject([{ offset: 330, zoneBasis: 'inferred' }])
    const home = await read(googleArchive, () => 'Asia/Kolkata')
    expect(of(home.observations, 'energy_total')).toMatchObject([{ start: t(18, 29), zoneBasis: 'floating' }])
  })
})
