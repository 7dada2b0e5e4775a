import { AurenError, type SubscriptionContext } from '@auren/core'
import { z } from 'zod'

/** What of an application its subscriptions are asked for with. */
export interface Application {
  clientId: string
  clientSecret: string
  verificationToken: string
}

const DAY = 86_400_000
/** What ends within this time is renewed. */
const EARLY = 7 * DAY
const events = ['create', 'update', 'delete'] as const
/** Kinds of documents that are read and that Oura tells of; heart rate is none. */
const kinds = [
  'sleep',
  'daily_sleep',
  'daily_readiness',
  'daily_activity',
  'daily_spo2',
  'daily_stress',
  'daily_resilience',
  'daily_cardiovascular_age',
  'vo2_max',
  'workout',
  'session',
  'enhanced_tag',
  'tag',
  'rest_mode_period',
] as const

const Subscription = z.object({
  id: z.string().min(1).max(200),
  callback_url: z.string().max(4000),
  event_type: z.string().max(60),
  data_type: z.string().max(60),
  expiration_time: z.string().max(60),
})
type Subscription = z.infer<typeof Subscription>
const State = z.object({ callbackUrl: z.string().optional() })

/**
 * One subscription for each kind of document and of event: creates what is missing (Oura drops them on a 410 and after
 * failures), renews what lapses, and takes back what still calls an address that we had before. Oura asks our webhook
 * its challenge while it answers.
 */
export async function maintain(
  base: string,
  ctx: SubscriptionContext,
  application: Application,
): Promise<Record<string, unknown>> {
  const api = apiOf(base, ctx, application)
  const held = await api.list()
  const lacking: string[] = []
  let failure: AurenError | null = null
  let kept = 0
  for (const data_type of kinds) {
    for (const event_type of events) {
      const [current, ...more] = held
        .filter((one) => one.callback_url === ctx.callbackUrl)
        .filter((one) => one.data_type === data_type && one.event_type === event_type)
        .sort((a, b) => b.expiration_time.localeCompare(a.expiration_time))
      for (const { id } of more) await api.remove(id)
      if (current && (!isEnding(current, ctx.now) || (await api.renew(current.id)))) kept++
      else {
        const refused = await api.create({ event_type, data_type })
        if (refused) {
          failure = refused
          lacking.push(`${event_type} ${data_type}`)
        } else kept++
      }
    }
  }
  // A kind that Oura does not know is no reason to have none; none at all is.
  if (kept === 0 && failure) throw failure
  const before = State.safeParse(ctx.state).data?.callbackUrl
  if (before !== undefined && before !== ctx.callbackUrl)
    for (const { id, callback_url } of held) if (callback_url === before) await api.remove(id)
  return { callbackUrl: ctx.callbackUrl, ...(lacking.length > 0 ? { lacking } : {}) }
}

/** Takes back every subscription that calls us. */
export async function cancel(base: string, ctx: SubscriptionContext, application: Application): Promise<void> {
  const api = apiOf(base, ctx, application)
  for (const { id, callback_url } of await api.list()) if (callback_url === ctx.callbackUrl) await api.remove(id)
}

function isEnding({ expiration_time }: Subscription, now: number): boolean {
  // Written with or without the Z of UTC.
  const ends = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(expiration_time) ? expiration_time : `${expiration_time}Z`)
  return !(ends - now > EARLY)
}

function apiOf(base: string, ctx: SubscriptionContext, application: Application) {
  const { clientId, clientSecret, verificationToken } = application
  const url = `${base}/v2/webhook/subscription`
  const call = async (method: string, path: string, body?: unknown): ReturnType<SubscriptionContext['fetch']> => {
    const answer = await ctx.fetch(`${url}${path}`, {
      method,
      headers: {
        'x-client-id': clientId,
        'x-client-secret': clientSecret,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: ctx.signal,
    })
    if (answer.status === 429) {
      const wait = Number(answer.headers['retry-after'])
      throw new AurenError('AUREN_VENDOR_LIMIT', 'Oura asks to slow down.', {
        plugin: 'oura',
        retryAfter: wait > 0 ? wait : 60,
      })
    }
    if (answer.status === 401 || answer.status === 403)
      throw failed(answer.status, 'the id and secret of the application are not accepted', false)
    if (answer.status >= 500) throw failed(answer.status, 'try again later', true)
    return answer
  }
  return {
    async list(): Promise<Subscription[]> {
      const answer = await call('GET', '')
      const listed = z
        .array(Subscription)
        .max(10_000)
        .safeParse(answer.status === 200 ? await answer.json() : null)
      if (!listed.success) throw failed(answer.status, 'the subscriptions were not listed', true)
      return listed.data
    },
    /** Null where it was made. */
    async create(what: { event_type: string; data_type: string }): Promise<AurenError | null> {
      const asked = { ...what, callback_url: ctx.callbackUrl, verification_token: verificationToken }
      const { status } = await call('POST', '', asked)
      return status === 200 || status === 201
        ? null
        : failed(status, 'a subscription was not made: can Oura reach the webhook?', true)
    },
    /** False where there is nothing to renew any more. */
    async renew(id: string): Promise<boolean> {
      const { status } = await call('PUT', `/renew/${encodeURIComponent(id)}`)
      if (status === 404 || status === 410) return false
      if (status !== 200) throw failed(status, 'a subscription was not renewed', true)
      return true
    },
    async remove(id: string): Promise<void> {
      const { status } = await call('DELETE', `/${encodeURIComponent(id)}`)
      if (status !== 204 && status !== 200 && status !== 404 && status !== 410)
        throw failed(status, 'a subscription was not taken back', true)
    },
  }
}

function failed(status: number, what: string, retryable: boolean): AurenError {
  return new AurenError('AUREN_VENDOR_FAILED', `Oura answered with status ${status}: ${what}.`, {
    plugin: 'oura',
    retryable,
  })
}
