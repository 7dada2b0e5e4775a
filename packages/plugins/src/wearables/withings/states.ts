import type { PullContext } from '@auren/core'
import { z } from 'zod'
import { post } from './api.js'

const DAY = 86_400
/** Nights whose states are fetched: one request each, of the 120 that a minute has. */
const DETAILED_DAYS = 30

const Times = z.object({ startdate: z.int(), enddate: z.int() })
const States = z.object({ series: z.array(z.unknown()).max(10_000) })

/** Nights with their states of sleep, where they are recent; older ones keep what the summary says. */
export async function withStates(base: string, ctx: PullContext, nights: readonly unknown[]): Promise<unknown[]> {
  const detailed: unknown[] = []
  for (const night of nights) {
    const times = Times.safeParse(night)
    if (!times.success || times.data.enddate < ctx.now / 1000 - DETAILED_DAYS * DAY) {
      detailed.push(night)
      continue
    }
    const { startdate, enddate } = times.data
    const form = {
      action: 'get',
      startdate: String(startdate),
      // The first 24 hours are answered, whatever is asked.
      enddate: String(Math.min(enddate, startdate + DAY)),
      data_fields: 'hr,rr,sdnn_1,rmssd',
    }
    const states = States.safeParse(await post(ctx.fetch, `${base}/v2/sleep`, form, ctx.signal))
    detailed.push(states.success ? { ...(night as object), states: states.data.series } : night)
  }
  return detailed
}
