import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { csv, fileOf, knows, of, read, zipFrom } from './fitbit-files.js'

const night = readFileSync(new URL('../fixtures/fitbit/sleep-2026-03-29.json', import.meta.url), 'utf8')
/** The account of an invented person, as Fitbit itself has exported it. */
const account = {
  'Personal & Account/Profile.csv': csv('id,full_name,timezone,weight_unit,distance_unit,height_unit', [
    'A',
    'Robin',
    'America/Denver',
    'en_US',
    'en_US',
    'en_US',
  ]),
  'Sleep/sleep-2026-03-29.json': night,
  'Sleep/sleep_score.csv': csv(
    'sleep_log_entry_id,timestamp,overall_score,composition_score,revitalization_score,duration_score,deep_sleep_in_minutes,resting_heart_rate,restlessness',
    ['48809009246', '2026-03-29T05:00:00Z', 78, '', 78, '', 89, 58, 0.12],
    ['48809009247', '2026-03-30T05:00:00Z', '', '', '', '', 80, 60, 0.1],
  ),
  'Sleep/Heart Rate Variability Details - 2026-03-29.csv': csv(
    'timestamp,rmssd,coverage,low_frequency,high_frequency',
    ['2026-03-29T03:10:00', 41.5, 0.98, 700, 800],
    ['2026-03-29T03:15:00', 0, 0.1, 0, 0],
  ),
  'Sleep/Daily Heart Rate Variability Summary - 2026-03-(29).csv': csv('timestamp,rmssd,nremhr,entropy', [
    '2026-03-29T00:00:00',
    39.2,
    54.1,
    2.9,
  ]),
  'Sleep/Daily Respiratory Rate Summary - 2026-03-29.csv': csv('timestamp,daily_respiratory_rate', [
    '2026-03-29T00:00:00',
    14.8,
  ]),
  'Sleep/Daily SpO2 - 2026-03-01-2026-03-31.csv': csv('timestamp,average_value,lower_bound,upper_bound', [
    '2026-03-29T00:00:00Z',
    96.5,
    93,
    99.9,
  ]),
  'Sleep/Minute SpO2 - 2026-03-29.csv': csv(
    'timestamp,value',
    ['2026-03-29T01:00:00Z', 95.2],
    ['2026-03-29T01:01:00Z', '50.0'],
  ),
  'Sleep/Computed Temperature - 2026-03-01.csv': csv(
    'type,sleep_start,sleep_end,temperature_samples,nightly_temperature,baseline_relative_sample_sum,baseline_relative_sample_sum_of_squares,baseline_relative_nightly_standard_deviation,baseline_relative_sample_standard_deviation',
    ['IDT', '2026-03-28T23:00', '2026-03-29T07:00', 404, 34.07, 189.88, 419.6, 0.279, 0.956],
    ['IDT', '2026-03-29T23:00', '2026-03-30T07:00', 400, 33.9, 'NaN', 'NaN', 'NaN', 'NaN'],
  ),
  'Stress/Stress Score.csv': csv(
    'DATE,UPDATED_AT,STRESS_SCORE,SLEEP_POINTS,MAX_SLEEP_POINTS,RESPONSIVENESS_POINTS,MAX_RESPONSIVENESS_POINTS,EXERTION_POINTS,MAX_EXERTION_POINTS,STATUS,CALCULATION_FAILED',
    ['2026-03-29T00:00:00', '2026-03-29T07:23:52.009', 79, 20, 30, 20, 30, 39, 40, 'READY', 'false'],
    ['2026-03-30T00:00:00', '2026-03-30T07:23:52.009', 0, 0, 0, 0, 0, 0, 0, 'NO_DATA', 'true'],
    ['2026-03-31T00:00:00', '2026-03-31T07:23:52.009', 40, 0, 0, 0, 0, 0, 0, 'READY', 'true'],
  ),
  'Stress/Mindfulness Sessions.csv': csv(
    'session_id,activity_name,average_heart_rate,start_heart_rate,end_heart_rate,duration,start_date_time,end_date_time,session_type',
    ['366324d0', 'Breathe', 'null', 64, 61, 180_000, '2026-03-28T08:14:14+01:00', '2026-03-28T08:17:14+01:00', 'x'],
  ),
  'Physical Activity/Active Zone Minutes - 2026-03-01.csv': csv('date_time,heart_zone_id,total_minutes', [
    '2026-03-29T09:30',
    'CARDIO',
    2,
  ]),
  'Physical Activity/Daily Readiness Score - 2026-03-01.csv': csv(
    'date,readiness_score_value,readiness_state,activity_subcomponent,sleep_subcomponent,hrv_subcomponent,activity_state,sleep_state,hrv_state',
    ['2026-03-29', 61, 'MED', 50, 60, 70, 'x', 'x', 'x'],
  ),
  'Physical Activity/steps-2026-03-01.json': [
    { dateTime: '03/29/26 00:30:00', value: '12' },
    { dateTime: '03/29/26 01:30:00', value: '0' },
    { dateTime: '13/29/26 01:30:00', value: '1' },
  ],
  'Physical Activity/distance-2026-03-01.json': [{ dateTime: '03/29/26 00:30:00', value: '930' }],
  'Physical Activity/calories-2026-03-01.json': [{ dateTime: '03/29/26 03:30:00', value: '1.25' }],
  'Physical Activity/heart_rate-2026-03-29.json': [
    { dateTime: '03/29/26 00:30:07', value: { bpm: 54, confidence: 2 } },
    { dateTime: '03/29/26 00:30:12', value: { bpm: 0, confidence: 0 } },
  ],
  'Physical Activity/resting_heart_rate-2026-01-01.json': [
    { dateTime: '03/28/26 00:00:00', value: { date: null, value: 0, error: 0 } },
    { dateTime: '03/29/26 00:00:00', value: { date: '03/29/26', value: 58.4, error: 6.2 } },
  ],
  'Physical Activity/demographic_vo2_max-2026-01-01.json': [
    {
      dateTime: '03/29/26 00:00:00',
      value: { demographicVO2Max: 41.2, demographicVO2MaxError: 3, filteredDemographicVO2Max: 40.8 },
    },
  ],
  'Physical Activity/sedentary_minutes-2026-03-01.json': [
    { dateTime: '03/29/26 00:00:00', value: '800' },
    { dateTime: '03/30/26 00:00:00', value: '1440' },
    { dateTime: '11/02/26 00:00:00', value: '700' },
  ],
  'Physical Activity/very_active_minutes-2026-03-01.json': [{ dateTime: '03/29/26 00:00:00', value: '30' }],
  'Physical Activity/exercise-0.json': [
    {
      logId: 21_092_332_392,
      activityName: 'Run',
      activityTypeId: 90_009,
      averageHeartRate: 149,
      calories: 306,
      duration: 1_843_000,
      steps: 4510,
      logType: 'tracker',
      distance: 3.1,
      distanceUnit: 'Mile',
      source: { type: 'tracker', name: 'Charge 6', id: '1' },
      lastModified: '03/29/26 17:51:30',
      startTime: '03/29/26 16:11:48',
    },
    {
      logId: 2,
      activityName: 'Walk',
      activityTypeId: 90_013,
      duration: 600_000,
      startTime: '03/29/26 18:00:00',
      distance: 0.5,
    },
  ],
  'Physical Activity/weight-2026-03-01.json': [
    { logId: 1_774_742_400_000, weight: 191.8, bmi: 27.77, date: '03/29/26', time: '06:30:00', source: 'Aria' },
  ],
  'Physical Activity/time_in_heart_rate_zones-2026-03-29.json': [],
  'Physical Activity/estimated_oxygen_variation-2026-03-29.csv':
    'timestamp,Infrared to Red Signal Ratio\n03/29/26 01:00:00,-3\n',
  'Sleep/Sleep Readme.txt': 'x',
  'Physical Activity/mystery.bin': 'x',
}
const archive = zipFrom(account, 'MyFitbitData/Robin/')
const z = (hour: number, minute = 0, second = 0) => Date.UTC(2026, 2, 29, hour, minute, second)

describe('the archive of an account', () => {
  it('is known by what is in it, and so is each of its files', async () => {
    expect(await knows(archive)).toBe(true)
    for (const [name, content] of [
      ['a.json', night],
      ['b.csv', account['Stress/Stress Score.csv']],
      ['steps-2026-03-01.json', JSON.stringify(account['Physical Activity/steps-2026-03-01.json'])],
      ['c.json', JSON.stringify(account['Physical Activity/exercise-0.json'])],
    ] as const)
      expect(await knows(fileOf(content, name)), name).toBe(true)
    for (const [name, content] of [
      ['a.json', '{"sleep": 1}'],
      ['b.csv', 'date,value\n2026-03-29,1\n'],
      ['c.csv', 'id,timezone\n1,x\n'],
    ] as const)
      expect(await knows(fileOf(content, name)), name).toBe(false)
  })

  it('is read with the clock that each kind of file has', async () => {
    const { observations } = await read(archive)
    // In UTC, without saying so: steps, distance, heart rate, exercises.
    expect(of(observations, 'steps')).toMatchObject([{ value: 12, start: z(0, 30), end: z(0, 31), offset: 60 }])
    expect(of(observations, 'distance')).toMatchObject([{ value: 930, unit: 'cm', start: z(0, 30) }])
    expect(of(observations, 'heart_rate')).toMatchObject([{ value: 54, start: z(0, 30, 7) }])
    const [run] = observations.filter((one) => 'kind' in one && one.kind === 'workout')
    expect(run).toMatchObject({
      activity: 'running',
      start: z(16, 11, 48),
      end: z(16, 42, 31),
      offset: 120,
      recordId: 'activity/21092332392',
      version: z(17, 51, 30),
      source: { name: 'Charge 6', type: 'band' },
      measures: { heart_rate: 149, energy_active: 306, steps: 4510, distance: 4988.9664 },
    })
    // On the person's clock: calories, HRV, zones, weighings; 03:30 is the first half hour after the clocks went forward.
    expect(of(observations, 'energy_total')).toMatchObject([{ value: 1.25, start: z(1, 30), offset: 120 }])
    expect(of(observations, 'fitbit.active_zone_minutes')).toMatchObject([{ value: 2, start: z(7, 30) }])
    expect(of(observations, 'weight')).toMatchObject([
      { value: 191.8, unit: 'lb', start: z(4, 30), source: { type: 'scale' } },
    ])
    expect(observations).toContainEqual(
      expect.objectContaining({ metric: 'hrv_rmssd', value: 41.5, start: z(1, 10), zoneBasis: 'floating' }),
    )
    // With a "Z", at that time.
    expect(of(observations, 'fitbit.sleep_score')).toMatchObject([{ value: 78, start: z(5), offset: 120 }])
    expect(of(observations, 'mindful_minutes')).toMatchObject([
      { value: 180, unit: 's', start: Date.UTC(2026, 2, 28, 7, 14, 14), offset: 60, zoneBasis: 'carried' },
    ])
  })

  it('keeps the days of days, and takes no placeholder for a measurement', async () => {
    const { observations } = await read(archive)
    const day = (metric: string) => of(observations, metric).map(({ date, value }) => [date, value])
    expect(day('resting_heart_rate')).toEqual([['2026-03-29', 58.4]])
    expect(day('vo2_max')).toEqual([['2026-03-29', 40.8]])
    expect(day('sedentary_minutes')).toEqual([['2026-03-29', 800]])
    expect(day('vigorous_minutes')).toEqual([['2026-03-29', 30]])
    expect(day('fitbit.stress_score')).toEqual([['2026-03-29', 79]])
    expect(day('fitbit.readiness_score')).toEqual([['2026-03-29', 61]])
    expect(day('fitbit.non_rem_heart_rate')).toEqual([['2026-03-29', 54.1]])
    expect(of(observations, 'respiratory_rate')).toMatchObject([{ shape: 'daily_total', value: 14.8 }])
    expect(
      of(observations, 'oxygen_saturation')
        .map(({ value }) => value)
        .sort(),
    ).toEqual([95.2, 96.5])
    // 189.88 over 404 samples.
    expect(of(observations, 'skin_temperature_deviation').map(({ value, start }) => [value, start])).toEqual([
      [0.47, z(5)],
    ])
    expect(of(observations, 'skin_temperature')).toHaveLength(2)
    expect(observations).toContainEqual(
      expect.objectContaining({
        kind: 'sleep',
        recordId: 'sleep/48809009246',
        start: Date.UTC(2026, 2, 28, 22),
        end: z(5),
      }),
    )
  })

  it('says what it has left aside and why', async () => {
    const { rejected, reasons } = await read(archive)
    // A day in month 13; a time zone ratio, zones and a read-me; and a file that nobody knows.
    expect(reasons.sort()).toEqual(['ignored', 'ignored', 'ignored', 'schema', 'unknown_file'].sort())
    expect(rejected.find(({ reason }) => reason === 'unknown_file')?.detail).toContain('.bin')
  })

  it('takes the unit of the profile where an exercise has none, and the zone where nobody knows the person’s', async () => {
    const { observations } = await read(archive, () => null)
    expect(observations).toContainEqual(
      expect.objectContaining({ recordId: 'activity/2', measures: { distance: 804.672 } }),
    )
    // Denver is six hours behind then.
    expect(of(observations, 'weight')).toMatchObject([{ start: z(12, 30), offset: -360, zoneBasis: 'profile' }])
    const alone = await read(fileOf(JSON.stringify(account['Physical Activity/exercise-0.json']), 'exercise-0.json'))
    expect(alone.reasons).toEqual(['unit_unknown'])
  })

  it('goes on where it was interrupted, and comes to the same', async () => {
    const minutes = Array.from({ length: 5000 }, (_, i) => ({
      dateTime: `03/0${1 + Math.floor(i / 1440)}/26 ${new Date(i * 60_000).toISOString().slice(11, 19)}`,
      value: String(i + 1),
    }))
    const big = zipFrom({ ...account, 'Physical Activity/steps-2026-03-01.json': minutes }, 'MyFitbitData/Robin/')
    const whole = await read(big)
    expect(whole.cursors.length).toBeGreaterThan(2)
    const first = JSON.parse(JSON.stringify(whole.cursors[0]))
    const rest = await read(big, () => 'Europe/Berlin', first)
    expect(whole.observations.slice(-rest.observations.length)).toEqual(rest.observations)
    expect(rest.observations.length).toBeLessThan(whole.observations.length)
  })
})
