import { createHmac } from 'node:crypto'
import type { RawRequest } from '@auren/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fitbit } from '../src/wearables/fitbit/index.js'
import { googleHealth } from '../src/wearables/google-health/index.js'
import { openRig, type Rig, start } from './ingest-rig.js'
import { type FitbitServer, startFitbit } from './servers/fitbit.js'
import { type GoogleServer, startGoogle } from './servers/google-health.js'

const client = { clientId: 'client', clientSecret: 's3cret' }
const webhookSecret = 'Bearer an invented secret'
const publicUrl = 'https://auren.example/'
const HOUR = 3_600_000
const iso = (at: number): string => new Date(at).toISOString()

let google: GoogleServer
let old: FitbitServer
let rig: Rig
beforeEach(async () => {
  google = await startGoogle(client)
  old = await startFitbit(client)
  rig = await openRig({
    plugins: [
      googleHealth({ ...client, webhookSecret, baseURL: google.url }),
      fitbit({ ...client, verifyCode: 'v', baseURL: old.url }),
    ],
    publicUrl,
  })
})
afterEach(async () => {
  await rig.close()
  await google.close()
  await old.close()
})

const signIn = async (provider: string, grant: (challenge: string) => string) => {
  const { url, state } = await rig.auren.ingest.connections.begin('ada', provider, 'https://auren.example/back')
  const code = grant(new URL(url).searchParams.get('code_challenge') ?? '')
  const [view] = await rig.auren.ingest.connections.finish(provider, { code, state })
  await rig.auren.ingest.settled()
  return view
}
const request = (body: string, headers: Record<string, string>, now = start): RawRequest => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  query: {},
  body: Buffer.from(body),
  now,
})
/** Steps that hold now. */
const walked = async () => {
  const span = { metric: 'steps', from: start - 24 * HOUR, to: start + 24 * HOUR }
  const samples = await rig.longTerm.samples({ user: 'ada', purpose: 'display' }, span)
  return samples.map(({ value }) => value)
}

describe('Google Health, from the sign-in to the day', () => {
  const at = start - 3 * HOUR
  const steps = (count: number) => ({
    steps: {
      count: String(count),
      interval: { startTime: iso(at), endTime: iso(at + 60_000), startUtcOffset: '3600s' },
    },
  })
  const notification = (operation: string) =>
    JSON.stringify({
      data: {
        healthUserId: 'h-0001',
        dataType: 'steps',
        operation,
        intervals: [{ physicalTimeInterval: { startTime: iso(at), endTime: iso(at + 60_000) } }],
      },
    })
  const say = async (body: string, signature = google.sign(body)) => {
    const headers = { authorization: webhookSecret, 'google-health-api-signature': signature }
    const answer = await rig.auren.ingest.webhook('google-health', request(body, headers))
    await rig.auren.ingest.settled()
    return answer.status
  }
  it('connects, answers the handshake, fetches what it is told of, and refuses what is forged', async () => {
    const view = await signIn('google-health', google.grant)
    expect(view).toMatchObject({ account: 'h-0001', status: 'active' })
    const verification = '{"type": "verification"}'
    const shake = (headers: Record<string, string>) =>
      rig.auren.ingest.webhook('google-health', request(verification, headers)).then(({ status }) => status)
    expect(await shake({ authorization: webhookSecret })).toBe(201)
    expect(await shake({})).toBe(401)

    google.points.set('steps', [steps(57)])
    const body = notification('UPSERT')
    expect(await say(body)).toBe(204)
    expect(await walked()).toEqual([57])
    const asked = google.requests.filter(({ path }) => path.endsWith('/steps/dataPoints')).length
    // The very same delivery again is none; one that is signed by nobody is refused.
    const signature = google.sign(body)
    expect(await say(body, signature)).toBe(204)
    expect(await say(body, signature)).toBe(204)
    expect(google.requests.filter(({ path }) => path.endsWith('/steps/dataPoints'))).toHaveLength(asked + 1)
    await expect(say(notification('DELETE'), signature)).rejects.toMatchObject({ code: 'AUREN_SIGNATURE_INVALID' })
    // A key that is new is fetched when its time has come.
    google.rotate()
    const rotated = request(
      body,
      { authorization: webhookSecret, 'google-health-api-signature': google.sign(body) },
      start + HOUR,
    )
    expect((await rig.auren.ingest.webhook('google-health', rotated)).status).toBe(204)
  })

  it('corrects what was corrected, and withdraws what was deleted', async () => {
    google.points.set('steps', [steps(57)])
    await signIn('google-health', google.grant)
    expect(await walked()).toEqual([57])
    google.points.set('steps', [steps(60)])
    rig.advance(HOUR)
    await say(notification('UPSERT'))
    expect(await walked()).toEqual([60])
    google.points.set('steps', [])
    rig.advance(HOUR)
    expect(await say(notification('DELETE'))).toBe(204)
    expect(await walked()).toEqual([])
  })
})

describe('Fitbit, from the sign-in to the end', () => {
  it('connects, subscribes, and ends the connection when the person revokes it', async () => {
    const view = await signIn('fitbit', old.grant)
    expect(view).toMatchObject({ account: 'ABC123', status: 'active' })
    expect(old.subscriptions.size).toBe(1)
    const body = JSON.stringify([{ collectionType: 'userRevokedAccess', date: '2026-01-05', ownerId: 'ABC123' }])
    const signature = createHmac('sha1', 's3cret&').update(body).digest('base64')
    const answer = await rig.auren.ingest.webhook('fitbit', request(body, { 'x-fitbit-signature': signature }))
    expect(answer.status).toBe(204)
    await rig.auren.ingest.settled()
    const [connection] = await rig.journal.transaction((tx) => rig.journal.connections.list(tx, { user: 'ada' }))
    expect(connection).toMatchObject({ status: 'revoked' })
    expect(connection?.tokens).toBeFalsy()
    await expect(
      rig.auren.ingest.webhook('fitbit', request(body, { 'x-fitbit-signature': 'x' })),
    ).rejects.toMatchObject({ code: 'AUREN_NOT_FOUND' })
  })
})
