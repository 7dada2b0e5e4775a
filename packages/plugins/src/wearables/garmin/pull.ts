import { AurenError, type PullContext, type Pulled } from '@auren/core'
import { z } from 'zod'
import { refusalOf } from '../../vendor/refusal.js'
import type { Payload } from './payload.js'

const garmin = { plugin: 'garmin', name: 'Garmin' } as const
const DAY = 86_400
/** Longest span of one request, and how far back a person's past is given. */
const WINDOW_DAYS = 30
/** Garmin keeps what it could not deliver for this long; a gap that is longer has to be asked for. */
const KEPT_DAYS = 7

/** What can be asked for again, by the name in the address. */
const types = [
  'dailies',
  'sleeps',
  'activities',
  'activityDetails',
  'epochs',
  'stressDetails',
  'hrv',
  'bodyComps',
  'pulseOx',
  'respiration',
  'userMetrics',
  'healthSnapshot',
  'bloodPressures',
  'skinTemp',
  'moveiq',
] as const

const State = z.object({ asked: z.record(z.string(), z.int().min(0)).optional() })
/** What the address in a notification answers. It is followed to Garmin's API only, and once. */
export async function* pullOne(
  base: string,
  ctx: PullContext,
  what: { resource: string; params?: Record<string, string> },
): AsyncIterable<Pulled<Payload>> {
  const given = what.params?.url ?? ''
  const url = URL.canParse(given) ? new URL(given) : null
  const api = new URL(base)
  if (
    !url ||
    url.origin !== api.origin ||
    url.username !== '' ||
    url.password !== '' ||
    !url.pathname.startsWith('/wellness-api/')
  )
    throw new AurenError('AUREN_FORBIDDEN', 'A notification names an address that is not of Garmin’s API.', {
      plugin: 'garmin',
      retryable: false,
    })
  const answer = await ctx.fetch(url.href, { signal: ctx.signal })
  if (answer.status === 204) return
  if (answer.status !== 200) throw refusalOf(answer, { ...garmin, what: what.resource.slice(0, 80) })
  const items = z
    .array(z.unknown())
    .max(100_000)
    .safeParse(await answer.json())
  if (!items.success)
    throw new AurenError('AUREN_VENDOR_FAILED', `Garmin’s answer for ${what.resource} is no list of summaries.`, {
      plugin: 'garmin',
    })
  const foreign = items.data.some((item) => {
    const named = z.object({ userId: z.string() }).safeParse(item)
    return named.success && named.data.userId !== ctx.account
  })
  if (foreign)
    throw new AurenError('AUREN_VENDOR_FAILED', 'Garmin answered with data of another person.', {
      plugin: 'garmin',
      retryable: false,
    })
  yield { payload: { userId: ctx.account, summaries: { [what.resource]: items.data } } }
}

/**
 * Garmin lets nobody ask for data: it sends them. What can be asked for is that it sends the past: the month before the
 * person connected, and a gap in which we did not hear it. It is sent to the webhook afterwards.
 */
export async function* askForPast(base: string, ctx: PullContext): AsyncIterable<Pulled<Payload>> {
  const parsed = State.safeParse(ctx.state)
  const asked: Record<string, number> = { ...(parsed.success ? parsed.data.asked : {}) }
  const now = Math.floor(ctx.now / 1000)
  for (const type of types) {
    const heard = asked[type]
    let from = heard ?? now - WINDOW_DAYS * DAY
    if (heard !== undefined && now - heard <= KEPT_DAYS * DAY) from = now
    let may = true
    while (from < now) {
      const until = Math.min(from + WINDOW_DAYS * DAY, now)
      may = await request(base, ctx, type, from, until)
      if (!may) break
      from = until
      // Kept at once: to ask for the same again is refused, and counts.
      asked[type] = until
      yield { payload: { userId: ctx.account, summaries: {} }, state: { asked: { ...asked } } }
    }
    // What the person has not allowed is asked for again another day: they may have by then.
    if (may) asked[type] = now
  }
  yield { payload: { userId: ctx.account, summaries: {} }, state: { asked: { ...asked } } }
}

/** False where the person has not allowed to send the past. */
async function request(base: string, ctx: PullContext, type: string, from: number, until: number): Promise<boolean> {
  const query = new URLSearchParams({
    summaryStartTimeInSeconds: String(from),
    summaryEndTimeInSeconds: String(until),
  })
  const answer = await ctx.fetch(`${base}/wellness-api/rest/backfill/${type}?${query}`, { signal: ctx.signal })
  if (answer.status === 202 || answer.status === 200) return true
  // Asked for already: it has come, or is on its way.
  if (answer.status === 409) return true
  // Types that the application does not have, and times before there was any.
  if (answer.status === 404 || answer.status === 400) return true
  if (answer.status === 403) return false
  throw refusalOf(answer, { ...garmin, what: `the past of ${type}` })
}
