import { createHmac } from 'node:crypto'
import type { DayRow, WearablePlugin } from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { garmin } from '../src/wearables/garmin/index.js'
import { junction } from '../src/wearables/junction/index.js'
import { oura } from '../src/wearables/oura/index.js'
import { withings } from '../src/wearables/withings/index.js'
import { exportOf, record } from './apple-health-files.js'
import { start as now, openRig, pieces, type Rig } from './ingest-rig.js'

/** Payloads of a vendor, as its pull would bring them: everything behind that is the real way. */
const feeds = new Map<string, unknown[]>()
function fed<P extends WearablePlugin>({ subscription: _, ...plugin }: P): WearablePlugin {
  const pull: WearablePlugin['pull'] = {
    everyMs: 365 * 86_400_000,
    async *all({ account }) {
      for (const payload of feeds.get(`${plugin.id}/${account}`)?.splice(0) ?? []) yield { payload }
    },
  }
  return { ...plugin, pull } as WearablePlugin
}

const webhookSecret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`
let rig: Rig
let person = ''
let n = 0
beforeAll(async () => {
  rig = await openRig({
    plugins: [
      fed(oura({ clientId: 'c', clientSecret: 's', verificationToken: 't' }) as WearablePlugin),
      fed(garmin({ clientId: 'c', clientSecret: 's', webhookSecret: 'a-long-random-secret' }) as WearablePlugin),
      fed(withings({ clientId: 'c', clientSecret: 's', callbackSecret: 'k' }) as WearablePlugin),
      junction({ webhookSecret }) as WearablePlugin,
    ],
  })
})
afterAll(() => rig.close())
beforeEach(() => {
  person = `traveller-${n++}`
})

const at = (stamp: string): number => Date.parse(stamp)
const unix = (stamp: string): number => at(stamp) / 1000
const scope = () => ({ user: person, purpose: 'display' as const })
const ever = { from: '2020-01-01', to: '2030-01-01' }
const live = (...zones: [from: string, zone: string][]) =>
  rig.auren.memory.for(person).setProfile({ zones: zones.map(([from, zone]) => ({ from: at(from), zone })) })

async function feed(vendor: string, ...payloads: unknown[]): Promise<void> {
  const key = `${vendor}/${person}`
  feeds.set(key, [...(feeds.get(key) ?? []), ...payloads])
  const connected = await rig.auren.ingest.connections.list(person)
  if (connected.some(({ provider }) => provider === vendor)) await rig.auren.ingest.connections.sync(person, vendor)
  else await rig.auren.ingest.connections.adopt(person, vendor, person, { accessToken: 'x' })
  await rig.auren.ingest.settled()
  expect(feeds.get(key)).toEqual([])
}
async function exported(...records: Parameters<typeof record>[0][]): Promise<void> {
  const bytes = Buffer.from(exportOf(records.map((one) => record(one)).join('\n')))
  await rig.auren.ingest.file('apple-health' as never, pieces(bytes), { userId: person, name: 'export.xml' })
  await rig.auren.ingest.settled()
}
let deliveries = 0
async function delivered(resource: string, provider: string, data: unknown[]): Promise<void> {
  const held = await rig.auren.ingest.connections.list(person)
  if (!held.some((one) => one.provider === 'junction'))
    await rig.auren.ingest.connections.adopt(person, 'junction', person, { accessToken: 'x' })
  const body = JSON.stringify({
    event_type: `daily.data.${resource}.created`,
    user_id: person,
    data: { source: { provider }, data },
  })
  const id = `msg_${deliveries++}`
  const key = Buffer.from(webhookSecret.slice(6), 'base64')
  const headers = {
    'svix-id': id,
    'svix-timestamp': String(now / 1000),
    'svix-signature': `v1,${createHmac('sha256', key)
      .update(`${id}.${now / 1000}.${body}`)
      .digest('base64')}`,
  }
  await rig.auren.ingest.webhook('junction', { method: 'POST', headers, query: {}, body: Buffer.from(body), now })
  await rig.auren.ingest.settled()
}
const days = async (metric: string, of: (row: DayRow) => number = ({ value }) => value) =>
  Object.fromEntries(
    (await rig.longTerm.days(scope(), { metrics: [metric], ...ever })).map((row) => [row.date, of(row)]),
  )
const nights = async () =>
  (await rig.longTerm.sessions(scope(), { ...ever, all: true })).map(({ date, start, end, main, nap }) => ({
    date,
    hours: (end - start) / 3_600_000,
    main,
    nap,
  }))

const ouraNight = (id: string, day: string, bedtime_start: string, bedtime_end: string, more: object = {}) => ({
  collection: 'sleep',
  documents: [{ id, day, type: 'long_sleep', bedtime_start, bedtime_end, total_sleep_duration: 21_600, ...more }],
})
/** A quarter of an hour as Garmin tells it: UTC, and the offset of the watch. */
const quarter = (local: string, steps: number) => {
  const offset = /([+-])(\d\d):(\d\d)$/.exec(local) as RegExpExecArray
  return {
    summaryId: `e-${local}`,
    activityType: 'WALKING',
    startTimeInSeconds: unix(local),
    startTimeOffsetInSeconds: (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 3600 + Number(offset[3]) * 60),
    durationInSeconds: 900,
    activeTimeInSeconds: 600,
    steps,
  }
}
const epochs = (...rows: ReturnType<typeof quarter>[]) => ({ userId: person, summaries: { epochs: rows } })
const withingsNight = (timezone: string, startdate: string, enddate: string) => ({
  resource: 'sleep',
  items: [
    {
      id: 7,
      timezone,
      model: 32,
      startdate: unix(startdate),
      enddate: unix(enddate),
      date: '2025-01-01',
      created: unix(enddate),
      modified: unix(enddate),
      data: { total_sleep_time: 21_600 },
    },
  ],
})

describe('the night in which the clocks change', () => {
  it.each([
    [
      'forward',
      ouraNight('n', '2025-03-30', '2025-03-29T23:30:00+01:00', '2025-03-30T07:00:00+02:00'),
      '2025-03-30',
      6.5,
    ],
    ['back', ouraNight('n', '2025-10-26', '2025-10-25T23:30:00+02:00', '2025-10-26T07:00:00+01:00'), '2025-10-26', 8.5],
  ])('%s is as long as it was, by Oura, which writes both offsets', async (_way, payload, date, hours) => {
    await live(['2020-01-01T00:00:00Z', 'Europe/Berlin'])
    await feed('oura', payload)
    expect(await nights()).toEqual([{ date, hours, main: true, nap: false }])
    expect(await days('sleep_duration')).toEqual({ [date]: 21_600 })
  })

  it.each([
    ['forward', withingsNight('Europe/Berlin', '2025-03-29T22:30:00Z', '2025-03-30T05:00:00Z'), '2025-03-30', 6.5],
    ['back', withingsNight('Europe/Berlin', '2025-10-25T21:30:00Z', '2025-10-26T06:00:00Z'), '2025-10-26', 8.5],
    // Half an hour: 02:00 becomes 01:30.
    [
      'back at Lord Howe',
      withingsNight('Australia/Lord_Howe', '2025-04-05T12:00:00Z', '2025-04-05T20:30:00Z'),
      '2025-04-06',
      8.5,
    ],
    // 02:00 becomes 02:30.
    [
      'forward at Lord Howe',
      withingsNight('Australia/Lord_Howe', '2025-10-04T12:30:00Z', '2025-10-04T20:00:00Z'),
      '2025-10-05',
      7.5,
    ],
  ])('%s is as long as it was, by Withings, which names the zone', async (_way, payload, date, hours) => {
    await feed('withings', payload)
    expect(await nights()).toEqual([{ date, hours, main: true, nap: false }])
  })

  it('leaves every quarter-hour of Garmin’s to its own day, on both sides of both midnights', async () => {
    await live(['2020-01-01T00:00:00Z', 'Europe/Berlin'])
    await feed(
      'garmin',
      epochs(
        quarter('2025-03-29T23:45:00+01:00', 1),
        quarter('2025-03-30T00:00:00+01:00', 10),
        quarter('2025-03-30T03:00:00+02:00', 100),
        quarter('2025-03-30T23:45:00+02:00', 1000),
        quarter('2025-03-31T00:00:00+02:00', 10_000),
        quarter('2025-10-26T02:30:00+02:00', 3),
        quarter('2025-10-26T02:30:00+01:00', 30),
        quarter('2025-10-26T23:45:00+01:00', 300),
      ),
    )
    expect(await days('steps')).toEqual({
      '2025-03-29': 1,
      '2025-03-30': 1110,
      '2025-03-31': 10_000,
      '2025-10-26': 333,
    })
  })
})

describe('a journey', () => {
  it('over three zones in one day is one day', async () => {
    await live(['2020-01-01T00:00:00Z', 'Europe/Berlin'])
    await feed(
      'garmin',
      epochs(
        quarter('2025-06-10T08:00:00+02:00', 100),
        quarter('2025-06-10T12:00:00+01:00', 200),
        // Half past midnight of the next day in UTC, and in Berlin.
        quarter('2025-06-10T20:30:00-04:00', 300),
        quarter('2025-06-11T08:30:00-04:00', 50),
      ),
    )
    expect(await days('steps')).toEqual({ '2025-06-10': 600, '2025-06-11': 50 })
  })

  it('east over the date line lives one date twice', async () => {
    await live(['2020-01-01T00:00:00Z', 'Pacific/Auckland'])
    await feed(
      'garmin',
      epochs(
        quarter('2025-07-10T18:00:00+12:00', 1000),
        // Nine hours in the air, and it is the morning of the same date.
        quarter('2025-07-10T09:00:00-10:00', 2000),
        quarter('2025-07-11T09:00:00-10:00', 400),
      ),
    )
    expect(await days('steps')).toEqual({ '2025-07-10': 3000, '2025-07-11': 400 })
    // The night in the air ends where it ends.
    await feed('oura', ouraNight('air', '2025-07-10', '2025-07-10T23:00:00+12:00', '2025-07-10T06:00:00-10:00'))
    expect(await nights()).toEqual([{ date: '2025-07-10', hours: 5, main: true, nap: false }])
  })

  it('west over the date line skips a date, and nothing stands on it', async () => {
    await live(['2020-01-01T00:00:00Z', 'Pacific/Honolulu'])
    await feed('garmin', epochs(quarter('2025-07-10T20:00:00-10:00', 500), quarter('2025-07-12T08:00:00+12:00', 700)))
    await feed('oura', ouraNight('air', '2025-07-12', '2025-07-10T22:30:00-10:00', '2025-07-12T04:30:00+12:00'))
    expect(await days('steps')).toEqual({ '2025-07-10': 500, '2025-07-12': 700 })
    expect(await nights()).toEqual([{ date: '2025-07-12', hours: 8, main: true, nap: false }])
  })

  it('through zones of half and three quarters of an hour changes its days at their midnights', async () => {
    await feed(
      'garmin',
      epochs(
        quarter('2025-05-01T23:45:00+05:30', 1),
        quarter('2025-05-02T00:00:00+05:30', 10),
        quarter('2025-05-02T23:45:00+05:45', 100),
        quarter('2025-05-03T00:00:00+05:45', 1000),
        quarter('2025-05-03T23:45:00-03:30', 10_000),
      ),
    )
    expect(await days('steps')).toEqual({ '2025-05-01': 1, '2025-05-02': 110, '2025-05-03': 11_000 })
  })
})

describe('clocks that say no zone', () => {
  const reading = (wall: string, value: number) => ({
    timestamp: `${wall}+00:00`,
    timezone_offset: null,
    unit: 'mmol/L',
    value,
  })
  const mgPerDl = (mmol: number) => Number((mmol * 18.016).toPrecision(12))

  it('stay on the date that they showed, before and after it is known where that was, and again where it was elsewhere', async () => {
    await delivered('glucose', 'freestyle_libre', [
      reading('2025-08-01T23:50:00', 5),
      reading('2025-08-02T00:05:00', 6),
      // Half past one in Lord Howe's repeated half hour: it is on its date whichever it was.
      reading('2025-04-06T01:45:00', 7),
    ])
    const shown = { '2025-04-06': mgPerDl(7), '2025-08-01': mgPerDl(5), '2025-08-02': mgPerDl(6) }
    const instants = async () => (await rig.longTerm.samples(scope(), { metric: 'glucose', from: 0, to: now })).length
    expect(await days('glucose')).toEqual(shown)
    for (const zone of ['America/Los_Angeles', 'Australia/Lord_Howe', 'Pacific/Kiritimati']) {
      await live(['2020-01-01T00:00:00Z', zone])
      expect(await days('glucose')).toEqual(shown)
      expect(await instants()).toBe(3)
    }
  })

  it('move with the person where they are UTC of an unknown place', async () => {
    // Oura writes +00:00 for heart rate wherever the ring was.
    await feed('oura', {
      collection: 'heartrate',
      documents: [
        { timestamp: '2025-08-01T23:00:00+00:00', bpm: 61, source: 'rest' },
        { timestamp: '2025-08-02T06:30:00+00:00', bpm: 71, source: 'rest' },
      ],
    })
    await live(['2020-01-01T00:00:00Z', 'Europe/Berlin'])
    expect(await days('heart_rate')).toEqual({ '2025-08-02': 66 })
    // It turns out that August was spent in California: 16:00 and 23:30 of the first.
    await live(
      ['2020-01-01T00:00:00Z', 'Europe/Berlin'],
      ['2025-07-25T00:00:00Z', 'America/Los_Angeles'],
      ['2025-08-25T00:00:00Z', 'Europe/Berlin'],
    )
    expect(await days('heart_rate')).toEqual({ '2025-08-01': 66 })
    await live(['2020-01-01T00:00:00Z', 'Asia/Kolkata'])
    expect(await days('heart_rate')).toEqual({ '2025-08-02': 66 })
  })
})

describe('a phone whose export carries the wrong offset', () => {
  const steps = (startDate: string, endDate: string, value: string) => ({
    type: 'HKQuantityTypeIdentifierStepCount',
    unit: 'count',
    source: 'Phone',
    start: startDate,
    end: endDate,
    value,
  })

  it('for it was exported abroad, is read in the zone in which the person says to have been', async () => {
    await live(['2020-01-01T00:00:00Z', 'Europe/Berlin'])
    // One o'clock at night in Berlin, written by a phone in New York as seven in the evening before.
    await exported(steps('2025-08-01 19:00:00 -0400', '2025-08-01 19:10:00 -0400', '250'))
    expect(await days('steps')).toEqual({ '2025-08-02': 250 })
  })

  it('moves to its day when the person says so afterwards', async () => {
    await exported(steps('2025-08-01 19:00:00 -0400', '2025-08-01 19:10:00 -0400', '250'))
    expect(await days('steps')).toEqual({ '2025-08-01': 250 })
    await live(['2020-01-01T00:00:00Z', 'Europe/Berlin'])
    expect(await days('steps')).toEqual({ '2025-08-02': 250 })
    await live(['2025-12-01T00:00:00Z', 'Europe/Berlin'])
    expect(await days('steps')).toEqual({ '2025-08-01': 250 })
  })

  it('and is exported again at home, is the same data on the same day', async () => {
    await live(['2020-01-01T00:00:00Z', 'Europe/Berlin'])
    await exported(steps('2025-08-01 19:00:00 -0400', '2025-08-01 19:10:00 -0400', '250'))
    await exported(steps('2025-08-02 01:00:00 +0200', '2025-08-02 01:10:00 +0200', '250'))
    expect(await days('steps')).toEqual({ '2025-08-02': 250 })
    expect(await rig.longTerm.samples(scope(), { metric: 'steps', from: 0, to: now })).toHaveLength(1)
  })

  it('keeps what the phone wrote for the time of which the person has said nothing', async () => {
    await live(['2025-12-01T00:00:00Z', 'America/New_York'])
    // Lived and exported in Berlin, before the move.
    await exported(steps('2025-08-02 01:00:00 +0200', '2025-08-02 01:10:00 +0200', '250'))
    expect(await days('steps')).toEqual({ '2025-08-02': 250 })
  })
})

describe('a clock that drifts', () => {
  const garminNight = (start: string, seconds: number, more: object = {}) => ({
    userId: person,
    summaries: {
      sleeps: [
        {
          summaryId: 'x-1',
          calendarDate: '2025-09-02',
          startTimeInSeconds: unix(start),
          startTimeOffsetInSeconds: 7200,
          durationInSeconds: seconds,
          deepSleepDurationInSeconds: 5400,
          lightSleepDurationInSeconds: 14_400,
          remSleepInSeconds: 5400,
          awakeDurationInSeconds: 0,
          validation: 'AUTO_FINAL',
          ...more,
        },
      ],
    },
  })

  it('tells of the same night minutes apart, and it is one', async () => {
    await feed('garmin', garminNight('2025-09-01T21:00:00Z', 28_800))
    // Half a second a day over half a year, and the ring's own view of falling asleep.
    await feed('oura', ouraNight('n', '2025-09-02', '2025-09-01T23:04:30+02:00', '2025-09-02T06:52:00+02:00'))
    expect((await nights()).filter(({ main }) => main)).toHaveLength(1)
    expect((await nights()).filter(({ nap }) => nap)).toHaveLength(0)
    expect(Object.keys(await days('sleep_session'))).toEqual(['2025-09-02'])
  })

  it('and is set right moves its record, and leaves no second one behind', async () => {
    await feed('garmin', garminNight('2025-09-01T21:00:00Z', 28_800))
    await feed('garmin', garminNight('2025-09-01T21:01:30Z', 28_800, { validation: 'ENHANCED_FINAL' }))
    expect(await nights()).toEqual([{ date: '2025-09-02', hours: 8, main: true, nap: false }])
    const [only] = await rig.longTerm.sessions(scope(), { ...ever, all: true })
    expect(only?.start).toBe(at('2025-09-01T21:01:30Z'))
  })
})
