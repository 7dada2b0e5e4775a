import { createHmac } from 'node:crypto'
import {
  type AnswerPart,
  type AnyPlugin,
  closedBy,
  closedProviders,
  type ModelMessage,
  type ModelProvider,
} from '@auren/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fact } from '../../core/test/reasoning/ports.js'
import { isClosedToModels } from '../src/vendor/closed.js'
import { junction } from '../src/wearables/junction/index.js'
import { strava } from '../src/wearables/strava/index.js'
import { terra } from '../src/wearables/terra/index.js'
import { openRig, type Rig, start } from './ingest-rig.js'

const key = Buffer.from('0123456789abcdef01234567')
const webhookSecret = `whsec_${key.toString('base64')}`
const day = 86_400_000
const sent: ModelMessage[][] = []
/** What the model writes or asks. */
let says: (ids: string[]) => string | { query: unknown } = () => ''
const provider: ModelProvider = {
  name: 'curious',
  async *stream(messages) {
    sent.push([...messages])
    const said = says([...new Set(JSON.stringify(messages).match(/f_[0-9a-f]{20}/g) ?? [])])
    if (typeof said === 'string') yield { type: 'text', text: said }
    else yield { type: 'tool_call', id: 'c1', name: 'query', args: said.query }
    yield { type: 'end', reason: 'stop' }
  },
}
const model: AnyPlugin = { kind: 'model', id: 'curious', version: '1.0.0', open: async () => provider }

/** Twelve rides of an hour: a day each, with the power of a meter that Strava names. */
const rides = (offer: string, device: string, watts: number, field: string) =>
  Array.from({ length: 12 }, (_, back) => {
    const begun = new Date(start - (back + 1) * day)
    const stamp = (minutes: number): string => new Date(begun.getTime() + minutes * 60_000).toISOString()
    return {
      metadata: { start_time: stamp(0), end_time: stamp(60), summary_id: `${offer}-${back}`, type: 1, upload_type: 1 },
      device_data: { name: device },
      ...(field === 'power'
        ? { power_data: { avg_watts: watts, power_samples: [{ timestamp: stamp(5), watts }] } }
        : { heart_rate_data: { detailed: { hr_samples: [{ timestamp: stamp(5), bpm: watts }] } } }),
    }
  })

async function deliver({ auren }: Rig): Promise<void> {
  const now = start
  const post = (id: string, body: string, headers: Record<string, string>) =>
    auren.ingest.webhook(id, { method: 'POST', headers, query: {}, body: Buffer.from(body), now })
  const tokens = { accessToken: 'none' }
  await auren.ingest.connections.adopt('ann', 'terra', 'rider', tokens)
  await auren.ingest.connections.adopt('ann', 'terra', 'wearer', tokens)
  await auren.ingest.connections.adopt('ann', 'junction', 'u1', tokens)
  for (const event of [
    {
      type: 'activity',
      user: { user_id: 'rider', provider: 'STRAVA' },
      data: rides('s', 'Garmin Edge 530', 217, 'power'),
    },
    {
      type: 'activity',
      user: { user_id: 'wearer', provider: 'GARMIN' },
      data: rides('g', 'Garmin Edge 530', 131, 'hr'),
    },
  ]) {
    const body = JSON.stringify(event)
    const t = now / 1000
    const v1 = createHmac('sha256', 's3cret').update(`${t}.${body}`).digest('hex')
    expect((await post('terra', body, { 'terra-signature': `t=${t},v1=${v1}` })).status).toBe(200)
  }
  for (const [n, source, resource, unit, value] of [
    [1, 'strava', 'distance', 'm', 4321],
    [2, 'fitbit', 'steps', 'count', 1234],
  ] as const) {
    const data = Array.from({ length: 12 }, (_, back) => ({
      start: new Date(start - (back + 1) * day).toISOString(),
      end: new Date(start - (back + 1) * day + 60_000).toISOString(),
      timestamp: new Date(start - (back + 1) * day).toISOString(),
      timezone_offset: 3600,
      unit,
      value,
    }))
    const body = JSON.stringify({
      event_type: `daily.data.${resource}.created`,
      user_id: 'u1',
      data: { source: { provider: source, type: 'unknown' }, data },
    })
    const t = String(now / 1000)
    const v1 = createHmac('sha256', key).update(`m${n}.${t}.${body}`).digest('base64')
    const headers = { 'svix-id': `m${n}`, 'svix-timestamp': t, 'svix-signature': `v1,${v1}` }
    expect((await post('junction', body, headers)).status).toBe(200)
  }
  await auren.ingest.settled()
}

async function ask({ auren }: Rig, text: string, threadId: string): Promise<string> {
  const parts: AnswerPart[] = []
  for await (const part of auren.ask({ userId: 'ann', threadId, text })) parts.push(part)
  return parts.flatMap((part) => (part.type === 'sentence' ? [part.text] : [])).join('\n')
}
const about = (measure: string): string => `What was my average ${measure} in the last 30 days?`

describe('what an aggregator has from Strava', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await openRig({ plugins: [terra({ signingSecret: 's3cret' }), junction({ webhookSecret }), model] })
    await deliver(rig)
    await ask(rig, 'hello', 'warm')
  })
  afterAll(() => rig.close())
  beforeEach(() => {
    sent.length = 0
    says = (ids) => ids.map((id) => `It was {{fact:${id}}}.`).join(' ')
  })

  it('keeps its name beside the device, and the same device by another way does not have it', async () => {
    const names = (await rig.longTerm.sources({ user: 'ann', purpose: 'display' })).map(({ name }) => name)
    expect(names.sort()).toEqual(['Garmin Edge 530', 'STRAVA: Garmin Edge 530', 'fitbit', 'strava'])
  })

  it.each([
    ['terra', 'power', '217'],
    ['junction', 'daily distance', '4.3'],
  ])('by %s is told by the narrator, and never part of a request to a model', async (_plugin, measure, told) => {
    expect(await ask(rig, about(measure), measure)).toContain(told)
    expect(sent).toEqual([])
  })

  it.each([
    ['terra', 'heart rate', '131'],
    ['junction', 'daily steps', '1,234'],
  ])('leaves the model what %s has from others', async (_plugin, measure, told) => {
    expect(await ask(rig, about(measure), measure)).toContain(told)
    expect(JSON.stringify(sent)).toMatch(/\\"value\\":(131|1234)/)
    expect(JSON.stringify(sent)).not.toMatch(/217|4321/)
  })

  it('is no answer to a query of the model, whether rolled up, merged, compared, a condition or a pattern', async () => {
    const pulse = { measure: { of: 'metric', metric: 'heart_rate' }, aggregate: 'mean' }
    const power = { of: 'metric', metric: 'power' }
    for (const query of [
      { measure: power, aggregate: 'max' },
      { measure: power, aggregate: 'mean', group: 'week' },
      { measure: { of: 'metric', metric: 'distance' }, aggregate: 'sum' },
      { ...pulse, where: [{ on: 'metric', metric: 'power', op: '>', value: 216 }] },
      { ...pulse, compare: { measure: power } },
      { pattern: 'baseline', metric: 'power' },
    ]) {
      sent.length = 0
      let calls = 0
      says = (ids) => (calls++ === 0 ? { query } : `It was {{fact:${ids[0]}}}.`)
      await ask(rig, about('heart rate'), `tool ${JSON.stringify(query)}`)
      const result = sent.at(-1)?.find(({ role }) => role === 'tool')?.content
      expect(result, JSON.stringify(query)).toMatch(/may not be told/)
      expect(JSON.stringify(sent)).not.toMatch(/217|4321/)
    }
  })

  it('is not in what was said before, either', async () => {
    expect(await ask(rig, about('power'), 'earlier')).toContain('217')
    expect(await ask(rig, about('heart rate'), 'earlier')).toContain('131')
    expect(sent.length).toBeGreaterThan(0)
    expect(JSON.stringify(sent)).not.toMatch(/217/)
  })
})

it('is open where the installation says that it may be', async () => {
  const rig = await openRig({
    plugins: [terra({ signingSecret: 's3cret', models: 'open' }), junction({ webhookSecret, models: 'open' }), model],
  })
  try {
    await deliver(rig)
    sent.length = 0
    says = (ids) => `It was {{fact:${ids[0]}}}.`
    expect(await ask(rig, about('power'), 'one')).toContain('217')
    expect(JSON.stringify(sent)).toMatch(/"value\\":217/)
  } finally {
    await rig.close()
  }
})

describe('closed sources', () => {
  const closed = closedBy(
    closedProviders([
      terra({ signingSecret: 's' }),
      strava({ clientId: 'c', clientSecret: 's', verifyToken: 'v' }),
      { id: 'oura' },
    ]),
  )
  it.each([
    ['terra/1/STRAVA', true],
    ['terra/1/Strava: Edge 530', true],
    ['terra/1/a/b com.strava.app', true],
    ['terra/1/Edge 530', false],
    ['terra/1/Stravaganza', false],
    ['oura/1/Strava', false],
    ['strava/1/Edge 530', true],
    ['merged', false],
  ])('%s: %s', (source, expected) => {
    expect(closed(fact('f', { sources: [source] }))).toBe(expected)
  })

  it('are known by a word of the name, in any case', () => {
    expect(['strava', 'STRAVA', 'Strava, Inc.', 'apple_health_kit com.strava.stravaride'].every(isClosedToModels)).toBe(
      true,
    )
    expect(['garmin', 'extravagant', ''].some(isClosedToModels)).toBe(false)
  })

  it('refuse an option that is neither open nor closed', () => {
    expect(() => terra({ signingSecret: 's', models: 'yes' as 'open' })).toThrow(/terra: models is either/)
    expect(() => junction({ webhookSecret, models: 'no' as 'open' })).toThrow(/junction: models is either/)
  })
})
