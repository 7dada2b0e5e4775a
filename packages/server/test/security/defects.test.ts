import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { circularMean, circularSd } from '../../../core/src/analysis/circular.js'
import type { Answer } from '../identity-http.js'
import { startTwo, type Two } from './two-persons.js'

const root = resolve(import.meta.dirname, '../../../..')
let two: Two
beforeAll(async () => {
  two = await startTwo()
})
afterAll(() => two?.close())

const send = (key: string, observations: unknown[], token = two.ann.token): Promise<Answer> =>
  two.call('biometric', 'POST', '/v1/observations', token, {
    headers: { 'idempotency-key': key },
    body: { app: 'watch', observations },
  })
const sample = (
  metric: string,
  value: number,
  unit: string,
  start = '2026-11-20T10:00:00Z',
): Record<string, unknown> => ({
  shape: 'sample',
  metric,
  value,
  unit,
  start,
})
const samplesOf = async (metric: string, token = two.ann.token): Promise<number[]> => {
  await two.here.auren.ingest.settled()
  const { json } = await two.call('neuros', 'GET', `/v1/trace?metric=${metric}&date=2026-11-20`, token)
  return (json.samples as { value: number }[]).map(({ value }) => value)
}
const say = async (text: string): Promise<string> => {
  const answer = await two.call(
    'neuros',
    'POST',
    `/v1/threads/d-${Math.random().toString(36).slice(2)}/messages`,
    two.ben.token,
    {
      body: { text, today: '2026-11-21' },
    },
  )
  return [...answer.text.matchAll(/"type":"text-delta".*?"delta":"((?:[^"\\]|\\.)*)"/g)]
    .map(([, words]) => words)
    .join('')
}

describe('the defects of the first AUREN', () => {
  it('D1: a delivery without a signature is not checked less, it is refused', async () => {
    const { lag } = two.here.auren
    const before = (await lag()).quarantined
    const body = {
      event_type: 'create',
      data_type: 'sleep',
      object_id: 'x',
      event_time: '2026-11-20T10:00:00Z',
      user_id: 'u',
    }
    const answer = await two.call('biometric', 'POST', '/webhooks/oura', null, { body })
    expect(answer.status).toBe(401)
    expect((await lag()).quarantined).toBe(before)
  })

  it('D2: a person named in a body is nobody; no reading without signing in', async () => {
    await two.call('biometric', 'POST', '/v1/observations', two.ben.token, {
      headers: { 'idempotency-key': 'd2' },
      body: { user_id: two.ann.user, app: 'watch', observations: [sample('heart_rate', 62, '/min')] },
    })
    expect(await samplesOf('heart_rate')).toEqual([])
    expect(await samplesOf('heart_rate', two.ben.token)).toEqual([62])
    for (const path of ['/v1/memories', '/v1/metrics', '/v1/today', '/v1/export', '/v1/threads'])
      expect((await two.call('neuros', 'GET', path, null)).status, path).toBe(401)
  })

  it('D3: what is sent again is counted once, under the same key and under another', async () => {
    const steps = { ...sample('steps', 500, '1'), end: '2026-11-20T10:10:00Z' }
    const first = await send('d3', [steps])
    expect((await send('d3', [steps])).json).toEqual(first.json)
    expect((await send('d3-again', [steps])).status).toBe(200)
    expect(await samplesOf('steps')).toEqual([500])
  })

  it('D4, D5, D6: what was answered 2xx is in the store before, in one transaction, and leaves the outbox when it is stored', async () => {
    const before = await two.here.auren.lag()
    expect((await send('d4', [sample('hrv_rmssd', 41, 'ms')])).status).toBe(200)
    // Accepted is a count that is kept in the transaction of the answer, whatever has been stored by now.
    expect((await two.here.auren.lag()).accepted).toBe(before.accepted + 1)
    expect(await samplesOf('hrv_rmssd')).toEqual([41])
    const { accepted, stored, waiting } = await two.here.auren.lag()
    expect([accepted - stored, waiting]).toEqual([0, 0])
  })

  it('D7, D8: every table is made on PostgreSQL itself, with keys that hold', async () => {
    expect(await two.here.auren.health()).toMatchObject({ store: null })
    const folder = join(root, 'packages/plugins/src/storage/sql/migrations')
    for (const file of readdirSync(folder)) {
      const text = readFileSync(join(folder, file), 'utf8')
      for (const [table] of text.matchAll(/create table[^;]*;/gi))
        expect(table, file).not.toMatch(/^\s*(unique )?index\s/im)
    }
  })

  it('D9: an event of a conversation is JSON once', async () => {
    const answer = await two.call('neuros', 'POST', '/v1/threads/d9/messages', two.ben.token, {
      body: { text: 'How many steps did I take yesterday?', today: '2026-11-21' },
    })
    const frames = [...answer.text.matchAll(/^data: (.*)$/gm)]
      .map(([, data]) => data as string)
      .filter((data) => data !== '[DONE]')
    expect(frames.length).toBeGreaterThan(2)
    for (const frame of frames) expect(typeof JSON.parse(frame)).toBe('object')
  })

  it('D10: no origin is let in by a star, with credentials or without', async () => {
    for (const origin of ['https://evil.example', 'null', 'https://x.vercel.app.evil.com', 'http://auren.vercel.app']) {
      const { headers } = await two.call('neuros', 'GET', '/v1/memories', null, { headers: { origin } })
      expect(headers['access-control-allow-origin'], origin).toBeUndefined()
    }
    const { headers } = await two.call('neuros', 'GET', '/healthz', null, {
      headers: { origin: 'https://auren-pwa.vercel.app' },
    })
    expect(headers['access-control-allow-origin']).toBe('https://auren-pwa.vercel.app')
  })

  it('D11: a question with "hi" within a word is a question', async () => {
    const greeting = await say('hi')
    for (const question of [
      'Which week was this high?',
      'Was this high?',
      'Which night had the highest HRV this month?',
    ])
      expect(await say(question), question).not.toBe(greeting)
  })

  it('D12: a greeting claims nothing about a person’s data', async () => {
    for (const text of ['hi', 'hello', 'good morning']) {
      const said = await say(text)
      expect(said.length).toBeGreaterThan(0)
      expect(said).not.toMatch(/\d/)
      expect(said).not.toMatch(/latency|rose|fell|increased|decreased/i)
    }
  })

  it('D13: a question about HRV is answered from the HRV that was measured', async () => {
    await send('d13', [sample('hrv_rmssd', 47, 'ms', '2026-11-20T11:00:00Z')], two.ben.token)
    await two.here.auren.ingest.settled()
    expect(await say('What was my average HRV on 20 November 2026?')).toContain('47')
  })

  it('D14: 23, 0 and 1 o’clock lie about midnight, an hour apart', () => {
    const mean = circularMean([23, 0, 1], 24) as number
    const sd = circularSd([23, 0, 1], 24) as number
    expect(Math.min(mean, 24 - mean)).toBeCloseTo(0, 6)
    expect(sd).toBeGreaterThan(0.5)
    expect(sd).toBeLessThan(1.5)
  })

  it('D15: health says unhealthy where the store does not answer', async () => {
    const { healthRoutes } = await import('../../src/http/health.js')
    const said: unknown[] = []
    const response = {
      status: (code: number) => {
        said.push(code)
        return response
      },
      json: (body: unknown) => said.push(body),
    }
    const health = async () => ({ store: 'AUREN_STORE_UNAVAILABLE' as const, degraded: [] })
    for (const { path, handle } of healthRoutes('neuros', { health }, { draining: false }))
      if (path !== '/healthz') await handle({ response } as never)
    expect(said).toMatchObject([503, { status: 'not ready' }, 503, { status: 'unhealthy' }])
  })

  it('D16: no metric names a person', async () => {
    const { text } = await two.call('neuros', 'GET', '/metrics', null)
    expect(text).toContain('# TYPE')
    for (const { user } of [two.ann, two.ben, two.operator]) expect(text).not.toContain(user)
    expect(text).not.toMatch(/\b(user|user_id|person)="/)
  })

  it('D17: two metrics of one second are two', async () => {
    const at = '2026-11-20T12:00:00Z'
    expect(
      (await send('d17', [sample('heart_rate', 71, '/min', at), sample('oxygen_saturation', 97, '%', at)])).json
        .accepted,
    ).toBe(2)
    expect(await samplesOf('heart_rate')).toContain(71)
    expect(await samplesOf('oxygen_saturation')).toHaveLength(1)
  })
})
