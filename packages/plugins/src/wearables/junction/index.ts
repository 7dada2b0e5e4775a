import { AurenError, defineWearable, type WearablePlugin, type WebhookPlan } from '@auren/core'
import { modelsOf } from '../../vendor/closed.js'
import { payloadsOf } from './documents.js'
import { metrics } from './metrics.js'
import { normalize, resourceOf } from './normalize.js'
import { type JunctionOptions, settingsOf } from './options.js'
import { Backfill, Event, Payload, Sleep, SleepCycle } from './payload.js'
import { pullAll, pullOne } from './pull.js'
import { verify } from './verify.js'

export type { JunctionOptions } from './options.js'

/**
 * Junction (formerly Vital): one webhook for the devices of many providers. Signed deliveries of summaries and time
 * series, and the same by its API where a key is given.
 *
 * @throws AurenError AUREN_CONFIG_INVALID where the secret is none: an unsigned delivery is never accepted
 */
export function junction(options: JunctionOptions): WearablePlugin<'junction', Payload, never> {
  const { key, api, host } = settingsOf(options)
  return defineWearable({
    kind: 'wearable',
    id: 'junction',
    title: 'Junction',
    version: '0.1.0',
    models: modelsOf('junction', options.models),
    payload: Payload,
    normalize,
    documents: payloadsOf,
    metrics,
    hosts: [host],
    webhook: {
      verify: (request) => verify(request, key),
      plan(body) {
        const event = Event.safeParse(body)
        if (!event.success)
          throw new AurenError('AUREN_PAYLOAD_INVALID', 'This is not an event of Junction.', { plugin: 'junction' })
        return planOf(event.data, api !== null)
      },
    },
    pull: {
      async *one(ctx, what) {
        if (api) yield* pullOne(api, ctx, what)
      },
      async *all(ctx) {
        if (api) yield* pullAll(api, ctx)
      },
      everyMs: 24 * 3_600_000,
    },
  })
}

/**
 * New and changed data come with the event; the end of a backfill only names what may be asked for. Connections of a
 * person to one of many providers begin and fail without the account's ending: they are accepted and kept raw.
 */
function planOf({ event_type, user_id, data }: Event, asks: boolean): WebhookPlan<Payload>[] {
  const named = Backfill.safeParse(data)
  const account = user_id ?? (named.success ? named.data.user_id : null)
  // Events of teams and orders are about nobody's measurements.
  if (!account) return []
  const [, kind, name] = /^(daily|historical)\.data\.([a-z0-9_]+)\.(?:created|updated)$/.exec(event_type) ?? []
  if (kind === undefined || name === undefined) return [{ account }]
  const resource = resourceOf(name)
  if (kind === 'historical') {
    const { start_date, end_date } = named.success ? named.data : {}
    return [{ account, ...fetching(asks, resource, start_date, end_date) }]
  }
  const span = resource === 'sleep' || resource === 'sleep_cycle' ? spanOf(data) : null
  // Night and stages come as two events and are one record: with a key they are fetched together.
  const joined = span ? fetching(asks, 'sleep', ...span) : {}
  if (resource === 'sleep_cycle' && 'fetch' in joined) return [{ account, ...joined }]
  return [{ account, payload: { resource, items: [data] }, ...joined }]
}

function spanOf(data: unknown): [string, string] | null {
  const night = Sleep.safeParse(data)
  if (night.success) {
    const { bedtime_start, bedtime_stop, bedtime_end } = night.data
    return [bedtime_start, bedtime_stop ?? bedtime_end ?? bedtime_start]
  }
  const cycle = SleepCycle.safeParse(data)
  return cycle.success ? [cycle.data.session_start, cycle.data.session_end] : null
}

function fetching(
  asks: boolean,
  resource: string,
  from: string | null | undefined,
  to: string | null | undefined,
): Pick<WebhookPlan<Payload>, 'fetch'> {
  if (!asks) return {}
  return { fetch: [{ resource, params: { ...(from ? { from } : {}), ...(to ? { to } : {}) } }] }
}
