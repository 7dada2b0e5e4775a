import { AurenError, type PullContext, type Pulled } from '@auren/core'
import { z } from 'zod'
import { type Refused, refusalOf } from '../../vendor/refusal.js'
import { dataOf, dataTypes, Event, isDataType, type Payload } from './payload.js'

const DAY = 86_400_000
/** More than 28 days are not answered at once. */
const WINDOW_DAYS = 28
/** Years come by a request that Terra answers with webhooks; what is asked here is the last one. */
const FIRST_DAYS = 13 * WINDOW_DAYS
/** Days are completed and scores rewritten afterwards. */
const AGAIN_DAYS = 7

const State = z.object({ until: z.record(z.string(), z.iso.date()).optional() })
const Answer = z.object({ data: z.array(z.unknown()).nullish(), user: z.unknown() })

/** Everything of the last days, type by type, in windows. */
export async function* pullAll(
  base: string,
  credentials: Readonly<Record<string, string>>,
  ctx: PullContext,
): AsyncIterable<Pulled<Payload>> {
  const parsed = State.safeParse(ctx.state)
  const until: Record<string, string> = { ...(parsed.success ? parsed.data.until : {}) }
  const today = dateOf(ctx.now)
  for (const type of dataTypes) {
    const since = until[type]
    const from = since === undefined ? ctx.now - FIRST_DAYS * DAY : Date.parse(since) - AGAIN_DAYS * DAY
    for (let at = from; at < ctx.now + DAY; at += WINDOW_DAYS * DAY) {
      const query = new URLSearchParams({
        user_id: ctx.account,
        start_date: dateOf(at),
        end_date: dateOf(Math.min(at + WINDOW_DAYS * DAY, ctx.now + 2 * DAY)),
        to_webhook: 'false',
        with_samples: 'true',
      })
      const answer = await ctx.fetch(`${base}/${type}?${query}`, {
        headers: credentials,
        signal: ctx.signal,
        credentials: 'omit',
      })
      // The vendor behind it has no such data.
      if (answer.status === 404 || answer.status === 403) break
      check(answer, type)
      const page = Answer.safeParse(await answer.json())
      // Too much at once, or not there yet: it is sent to the webhook instead.
      if (!page.success || !page.data.data || page.data.data.length === 0) continue
      const user = Event.shape.user.safeParse(page.data.user)
      if (!user.success || user.data?.user_id !== ctx.account) throw foreign()
      yield { payload: dataOf({ user: user.data, data: page.data.data }, type), state: { until: { ...until } } }
    }
    until[type] = today
    yield { payload: { type, user: { user_id: ctx.account }, data: [] }, state: { until: { ...until } } }
  }
}

/** A payload that was too large for a webhook, by the address that the event named: only from hosts that are allowed. */
export async function* pullPayload(
  hosts: readonly string[],
  ctx: PullContext,
  what: { resource: string; id?: string },
): AsyncIterable<Pulled<Payload>> {
  if (what.resource !== 's3_payload' || what.id === undefined) return
  const url = URL.canParse(what.id) ? new URL(what.id) : null
  if (url?.protocol !== 'https:' || !hosts.includes(url.host) || url.username !== '' || url.password !== '')
    throw new AurenError('AUREN_FORBIDDEN', 'Terra named an address of a payload that is not one of its own.', {
      plugin: 'terra',
      retryable: false,
    })
  // The address itself carries the right to read it, and refuses a second one.
  const answer = await ctx.fetch(url.href, { signal: ctx.signal, credentials: 'omit' })
  if (answer.status === 403 || answer.status === 404)
    throw new AurenError('AUREN_VENDOR_FAILED', 'The address of the payload has lapsed. Ask Terra to send it again.', {
      plugin: 'terra',
      retryable: false,
    })
  check(answer, 'a payload')
  const event = Event.safeParse(await answer.json())
  if (!event.success || !isDataType(event.data.type)) return
  // Whatever is there must be of the person whose connection fetched it.
  if (event.data.user?.user_id !== ctx.account) throw foreign()
  yield { payload: dataOf(event.data, event.data.type) }
}

function foreign(): AurenError {
  return new AurenError('AUREN_VENDOR_FAILED', 'Terra answered with data of another connection.', {
    plugin: 'terra',
    retryable: false,
  })
}

function check(answer: Refused, what: string): void {
  if (answer.status === 200) return
  if (answer.status === 401)
    throw new AurenError('AUREN_CONFIG_INVALID', 'Terra does not accept devId and apiKey. Look at the dashboard.', {
      plugin: 'terra',
    })
  throw refusalOf(answer, { plugin: 'terra', name: 'Terra', what })
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
