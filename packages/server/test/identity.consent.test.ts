import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerOf, type Installation, install } from './harness.js'
import { send } from './identity-http.js'

let here: Installation
let model: Server
let asked = 0

beforeAll(async () => {
  model = createServer((request, response) => {
    asked++
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const choices = [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: 'stop' }]
    response.end(
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\ndata: [DONE]\n\n`,
    )
  })
  await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`
  here = await install({ AUREN_MODEL: 'local-model', AUREN_MODEL_URL: url, AUREN_MODEL_KEY: 'k' })
  await here.auren.ingest.observations({
    userId: 'local',
    provider: 'test',
    observations: Array.from({ length: 10 }, (_, i) => ({
      shape: 'sample' as const,
      metric: 'resting_heart_rate',
      start: Date.UTC(2026, 2, 1 + i, 6),
      value: 50 + (i % 5),
      unit: '/min',
      source: { name: 'Watch', type: 'watch' as const },
      offset: 60,
      zoneBasis: 'carried' as const,
    })),
  })
  await here.auren.ingest.settled()
})
afterAll(async () => {
  await here?.close()
  await here?.remove()
  model?.closeAllConnections()
  model?.close()
})

const say = (purpose: string, granted: boolean, kind = '*') =>
  here.client.call('neuros', 'PUT', '/v1/consents', { purpose, kind, granted, version: '2026-11' })
const ask = async (): Promise<string> =>
  (await answerOf(here.client, 'What was my average resting heart rate from 2026-03-01 to 2026-03-10?', '2026-03-11'))
    .text

describe('consents', () => {
  it('that are withdrawn keep the model from being asked, and the answer comes all the same', async () => {
    expect(await ask()).toContain('52')
    const before = asked
    expect(before).toBeGreaterThan(0)
    await say('model', false)
    expect(await ask()).toContain('52')
    expect(asked).toBe(before)
    await say('model', true)
    await ask()
    expect(asked).toBeGreaterThan(before)
    await say('model', false, 'glucose')
    const held = asked
    await ask()
    expect(asked).toBe(held)
  })

  it('that are withdrawn keep patterns from being looked for', async () => {
    await say('consolidate', false)
    await expect(here.auren.memory.for('local').consolidate()).rejects.toMatchObject({ code: 'AUREN_FORBIDDEN' })
    await say('consolidate', true)
    await here.auren.memory.for('local').consolidate()
  })

  it('are records: every one is kept, with its time and the version of the text', async () => {
    const all = await here.client.call<{ purpose: string; granted: boolean; version: string; at: number }[]>(
      'neuros',
      'GET',
      '/v1/consents',
    )
    expect(all.map(({ purpose, granted }) => [purpose, granted])).toEqual([
      ['model', false],
      ['model', true],
      ['model', false],
      ['consolidate', false],
      ['consolidate', true],
    ])
    for (const { version, at } of all) expect([version, Number.isInteger(at)]).toEqual(['2026-11', true])
  })
})

it('an export has the consents and the tokens, without what would let anybody in', async () => {
  const { token } = await here.client.call<{ token: string }>('neuros', 'POST', '/v1/tokens', { name: 'grafana' })
  const text = await (await fetch(`${here.services.addresses.neuros}/v1/export`)).text()
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; item: Record<string, unknown> })
  expect(lines.filter(({ type }) => type === 'consent')).toHaveLength(5)
  expect(lines.filter(({ type }) => type === 'token').map(({ item }) => item.name)).toEqual(['grafana'])
  expect(text).not.toContain(token)
})

describe('the profile', () => {
  const put = (body: unknown) =>
    send(here.services.addresses.neuros as string, 'PUT', '/v1/profile', { body }).then(({ status }) => status)

  it.each([
    [
      {
        zones: [
          { from: 5, zone: 'Europe/Berlin' },
          { from: 1, zone: 'Asia/Tokyo' },
        ],
      },
    ],
    [
      {
        zones: [
          { from: 5, zone: 'Europe/Berlin' },
          { from: 5, zone: 'Asia/Tokyo' },
        ],
      },
    ],
    [{ zones: [{ from: 0, zone: 'Mars/Olympus' }] }],
    [{ birthDate: '2999-01-01' }],
    [{ birthDate: '1850-01-01' }],
    [{ birthDate: '1980-02-30' }],
    [{ restingHeartRate: 100, maximalHeartRate: 90 }],
    [{ locale: 'no locale at all' }],
    [{ user_id: 'somebody' }],
  ])('refuses %j', async (body) => {
    expect(await put(body)).toBe(400)
  })

  it('is what was said, and a zone moves the days of what has none of its own', async () => {
    const at = Date.UTC(2026, 4, 1, 23, 30)
    await here.auren.ingest.observations({
      userId: 'local',
      provider: 'test',
      observations: [
        {
          shape: 'sample',
          metric: 'weight',
          start: at,
          value: 71.5,
          unit: 'kg',
          source: { name: 'Scale', type: 'scale' },
          offset: null,
          zoneBasis: 'absent',
        },
      ],
    })
    await here.auren.ingest.settled()
    const datesOf = async (): Promise<string[]> => {
      const q = { metrics: ['weight'], from: '2026-04-28', to: '2026-05-04' }
      return (await here.auren.longTerm.days({ user: 'local', purpose: 'display' }, q)).map(({ date }) => date)
    }
    const profile = {
      zones: [{ from: 0, zone: 'America/New_York' }],
      birthDate: '1980-02-28',
      sex: 'female',
      units: 'metric',
      locale: 'de-DE',
      restingHeartRate: 52,
      maximalHeartRate: 180,
    }
    expect(await put(profile)).toBe(204)
    expect(await here.client.call('neuros', 'GET', '/v1/profile')).toEqual(profile)
    expect(await datesOf()).toEqual(['2026-05-01'])
    expect(await put({ ...profile, zones: [{ from: 0, zone: 'Asia/Tokyo' }] })).toBe(204)
    expect(await datesOf()).toEqual(['2026-05-02'])
  })
})
