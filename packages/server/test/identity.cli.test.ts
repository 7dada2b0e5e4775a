import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient } from '../src/cli/client.js'
import { audit, invite, rotateKey, token } from '../src/cli/commands/access.js'
import type { Output } from '../src/cli/output.js'
import { withClient } from '../src/cli/session.js'
import { createLog } from '../src/log.js'
import { type Installation, install } from './harness.js'
import { send } from './identity-http.js'

let here: Installation
const printed: string[] = []
const data: unknown[] = []
const output: Output = {
  json: false,
  interactive: false,
  print: (text) => printed.push(text),
  data: (value) => data.push(value),
  note: () => undefined,
}
const last = (): string => printed.at(-1) as string

beforeAll(async () => {
  here = await install()
})
afterAll(async () => {
  await here?.close()
  await here?.remove()
})

describe('the command line of who may ask', () => {
  it('makes a token that works, lists it without its secret, and revokes it', async () => {
    expect(await token.create(here.client, output, 'grafana', { scopes: 'read', days: '2' })).toBe(0)
    const made = last()
    expect(made).toMatch(/^auren_pat_[\w-]{43}$/)
    const client = createClient(here.services.addresses, made)
    expect(await client.call('neuros', 'GET', '/v1/auth/me')).toEqual({ user: 'local', scopes: ['read'], via: 'token' })
    await expect(client.call('neuros', 'POST', '/v1/memories', { kind: 'note', text: 'x' })).rejects.toMatchObject({
      code: 'AUREN_FORBIDDEN',
    })
    await token.list(here.client, output)
    expect(last()).toContain('grafana')
    expect(last()).not.toContain(made)
    const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(last())?.[0] as string
    expect(await token.revoke(here.client, output, id)).toBe(0)
    await expect(client.call('neuros', 'GET', '/v1/auth/me')).rejects.toMatchObject({ code: 'AUREN_UNAUTHENTICATED' })
    await expect(token.revoke(here.client, output, id)).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
    await expect(token.create(here.client, output, 'x', { scopes: 'admin' })).rejects.toMatchObject({
      code: 'AUREN_INPUT_INVALID',
    })
    await expect(token.create(here.client, output, 'x', { days: '1e3' })).rejects.toMatchObject({
      code: 'AUREN_INPUT_INVALID',
    })
  })

  it('invites: the account has its own data, not the local person’s', async () => {
    const password = 'a few words in a row'
    const base = here.services.addresses.neuros as string
    // The first account at this machine is its person's.
    const first = await send(base, 'POST', '/v1/auth/signup', { body: { name: 'me@example.org', password } })
    const mine = createClient(here.services.addresses, first.json.accessToken as string)
    expect(await mine.call('neuros', 'GET', '/v1/auth/me')).toMatchObject({
      user: 'local',
      scopes: ['read', 'write', 'operate'],
    })
    await invite(here.client, output, { days: '1' })
    const body = { name: 'guest@example.org', password, invitation: last() }
    const guest = await send(base, 'POST', '/v1/auth/signup', { body })
    const theirs = createClient(here.services.addresses, guest.json.accessToken as string)
    const me = await theirs.call<{ user: string; scopes: string[] }>('neuros', 'GET', '/v1/auth/me')
    expect(me.user).not.toBe('local')
    expect(me.scopes).toEqual(['read', 'write'])
  })

  it('rotates the key, and verifies and shows the log', async () => {
    expect(await rotateKey(here.client, output)).toBe(0)
    expect(await audit.verify(here.client, output)).toBe(0)
    expect(last()).toMatch(/^\d+ rows, each as it was written\. Newest: [0-9a-f]{64}\./)
    expect(await audit.list(here.client, output, { limit: '50' })).toBe(0)
    for (const action of ['token.create', 'token.revoke', 'invitation.create', 'account.create', 'key.rotate'])
      expect(last()).toContain(action)
    expect(last()).not.toMatch(/local|example\.org|grafana/)
  })

  it('opens the folder itself where nothing runs', async () => {
    await here.close()
    const rows = await withClient(
      here.config,
      createLog('silent'),
      () => undefined,
      (client) => client.call<{ rows: number; brokenAt: number | null }>('neuros', 'GET', '/v1/audit/verify'),
    )
    expect(rows.brokenAt).toBeNull()
    expect(rows.rows).toBeGreaterThan(5)
    here = await install({}, { dataDir: here.config.dataDir })
  })
})
