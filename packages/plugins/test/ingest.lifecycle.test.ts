import type { Connection } from '@auren/core'
import { afterEach, describe, expect, it } from 'vitest'
import { openRig, type Rig, start } from './ingest-rig.js'
import { type DialectServer, delivery, dialect, startDialect } from './servers/dialect.js'

const hour = 3_600_000
const day = 24 * hour
const publicUrl = 'https://auren.example/api/biometric/'
const callback = 'https://auren.example/api/biometric/webhooks/dialect'

const rigs: Rig[] = []
const servers: DialectServer[] = []
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close()
  for (const server of servers.splice(0)) await server.close()
})

async function open(
  options: Parameters<typeof dialect>[1] & { public?: boolean } = {},
): Promise<{ rig: Rig; vendor: DialectServer }> {
  const { public: isPublic = true, ...more } = options
  const vendor = await startDialect()
  servers.push(vendor)
  const rig = await openRig({ plugins: [dialect(vendor, more)], ...(isPublic ? { publicUrl } : {}) })
  rigs.push(rig)
  return { rig, vendor }
}

const signIn = async ({ auren }: Rig, user = 'ada') => {
  const { url, state } = await auren.ingest.connections.begin(user, 'dialect', 'https://auren.example/back')
  const [view] = await auren.ingest.connections.finish('dialect', { code: 'code', state })
  await auren.ingest.settled()
  return { url: new URL(url), view }
}
const connectionsOf = ({ journal }: Rig, user: string): Promise<Connection[]> =>
  journal.transaction((tx) => journal.connections.list(tx, { user }))
const adopt = async ({ auren }: Rig, vendor: DialectServer, user: string, account: string) => {
  vendor.tokens.add(`token of ${user}`)
  await auren.ingest.connections.adopt(user, 'dialect', account, { accessToken: `token of ${user}` })
  await auren.ingest.settled()
}
const say = async ({ auren }: Rig, ...plans: unknown[]) => {
  await auren.ingest.webhook('dialect', delivery(plans))
  await auren.ingest.settled()
}

describe('a dialect of OAuth', () => {
  it('is spoken at the beginning, for the token, and when it is renewed', async () => {
    const { rig, vendor } = await open()
    const { url, view } = await signIn(rig)
    expect(url.searchParams.get('scope')).toBe('a,b')
    expect(url.searchParams.get('prompt')).toBe('consent')
    expect(view).toMatchObject({ account: '77', status: 'active' })
    expect(vendor.to('/users/77')).toMatchObject([{ method: 'POST' }])
    const [exchange] = vendor.to('/token')
    expect(exchange?.form).toMatchObject({ grant_type: 'authorization_code', action: 'requesttoken' })
    expect(exchange?.form.code_verifier).toMatch(/^.{43,}$/)

    rig.advance(2 * hour)
    await rig.auren.ingest.connections.sync('ada', 'dialect')
    await rig.auren.ingest.settled()
    expect(vendor.to('/token').map(({ form }) => form.grant_type)).toEqual(['authorization_code', 'refresh_token'])
    expect(vendor.to('/all')).toHaveLength(2)
    expect((await connectionsOf(rig, 'ada'))[0]).toMatchObject({
      status: 'active',
      tokens: { expiresAt: start + 3 * hour },
    })
  })

  it('that fails to register the person connects nothing', async () => {
    const { rig, vendor } = await open()
    vendor.next.set('/users/77', [{ status: 500 }])
    await expect(signIn(rig)).rejects.toThrow(/not registered/)
    expect(await connectionsOf(rig, 'ada')).toEqual([])
    await signIn(rig)
    await signIn(rig)
    expect(vendor.to('/users/77')).toHaveLength(3)
  })

  it('asks a token endpoint later that asks to slow down', async () => {
    const { rig, vendor } = await open()
    await signIn(rig)
    rig.advance(2 * hour)
    vendor.next.set('/token', [{ status: 429, headers: { 'retry-after': '90' } }])
    await rig.auren.ingest.connections.sync('ada', 'dialect')
    await rig.auren.ingest.settled()
    rig.advance(89_000)
    await rig.auren.ingest.settled()
    expect(vendor.to('/all')).toHaveLength(1)
    rig.advance(1000)
    await rig.auren.ingest.settled()
    expect(vendor.to('/all')).toHaveLength(2)
  })
})

describe('the end of a connection', () => {
  it('is told to the vendor: the subscription, then the person, with a token that works', async () => {
    const { rig, vendor } = await open()
    await signIn(rig)
    rig.advance(2 * hour)
    const before = vendor.asked.length
    await rig.auren.ingest.connections.remove('ada', 'dialect')
    expect(vendor.asked.slice(before).map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /token',
      'DELETE /subscriptions/77/1',
      'DELETE /users/77',
    ])
    const last = vendor.asked.at(-1)
    expect(vendor.tokens.has((last?.authorization ?? '').replace('Bearer ', ''))).toBe(true)
    expect(await connectionsOf(rig, 'ada')).toEqual([])
    rig.advance(3 * day)
    await rig.auren.ingest.settled()
    expect(vendor.to('/subscriptions')).toHaveLength(1)
  })

  it('destroys the tokens whatever the vendor says to it', async () => {
    const { rig, vendor } = await open()
    await signIn(rig)
    vendor.tokens.clear()
    vendor.next.set('/token', [{ status: 500 }, { status: 500 }])
    vendor.next.set('/users/77', [{ status: 500 }])
    await rig.auren.ingest.connections.remove('ada', 'dialect')
    expect(await connectionsOf(rig, 'ada')).toEqual([])
    const warned = rig.logged.filter(({ message }) => message.includes('could not be told'))
    expect(warned.map(({ fields }) => fields?.what)).toEqual(['subscription'])
    expect(JSON.stringify(rig.logged)).not.toMatch(/access-|refresh-|ada/)
  })

  it('of a plugin that is installed no longer needs nobody', async () => {
    const { rig } = await open()
    await rig.journal.transaction(async (tx) => {
      await rig.journal.person(tx, 'ada')
      await rig.journal.connections.save(tx, {
        user: 'ada',
        provider: 'gone',
        account: 'x',
        status: 'active',
        tokens: { accessToken: 't' },
        state: {},
        lastSyncAt: null,
        error: null,
      })
    })
    await rig.auren.ingest.connections.remove('ada', 'gone')
    expect(await connectionsOf(rig, 'ada')).toEqual([])
  })

  it('comes with an erasure', async () => {
    const { rig, vendor } = await open()
    await signIn(rig)
    await rig.auren.memory.for('ada', 'display').erase()
    expect(vendor.asked.slice(-2).map(({ method, path }) => `${method} ${path}`)).toEqual([
      'DELETE /subscriptions/77/1',
      'DELETE /users/77',
    ])
    expect(await rig.query('select 1 from auren.jobs where user_id = $1', ['ada'])).toEqual([])
    expect(await connectionsOf(rig, 'ada')).toEqual([])
  })

  it('is not undone by a renewal of the tokens that was under way', async () => {
    const { rig, vendor } = await open({ subscription: undefined as never })
    await signIn(rig)
    rig.advance(2 * hour)
    let answer = (): void => undefined
    vendor.holds = new Promise((resolve) => {
      answer = resolve
    })
    await rig.auren.ingest.connections.sync('ada', 'dialect')
    await expect.poll(() => vendor.to('/token').length).toBe(2)
    await rig.query("update auren.connections set status = 'revoked', tokens = null")
    answer()
    await rig.auren.ingest.settled()
    expect(await connectionsOf(rig, 'ada')).toMatchObject([{ status: 'revoked', tokens: null }])
    expect(vendor.to('/all')).toHaveLength(1)
  })
})

describe('a subscription', () => {
  it('of a connection is asked for when it is connected and every so often, with what it knew', async () => {
    const { rig, vendor } = await open()
    await signIn(rig)
    expect(vendor.to('/subscriptions').map(({ form }) => form)).toEqual([{ callback, account: '77', times: '1' }])
    rig.advance(day)
    await rig.auren.ingest.settled()
    rig.advance(day)
    await rig.auren.ingest.settled()
    expect(vendor.to('/subscriptions').map(({ form }) => form.times)).toEqual(['1', '2', '3'])
    const [row] = await rig.query<{ progress: Uint8Array; payload: Uint8Array }>(
      "select progress, payload from auren.jobs where kind = 'subscribe'",
    )
    expect(Buffer.from(row?.progress ?? []).toString('latin1')).not.toContain('times')
  })

  it('of an application is asked for at start, without anybody', async () => {
    const { rig, vendor } = await open({ of: 'application' })
    await rig.auren.ingest.settled()
    expect(vendor.to('/application').map(({ form }) => form)).toEqual([{ callback, account: '', times: '1' }])
    rig.advance(day)
    await rig.auren.ingest.settled()
    expect(vendor.to('/application')).toHaveLength(2)
    await adopt(rig, vendor, 'ada', '77')
    expect(vendor.to('/application').map(({ form }) => form.times)).toEqual(['1', '2', '3'])
    await rig.auren.ingest.connections.remove('ada', 'dialect')
    expect(vendor.asked.filter(({ path }) => path.startsWith('/subscriptions'))).toEqual([])
  })

  it('that cannot be had is asked for again, and never given up', async () => {
    const { rig, vendor } = await open({ of: 'application' })
    vendor.next.set(
      '/application',
      Array.from({ length: 20 }, () => ({ status: 500 })),
    )
    await rig.auren.ingest.settled()
    const failed = vendor.to('/application').length
    expect(failed).toBeGreaterThanOrEqual(1)
    vendor.next.clear()
    rig.advance(day)
    await rig.auren.ingest.settled()
    expect(vendor.to('/application').length).toBe(failed + 1)
    expect(await rig.journal.lag()).toMatchObject({ jobs: 0, planned: 1 })
  })

  it('waits as long as the vendor asks, however often, and nothing of it counts', async () => {
    const { rig, vendor } = await open({ of: 'application' })
    await rig.auren.ingest.settled()
    vendor.next.set(
      '/application',
      Array.from({ length: 12 }, () => ({ status: 429, headers: { 'retry-after': '600' } })),
    )
    rig.advance(day)
    for (let n = 0; n < 13; n++) {
      await rig.auren.ingest.settled()
      expect(vendor.to('/application')).toHaveLength(2 + n)
      rig.advance(599_000)
      await rig.auren.ingest.settled()
      expect(vendor.to('/application')).toHaveLength(2 + n)
      rig.advance(1000)
    }
    expect(vendor.to('/application').at(-1)?.form.times).toBe('2')
  })

  it('that the vendor has dropped is asked for at once, and what was missed is pulled', async () => {
    const { rig, vendor } = await open()
    await signIn(rig)
    await say(rig, { account: '77', lifecycle: 'subscription_lost' })
    expect(vendor.to('/subscriptions')).toHaveLength(2)
    expect(vendor.to('/all')).toHaveLength(2)
    // The same delivery again is nothing new.
    await say(rig, { account: '77', lifecycle: 'subscription_lost' })
    expect(vendor.to('/all')).toHaveLength(2)
  })

  it('of all persons that the vendor has dropped: everybody is pulled, whoever is named', async () => {
    const { rig, vendor } = await open({ of: 'application' })
    await adopt(rig, vendor, 'ada', '77')
    await adopt(rig, vendor, 'bob', '78')
    const pulls = vendor.to('/all').length
    const asked = vendor.to('/application').length
    await say(rig, { account: 'nobody', lifecycle: 'subscription_lost' })
    expect(vendor.to('/all')).toHaveLength(pulls + 2)
    expect(vendor.to('/application')).toHaveLength(asked + 1)
    expect((await rig.journal.lag()).quarantined).toBe(0)
  })

  it('is not kept up where nobody knows the address, which is said once', async () => {
    const { rig, vendor } = await open({ public: false })
    await signIn(rig)
    rig.advance(3 * day)
    await rig.auren.ingest.settled()
    await rig.auren.ingest.connections.remove('ada', 'dialect')
    expect(vendor.asked.filter(({ path }) => path.startsWith('/subscriptions'))).toEqual([])
    expect(rig.logged.filter(({ message }) => message.includes('subscriptions are not kept up'))).toHaveLength(1)
  })

  it('of a connection that the vendor has ended is let be, and goes on when it is connected again', async () => {
    const { rig, vendor } = await open()
    await signIn(rig)
    await say(rig, { account: '77', lifecycle: 'deauthorized' })
    rig.advance(day)
    await rig.auren.ingest.settled()
    expect(vendor.to('/subscriptions')).toHaveLength(1)
    await signIn(rig)
    expect(vendor.to('/subscriptions').map(({ form }) => form.times)).toEqual(['1', '2'])
  })
})

describe('what a vendor says of a connection', () => {
  it('are permissions, which are shown and kept sealed', async () => {
    const { rig, vendor } = await open()
    await adopt(rig, vendor, 'ada', '77')
    expect(await rig.auren.ingest.connections.list('ada')).toMatchObject([{ permissions: null }])
    await say(rig, { account: '77', permissions: ['HEART_RATE', 'SLEEP'] })
    await rig.auren.ingest.connections.sync('ada', 'dialect')
    await rig.auren.ingest.settled()
    expect(await rig.auren.ingest.connections.list('ada')).toMatchObject([{ permissions: ['HEART_RATE', 'SLEEP'] }])
    const [row] = await rig.query<{ permissions: Uint8Array }>('select permissions from auren.connections')
    expect(Buffer.from(row?.permissions ?? []).toString('latin1')).not.toContain('SLEEP')
    await say(rig, { account: '77', permissions: [] })
    expect(await rig.auren.ingest.connections.list('ada')).toMatchObject([{ permissions: [] }])
  })

  const clock = { at: '2026-01-05T07:00:00', bpm: 60 }

  it('is a new name of the account: what comes under it, and what came before, is the person’s', async () => {
    const { rig, vendor } = await open()
    await adopt(rig, vendor, 'ada', 'old')
    await say(rig, { account: 'new', payload: { clocks: [{ ...clock, bpm: 51 }] } })
    expect((await rig.journal.lag()).quarantined).toBe(1)
    await say(rig, { account: 'old', renamedTo: 'new' })
    expect(await rig.auren.ingest.connections.list('ada')).toMatchObject([{ account: 'new', status: 'active' }])
    await say(rig, { account: 'new', payload: { clocks: [{ ...clock, at: '2026-01-05T07:10:00', bpm: 52 }] } })
    const samples = await rig.longTerm.samples(
      { user: 'ada', purpose: 'display' },
      { metric: 'heart_rate', from: start - day, to: start + day },
    )
    expect(samples.map(({ value }) => value)).toEqual([51, 52])
    expect((await rig.journal.lag()).quarantined).toBe(0)
  })

  it('is refused as a new name where that is somebody else’s', async () => {
    const { rig, vendor } = await open()
    await adopt(rig, vendor, 'ada', 'old')
    await adopt(rig, vendor, 'bob', 'new')
    await say(rig, { account: 'old', renamedTo: 'new' })
    expect(await rig.auren.ingest.connections.list('ada')).toMatchObject([{ account: 'old' }])
    expect(await rig.auren.ingest.connections.list('bob')).toMatchObject([{ account: 'new' }])
    const [item] = await rig.auren.ingest.quarantine.list({ user: 'ada' })
    expect(item).toMatchObject({ reason: 'account_taken', account: 'old' })
    // Once it is free, the delivery can be followed.
    await rig.auren.ingest.connections.remove('bob', 'dialect')
    await rig.auren.ingest.quarantine.replay('ada', item?.id ?? '')
    expect(await rig.auren.ingest.connections.list('ada')).toMatchObject([{ account: 'new' }])
  })

  it('is a new name that the person has connected already: one connection stays', async () => {
    const { rig, vendor } = await open()
    await adopt(rig, vendor, 'ada', 'old')
    await adopt(rig, vendor, 'ada', 'new')
    await say(rig, { account: 'old', renamedTo: 'new' })
    expect(await rig.auren.ingest.connections.list('ada')).toMatchObject([{ account: 'new', status: 'active' }])
  })

  it('is followed by another person once it has ended', async () => {
    const { rig, vendor } = await open()
    await adopt(rig, vendor, 'ada', '77')
    await expect(adopt(rig, vendor, 'bob', '77')).rejects.toMatchObject({ code: 'AUREN_CONFLICT' })
    await say(rig, { account: '77', lifecycle: 'deauthorized' })
    await adopt(rig, vendor, 'bob', '77')
    expect(await rig.auren.ingest.connections.list('bob')).toMatchObject([{ account: '77', status: 'active' }])
  })
})
