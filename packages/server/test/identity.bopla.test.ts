import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OuraServer, startOura } from '../../plugins/test/servers/oura.js'
import { type Installation, install } from './harness.js'
import { type Answer, bearer, send } from './identity-http.js'

const secrets = { clientId: 'client', clientSecret: 's3cret' }
const password = 'a few words in a row'
let oura: OuraServer
let here: Installation
let ann: { token: string; user: string }
let ben: { token: string; user: string }

const call = (
  service: 'neuros' | 'biometric',
  method: string,
  path: string,
  token: string | null,
  body?: unknown,
): Promise<Answer> =>
  send(here.services.addresses[service] as string, method, path, {
    ...(token === null ? {} : { headers: bearer(token) }),
    ...(body === undefined ? {} : { body }),
  })

beforeAll(async () => {
  oura = await startOura(secrets)
  here = await install({
    AUREN_LOCAL_PERSON: 'false',
    AUREN_SIGNUP: 'open',
    OURA_CLIENT_ID: secrets.clientId,
    OURA_CLIENT_SECRET: secrets.clientSecret,
    OURA_VERIFICATION_TOKEN: 'token',
    OURA_BASE_URL: oura.url,
  })
  const join = async (name: string): Promise<{ token: string; user: string }> => {
    const token = (await call('neuros', 'POST', '/v1/auth/signup', null, { name, password })).json.accessToken as string
    return { token, user: (await call('neuros', 'GET', '/v1/auth/me', token)).json.user as string }
  }
  ann = await join('ann@example.org')
  ben = await join('ben@example.org')
})
afterAll(async () => {
  await here?.close()
  await here?.remove()
  await oura?.close()
})

describe('identity from the token alone (C2)', () => {
  const foreign = (): Record<string, unknown> => ({
    user_id: ann.user,
    userId: ann.user,
    user: ann.user,
    role: 'operate',
    is_admin: true,
    created_at: 0,
    tenant: 'other',
  })

  it('what a body says of persons and roles is ignored or refused', async () => {
    const note = await call('neuros', 'POST', '/v1/memories', ben.token, { kind: 'note', text: 'mine', ...foreign() })
    expect([201, 400]).toContain(note.status)
    const query = await call('neuros', 'POST', '/v1/query', ben.token, {
      question: 'average steps last week',
      ...foreign(),
    })
    expect([200, 400, 422]).toContain(query.status)
    const upload = await call('biometric', 'POST', '/v1/imports', ben.token, { name: 'x.zip', ...foreign() })
    expect([201, 400]).toContain(upload.status)
    expect((await call('neuros', 'PUT', '/v1/profile', ben.token, foreign())).status).toBe(400)
    for (const path of ['/v1/memories', '/v1/threads'])
      expect(JSON.parse((await call('neuros', 'GET', path, ann.token)).text)).toEqual([])
    expect(JSON.parse((await call('biometric', 'GET', '/v1/imports', ann.token)).text)).toEqual([])
    expect((await call('neuros', 'GET', '/v1/auth/me', ben.token)).json.scopes).toEqual(['read', 'write'])
  })

  it('nor do a query or headers name anybody', async () => {
    const { text } = await send(here.services.addresses.neuros as string, 'GET', `/v1/auth/me?user_id=${ann.user}`, {
      headers: { ...bearer(ben.token), 'x-user-id': ann.user, 'x-forwarded-user': ann.user },
    })
    expect(JSON.parse(text)).toMatchObject({ user: ben.user })
  })
})

describe('a webhook (C2)', () => {
  const deliver = (fields: Record<string, unknown>): Promise<Answer> => {
    const event = { event_type: 'create', data_type: 'sleep', event_time: new Date().toISOString(), ...fields }
    const { headers, body } = oura.sign({ object_id: randomBytes(6).toString('hex'), ...event }, Date.now())
    return send(here.services.addresses.biometric as string, 'POST', '/webhooks/oura', {
      headers: { ...headers, 'x-user-id': ann.user },
      body,
    })
  }

  it('is the person’s who connected its account, whoever else it names', async () => {
    const tokens = { accessToken: oura.grant(), expiresAt: Date.now() + 3_600_000 }
    await here.auren.ingest.connections.adopt(ben.user, 'oura', oura.account, tokens)
    await here.auren.ingest.settled()
    const ofAnn = async (): Promise<unknown[]> => [
      await here.auren.longTerm.metrics({ user: ann.user, purpose: 'display' }),
      await here.auren.ingest.quarantine.list({ user: ann.user }),
      await here.auren.ingest.connections.list(ann.user),
    ]
    expect(await ofAnn()).toEqual([[], [], []])
    // Somebody's own id in AUREN is no account of the vendor; what it belongs to is said by the connection.
    for (const fields of [
      { user_id: ann.user },
      { user_id: oura.account, user: ann.user, auren_user: ann.user },
      { user_id: 'an account that nobody connected', user: ann.user },
    ])
      expect((await deliver(fields)).status).toBe(200)
    await here.auren.ingest.settled()
    expect(await ofAnn()).toEqual([[], [], []])
    // The two of unknown accounts are set aside as nobody's.
    expect((await here.auren.lag()).quarantined).toBeGreaterThanOrEqual(2)
  })

  it('of an account is one person’s: another cannot connect it', async () => {
    const tokens = { accessToken: oura.grant(), expiresAt: Date.now() + 3_600_000 }
    await expect(here.auren.ingest.connections.adopt(ann.user, 'oura', oura.account, tokens)).rejects.toMatchObject({
      code: 'AUREN_CONFLICT',
    })
  })
})
