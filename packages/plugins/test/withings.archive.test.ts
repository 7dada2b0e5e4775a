import type { FileContext, FileSource, ObservationInput } from '@auren/core'
import { Observation } from '@auren/core'
import { describe, expect, it } from 'vitest'
import { withings } from '../src/wearables/withings/index.js'
import { zipOf } from './apple-health-files.js'

const { file } = withings({ clientId: 'c', clientSecret: 's', callbackSecret: 'k' })

const fileOf = (content: string | Uint8Array, name: string): FileSource => {
  const bytes = Buffer.from(content)
  return { name, size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) }
}
const read = async (source: FileSource, zone: string | null = 'Europe/Berlin') => {
  const ctx: FileContext = {
    account: 'robin',
    cursor: null,
    signal: new AbortController().signal,
    receivedAt: 0,
    zoneAt: () => zone,
  }
  const observations: ObservationInput[] = []
  const rejected: { reason: string; detail: string }[] = []
  for await (const step of file!.read(source, ctx)) {
    observations.push(...step.observations)
    rejected.push(...step.rejected)
  }
  for (const one of observations) expect(Observation.safeParse(one).error?.issues ?? []).toEqual([])
  return { observations, rejected }
}
const knows = async (source: FileSource) => file!.recognises(source.name, await source.read(0, 65_536), source)

/** An account of an invented person. */
const entries = {
  'weight.csv':
    'Date,"Weight (kg)","Fat mass (kg)","Bone mass (kg)","Muscle mass (kg)","Hydration (kg)",Comments\n' +
    '"2024-03-31 03:30:00",71.35,13.2,3.1,55.02,40.1,\n' +
    '"2024-03-30 07:00:00",71.6,,,,,after a run\n' +
    '"2024-03-29 07:00:00",,,,,,\n',
  'height.csv': 'Date,"Height (m)",Comments\n"2024-01-01 08:00:00",1.74,\n',
  'bp.csv':
    'Date,"Heart rate",Systolic,Diastolic,Comments\n"2024-03-30 07:05:00",61,118,76,\n"2024-03-30 07:06:00",62,,,\n',
  'sleep.csv':
    'from,to,"light (s)","deep (s)","rem (s)","awake (s)","wake up","Duration to sleep (s)","Duration to wake up (s)","Snoring (s)","Snoring episodes","Average heart rate","Heart rate (min)","Heart rate (max)","Night events"\n' +
    '2024-03-30T23:00:00+01:00,2024-03-31T07:00:00+02:00,12000,6000,4800,2400,3,600,60,300,2,54,47,71,{}\n' +
    '2024-03-29T23:00:00+01:00,2024-03-30T07:00:00+01:00,0,0,0,28800,0,0,0,0,0,0,0,0,\n',
  'activities.csv':
    'from,to,"from (manual)","to (manual)",Timezone,"Activity type",Data,GPS,Modified\n' +
    '2024-03-30T10:00:00+01:00,2024-03-30T10:45:00+01:00,,,Europe/Berlin,Running,"{""calories"":310.5,""distance"":6200,""hr_average"":141,""hr_max"":168,""effduration"":2640}",,2024-03-30T11:00:00+01:00\n' +
    '"2024-03-31 09:00:00","2024-03-31 09:30:00",,,America/New_York,Multi Sport,oops,,\n',
  'aggregates_steps.csv': 'date,value\n2024-03-30,9041\n2024-03-31,many\n',
  'aggregates_calories_passive.csv': 'date,value\n2024-03-30,1702.4\n',
  'pwv.csv': 'date,value\n"2024-03-30 07:00:00",7.4\n',
  'raw_tracker_hr.csv':
    'start,duration,value\n2024-03-30T09:00:00+01:00,"[60,60,60]","[71,0,75]"\n2024-03-30T10:00:00+01:00,"[60]","[71,72]"\n',
  'raw_tracker_steps.csv': 'start,duration,value\n2024-03-30T09:00:00+01:00,"[60,120]","[80,0]"\n',
  'raw_location_latitude.csv': 'start,duration,value\n2024-03-30T09:00:00+01:00,[60],[52.5]\n',
  'signal.csv': 'date,type,frequency,duration,wearposition,signal\n',
}
const zip = zipOf(Object.entries(entries).map(([name, content]) => ({ name: `data_ROB_1711900000/${name}`, content })))

describe('the archive of an account', () => {
  it('is known by what is in it', async () => {
    expect(await knows(fileOf(zip, 'whatever.bin'))).toBe(true)
    expect(await knows(fileOf(entries['sleep.csv'], 'night.txt'))).toBe(true)
    expect(await knows(fileOf(entries['weight.csv'], 'x.csv'))).toBe(true)
    expect(await knows(fileOf(entries['aggregates_steps.csv'], 'aggregates_steps.csv'))).toBe(false)
    expect(
      await knows(fileOf(zipOf([{ name: 'a/activities.csv', content: 'Activity ID,Activity Date\n1,x\n' }]), 'z.zip')),
    ).toBe(false)
  })

  it('is read part by part, and says what it left out', async () => {
    const { observations, rejected } = await read(fileOf(zip, 'data.zip'))
    const samples = (metric: string) =>
      observations.flatMap((o) => (o.shape === 'sample' && o.metric === metric ? [o] : []))
    // 03:30 on the day of the clock change is in summer time: 01:30 UTC.
    expect(samples('weight')).toMatchObject([
      {
        value: 71.35,
        start: Date.parse('2024-03-31T01:30:00Z'),
        offset: 120,
        zoneBasis: 'floating',
        source: { type: 'scale' },
      },
      { value: 71.6, start: Date.parse('2024-03-30T06:00:00Z'), offset: 60 },
    ])
    expect(samples('muscle_mass')).toMatchObject([{ value: 55.02, unit: 'kg' }])
    expect(samples('height')).toMatchObject([{ value: 1.74, unit: 'm' }])
    expect(samples('blood_pressure_systolic')).toMatchObject([{ value: 118 }])
    expect(samples('withings.pulse_wave_velocity')).toMatchObject([{ value: 7.4 }])
    expect(samples('heart_rate').map(({ value, start }) => [value, start])).toEqual([
      [61, Date.parse('2024-03-30T06:05:00Z')],
      [62, Date.parse('2024-03-30T06:06:00Z')],
      [71, Date.parse('2024-03-30T08:00:00Z')],
      [75, Date.parse('2024-03-30T08:02:00Z')],
    ])
    expect(samples('steps')).toMatchObject([
      { value: 80, end: Date.parse('2024-03-30T08:01:00Z'), source: { type: 'watch' } },
    ])
    expect(observations.filter((o) => o.shape === 'daily_total')).toMatchObject([
      { metric: 'energy_basal', date: '2024-03-30', value: 1702.4 },
      { metric: 'steps', date: '2024-03-30', value: 9041 },
    ])
    const reasons = rejected.map(({ reason }) => reason)
    expect(reasons.filter((reason) => reason !== 'ignored').sort()).toEqual([
      'row_empty',
      'row_unreadable',
      'row_unreadable',
      'value_unreadable',
    ])
    expect(reasons.filter((reason) => reason === 'ignored')).toHaveLength(2)
  })

  it('reads nights and workouts with the offsets that they carry', async () => {
    const { observations } = await read(fileOf(zip, 'data.zip'))
    const sessions = observations.flatMap((o) => (o.shape === 'session' ? [o] : []))
    const nights = sessions.filter(({ kind }) => kind === 'sleep')
    expect(nights).toMatchObject([
      {
        start: Date.parse('2024-03-30T22:00:00Z'),
        end: Date.parse('2024-03-31T05:00:00Z'),
        offset: 120,
        zoneBasis: 'carried',
        measures: { sleep_duration: 22_800, sleep_awake: 2_400, heart_rate: 54 },
      },
      { measures: {} },
    ])
    expect(sessions.filter(({ kind }) => kind === 'workout')).toMatchObject([
      {
        activity: 'running',
        offset: 60,
        measures: { energy_active: 310.5, distance: 6200, heart_rate: 141, heart_rate_max: 168 },
      },
      // 09:00 in New York, four hours behind UTC.
      { activity: 'cross_training', start: Date.parse('2024-03-31T13:00:00Z'), offset: -240, zoneBasis: 'carried' },
    ])
  })

  it('meets pounds, feet, semicolons, decimal commas and a byte order mark', async () => {
    const pounds = await read(
      fileOf('\ufeffDate;Weight (lb);Fat mass (lb)\n2024-03-30 07:00:00;157,3;29,1\n', 'weight.csv'),
    )
    expect(pounds.observations).toMatchObject([
      { metric: 'weight', value: 157.3, unit: 'lb' },
      { metric: 'withings.fat_mass', value: 29.1, unit: 'lb' },
    ])
    const feet = zipOf([
      { name: 'height.csv', content: `Date,"Height (in)",Comments\n"2024-01-01 08:00:00","5' 10.0''",\n` },
      { name: 'weight.csv', content: entries['weight.csv'] },
    ])
    const { observations } = await read(fileOf(feet, 'z.zip'))
    expect(observations).toContainEqual(expect.objectContaining({ metric: 'height', value: 70, unit: 'in' }))
  })

  it('reads a German night, and floats where nobody knows the zone', async () => {
    const german =
      'von,bis,"leicht (s)","tief (s)","rem (s)","wach (s)"\n2024-03-29 23:00:00,2024-03-30 07:00:00,10000,5000,3000,600\n'
    expect((await read(fileOf(german, 'sleep.csv'), null)).observations).toMatchObject([
      {
        start: Date.parse('2024-03-29T23:00:00Z'),
        offset: null,
        zoneBasis: 'floating',
        measures: { sleep_duration: 18_000, sleep_awake: 600 },
      },
    ])
  })
})
