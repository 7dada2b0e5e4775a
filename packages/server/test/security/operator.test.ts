import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OuraServer, startOura } from '../../../plugins/test/servers/oura.js'
import { type Installation, install } from '../harness.js'
import { type Answer, bearer, send } from '../identity-http.js'

const password = 'a few words in a row'
const root = '/v1/operator/quarantine'
const canary = 'CANARY-operator-61'
let here: Installation
let oura: OuraServer
let operator: string
let ann: string
let annId: string

const call = (method: string, path: string, token: string | null, body?: unknown): Promise<Answer> =>
  send(here.services.addresses[path.startsWith('/v1/a') ? 'neuros' : 'biometric'] as string, method, path, {
    ...(token === null ? {} : { headers: bearer(token) }),
    ...(body === undefined ? {} : { body }),
  })
const list = async (query = ''): Promise<Record<string, unknown>[]> =>
  JSON.parse((await call('GET', `${root}${query}`, operator)).text) as Record<string, unknown>[]

beforeAll(async () => {
  oura = await startOura({ clientId: 'client', clientSecret: 's3cret' })
  here = await install({
    AUREN_LOCAL_PERSON: 'false',
    AUREN_SIGNUP: 'open',
    OURA_CLIENT_ID: 'client',
    OURA_CLIENT_SECRET: 's3cret',
    OURA_VERIFICATION_TOKEN: 'token',
    OURA_BASE_URL: oura.url,
  })
  const join = async (name: string): Promise<string> =>
    (await call('POST', '/v1/auth/signup', null, { name, password })).json.accessToken as string
  operator = await join('op@example.org')
  ann = await join('ann@example.org')
  annId = (await call('GET', '/v1/auth/me', ann)).json.user as string
  // What no person's heart does, and what is no observation at all.
  const observations = [
    { shape: 'sample', metric: 'heart_rate', start: '2026-11-20T10:00:00Z', value: 61737, unit: '/min' },
    { shape: 'sample', metric: canary, start: '2026-11-20T10:00:00Z', value: 1, unit: '1' },
  ]
  const sent = await send(here.services.addresses.biometric as string, 'POST', '/v1/observations', {
    headers: { ...bearer(ann), 'idempotency-key': 'one' },
    body: { app: 'watch', observations },
  })
  expect(sent.json).toMatchObject({ accepted: 0, quarantined: 2 })
})
afterAll(async () => {
  await here?.close()
  await here?.remove()
  await oura?.close()
})

describe('the operator’s quarantine', () => {
  it('is for who operates', async () => {
    const [item] = await list()
    const id = item?.id as string
    for (const [method, path, body] of [
      ['GET', root],
      ['GET', `${root}/${id}`],
      ['POST', `${root}/${id}/replay`],
      ['POST', `${root}/replay`, {}],
    ] as const) {
      expect((await call(method, path, ann, body)).status).toBe(403)
      expect((await call(method, path, null, body)).status).toBe(401)
    }
    // Nor for a program of the operator's that was not given the scope.
    const weaker = { name: 'script', scopes: ['read', 'write'] }
    const token = (
      await send(here.services.addresses.neuros as string, 'POST', '/v1/tokens', {
        headers: bearer(operator),
        body: weaker,
      })
    ).json.token as string
    expect((await call('GET', root, token)).status).toBe(403)
  })

  it('shows persons as the audit log does, and nothing of what an item holds', async () => {
    const items = await list()
    expect(items).toHaveLength(2)
    const text = JSON.stringify(items)
    expect(text).not.toContain(annId)
    expect(text).not.toContain(canary)
    expect(text).not.toContain('61737')
    const one = (await call('GET', `${root}/${items[0]?.id}`, operator)).json
    expect(one).toEqual(items[0])
    const before = (await call('GET', '/v1/audit/log', operator)).text
    expect(before).not.toContain('quarantine.read')
    await call('GET', '/v1/export', ann)
    const log = JSON.parse((await call('GET', '/v1/audit/log', operator)).text) as Record<string, unknown>[]
    const created = log.filter(({ action }) => action === 'account.create').map(({ subject }) => subject)
    expect(created).toContain(items[0]?.person)
  })

  it('reveals one item where that is asked for, which the log and the person see', async () => {
    const [item] = await list()
    const id = item?.id as string
    const revealed = await call('GET', `${root}/${id}?reveal=true`, operator)
    expect(revealed.text).toContain(canary)
    expect(revealed.headers['cache-control']).toBe('no-store')
    const about = JSON.parse((await call('GET', '/v1/audit', ann)).text) as { action: string; reason: string }[]
    expect(about[0]).toMatchObject({ action: 'quarantine.read', reason: 'operate' })
  })

  it('filters by vendor and reason, and pages', async () => {
    const all = await list()
    expect(await list('?provider=app.watch')).toEqual(all)
    expect(await list('?provider=oura')).toEqual([])
    for (const item of all) expect(await list(`?reason=${item.reason}`)).toContainEqual(item)
    const [first] = await list('?limit=1')
    expect(await list(`?limit=1&after=${first?.id}`)).toEqual([all[1]])
  })

  it('refuses what is no id, and has nothing under one that never was', async () => {
    expect((await call('GET', `${root}/..%2f..%2fetc`, operator)).status).toBe(400)
    const unknown = '00000000-0000-4000-8000-000000000000'
    expect((await call('GET', `${root}/${unknown}`, operator)).status).toBe(404)
    expect((await call('POST', `${root}/${unknown}/replay`, operator)).status).toBe(404)
    expect((await call('POST', `${root}/replay`, operator, { user: annId })).status).toBe(400)
  })

  it('replays one, and again is nothing', async () => {
    const [item] = await list()
    const once = await call('POST', `${root}/${item?.id}/replay`, operator)
    expect(once.json).toEqual({ accepted: 0, quarantined: 1, alreadyReplayed: false })
    const twice = await call('POST', `${root}/${item?.id}/replay`, operator)
    expect(twice.json).toEqual({ accepted: 0, quarantined: 0, alreadyReplayed: true })
    expect(await list()).toHaveLength(2)
  })

  it('has what is nobody’s, which stays until somebody connects its account', async () => {
    const event = { event_type: 'create', data_type: 'sleep', object_id: 'x', event_time: '2026-11-20T10:00:00Z' }
    const { headers, body } = oura.sign({ ...event, user_id: 'an account of nobody' }, Date.now())
    const base = here.services.addresses.biometric as string
    expect((await send(base, 'POST', '/webhooks/oura', { headers, body })).status).toBe(200)
    const [item] = await list('?provider=oura')
    expect(item).toMatchObject({ person: null, replayedAt: null })
    expect(JSON.stringify(item)).not.toContain('an account of nobody')
    expect((await call('POST', `${root}/${item?.id}/replay`, operator)).status).toBe(409)
    const all = (await call('POST', `${root}/replay`, operator, { provider: 'oura' })).json
    expect(all).toEqual({
      replayed: 0,
      accepted: 0,
      quarantined: 0,
      refused: [{ id: item?.id, code: 'AUREN_CONFLICT' }],
      next: null,
    })
    const tokens = { accessToken: oura.grant(), expiresAt: Date.now() + 3_600_000 }
    await here.auren.ingest.connections.adopt(annId, 'oura', 'an account of nobody', tokens)
    // Connecting it has claimed what was waiting for it.
    expect(await list('?provider=oura')).toEqual([])
  })

  it('replays all of a filter, also at once with another, each item once', async () => {
    const open = await list()
    const before = (await list('?all=true')).length
    const outcomes = await Promise.all([1, 2].map(() => call('POST', `${root}/replay`, operator, {})))
    const replayed = outcomes.reduce((sum, { json }) => sum + (json.replayed as number), 0)
    // Each that was open is replayed once; the other request may also meet what the first set aside anew.
    const again = (await list('?all=true')).length - before
    expect(replayed).toBe(again)
    expect(replayed).toBeGreaterThanOrEqual(open.length)
    expect(await list()).toHaveLength(2)
    for (const { id } of open)
      expect((await list('?all=true')).find((item) => item.id === id)?.replayedAt).not.toBeNull()
    const log = (await call('GET', '/v1/audit/log?limit=1000', operator)).text
    expect(log.match(/quarantine\.replay/g)?.length).toBeGreaterThanOrEqual(open.length)
    expect((await call('GET', '/v1/audit/verify', operator)).json.brokenAt).toBeNull()
  })
})
