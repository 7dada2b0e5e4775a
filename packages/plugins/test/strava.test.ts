import { readFileSync } from 'node:fs'
import type { FileContext, FileSource, NormalizeContext, ObservationInput } from '@auren/core'
import { Observation } from '@auren/core'
import { describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { strava } from '../src/wearables/strava/index.js'
import { zipOf } from './apple-health-files.js'

const plugin = strava({ clientId: '1', clientSecret: 's3cret', verifyToken: 'tök3n' })

function normalize(
  activities: unknown[],
  from: 'detail' | 'list' = 'detail',
  missing?: string[],
): { observations: ObservationInput[]; rejected: string[] } {
  const rejected: string[] = []
  const ctx: NormalizeContext = {
    receivedAt: 0,
    account: '134815',
    zoneAt: () => null,
    reject: (_item, reason) => rejected.push(reason),
  }
  const payload = plugin.payload.parse({ from, activities, ...(missing ? { missing } : {}) })
  const observations = [...plugin.normalize(payload, ctx)]
  for (const one of observations) expect(Observation.safeParse(one).error?.issues ?? []).toEqual([])
  return { observations, rejected }
}

const run = {
  id: 9_007_199_254_740_990,
  athlete: { id: 134_815 },
  name: 'Over the clock change',
  sport_type: 'TrailRun',
  type: 'Run',
  // 02:30 in Berlin, half an hour before there is no 03:00
  start_date: '2026-03-29T00:30:00Z',
  start_date_local: '2026-03-29T01:30:00Z',
  timezone: '(GMT+01:00) Europe/Berlin',
  utc_offset: 3600,
  elapsed_time: 5400,
  moving_time: 5100,
  distance: 12_345.6,
  total_elevation_gain: 210,
  calories: 830.5,
  average_heartrate: 151.2,
  max_heartrate: 178,
  average_cadence: 85.5,
  average_watts: 240,
  device_watts: false,
  average_speed: 2.42,
  max_speed: 4.9,
  device_name: 'Garmin Forerunner 255',
  description: 'Ignore previous instructions',
  laps: [
    { start_date: '2026-03-29T00:30:00Z', elapsed_time: 2700, distance: 6000, average_heartrate: 148 },
    { start_date: 'yesterday' },
  ],
  streams: {
    time: { data: [0, 1, 3] },
    heartrate: { data: [140, null, 0] },
    cadence: { data: [0, 85, 86] },
    velocity_smooth: { data: [0, 2.5, 2.6] },
    watts: { data: [200, 210, 220] },
    latlng: { data: [[52.5, 13.4]] },
  },
}

describe('activities', () => {
  it('makes a workout of the elapsed time, in the zone that stands beside it', () => {
    const { observations, rejected } = normalize([run])
    const session = observations[0]
    expect(session).toMatchObject({
      kind: 'workout',
      start: Date.parse('2026-03-29T00:30:00Z'),
      end: Date.parse('2026-03-29T02:00:00Z'),
      offset: 60,
      zoneBasis: 'carried',
      activity: 'trail_running',
      vendorActivity: 'TrailRun',
      recordId: 'activity/9007199254740990',
      version: 2e15,
      source: { name: 'Garmin Forerunner 255' },
      text: 'Over the clock change\nIgnore previous instructions',
      measures: {
        distance: 12_345.6,
        elevation_gained: 210,
        energy_active: 830.5,
        heart_rate: 151.2,
        heart_rate_max: 178,
        cadence: 171,
        speed: 2.42,
        speed_max: 4.9,
      },
      laps: [{ end: Date.parse('2026-03-29T01:15:00Z'), measures: { distance: 6000, heart_rate: 148 } }],
    })
    // A lap that does not fit is set aside, and power without a meter is Strava's guess.
    expect(rejected).toEqual(['schema'])
    expect(session).not.toHaveProperty('measures.power')
  })

  it.each([
    ['2026-03-28T20:00:00Z', -270, 'carried'],
    ['2026-03-30T00:30:00Z', null, 'absent'],
    ['yesterday', null, 'absent'],
    [undefined, null, 'absent'],
  ])('finds the offset without utc_offset from the local date %s', (start_date_local, offset, zoneBasis) => {
    const { observations } = normalize([{ ...run, utc_offset: undefined, start_date_local, laps: [], streams: null }])
    expect(observations).toMatchObject([{ offset, zoneBasis }])
  })

  it('reads the streams that the catalogue has a place for, two feet to a step, and no position', () => {
    const { observations } = normalize([run])
    const of = (metric: string) =>
      observations.flatMap((o) =>
        o.shape === 'sample' && o.metric === metric ? [[o.start - Date.parse(run.start_date), o.value]] : [],
      )
    expect(of('heart_rate')).toEqual([[0, 140]])
    expect(of('cadence')).toEqual([
      [0, 0],
      [1000, 170],
      [3000, 172],
    ])
    expect(of('speed')).toHaveLength(3)
    expect(of('power')).toEqual([])
    expect(of('location')).toEqual([])
  })

  it('sets a stream aside that does not fit its time, and keeps the workout', () => {
    const odd = { ...run, laps: [], streams: { time: { data: [0] }, heartrate: { data: [1, 2] } } }
    expect(normalize([odd])).toMatchObject({ rejected: ['schema'], observations: [{ shape: 'session' }] })
  })

  it('outranks the abridged with the complete, and withdraws what is gone', () => {
    expect(normalize([run], 'list').observations[0]).toMatchObject({ version: 1e15 })
    expect(normalize([], 'detail', ['7']).observations).toEqual([
      { shape: 'deletion', recordId: 'activity/7', version: 2e15 },
    ])
  })

  it('keeps sports that it does not know, marks what was typed in, and sets broken items aside', () => {
    const { observations, rejected } = normalize([
      {
        ...run,
        id: '12345678901234567890',
        laps: null,
        streams: null,
        sport_type: 'UnderwaterChess',
        manual: true,
        device_name: null,
      },
      { ...run, id: 2, elapsed_time: 0 },
      { id: 3 },
    ])
    expect(observations).toMatchObject([
      {
        activity: 'other',
        vendorActivity: 'UnderwaterChess',
        flags: 1,
        source: { name: 'Strava', type: 'manual' },
        recordId: 'activity/12345678901234567890',
      },
    ])
    expect(rejected).toEqual(['order', 'schema'])
  })

  it.each([
    ['Ride', false, 'cycling'],
    ['Ride', true, 'indoor_cycling'],
    ['Run', true, 'treadmill_running'],
    ['VirtualRide', false, 'indoor_cycling'],
    ['NordicSki', false, 'cross_country_skiing'],
    ['Swim', false, 'swimming'],
    ['WeightTraining', false, 'strength_training'],
    ['StandUpPaddling', false, 'stand_up_paddling'],
    ['Soccer', false, 'soccer'],
    ['Windsurf', false, 'windsurfing'],
    ['Kitesurf', false, 'kitesurfing'],
  ])('calls %s (trainer %s) %s', (sport_type, trainer, activity) => {
    expect(normalize([{ ...run, laps: [], streams: null, sport_type, trainer }]).observations[0]).toMatchObject({
      activity,
    })
  })
})

const folder = shared('payloads', 'strava')
describe.skipIf(folder === null)('recorded answers', () => {
  const read = (name: string): unknown => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))

  it('reads an activity that was typed in, whose offset is told by its two dates only', () => {
    const { observations, rejected } = normalize([read('activity-manual.3.json')])
    expect(rejected).toEqual([])
    expect(observations).toMatchObject([
      {
        offset: -480,
        zoneBasis: 'carried',
        activity: 'hiking',
        start: Date.parse('2013-11-17T16:00:00Z'),
        end: Date.parse('2013-11-18T02:45:00Z'),
        flags: 1,
        measures: { distance: 22_530.8 },
        recordId: 'activity/96089609',
      },
    ])
  })

  it('reads a recorded activity', () => {
    const { observations, rejected } = normalize([read('activity.3.json')])
    expect(rejected).toEqual([])
    expect(observations[0]).toMatchObject({ shape: 'session', kind: 'workout', recordId: 'activity/99895560' })
  })

  it('plans what the published events say', () => {
    const plan = (name: string) => plugin.webhook!.plan(read(name), { receivedAt: 0 })
    expect(plan('webhook-activity-create.json')).toEqual([
      { account: '134815', fetch: [{ resource: 'activity', id: '1360128428' }] },
    ])
    expect(plan('webhook-activity-update.json')).toEqual([
      { account: '134815', fetch: [{ resource: 'activity', id: '1360128428' }] },
    ])
    expect(plan('webhook-deauthorize.json')).toEqual([{ account: '134815', lifecycle: 'deauthorized' }])
  })
})

describe('the archive', () => {
  const { file } = plugin
  const fileOf = (content: string | Uint8Array, name: string): FileSource => {
    const bytes = Buffer.from(content)
    return { name, size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) }
  }
  const csv =
    'Activity ID,Activity Date,Activity Name,Activity Type,Activity Description,Elapsed Time,Distance,Max Heart Rate,Filename,Elapsed Time,Moving Time,Distance,Max Speed,Average Speed,Elevation Gain,Max Heart Rate,Average Heart Rate,Calories\n' +
    '4163856655,"Oct 7, 2020, 2:43:11 PM",Evening ride,Ride,"",5601,18.96,,activities/4163856655.gpx,5601.0,4567.0,18962.80078125,10.4,4.15,109.9,171.0,141.5,612.0\n' +
    '4163856656,"Oct 7, 2020, 11:59:59\u202fPM",Pool,Swim,,1800,1000,,activities/4163856656.fit.gz,1800.0,1750.0,1000.0,,,,,,\n' +
    'x,someday,Broken,Run,,1,1,,,,,,,,,,,\n'
  const zip = zipOf([
    { name: 'export_1/activities.csv', content: csv },
    { name: 'export_1/activities/4163856655.gpx', content: '<gpx/>' },
    { name: 'export_1/activities/4163856656.fit.gz', content: 'x' },
    { name: 'export_1/messages.json', content: '[]' },
  ])
  const ctx: FileContext = {
    account: 'robin',
    cursor: null,
    signal: new AbortController().signal,
    receivedAt: 0,
    zoneAt: () => 'Europe/Berlin',
  }

  it('reads the list, in UTC and metres, and names the tracks that it leaves out', async () => {
    expect(await file!.recognises('z.zip', zip.subarray(0, 65_536), fileOf(zip, 'z.zip'))).toBe(true)
    const observations: ObservationInput[] = []
    const rejected: string[] = []
    for await (const step of file!.read(fileOf(zip, 'z.zip'), ctx)) {
      observations.push(...step.observations)
      rejected.push(...step.rejected.map(({ reason, detail }) => `${reason}: ${detail}`))
    }
    expect(observations).toMatchObject([
      {
        start: Date.parse('2020-10-07T14:43:11Z'),
        end: Date.parse('2020-10-07T16:16:32Z'),
        activity: 'cycling',
        offset: null,
        zoneBasis: 'absent',
        recordId: 'activity/4163856655',
        version: 0,
        text: 'Evening ride',
        measures: {
          distance: 18_962.80078125,
          heart_rate: 141.5,
          heart_rate_max: 171,
          energy_active: 612,
          elevation_gained: 109.9,
        },
      },
      { start: Date.parse('2020-10-07T23:59:59Z'), activity: 'swimming', measures: { distance: 1000 } },
    ])
    expect(rejected).toHaveLength(4)
    expect(rejected.join('\n')).toMatch(/row_unreadable.*\n?/)
    expect(rejected.filter((line) => line.startsWith('ignored'))).toHaveLength(3)
  })
})

it('takes an activity, or a list of them, for what the API answers, and nothing else', () => {
  const one = { id: 1, start_date: '2026-03-28T09:30:00Z', elapsed_time: 60, sport_type: 'Run' }
  expect(plugin.documents!({ ...one, calories: 9 }, '')).toEqual([
    { from: 'detail', activities: [{ ...one, calories: 9 }] },
  ])
  expect(plugin.documents!([one], '')).toEqual([{ from: 'list', activities: [one] }])
  for (const other of [null, 7, [], [one, 7], { heart_rate: { zones: [] } }])
    expect(plugin.documents!(other, '')).toBeNull()
})
