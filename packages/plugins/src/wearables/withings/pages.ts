import { AurenError, type PullContext } from '@auren/core'
import { z } from 'zod'
import { post } from './api.js'
import type { Resource } from './payload.js'

/** Where a resource is asked for, and under what name its items come. */
const routes: Readonly<Record<Resource, { path: string; form: Record<string, string>; items: string }>> = {
  measures: { path: '/measure', form: { action: 'getmeas' }, items: 'measuregrps' },
  activity: {
    path: '/v2/measure',
    form: {
      action: 'getactivity',
      data_fields: 'steps,distance,elevation,soft,moderate,intense,active,calories,totalcalories',
    },
    items: 'activities',
  },
  workouts: {
    path: '/v2/measure',
    form: {
      action: 'getworkouts',
      data_fields:
        'calories,intensity,manual_distance,manual_calories,hr_average,hr_min,hr_max,spo2_average,steps,distance,elevation',
    },
    items: 'series',
  },
  sleep: {
    path: '/v2/sleep',
    form: {
      action: 'getsummary',
      data_fields:
        'total_sleep_time,asleepduration,deepsleepduration,lightsleepduration,remsleepduration,wakeupduration,sleep_latency,sleep_efficiency,sleep_score,hr_average,hr_min,hr_max,rr_average,snoring,apnea_hypopnea_index,breathing_disturbances_intensity',
    },
    items: 'series',
  },
  intraday: {
    path: '/v2/measure',
    form: {
      action: 'getintradayactivity',
      data_fields: 'steps,elevation,calories,distance,duration,heart_rate,spo2_auto',
    },
    items: 'series',
  },
}

const Page = z
  .object({
    timezone: z.string().max(80).nullish(),
    more: z.union([z.boolean(), z.number()]).nullish(),
    offset: z.int().nullish(),
  })
  .loose()

/** A page of a resource. */
export interface ItemPage {
  items: unknown[]
  timezone?: string
}

/** All pages of a resource, or `lacking` where this connection may not read it. */
export async function* pagesOf(
  base: string,
  ctx: PullContext,
  resource: Resource,
  window: Record<string, string>,
): AsyncIterable<ItemPage | 'lacking'> {
  const { path, form, items } = routes[resource]
  let offset: number | undefined
  for (;;) {
    const asked = { ...form, ...window, ...(offset === undefined ? {} : { offset: String(offset) }) }
    const body = await post(ctx.fetch, `${base}${path}`, asked, ctx.signal)
    if (body === null) {
      yield 'lacking'
      return
    }
    // Nothing at all comes as an empty list where an object is expected.
    const page = Page.safeParse(Array.isArray(body) && body.length === 0 ? {} : body)
    if (!page.success) throw notPage(resource)
    const listed = page.data[items] ?? []
    const { timezone, more } = page.data
    yield { items: itemsOf(listed, resource), ...(timezone ? { timezone } : {}) }
    if (!more) return
    const next = page.data.offset
    if (next == null || next <= (offset ?? 0)) throw notPage(resource)
    offset = next
  }
}

/** Minutes come as an object by Unix second, everything else as a list. */
function itemsOf(listed: unknown, resource: Resource): unknown[] {
  if (Array.isArray(listed)) return listed
  if (resource === 'intraday' && typeof listed === 'object' && listed !== null)
    return Object.entries(listed).map(([second, piece]) => ({ ...(piece as object), start: Number(second) }))
  throw notPage(resource)
}

function notPage(resource: Resource): AurenError {
  return new AurenError('AUREN_VENDOR_FAILED', `Withings' answer for ${resource} is no page of items.`, {
    plugin: 'withings',
  })
}
