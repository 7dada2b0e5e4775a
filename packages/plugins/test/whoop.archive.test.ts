import { describe, expect, it } from 'vitest'
import { whoop } from '../src/wearables/whoop/index.js'
import { fileOf, zipOf } from './apple-health-files.js'
import { archiveOf } from './reading.js'

const { knows, read } = archiveOf(whoop({ clientId: 'c', clientSecret: 's' }))
const at = (stamp: string): number => Date.parse(stamp)

const head = 'Cycle start time,Cycle end time,Cycle timezone'
/** Four days of an invented person, the clocks going forward in the last night. */
const entries = {
  'physiological_cycles.csv':
    `${head},Recovery score %,Resting heart rate (bpm),Heart rate variability (ms),Skin temp (celsius),Blood oxygen %,Day Strain,Energy burned (cal),Max HR (bpm),Average HR (bpm),Sleep onset,Wake onset,Sleep performance %\n` +
    '2024-03-29 23:10:00,2024-03-30 23:30:00,UTC+01:00,61,52,71,33.9,96.2,12.4,2310,171,72,2024-03-29 23:10:00,2024-03-30 07:00:00,88\n' +
    '2024-03-30 23:30:00,,UTC+02:00,55,54,66,,,3.1,700,120,60,2024-03-30 23:30:00,2024-03-31 07:30:00,80\n',
  'sleeps.csv':
    `${head},Sleep onset,Wake onset,Sleep performance %,Respiratory rate (rpm),Asleep duration (min),In bed duration (min),Light sleep duration (min),Deep (SWS) duration (min),REM duration (min),Awake duration (min),Sleep need (min),Sleep debt (min),Sleep efficiency %,Sleep consistency %,Nap\n` +
    '2024-03-29 23:10:00,2024-03-30 23:30:00,UTC+01:00,2024-03-29 23:10:00,2024-03-30 07:00:00,88,15.1,440,470,230,100,110,30,480,20,93,71,false\n' +
    '2024-03-29 23:10:00,2024-03-30 23:30:00,UTC+01:00,2024-03-30 14:00:00,2024-03-30 14:30:00,,15,28,30,28,0,0,2,,,,,true\n' +
    '2024-03-30,,UTC+01:00,,,,,,,,,,,,,,,false\n',
  'workouts.csv':
    `${head},Workout start time,Workout end time,Duration (min),Activity name,Activity Strain,Energy burned (cal),Max HR (bpm),Average HR (bpm),HR Zone 1 %,GPS enabled,Distance (meters),Altitude gain (meters)\n` +
    '2024-03-29 23:10:00,2024-03-30 23:30:00,UTC+01:00,2024-03-30 10:00:00,2024-03-30 10:45:00,45,Running,11.2,480,171,148,10,true,8200,60\n',
  'journal_entries.csv':
    `${head},Question text,Answered yes,Notes\n` +
    '2024-03-29 23:10:00,2024-03-30 23:30:00,UTC+01:00,Have any alcoholic drinks?,true,two glasses\n' +
    '2024-03-30 00:40:00,2024-03-30 23:30:00,UTC+01:00,Read (non-screened device) while in bed?,true,\n' +
    '2024-03-29 23:10:00,2024-03-30 23:30:00,UTC+01:00,Have any caffeine?,false,\n' +
    '2024-03-29 23:10:00,2024-03-30 23:30:00,UTC+01:00,Have any caffeine?,maybe,\n',
}
const zip = zipOf(Object.entries(entries).map(([name, content]) => ({ name: `my_whoop_data/${name}`, content })))

describe('the archive of an account', () => {
  it('is known by what is in it, whatever its name', async () => {
    expect(await knows(fileOf(zip, 'x.bin'))).toBe(true)
    for (const [name, content] of Object.entries(entries))
      expect(await knows(fileOf(content, 'x.csv')), name).toBe(true)
    expect(await knows(fileOf('date,value\n2024-01-01,1\n', 'workouts.csv'))).toBe(false)
  })

  it('is read by the offset of each row, and says what it set aside', async () => {
    const { observations, rejected } = await read(fileOf(zip, 'my_whoop_data.zip'))
    expect(rejected.toSorted()).toEqual(['answer_unknown', 'row_unreadable'])
    const sessions = observations.flatMap((one) => (one.shape === 'session' ? [one] : []))
    expect(sessions).toMatchObject([
      {
        kind: 'sleep',
        nap: false,
        start: at('2024-03-29T22:10:00Z'),
        end: at('2024-03-30T06:00:00Z'),
        offset: 60,
        measures: { sleep_duration: 26_400, sleep_deep: 6000, sleep_awake: 1800, sleep_efficiency: 93 },
      },
      { kind: 'sleep', nap: true, start: at('2024-03-30T13:00:00Z'), measures: { sleep_duration: 1680 } },
      {
        kind: 'workout',
        activity: 'running',
        start: at('2024-03-30T09:00:00Z'),
        measures: { heart_rate: 148, heart_rate_max: 171, energy_active: 480, distance: 8200, elevation_gained: 60 },
      },
    ])
    const samples = (metric: string) =>
      observations.flatMap((one) => (one.shape === 'sample' && one.metric === metric ? [[one.start, one.value]] : []))
    expect(samples('hrv_rmssd')).toEqual([
      [at('2024-03-30T06:00:00Z'), 71],
      [at('2024-03-31T05:30:00Z'), 66],
    ])
    expect(samples('energy_total')).toEqual([[at('2024-03-29T22:10:00Z'), 2310]])
    // The day that goes on still grows.
    expect(observations.filter((one) => one.shape === 'daily_total')).toMatchObject([
      { metric: 'whoop.strain', date: '2024-03-30', value: 12.4 },
    ])
  })

  it('makes answers of the journal tags of the evening before, whether the person slept before midnight or after', async () => {
    const { observations } = await read(fileOf(zip, 'my_whoop_data.zip'))
    expect(observations.filter((one) => one.shape === 'tag')).toMatchObject([
      {
        tag: 'alcohol',
        start: at('2024-03-29T20:00:00+01:00'),
        text: 'Have any alcoholic drinks?\ntwo glasses',
        source: { name: 'WHOOP', type: 'manual' },
      },
      { tag: 'read_non_screened_device_while_in_bed', start: at('2024-03-29T20:00:00+01:00') },
    ])
  })

  it('takes the person’s zone where the column of offsets is missing', async () => {
    const content =
      'Cycle start time,Sleep onset,Wake onset,Asleep duration (min),Nap\n' +
      '2024-03-30 23:30:00,2024-03-30 23:30:00,2024-03-31 07:30:00,400,false\n'
    const { observations } = await read(fileOf(content, 'sleeps.csv'), 'Europe/Berlin')
    expect(observations[0]).toMatchObject({
      start: at('2024-03-30T22:30:00Z'),
      end: at('2024-03-31T05:30:00Z'),
      offset: 120,
    })
  })

  it('meets semicolons, a byte order mark and decimal commas', async () => {
    const content = `\uFEFF${entries['sleeps.csv'].replaceAll(',', ';').replace(';15.1;', ';15,1;')}`
    const { observations } = await read(fileOf(content, 'sleeps.csv'))
    expect(observations[0]).toMatchObject({ measures: { respiratory_rate: 15.1 } })
  })
})
