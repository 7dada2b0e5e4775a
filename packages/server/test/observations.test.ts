import { afterAll, beforeAll, expect, it } from 'vitest'
import { factsOf, type Installation, install } from './harness.js'

let here: Installation
beforeAll(async () => {
  here = await install()
})
afterAll(async () => {
  await here.close()
  await here.remove()
})

const send = (body: unknown, key?: string): Promise<Response> =>
  fetch(`${here.services.addresses.biometric}/v1/observations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key ? { 'idempotency-key': key } : {}) },
    body: JSON.stringify(body),
  })
const weight = (value: unknown, start: unknown, unit = 'kg') => ({
  shape: 'sample',
  metric: 'weight',
  start,
  value,
  unit,
})

it('takes a batch, says of each item what became of it, and counts it once', async () => {
  const batch = {
    app: 'my-scale',
    observations: [
      weight(81.5, '2026-03-02T07:10:00+01:00'),
      weight(180, '2026-03-03T23:30:00-08:00', '[lb_av]'),
      weight(-3, '2026-03-04T07:10:00+01:00'),
      { shape: 'sample', metric: 'no_such_metric', start: 1_772_500_000_000, value: 1, unit: 'kg' },
      'rubbish',
      weight(80, 'yesterday'),
      { shape: 'tag', tag: 'alcohol', start: '2026-03-02T20:00:00+01:00' },
    ],
  }
  const first = await send(batch, 'batch-1')
  expect(first.status).toBe(200)
  expect(first.headers.get('idempotent-replayed')).toBeNull()
  const outcome = (await first.json()) as { items: { status: string; reason?: string }[] }
  expect(outcome).toMatchObject({ accepted: 3, quarantined: 4 })
  expect(outcome.items.map(({ status, reason }) => reason ?? status)).toEqual([
    'accepted',
    'accepted',
    'hard_range',
    'unknown_metric',
    'schema',
    'schema',
    'accepted',
  ])
  const again = await send(batch, 'batch-1')
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  expect(await again.json()).toEqual(outcome)
  await here.auren.ingest.settled()

  // The local day of the second is the third of March in California, and the fourth in UTC.
  const [fact] = await factsOf(here.client, 'average weight in March 2026', '2026-04-02')
  expect(fact?.value).toBeCloseTo((81.5 + 180 * 0.45359237) / 2, 9)
  expect(fact?.n).toBe(2)
  const day = await here.client.call<{ merged?: unknown; samples: { value: number }[] }>(
    'neuros',
    'GET',
    '/v1/trace?metric=weight&date=2026-03-03',
  )
  expect(day.samples.map(({ value }) => Number(value.toFixed(3)))).toEqual([81.647])
})

it('believes an offset that is said beside a time in milliseconds', async () => {
  // 23:30 on 6 June in California; 7 June in UTC.
  const said = { ...weight(77, Date.parse('2026-06-06T23:30:00-07:00')), offset: -420 }
  expect(await (await send({ observations: [said] }, 'offset')).json()).toMatchObject({ accepted: 1 })
  await here.auren.ingest.settled()
  const on = async (date: string): Promise<number[]> =>
    (
      await here.client.call<{ samples: { value: number }[] }>('neuros', 'GET', `/v1/trace?metric=weight&date=${date}`)
    ).samples.map(({ value }) => value)
  await here.client.call('neuros', 'PUT', '/v1/profile', { zones: [{ from: 0, zone: 'Europe/Berlin' }] })
  expect([await on('2026-06-06'), await on('2026-06-07')]).toEqual([[77], []])
})

it('takes the times of stages, laps and targets as it takes those of the whole', async () => {
  const night = {
    shape: 'session',
    kind: 'sleep',
    start: '2026-06-01T23:00:00+02:00',
    end: '2026-06-02T07:00:00+02:00',
    stages: [
      { stage: 'light', start: '2026-06-01T23:00:00+02:00', end: '2026-06-02T03:00:00+02:00' },
      { stage: 'deep', start: Date.parse('2026-06-02T03:00:00+02:00'), end: '2026-06-02T05:00:00+02:00' },
    ],
  }
  const run = {
    shape: 'session',
    kind: 'workout',
    activity: 'running',
    start: '2026-06-02T18:00:00+02:00',
    end: '2026-06-02T19:00:00+02:00',
    laps: [{ start: '2026-06-02T18:00:00+02:00', end: '2026-06-02T18:30:00+02:00' }],
  }
  const taken = await send({ observations: [night, run, weight(70, '2026-06-02T07:10:00+02:00')] }, 'nested')
  expect(await taken.json()).toMatchObject({ accepted: 3, quarantined: 0 })
  await here.auren.ingest.settled()
  const [slept] = await factsOf(here.client, 'average sleep in June 2026', '2026-07-02')
  expect(slept?.value).toBe(6 * 3600)

  const deletion = {
    shape: 'deletion',
    source: { name: 'app', type: 'app' },
    target: { shape: 'sample', of: 'weight', start: '2026-06-02T07:10:00+02:00' },
  }
  expect(await (await send({ observations: [deletion] }, 'gone')).json()).toMatchObject({ accepted: 1 })
})

it('wants a key, and one key for one batch', async () => {
  const batch = { observations: [weight(80, '2026-05-01T07:00:00Z')] }
  expect((await send(batch)).status).toBe(400)
  expect((await send(batch, 'k')).status).toBe(200)
  const other = await send({ observations: [weight(81, '2026-05-01T07:00:00Z')] }, 'k')
  expect(other.status).toBe(422)
  expect(await other.json()).toMatchObject({ code: 'AUREN_KEY_REUSED' })
  expect((await send({ observations: [] }, 'empty')).status).toBe(400)
  expect((await send({ app: 'Not A Name', observations: [1] }, 'name')).status).toBe(400)
})
