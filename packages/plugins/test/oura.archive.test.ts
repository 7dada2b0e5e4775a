import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FileContext, FileSource, ImportStep, Observation, ObservationInput } from '@auren/core'
import { oura } from '@auren/plugins/oura'
import { describe, expect, it } from 'vitest'
import { zipOf } from './apple-health-files.js'
import { openRig, pieces } from './ingest-rig.js'

const plugin = oura({ clientId: 'c', clientSecret: 's', verificationToken: 'v' })
const file = plugin.file!
const folder = join(import.meta.dirname, '..', 'fixtures', 'oura')
const appData = readdirSync(join(folder, 'app-data')).map((name) => ({
  name: `App Data/${name}`,
  content: readFileSync(join(folder, 'app-data', name), 'utf8'),
}))
const download = zipOf([
  ...appData,
  { name: 'App Data/ringbatterylevel.csv', content: 'timestamp;level\n' },
  { name: 'App Data/meal.csv', content: 'id;day\n' },
  { name: 'Subscriptions/account.csv', content: 'id;name\n1;Ada\n' },
])
const csv = (name: string): string => appData.find((one) => one.name === `App Data/${name}`)?.content ?? ''

const sourceOf = (content: string | Uint8Array, name: string): FileSource => {
  const bytes = Buffer.from(content)
  return { name, size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) }
}
const contextOf = (cursor: unknown = null): FileContext => ({
  account: 'ada',
  cursor,
  signal: new AbortController().signal,
  receivedAt: Date.UTC(2025, 10, 1),
  zoneAt: () => null,
})
async function read(content: string | Uint8Array, name: string) {
  const steps: ImportStep[] = []
  for await (const step of file.read(sourceOf(content, name), contextOf())) steps.push(step)
  return {
    observations: steps.flatMap(({ observations }) => observations),
    rejected: steps.flatMap(({ rejected }) => rejected),
  }
}
const knows = async (content: string | Uint8Array, name: string): Promise<boolean> => {
  const source = sourceOf(content, name)
  return file.recognises(name, await source.read(0, 65_536), source)
}
const samples = (all: readonly ObservationInput[], metric: string) =>
  all.flatMap((one) => (one.shape === 'sample' && one.metric === metric ? [one] : []))
const totals = (all: readonly ObservationInput[]) =>
  Object.fromEntries(
    all.flatMap((one) => (one.shape === 'daily_total' ? [[`${one.date} ${one.metric}`, one.value] as const] : [])),
  )

describe('the download', () => {
  it('is known by what is in it, as a zip or file by file', async () => {
    expect(await knows(download, 'data.zip')).toBe(true)
    for (const { name, content } of appData) expect(await knows(content, `x-${name.length}.csv`), name).toBe(true)
    expect(await knows('day;score\n2025-01-01;80\n', 'dailysleep.csv')).toBe(false)
    expect(await knows('Date,Weight (kg),Fat mass (kg)\n', 'weight.csv')).toBe(false)
    expect(await knows(zipOf([{ name: 'a/export.xml', content: '<HealthData/>' }]), 'export.zip')).toBe(false)
    expect(await knows('{"data":[]}', 'x.json')).toBe(false)
  })

  it('reads a file by itself as what its name says, of several that have the same columns', async () => {
    const scores = 'id;day;score;contributors\na1;2025-01-01;77;"{""deep_sleep"": 80}"\n'
    const sleep = { '2025-01-01 oura.sleep_score': 77, '2025-01-01 oura.sleep_deep_sleep': 80 }
    for (const name of ['dailysleep.csv', 'oura_daily_sleep (1).csv', 'x.csv']) {
      const { observations, rejected } = await read(scores, name)
      expect([totals(observations), rejected], name).toEqual([sleep, []])
    }
  })

  it('is known with fewer columns where it is said whose it is, by the names of its files only', async () => {
    const few = 'day;score\n2025-01-01;80\n'
    const named = async (name: string) => file.recognises(name, Buffer.from(few), sourceOf(few, name), true)
    expect(await named('dailysleep.csv')).toBe(true)
    expect(await named('marks.csv')).toBe(false)
    expect(totals((await read(few, 'dailysleep.csv')).observations)).toEqual({ '2025-01-01 oura.sleep_score': 80 })
    await expect(read(few, 'marks.csv')).rejects.toMatchObject({ code: 'AUREN_PAYLOAD_INVALID' })
  })

  it('says what it left aside and why', async () => {
    const { rejected } = await read(download, 'data.zip')
    expect(rejected.map(({ reason, detail }) => [reason, detail.replace(/\s+/g, ' ').slice(0, 60)]).sort()).toEqual([
      ['ignored', '1 × the account and its bills'],
      ['ignored', '1 × the ring itself'],
      ['row_unreadable', 'Line 4 has no time or no temperature that can be read.'],
      ['schema', 'heartrate: timestamp: Invalid ISO datetime'],
      ['unknown_file', '1 × Files (.csv) in "App Data" are not known.'],
      ['value_unreadable', 'Line 4: "spo2_percentage" cannot be read.'],
    ])
  })

  it('that breaks off within a file keeps what came before, and the other files', async () => {
    const whole = csv('dailyreadiness.csv')
    const cut = `${whole.slice(0, whole.indexOf('r2;'))}r2;"{""activity_bal`
    const { observations, rejected } = await read(
      zipOf([
        { name: 'dailyreadiness.csv', content: cut },
        { name: 'dailysleep.csv', content: csv('dailysleep.csv') },
      ]),
      'data.zip',
    )
    expect(rejected.map(({ reason }) => reason)).toEqual(['document_damaged'])
    expect(totals(observations)).toMatchObject({
      '2025-10-26 oura.readiness_score': 81,
      '2025-10-26 oura.sleep_score': 84,
    })
  })

  it('has a night of the autumn’s change of clocks, by the date on which it ends', async () => {
    const { observations } = await read(csv('sleepmodel.csv'), 'sleepmodel.csv')
    const [night, nap] = observations.filter((one) => one.shape === 'session')
    expect(night).toMatchObject({
      kind: 'sleep',
      nap: false,
      start: Date.parse('2025-10-25T21:30:00Z'),
      end: Date.parse('2025-10-26T05:30:00Z'),
      offset: 60,
      zoneBasis: 'carried',
      recordId: 'sleep/5d1f0c52-0001-4a5e-9a3f-000000000001',
      measures: { sleep_duration: 27_600, sleep_deep: 5400, sleep_efficiency: 92, hrv_rmssd: 61, heart_rate: 53.5 },
    })
    expect(night?.shape === 'session' ? night.stages?.map(({ stage }) => stage) : []).toEqual([
      'awake',
      'light',
      'deep',
      'rem',
    ])
    expect(nap).toMatchObject({ nap: true, measures: { sleep_duration: 2100 } })
    expect(samples(observations, 'heart_rate').map(({ start, value }) => [start, value])).toEqual([
      [Date.parse('2025-10-25T21:35:00Z'), 54],
      [Date.parse('2025-10-25T21:40:00Z'), 53],
    ])
    expect(observations.filter((one) => one.shape === 'deletion')).toEqual([
      { shape: 'deletion', recordId: 'sleep/5d1f0c52-0003-4a5e-9a3f-000000000003' },
    ])
  })

  it('has days with their scores and contributors, and nothing where nothing is written', async () => {
    const { observations } = await read(download, 'data.zip')
    expect(totals(observations)).toMatchObject({
      '2025-10-26 oura.readiness_score': 81,
      '2025-10-26 skin_temperature_deviation': -0.2,
      '2025-10-26 oura.readiness_activity_balance': 80,
      '2025-10-26 oura.sleep_score': 84,
      '2025-10-26 oura.sleep_deep_sleep': 98,
      '2025-10-26 steps': 8421,
      '2025-10-26 energy_active': 520,
      '2025-10-26 oura.activity_stay_active': 77,
      '2025-10-26 oxygen_saturation': 97.25,
      '2025-10-27 oxygen_saturation': 96.5,
    })
    expect(Object.keys(totals(observations)).filter((key) => key.startsWith('2025-10-27'))).toEqual([
      '2025-10-27 oxygen_saturation',
    ])
    // A row without its id is named by its day.
    const steps = observations.find((one) => one.shape === 'daily_total' && one.metric === 'steps')
    expect(steps).toMatchObject({ recordId: 'daily_activity/2025-10-26' })
    expect(samples(observations, 'met').map(({ value }) => value)).toEqual([1.1, 1.3])
  })

  it('has streams by the server’s clock, whose zone is not the person’s', async () => {
    const { observations } = await read(download, 'data.zip')
    const at = Date.parse('2025-10-26T10:00:00Z')
    const bare = { offset: null, zoneBasis: 'absent' }
    expect(samples(observations, 'heart_rate').filter(({ start }) => start >= at)).toMatchObject([
      { start: at, value: 62, ...bare },
      { start: at + 300_000, value: 64, ...bare },
    ])
    expect(samples(observations, 'skin_temperature')).toMatchObject([
      { start: at, value: 34.11, unit: 'Cel', ...bare },
      { start: at + 60_000, value: 34.21 },
    ])
  })

  it('has workouts and tags with the person’s own words', async () => {
    const { observations } = await read(download, 'data.zip')
    expect(observations.find((one) => one.shape === 'session' && one.kind === 'workout')).toMatchObject({
      activity: 'strength_training',
      text: 'heavy; then light',
      offset: 60,
      measures: { energy_active: 212.5 },
      recordId: 'workout/w1',
    })
    expect(observations.find((one) => one.shape === 'tag')).toMatchObject({
      tag: 'alcohol',
      text: 'two glasses',
      offset: 120,
    })
  })

  it('is the same document as the API’s: one record, whichever way it came', async () => {
    const { observations } = await read(csv('dailyreadiness.csv'), 'dailyreadiness.csv')
    const document = {
      id: 'r1',
      day: '2025-10-26',
      score: 81,
      temperature_deviation: -0.2,
      temperature_trend_deviation: 0.1,
      contributors: { activity_balance: 80, hrv_balance: null, resting_heart_rate: 91 },
    }
    const ctx = { ...contextOf(), reject: () => undefined }
    const fromApi = [...plugin.normalize({ collection: 'daily_readiness', documents: [document] }, ctx)]
    const byMetric = (list: readonly ObservationInput[]) =>
      JSON.stringify(list.map((one) => JSON.stringify(one)).sort())
    expect(byMetric(observations)).toBe(byMetric(fromApi))
  })
})

describe('JSON', () => {
  const v1 = readFileSync(join(folder, 'account-v1.json'), 'utf8')

  it('of the older download is read in its own units and dates', async () => {
    expect(await knows(v1, 'oura_2019.json')).toBe(true)
    const { observations, rejected } = await read(v1, 'oura_2019.json')
    expect(rejected.map(({ reason }) => reason)).toEqual(['schema'])
    const [night] = observations.filter((one) => one.shape === 'session')
    expect(night).toMatchObject({
      start: Date.parse('2019-03-30T22:30:00Z'),
      end: Date.parse('2019-03-31T05:00:00Z'),
      nap: false,
      offset: 120,
      measures: { sleep_duration: 21_600, sleep_latency: 300, hrv_rmssd: 61, respiratory_rate: 14.25 },
    })
    // Zero means that nothing was measured.
    expect(samples(observations, 'heart_rate').map(({ value }) => value)).toEqual([55, 53])
    expect(samples(observations, 'hrv_rmssd').map(({ value }) => value)).toEqual([60])
    expect(totals(observations)).toMatchObject({
      '2019-03-31 oura.sleep_score': 84,
      '2019-03-31 oura.sleep_timing': 70,
      '2019-03-31 oura.readiness_score': 81,
      '2019-03-31 oura.readiness_body_temperature': 95,
      '2019-03-31 steps': 8421,
      '2019-03-31 vigorous_minutes': 600,
      '2019-03-31 moderate_minutes': 1800,
      '2019-03-31 sedentary_minutes': 30_000,
    })
  })

  const daily = { id: 'a', day: '2025-10-26', score: 81, contributors: {}, temperature_deviation: 0.1 }
  it.each([
    ['all collections by name', { daily_readiness: [daily], temperature_trend_deviation: 0 }],
    ['a page of the API', { data: [daily], next_token: null }],
    ['a list', [daily]],
    ['one document', daily],
  ])('of %s is read', (_, value) => {
    expect(plugin.documents?.(value, 'x.json')).toEqual([{ collection: 'daily_readiness', documents: [daily] }])
  })

  it('of anybody else is none', () => {
    for (const value of [
      null,
      7,
      'x',
      [],
      {},
      { data: [] },
      { sleep: 'well' },
      [[1]],
      { items: [{ day: '2025-01-01' }] },
    ])
      expect(plugin.documents?.(value, 'x.json') ?? []).toEqual([])
  })
})

describe('on a database', () => {
  it('is imported without its plugin’s name, once, and resumes where it stood', async () => {
    const rig = await openRig({ plugins: [plugin] })
    try {
      const run = () => rig.auren.ingest.file('auto', pieces(download), { userId: 'ada', name: 'data.zip' })
      const view = await run()
      expect(view).toMatchObject({ plugin: 'oura', state: 'done', duplicate: false })
      expect(view.rejected.map(({ reason }) => reason)).toContain('unknown_file')
      const scope = { user: 'ada', purpose: 'display' } as const
      const years = { from: '2025-01-01', to: '2025-12-31' }
      const sessions = await rig.longTerm.sessions(scope, { ...years, all: true })
      expect(sessions.map(({ kind, date, main }) => [kind, date, main]).sort()).toEqual([
        ['sleep', '2025-10-26', false],
        ['sleep', '2025-10-26', true],
        ['workout', '2025-10-26', true],
      ])
      expect(await run()).toMatchObject({ duplicate: true })
      const digest = await rig.digest('ada')

      const steps: ImportStep[] = []
      for await (const step of file.read(sourceOf(download, 'd.zip'), contextOf())) steps.push(step)
      const again: Observation[] = []
      for await (const step of file.read(sourceOf(download, 'd.zip'), contextOf(steps.at(-1)?.cursor)))
        again.push(...(step.observations as Observation[]))
      expect(again).toEqual([])
      expect(await rig.digest('ada')).toEqual(digest)
    } finally {
      await rig.close()
    }
  })
})
