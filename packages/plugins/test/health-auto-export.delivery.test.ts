import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ImportStep, RawRequest } from '@auren/core'
import { describe, expect, it } from 'vitest'
import { healthAutoExport } from '../src/wearables/health-auto-export/index.js'
import { fileOf, zipOf } from './apple-health-files.js'
import { openRig, start } from './ingest-rig.js'

const secret = 'a long random secret'
const plugin = healthAutoExport({ secret })
/** As the docs say it: base64url of the account, a point, and an HMAC of it. */
const keyFor = (account: string, by = secret): string =>
  `${Buffer.from(account).toString('base64url')}.${createHmac('sha256', by).update(`health-auto-export ${account}`).digest('base64url')}`
const body = (qty: number) =>
  Buffer.from(
    JSON.stringify({
      data: {
        metrics: [
          { name: 'step_count', units: 'count', data: [{ date: '2026-01-04 10:01:00 +0100', qty, source: 'Watch' }] },
        ],
      },
    }),
  )
const request = (more: Partial<RawRequest> = {}): RawRequest => ({
  method: 'POST',
  headers: {},
  query: { key: keyFor('ann') },
  body: body(10),
  now: start,
  ...more,
})

describe('the key', () => {
  it('names the account, in the address or in a header', () => {
    for (const one of [
      request(),
      request({ query: {}, headers: { authorization: `Bearer ${keyFor('ann')}` } }),
      request({ query: {}, headers: { 'x-api-key': keyFor('ann') } }),
    ])
      expect(plugin.webhook?.verify(one)).toMatchObject({ ok: true, account: 'ann' })
    expect(plugin.webhook?.keyOf?.('ann')).toBe(keyFor('ann'))
  })

  it('is refused where it is missing, of another secret, or of another account, and no reason quotes it', () => {
    const [name, mac] = keyFor('ann').split('.')
    const bad = [
      {},
      { key: '' },
      { key: keyFor('ann', 'another long secret') },
      { key: `${Buffer.from('ben').toString('base64url')}.${mac}` },
      { key: `${name}=.${mac}` },
      { key: `${name}.${mac}x` },
      { key: name as string },
      { key: 'x'.repeat(100_000) },
    ]
    for (const query of bad) {
      const verdict = plugin.webhook?.verify(request({ query: query as Record<string, string> }))
      expect(verdict).toMatchObject({ ok: false })
      expect(JSON.stringify(verdict)).not.toContain(mac)
    }
  })

  it('is refused with any bit changed', () => {
    const bytes = Buffer.from(keyFor('ann'))
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(plugin.webhook?.verify(request({ query: { key: changed.toString('latin1') } })).ok, `bit ${bit}`).toBe(
        false,
      )
    }
  })

  it('needs a secret that cannot be guessed; without one there is no webhook', () => {
    expect(() => healthAutoExport({ secret: '' })).toThrow(/secret/)
    expect(() => healthAutoExport({ secret: 'short' })).toThrow(/16/)
    expect(healthAutoExport().webhook).toBeUndefined()
  })

  it('the same body soon after is the same delivery; later, or of somebody else, it is news', () => {
    const key = (more: Partial<RawRequest>) => {
      const verdict = plugin.webhook?.verify(request(more))
      return verdict?.ok ? verdict.deliveryKey : null
    }
    expect(key({})).toBe(key({ now: start + 1000 }))
    expect(key({})).not.toBe(key({ now: start + 3_600_000 }))
    expect(key({})).not.toBe(key({ query: { key: keyFor('ben') } }))
    expect(key({})).not.toBe(key({ body: body(11) }))
  })
})

describe('an installation', () => {
  it('gives an address, takes what comes to it, once, corrected and from files too', async () => {
    const rig = await openRig({ plugins: [plugin], publicUrl: 'https://in.example.org' })
    try {
      const { ingest } = rig.auren
      // What came before the person connected is kept.
      await ingest.webhook(plugin.id, request())
      const { url } = await ingest.connections.begin(
        'ann',
        plugin.id,
        'https://x.example.org/v1/connections/y/callback',
      )
      expect(url).toBe(`https://in.example.org/webhooks/health-auto-export?key=${keyFor('ann')}`)
      expect(await ingest.connections.list('ann')).toMatchObject([
        { provider: plugin.id, account: 'ann', status: 'active' },
      ])
      const steps = async (): Promise<number[]> => {
        await ingest.settled()
        const trace = await rig.auren.explain('ann', { metric: 'steps', date: '2026-01-04', limit: 10 })
        return trace.samples.map(({ value }) => value)
      }
      expect(await steps()).toEqual([10])
      expect(await ingest.webhook(plugin.id, request())).toMatchObject({ status: 200 })
      expect(await steps()).toEqual([10])
      rig.advance(60_000)
      await ingest.webhook(plugin.id, request({ body: body(25) }))
      expect(await steps()).toEqual([25])
      rig.advance(60_000)
      const posted = await ingest.posted(plugin.id, { userId: 'ann', body: body(26) })
      expect(posted).toMatchObject({ accepted: 1, quarantined: 0, duplicate: false })
      expect(await ingest.posted(plugin.id, { userId: 'ann', body: body(26) })).toMatchObject({ duplicate: true })
      expect(await steps()).toEqual([26])
      rig.advance(60_000)
      await ingest.file(
        'auto',
        (async function* () {
          yield body(27)
        })(),
        { userId: 'ann', name: 'export.json' },
      )
      expect(await steps()).toEqual([27])
      await expect(ingest.webhook(plugin.id, request({ query: {} }))).rejects.toMatchObject({
        code: 'AUREN_SIGNATURE_INVALID',
      })
      await expect(ingest.webhook(plugin.id, request({ body: Buffer.from('{"steps":1}') }))).rejects.toMatchObject({
        code: 'AUREN_PAYLOAD_INVALID',
      })
      await expect(ingest.posted(plugin.id, { userId: 'ann', body: Buffer.from('[]') })).rejects.toMatchObject({
        code: 'AUREN_PAYLOAD_INVALID',
      })
      await expect(ingest.posted('apple-health', { userId: 'ann', body: body(1) })).rejects.toMatchObject({
        code: 'AUREN_NOT_FOUND',
      })
    } finally {
      await rig.close()
    }
  })
})

describe('files', () => {
  const read = async (name: string, content: Buffer) => {
    const file = fileOf(content, name)
    const head = content.subarray(0, 65_536)
    expect(await plugin.file?.recognises(name, head, file)).toBe(true)
    const steps: ImportStep[] = []
    const ctx = {
      account: 'a',
      cursor: null,
      signal: new AbortController().signal,
      receivedAt: start,
      zoneAt: () => 'Europe/Berlin',
    }
    for await (const step of plugin.file?.read(file, ctx) ?? []) steps.push(step)
    return {
      observations: steps.flatMap(({ observations }) => observations),
      rejected: steps.flatMap(({ rejected }) => rejected.map(({ reason }) => reason)),
    }
  }
  const json = readFileSync(new URL('../fixtures/health-auto-export/export.json', import.meta.url))
  const table = [
    'Date/Time,Active Energy (kJ),Heart Rate [Min] (count/min),Heart Rate [Max] (count/min),Heart Rate [Avg] (count/min),Sleep Analysis [Total] (hr),Sleep Analysis [Deep] (hr),Step Count (count),Weight (kg),VO2 Max (ml/(kg·min))',
    '2025-12-30 00:00:00,1673.6,48,133,66.5,7.25,1.5,8123,,44.1',
    '2025-12-31 00:00:00,,,,,,,,71.2,',
  ].join('\n')

  it('JSON is the same as what is posted', async () => {
    const { observations } = await read('HealthAutoExport-2026-03-29.json', json)
    const posted = [
      ...plugin.normalize(plugin.payload.parse(JSON.parse(json.toString())), {
        account: 'a',
        receivedAt: start,
        zoneAt: () => null,
        reject: () => undefined,
      }),
    ]
    expect(observations).toEqual(posted)
  })

  it('a table of days: values of each day, in the person’s zone', async () => {
    const { observations, rejected } = await read('export.csv', Buffer.from(`\ufeff${table}`))
    expect(rejected).toEqual([])
    const day = { shape: 'daily_total', date: '2025-12-30' }
    const byDay = [...observations].sort((a, b) =>
      String('date' in a && a.date).localeCompare(String('date' in b && b.date)),
    )
    expect(byDay).toMatchObject([
      { ...day, metric: 'energy_active', value: 1673.6, unit: 'kj' },
      { ...day, metric: 'heart_rate', value: 66.5 },
      { ...day, metric: 'health-auto-export.heart_rate_min', value: 48 },
      { ...day, metric: 'health-auto-export.heart_rate_max', value: 133 },
      { ...day, metric: 'sleep_duration', value: 26_100 },
      { ...day, metric: 'sleep_deep', value: 5400 },
      { ...day, metric: 'steps', value: 8123 },
      { ...day, metric: 'vo2_max', value: 44.1 },
      { date: '2025-12-31', metric: 'weight', value: 71.2 },
    ])
  })

  it('a table of hours is of hours, at midnight too', async () => {
    const text = 'Date/Time,Step Count (count),Source\n2025-12-30 00:00:00,12,Watch\n2025-12-30 01:00:00,5,Watch\n'
    const { observations } = await read('export.csv', Buffer.from(text))
    const hour = Date.UTC(2025, 11, 29, 23)
    expect(observations).toMatchObject([
      { shape: 'sample', value: 12, start: hour, end: hour + 3_600_000, source: { name: 'Watch' } },
      { shape: 'sample', value: 5, start: hour + 3_600_000, end: hour + 7_200_000 },
    ])
  })

  it('a zip with a table of workouts, and a route that is not read', async () => {
    const workouts = [
      'Workout Type,Start,End,Duration,Active Energy (kcal),Max. Heart Rate (count/min),Avg. Heart Rate (count/min),Distance (mi),Step Count,Location',
      'Outdoor Walk,2025-12-30 08:00,2025-12-30 08:40,00:40:00,120.5,118,101.2,2,4100,Outdoor',
    ].join('\n')
    const zip = zipOf([
      { name: 'Workouts-20251201_000000-20251231_235959.csv', content: Buffer.from(workouts) },
      { name: 'Outdoor Walk-Route-20251230_080000.gpx', content: Buffer.from('<gpx/>') },
    ])
    const { observations, rejected } = await read('export.zip', zip)
    expect(observations).toMatchObject([
      {
        kind: 'workout',
        activity: 'walking',
        start: Date.UTC(2025, 11, 30, 7),
        end: Date.UTC(2025, 11, 30, 7, 40),
        offset: 60,
        zoneBasis: 'floating',
        measures: { energy_active: 120.5, heart_rate: 101.2, heart_rate_max: 118, distance: 3218.688, steps: 4100 },
      },
    ])
    expect(rejected).toEqual(['ignored'])
  })
})
