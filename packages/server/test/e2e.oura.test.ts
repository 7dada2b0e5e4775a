import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shared } from '../../../test/shared.js'
import { type OuraServer, startOura } from '../../plugins/test/servers/oura.js'
import { type Installation, install } from './harness.js'

const secrets = { clientId: 'client', clientSecret: 's3cret' }
const recorded = shared('payloads', 'oura')
let oura: OuraServer
let here: Installation

interface Night extends Record<string, unknown> {
  id: string
  day: string
  type?: string
  total_sleep_duration: number | null
  average_hrv: number | null
}
const documents = (name: string): Record<string, unknown>[] =>
  recorded && existsSync(join(recorded, name))
    ? (JSON.parse(readFileSync(join(recorded, name), 'utf8')) as { body: { data: Record<string, unknown>[] } }).body
        .data
    : []

const scope = { user: 'local', purpose: 'display' } as const
const deliver = async (
  event: Record<string, unknown>,
  spoil: (headers: Record<string, string>) => Record<string, string> = (h) => h,
) => {
  const { headers, body } = oura.sign(
    { event_time: new Date().toISOString(), user_id: oura.account, ...event },
    Date.now(),
  )
  return fetch(`${here.services.addresses.biometric}/webhooks/oura`, { method: 'POST', headers: spoil(headers), body })
}

beforeAll(async () => {
  oura = await startOura(secrets)
  here = await install({
    OURA_CLIENT_ID: secrets.clientId,
    OURA_CLIENT_SECRET: secrets.clientSecret,
    OURA_VERIFICATION_TOKEN: 'tök3n',
    OURA_BASE_URL: oura.url,
  })
  for (const [collection, file] of [
    ['sleep', 'v2-multiple_sleep.json'],
    ['daily_sleep', 'v2-multiple_daily_sleep.json'],
    ['daily_readiness', 'v2-multiple_daily_readiness.json'],
    ['daily_activity', 'v2-multiple_daily_activity.json'],
    ['enhanced_tag', 'v2-multiple_enhanced_tag.json'],
    ['workout', 'v2-multiple_workout.json'],
    ['heartrate', 'v2-multiple_heart_rate.json'],
  ] as const) {
    oura.collections.set(collection, documents(file))
  }
}, 120_000)
afterAll(async () => {
  await here.close()
  await here.remove()
  await oura.close()
})

describe('a ring, from sign-in to answer', () => {
  it('answers the challenge of a subscription', async () => {
    const base = `${here.services.addresses.biometric}/webhooks/oura`
    const right = await fetch(`${base}?verification_token=${encodeURIComponent('tök3n')}&challenge=abc`)
    expect([right.status, await right.json()]).toEqual([200, { challenge: 'abc' }])
    expect((await fetch(`${base}?verification_token=guess&challenge=abc`)).status).toBe(401)
  })

  it('sets aside what comes for an account that nobody connected, and answers 200', async () => {
    expect((await deliver({ event_type: 'create', data_type: 'sleep', object_id: 'early' })).status).toBe(200)
    expect((await here.auren.lag()).quarantined).toBe(1)
  })

  it('connects by OAuth: a state works once', async () => {
    const { url, state } = await here.client.call<{ url: string; state: string }>(
      'biometric',
      'POST',
      '/v1/connections/oura',
    )
    const address = new URL(url)
    expect(address.origin).toBe(oura.url)
    expect(address.searchParams.get('client_id')).toBe('client')
    expect(url).not.toContain('s3cret')
    const callback = (given: string, code: string) =>
      fetch(
        `${here.services.addresses.biometric}/v1/connections/oura/callback?code=${code}&state=${encodeURIComponent(given)}`,
      )
    expect((await callback('forged', oura.grant())).status).toBe(422)
    // Whoever said no at the vendor is told so in words, on a page that takes nothing from the address.
    const declined = await fetch(
      `${here.services.addresses.biometric}/v1/connections/oura/callback?error=${encodeURIComponent('<b>access_denied')}`,
      { headers: { accept: 'text/html,*/*;q=0.8' } },
    )
    expect([declined.status, declined.headers.get('content-type')]).toEqual([422, 'text/html; charset=utf-8'])
    expect(await declined.text()).toMatch(/<h1>Not connected<\/h1><p>The vendor did not grant access\. [^<]+<\/p>/)
    expect((await callback(state, oura.grant())).status).toBe(200)
    expect((await callback(state, oura.grant())).status).toBe(422)
    const shown = await here.client.call<Record<string, unknown>[]>('biometric', 'GET', '/v1/connections')
    expect(shown).toMatchObject([{ provider: 'oura', account: oura.account, status: 'active' }])
    expect(JSON.stringify(shown)).not.toMatch(/access-|refresh-/)
  })

  it.skipIf(recorded === null)('has every recorded night after the first pull', async () => {
    await here.auren.ingest.settled()
    const nights = documents('v2-multiple_sleep.json') as Night[]
    const kept = nights.filter((night) => night.type !== 'deleted')
    const sessions = await here.auren.longTerm.sessions(scope, {
      kind: 'sleep',
      from: '2020-01-01',
      to: '2030-01-01',
      all: true,
    })
    expect(sessions.map((session) => session.recordId).toSorted()).toEqual(
      kept.map((night) => `sleep/${night.id}`).toSorted(),
    )
    for (const night of kept) {
      const session = sessions.find((held) => held.recordId === `sleep/${night.id}`)
      if (night.total_sleep_duration !== null) expect(session?.measures.sleep_duration).toBe(night.total_sleep_duration)
      if (night.average_hrv !== null) expect(session?.measures.hrv_rmssd).toBe(night.average_hrv)
    }
  })

  it.skipIf(recorded === null)('answers with the mean that plain code computes from the recorded answers', async () => {
    const scores = documents('v2-multiple_daily_readiness.json') as { day: string; score: number }[]
    const fact = await here.auren.query(
      'local',
      { measure: { of: 'metric', metric: 'oura.readiness_score' }, aggregate: 'mean', period: { kind: 'all' } },
      { today: '2024-12-31' },
    )
    expect(fact.value).toBeCloseTo(scores.reduce((sum, { score }) => sum + score, 0) / scores.length, 9)
    expect(fact.n).toBe(scores.length)
  })

  it('fetches what a notification names, replaces what was corrected, and withdraws what is gone', async () => {
    const tag = {
      id: 'tag-1',
      tag_type_code: 'tag_generic_alcohol',
      start_time: '2026-02-01T20:00:00+01:00',
      end_time: null,
      start_day: '2026-02-01',
      comment: '',
    }
    oura.collections.get('enhanced_tag')?.push(tag)
    const tags = async () => {
      await here.auren.ingest.settled()
      return (await here.auren.longTerm.tags(scope, { from: '2026-01-01', to: '2026-12-31' })).map((held) => [
        held.tag,
        held.date,
      ])
    }
    expect((await deliver({ event_type: 'create', data_type: 'enhanced_tag', object_id: 'tag-1' })).status).toBe(200)
    expect(await tags()).toEqual([['alcohol', '2026-02-01']])

    tag.tag_type_code = 'tag_generic_caffeine'
    tag.start_time = '2026-02-02T09:00:00+01:00'
    await deliver({ event_type: 'update', data_type: 'enhanced_tag', object_id: 'tag-1' })
    expect(await tags()).toEqual([['caffeine', '2026-02-02']])

    await deliver({ event_type: 'delete', data_type: 'enhanced_tag', object_id: 'tag-1' })
    expect(await tags()).toEqual([])
  })

  it('does nothing twice for a delivery that comes again', async () => {
    const { headers, body } = oura.sign(
      { event_type: 'update', data_type: 'daily_sleep', object_id: 'again', event_time: 'x', user_id: oura.account },
      Date.now(),
    )
    const before = oura.requests.length
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        fetch(`${here.services.addresses.biometric}/webhooks/oura`, { method: 'POST', headers, body }),
      ),
    )
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 10 }, () => 200))
    await here.auren.ingest.settled()
    expect(oura.requests.slice(before).filter((request) => request.path.endsWith('/daily_sleep/again'))).toHaveLength(1)
  })

  it('refuses a forged delivery, and keeps nothing of it', async () => {
    const before = await here.auren.lag()
    const forged = await deliver({ event_type: 'create', data_type: 'sleep', object_id: 'x' }, (headers) => ({
      ...headers,
      'x-oura-signature': '0'.repeat(64),
    }))
    expect(forged.status).toBe(401)
    expect(await forged.json()).toMatchObject({ code: 'AUREN_SIGNATURE_INVALID' })
    expect(await here.auren.lag()).toEqual(before)
  })

  it('renews an expired token once, though many fetches need it at the same time', async () => {
    const before = oura.refreshes
    oura.expireTokens()
    const found = documents('v2-multiple_daily_sleep.json')[0]?.id ?? 'none'
    for (let i = 0; i < 5; i++)
      await deliver({ event_type: 'update', data_type: 'daily_sleep', object_id: String(found), event_time: `t${i}` })
    await here.auren.ingest.settled()
    expect(oura.refreshes - before).toBe(1)
    const [connection] = await here.client.call<{ status: string }[]>('biometric', 'GET', '/v1/connections')
    expect(connection?.status).toBe('active')
  })

  it('has replayed what came before the account was connected, and set aside only what says why', async () => {
    expect(oura.requests.filter((request) => request.path.endsWith('/sleep/early'))).toHaveLength(1)
    const open = await here.auren.ingest.quarantine.list({ user: 'local', open: true })
    expect(open.map((item) => [item.reason, item.detail]).filter(([reason]) => reason !== 'hard_range')).toEqual([])
  })
})
