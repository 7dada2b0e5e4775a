import type { DayRow, WearablePlugin } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { garmin } from '../src/wearables/garmin/index.js'
import { junction } from '../src/wearables/junction/index.js'
import { oura } from '../src/wearables/oura/index.js'
import { strava } from '../src/wearables/strava/index.js'
import { withings } from '../src/wearables/withings/index.js'
import { exportOf, record } from './apple-health-files.js'
import { openRig, pieces, type Rig } from './ingest-rig.js'

/** Payloads of a vendor, as its pull would bring them: everything behind that is the real way. */
const feeds = new Map<string, unknown[]>()
function fed(vendor: unknown): WearablePlugin {
  const { subscription: _, ...plugin } = vendor as WearablePlugin
  const pull: WearablePlugin['pull'] = {
    everyMs: 365 * 86_400_000,
    async *all({ account }) {
      for (const payload of feeds.get(`${plugin.id}/${account}`)?.splice(0) ?? []) yield { payload }
    },
  }
  return { ...plugin, pull }
}

let rig: Rig
let person = ''
let n = 0
beforeAll(async () => {
  rig = await openRig({
    plugins: [
      fed(oura({ clientId: 'c', clientSecret: 's', verificationToken: 't' })),
      fed(garmin({ clientId: 'c', clientSecret: 's', webhookSecret: 'a-long-random-secret' })),
      fed(withings({ clientId: 'c', clientSecret: 's', callbackSecret: 'k' })),
      fed(strava({ clientId: 'c', clientSecret: 's', verifyToken: 't' })),
      fed(junction({ webhookSecret: `whsec_${Buffer.alloc(24, 7).toString('base64')}` })),
    ],
  })
})
afterAll(() => rig.close())
beforeEach(async () => {
  person = `wearer-${n++}`
  await rig.auren.memory.for(person).setProfile({ zones: [{ from: 0, zone: 'Europe/Berlin' }] })
})

const unix = (stamp: string): number => Date.parse(stamp) / 1000
const scope = () => ({ user: person, purpose: 'display' as const })
const ever = { from: '2020-01-01', to: '2030-01-01' }

async function feed(vendor: string, ...payloads: unknown[]): Promise<void> {
  const key = `${vendor}/${person}`
  feeds.set(key, [...(feeds.get(key) ?? []), ...payloads])
  const connected = await rig.auren.ingest.connections.list(person)
  if (connected.some(({ provider }) => provider === vendor)) await rig.auren.ingest.connections.sync(person, vendor)
  else await rig.auren.ingest.connections.adopt(person, vendor, person, { accessToken: 'x' })
  await rig.auren.ingest.settled()
  expect(feeds.get(key)).toEqual([])
}
const days = async (metric: string, of: (row: DayRow) => unknown = ({ value }) => value) =>
  Object.fromEntries(
    (await rig.longTerm.days(scope(), { metrics: [metric], ...ever })).map((row) => [row.date, of(row)]),
  )
const sessions = async (kind: 'sleep' | 'workout') =>
  (await rig.longTerm.sessions(scope(), { ...ever, kind, all: true })).map(
    ({ source, start, end, main, nap, date }) => ({
      vendor: source.split('/')[0],
      date,
      minutes: (end - start) / 60_000,
      main,
      nap,
    }),
  )

const quarter = (at: string, steps: number) => ({
  summaryId: `e-${at}`,
  activityType: 'WALKING',
  startTimeInSeconds: unix(at),
  startTimeOffsetInSeconds: 7200,
  durationInSeconds: 900,
  activeTimeInSeconds: 600,
  steps,
})
const garminOf = (summaries: object) => ({ userId: person, summaries })
const garminNight = (id: string, start: string, seconds: number, validation = 'AUTO_FINAL') => ({
  summaryId: id,
  calendarDate: '2025-06-11',
  startTimeInSeconds: unix(start),
  startTimeOffsetInSeconds: 7200,
  durationInSeconds: seconds,
  deepSleepDurationInSeconds: 3600,
  lightSleepDurationInSeconds: seconds - 7200,
  remSleepInSeconds: 3600,
  awakeDurationInSeconds: 0,
  sleepLevelsMap: {
    deep: [{ startTimeInSeconds: unix(start), endTimeInSeconds: unix(start) + 3600 }],
    light: [{ startTimeInSeconds: unix(start) + 3600, endTimeInSeconds: unix(start) + seconds - 3600 }],
    rem: [{ startTimeInSeconds: unix(start) + seconds - 3600, endTimeInSeconds: unix(start) + seconds }],
  },
  validation,
})
const ouraNight = (id: string, bedtime_start: string, bedtime_end: string, total: number, type = 'long_sleep') => ({
  collection: 'sleep',
  documents: [{ id, day: '2025-06-11', type, bedtime_start, bedtime_end, total_sleep_duration: total }],
})

describe('steps of a watch, a phone and a vendor’s sum', () => {
  it('are swept by interval, and a total of the day fills only what nobody measured', async () => {
    await feed(
      'garmin',
      garminOf({ epochs: [quarter('2025-06-10T06:00:00Z', 500), quarter('2025-06-10T06:15:00Z', 700)] }),
    )
    const phone = (start: string, end: string, value: string) =>
      record({ type: 'HKQuantityTypeIdentifierStepCount', unit: 'count', source: 'iPhone', start, end, value })
    const bytes = Buffer.from(
      exportOf(
        [
          // Half of it while the watch counted, half of it before: pro rata 200.
          phone('2025-06-10 07:45:00 +0200', '2025-06-10 08:15:00 +0200', '400'),
          phone('2025-06-10 12:00:00 +0200', '2025-06-10 12:30:00 +0200', '900'),
        ].join('\n'),
      ),
    )
    await rig.auren.ingest.file('apple-health' as never, pieces(bytes), { userId: person, name: 'export.xml' })
    await rig.auren.ingest.settled()
    expect(await days('steps')).toEqual({ '2025-06-10': 500 + 700 + 200 + 900 })
    // Garmin's own sum of the day says 1,600: it is the watch's account of the whole day, not more steps.
    await feed(
      'garmin',
      garminOf({
        dailies: [
          {
            summaryId: 'd-1',
            calendarDate: '2025-06-10',
            startTimeInSeconds: unix('2025-06-09T22:00:00Z'),
            startTimeOffsetInSeconds: 7200,
            durationInSeconds: 86_400,
            steps: 1600,
          },
        ],
      }),
    )
    const [sum, parts] = [await days('steps'), await days('steps', (row) => row.parts)]
    const said = Object.values(parts['2025-06-10'] as Record<string, number>).reduce((all, one) => all + one, 0)
    expect(sum['2025-06-10']).toBe(said)
    // Never the watch's quarters and its sum on top of each other.
    expect(sum['2025-06-10']).toBeLessThanOrEqual(1600 + 200 + 900)
    expect(sum['2025-06-10']).toBeGreaterThanOrEqual(2300)
  })

  it('of a day of which there are only sums are the best source’s sum, not all of them', async () => {
    const total = (provider: string, steps: number) => ({
      id: `a-${provider}`,
      calendar_date: '2025-06-10',
      source: { provider },
      steps,
    })
    await feed('junction', { resource: 'activity', items: [total('garmin', 8000), total('google_fit', 7500)] })
    expect(await days('steps')).toEqual({ '2025-06-10': 8000 })
  })
})

describe('one night', () => {
  it('that grows is one, and the last account of it holds', async () => {
    for (const [minutes, validation] of [
      [65, 'AUTO_TENTATIVE'],
      [138, 'AUTO_TENTATIVE'],
      [425, 'AUTO_FINAL'],
    ] as const)
      await feed(
        'garmin',
        garminOf({ sleeps: [garminNight('n', '2025-06-10T21:00:00Z', minutes * 60 + 7200, validation)] }),
      )
    expect(await sessions('sleep')).toEqual([
      { vendor: 'garmin', date: '2025-06-11', minutes: 545, main: true, nap: false },
    ])
  })

  it('told by ring and watch, one within the other, counts once; the nap of the day beside it', async () => {
    await feed('garmin', garminOf({ sleeps: [garminNight('n', '2025-06-10T21:00:00Z', 28_800)] }))
    await feed(
      'oura',
      ouraNight('o1', '2025-06-10T23:30:00+02:00', '2025-06-11T06:30:00+02:00', 23_400),
      ouraNight('o2', '2025-06-11T14:00:00+02:00', '2025-06-11T14:40:00+02:00', 2000, 'sleep'),
    )
    const all = await sessions('sleep')
    expect(all.filter(({ main }) => main)).toEqual([
      { vendor: 'garmin', date: '2025-06-11', minutes: 480, main: true, nap: false },
    ])
    expect(all.filter(({ nap }) => nap)).toEqual([
      { vendor: 'oura', date: '2025-06-11', minutes: 40, main: false, nap: true },
    ])
    // Watch: 8 h asleep; and the ring's nap of 2,000 s.
    expect(await days('sleep_session')).toEqual({ '2025-06-11': 28_800 + 2000 })
    expect(await days('sleep_duration')).toEqual({ '2025-06-11': 28_800 })
  })

  it('is the ring’s where the person ranks it first, also in the past', async () => {
    await feed('garmin', garminOf({ sleeps: [garminNight('n', '2025-06-10T21:00:00Z', 28_800)] }))
    await feed('oura', ouraNight('o1', '2025-06-10T23:30:00+02:00', '2025-06-11T06:30:00+02:00', 23_400))
    expect(await days('sleep_duration')).toEqual({ '2025-06-11': 28_800 })
    const ring = (await rig.longTerm.sources(scope())).find(({ provider }) => provider === 'oura')?.key as string
    const before = await rig.auren.memory.for(person).profile()
    await rig.auren.memory.for(person).setProfile({ ...before, ranks: { sleep_session: [ring] } })
    expect(await days('sleep_duration')).toEqual({ '2025-06-11': 23_400 })
    await rig.auren.memory.for(person).setProfile(before)
    expect(await days('sleep_duration')).toEqual({ '2025-06-11': 28_800 })
  })

  it('by way of an aggregator and straight from the vendor is one', async () => {
    await feed('oura', ouraNight('o1', '2025-06-10T23:30:00+02:00', '2025-06-11T06:30:00+02:00', 23_400))
    await feed('junction', {
      resource: 'sleep',
      items: [
        {
          id: 'j1',
          calendar_date: '2025-06-11',
          bedtime_start: '2025-06-10T21:30:00+00:00',
          bedtime_stop: '2025-06-11T04:30:00+00:00',
          timezone_offset: 7200,
          total: 23_400,
          source: { provider: 'oura', type: 'ring' },
        },
      ],
    })
    expect((await sessions('sleep')).filter(({ main, nap }) => main || nap)).toHaveLength(1)
    expect(await days('sleep_session')).toEqual({ '2025-06-11': 23_400 })
  })
})

describe('one workout through two routes', () => {
  const run = (id: string, start: string, end: string, sport = 'running') => ({
    id,
    time_start: start,
    time_end: end,
    timezone_offset: 7200,
    sport: { name: sport, slug: sport },
    distance: 10_000,
    source: { provider: 'polar' },
  })
  const activity = {
    summaryId: 'w-1',
    activityId: 1,
    activityType: 'RUNNING',
    startTimeInSeconds: unix('2025-06-10T16:00:00Z'),
    startTimeOffsetInSeconds: 7200,
    durationInSeconds: 3600,
    distanceInMeters: 10_020,
    activeKilocalories: 640,
    averageHeartRateInBeatsPerMinute: 151,
    deviceName: 'Forerunner',
  }

  it('is linked, though the clocks are three minutes apart, and the richest stands for it', async () => {
    await feed('garmin', garminOf({ activities: [activity] }))
    await feed('junction', {
      resource: 'workouts',
      items: [run('j1', '2025-06-10T16:03:00+00:00', '2025-06-10T17:03:00+00:00')],
    })
    const all = await sessions('workout')
    expect(all).toHaveLength(2)
    expect(all.filter(({ main }) => main)).toMatchObject([{ vendor: 'garmin', minutes: 60 }])
    expect(await days('workout', ({ sum }) => sum)).toEqual({ '2025-06-10': 3600 })
  })

  it('is two where it is another kind, or another hour', async () => {
    await feed('garmin', garminOf({ activities: [activity] }))
    await feed('junction', {
      resource: 'workouts',
      items: [
        run('j1', '2025-06-10T16:00:00+00:00', '2025-06-10T17:00:00+00:00', 'yoga'),
        run('j2', '2025-06-10T17:05:00+00:00', '2025-06-10T17:35:00+00:00'),
      ],
    })
    expect((await sessions('workout')).filter(({ main }) => main)).toHaveLength(3)
  })

  it('that is corrected or taken back at one of them follows there, and the other stays', async () => {
    await feed('garmin', garminOf({ activities: [activity] }))
    const twin = run('j1', '2025-06-10T16:00:00+00:00', '2025-06-10T17:00:00+00:00')
    await feed('junction', { resource: 'workouts', items: [{ ...twin, updated_at: '2025-06-10T18:00:00Z' }] })
    await feed('junction', {
      resource: 'workouts',
      items: [{ ...twin, time_end: '2025-06-10T16:50:00+00:00', updated_at: '2025-06-10T19:00:00Z' }],
    })
    // What was sent before the correction comes late.
    await feed('junction', { resource: 'workouts', items: [{ ...twin, updated_at: '2025-06-10T18:00:00Z' }] })
    expect((await sessions('workout')).map(({ vendor, minutes, main }) => [vendor, minutes, main]).sort()).toEqual([
      ['garmin', 60, true],
      ['junction', 50, false],
    ])
  })
})

describe('twins', () => {
  it('of one measurement by two routes within two seconds count once', async () => {
    const weighing = {
      grpid: 1,
      attrib: 0,
      date: unix('2025-06-10T05:00:00Z'),
      created: unix('2025-06-10T05:00:00Z'),
      modified: unix('2025-06-10T05:00:00Z'),
      category: 1,
      model: 'Body+',
      measures: [{ value: 71_400, type: 1, unit: -3 }],
    }
    await feed('withings', { resource: 'measures', items: [weighing], timezone: 'Europe/Berlin' })
    await feed('junction', {
      resource: 'heartrate',
      items: ['oura', 'polar'].map((provider, i) => ({
        source: { provider },
        data: [
          { timestamp: `2025-06-10T08:00:0${i}+00:00`, timezone_offset: 7200, value: 61 },
          { timestamp: `2025-06-10T09:00:0${i * 5}+00:00`, timezone_offset: 7200, value: 65 },
        ],
      })),
    })
    await feed('junction', {
      resource: 'body_weight',
      items: [
        {
          source: { provider: 'withings', type: 'scale' },
          data: [{ timestamp: '2025-06-10T05:00:01+00:00', timezone_offset: 7200, value: 71.4, unit: 'kg' }],
        },
      ],
    })
    expect(await days('weight', ({ value, n: count }) => [value, count])).toEqual({ '2025-06-10': [71.4, 1] })
    // 61 once, 65 twice: five seconds apart they are two.
    expect(await days('heart_rate', ({ n: count }) => count)).toEqual({ '2025-06-10': 3 })
  })
})
